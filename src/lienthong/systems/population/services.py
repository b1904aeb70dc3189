"""Writes: numbers, births, residence, and who read whose data. The exchange's transaction decides."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lienthong.blocks.registry import selectors as registry_selectors
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import names
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.systems.population import rules
from lienthong.systems.population.models import AccessEntry, Household, NumberAllocation, Person

TRIES_MAX = 200
SERIALS = 10**6


def number_allocate(
    *,
    birth_date: date,
    sex: str,
    province: str,
    provenance: Provenance,
    at: datetime,
    draw: Callable[[int], int] = secrets.randbelow,
) -> str:
    """A number nobody has or had. Errors: numbers-exhausted (503)."""
    for _ in range(TRIES_MAX):
        number = rules.number_build(
            province=province, sex=sex, birth_date=birth_date, serial=draw(SERIALS), on=at.date()
        )
        if Person.objects.filter(key=number).exists():
            continue
        try:
            with transaction.atomic():
                NumberAllocation.objects.create(
                    number=number,
                    birth_date=birth_date,
                    sex=sex,
                    province=province,
                    allocated_at=at,
                    agency=provenance.agency,
                    case=provenance.case,
                    message_id=provenance.message,
                    officer=provenance.officer,
                )
        except IntegrityError:
            continue
        return number
    raise Problem(
        "numbers-exhausted",
        Text("Chưa cấp được số định danh.", "No number could be given."),
        Text(
            "Dãy số của tỉnh, giới tính và năm sinh này gần hết.",
            "The numbers for this province, sex and year of birth are nearly used up.",
        ),
        Text("Hệ thống sẽ thử lại; hãy báo người vận hành.", "It is tried again; please tell the operator."),
        status=503,
    )


def person_enter_newborn(
    *,
    number: str,
    full_name: str,
    sex: str,
    birth_date: date,
    birth_province: str,
    nationality: str,
    ethnicity: str,
    mother_number: str,
    father_number: str,
    provenance: Provenance,
    at: datetime,
) -> None:
    """A child enters the register with its birth; household and address follow with its residence.

    Errors: personal_number.* (422) where number, birth date and sex disagree; record-exists (409).
    """
    for problem in rules.newborn_problems(number=number, birth_date=birth_date, sex=sex):
        raise problem
    registry.record_enter(
        Person,
        key=number,
        content={
            "full_name": names.display(full_name),
            "sort_key": names.sort_key(full_name),
            "search_key": names.search_key(full_name),
            "sex": sex,
            "birth_date": birth_date,
            "birth_province": birth_province,
            "nationality": nationality,
            "ethnicity": ethnicity,
            "mother_number": mother_number,
            "father_number": father_number,
        },
        provenance=provenance,
        at=at,
        valid_from=birth_date,
    )


def person_move(
    *,
    number: str,
    unit: str,
    address: str,
    household: str,
    relation: str,
    from_date: date,
    provenance: Provenance,
    at: datetime,
) -> None:
    """A person lives at a place, in a household, from a day on. Errors: record-unknown (404).

    An unknown household is entered; it has a head when the first who enters it is the head.
    """
    registry.record_change(
        Person,
        key=number,
        content={"unit": unit, "address": address, "household": household, "relation": relation},
        provenance=provenance,
        at=at,
        valid_from=from_date,
    )
    if household and registry_selectors.record_get(Household, key=household, on=from_date) is None:
        registry.record_enter(
            Household,
            key=household,
            content={"unit": unit, "address": address, "head": number if relation == "head" else ""},
            provenance=provenance,
            at=at,
            valid_from=from_date,
        )


def person_die(*, number: str, death_date: date, provenance: Provenance, at: datetime) -> None:
    """A person is dead from that day on, and leaves the household's list. Errors: record-unknown (404).

    What was recorded of a time after the death, such as a move, stays: the version that is now in force is
    marked from its own beginning at the earliest.
    """
    person = registry_selectors.record_get(Person, key=number, on=at.date())
    began = person.valid.lower if person else None
    registry.record_change(
        Person,
        key=number,
        content={"alive": False, "death_date": death_date},
        provenance=provenance,
        at=at,
        valid_from=max(death_date, began) if began else death_date,
    )


@dataclass(frozen=True, slots=True)
class ReadNotice:
    subject: str
    what: Text
    reader: str
    holder: str
    service: str
    legal_basis: str
    purpose: str
    case: str
    officer: str
    message_id: str
    read_at: datetime


def reads_record(*, reads: Iterable[ReadNotice], at: datetime) -> None:
    """Each reading once, however often it is told."""
    AccessEntry.objects.bulk_create(
        [
            AccessEntry(
                subject=read.subject,
                what_vi=read.what.vi,
                what_en=read.what.en,
                reader=read.reader,
                holder=read.holder,
                service=read.service,
                legal_basis=read.legal_basis,
                purpose=read.purpose,
                case=read.case,
                officer=read.officer,
                message_id=read.message_id,
                read_at=read.read_at,
                recorded_at=at,
            )
            for read in reads
        ],
        ignore_conflicts=True,
    )
