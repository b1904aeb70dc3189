"""The first load of the population: many households at once, each person with provenance and hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from psycopg.types.range import DateRange, TimestamptzRange

from lienthong.blocks.registry.base import Provenance, RegisterRecord
from lienthong.blocks.registry.bulk import rows_copy
from lienthong.ground import names
from lienthong.ground.ids import uuid7
from lienthong.systems.population.models import Household, Person

R = TypeVar("R", bound=RegisterRecord)


@dataclass(frozen=True, slots=True)
class NewPerson:
    number: str
    full_name: str
    sex: str
    birth_date: date
    birth_province: str
    ethnicity: str
    mother_number: str
    father_number: str
    relation: str


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """The first member is the head."""

    id: str
    unit: str
    address: str
    members: tuple[NewPerson, ...]


def households_load(
    *,
    households: Iterable[NewHousehold],
    provenance: Provenance,
    at: datetime,
    progress: Callable[[int], Any] | None = None,
) -> int:
    """Load all households and their members in one transaction; the number of people."""
    known = list(households)
    with transaction.atomic():
        rows_copy(Household, (_household(row, provenance, at) for row in known))
        return rows_copy(Person, _people(known, provenance, at), progress=progress)


def _people(households: list[NewHousehold], provenance: Provenance, at: datetime) -> Iterator[Person]:
    for household in households:
        for member in household.members:
            yield _finished(
                Person(
                    key=member.number,
                    valid=DateRange(member.birth_date, None),
                    full_name=member.full_name,
                    sort_key=names.sort_key(member.full_name),
                    search_key=names.search_key(member.full_name),
                    sex=member.sex,
                    birth_date=member.birth_date,
                    birth_province=member.birth_province,
                    ethnicity=member.ethnicity,
                    mother_number=member.mother_number,
                    father_number=member.father_number,
                    unit=household.unit,
                    address=household.address,
                    household=household.id,
                    relation=member.relation,
                ),
                provenance,
                at,
            )


def _household(row: NewHousehold, provenance: Provenance, at: datetime) -> Household:
    born = min(member.birth_date for member in row.members)
    head = row.members[0].number
    return _finished(
        Household(key=row.id, valid=DateRange(born, None), unit=row.unit, address=row.address, head=head),
        provenance,
        at,
    )


def _finished(record: R, provenance: Provenance, at: datetime) -> R:
    record.id = uuid7(at)
    record.recorded = TimestamptzRange(at, None)
    record.agency, record.reason = provenance.agency, provenance.reason
    record.hash = record.computed_hash()
    return record


def people_count() -> int:
    return Person.objects.count()


def couple_of(*, household: str) -> tuple[str, str]:
    """(head, spouse) of a household, by number."""
    rows = dict(
        Person.objects.filter(
            household=household, recorded__endswith=None, relation__in=["head", "spouse"]
        ).values_list("relation", "key")
    )
    return rows["head"], rows["spouse"]
