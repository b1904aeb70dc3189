"""Writes to the register of permanent residence; a registration is told by event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lienthong.blocks.exchange.services import event_publish
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import names, units
from lienthong.ground.text import Text
from lienthong.systems.residence import contract, rules
from lienthong.systems.residence.models import Ending, Registration, RegistrationSerial
from lienthong.systems.residence.selectors import registration_find

PURPOSE = "permanent-residence"


@dataclass(frozen=True, slots=True)
class NewRegistration:
    person_number: str
    full_name: str
    unit: str
    address: str
    household: str
    relation: str
    head_number: str
    registered_on: date
    signer_code: str
    signer_name: str
    signer_title: Text


def registration_enter(
    *, new: NewRegistration, provenance: Provenance, sender: str, at: datetime
) -> Registration:
    """A first residence is entered, a further one takes the place of the last from its day on.

    Errors: unit.unknown (404), address-incomplete (422), residence-registered-already (409).
    """
    current = registration_find(person_number=new.person_number, on=new.registered_on)
    wanted = rules.Wanted(
        unit=new.unit,
        address=new.address,
        household=new.household,
        consents=True,  # the deciding agency has it in its dossier
        current=rules.Home(current.unit, current.household) if current else None,
    )
    for problem in rules.registration_check(wanted, on=new.registered_on):
        raise problem
    serial = _serial_next(unit=new.unit, year=new.registered_on.year)
    content = _content(new, serial)
    if current is None:
        row = registry.record_enter(
            Registration,
            key=new.person_number,
            content=content,
            provenance=provenance,
            at=at,
            valid_from=new.registered_on,
        )
    else:
        row = registry.record_change(
            Registration,
            key=new.person_number,
            content=content,
            provenance=provenance,
            at=at,
            valid_from=new.registered_on,
        )
    _tell(row, sender)
    return row


@dataclass(frozen=True, slots=True)
class NewEnding:
    person_number: str
    full_name: str
    unit: str
    address: str
    household: str
    ground: str
    ended_on: date
    signer_code: str
    signer_name: str
    signer_title: Text


def registration_end(*, ending: NewEnding, provenance: Provenance, at: datetime) -> Ending:
    """Cancel a permanent residence: the registration that is in force ends, the cancellation gets a number.

    A home from before this database is only in population; its cancellation is entered all the same.
    Errors: ending-without-ground (422), unit.unknown (404), residence-ended-already (409).
    """
    today = at.date()
    for problem in rules.ending_check(ground=ending.ground, ended_on=ending.ended_on, on=today):
        raise problem
    units.commune(ending.unit, today)
    serial = _serial_next(unit=ending.unit, year=today.year, kind="XT")
    try:
        with transaction.atomic():
            row = registry.record_enter(
                Ending,
                key=rules.registration_number(serial=serial, year=today.year, unit=ending.unit, kind="XT"),
                content=_ending_content(ending),
                provenance=provenance,
                at=at,
                valid_from=today,
            )
    except IntegrityError as error:
        raise rules.ended_already() from error
    if registration_find(person_number=ending.person_number, on=today) is not None:
        registry.record_end(
            Registration,
            key=ending.person_number,
            provenance=provenance,
            at=at,
            valid_to=ending.ended_on,
        )
    return row


def _ending_content(ending: NewEnding) -> dict[str, object]:
    return {
        "person_number": ending.person_number,
        "full_name": names.display(ending.full_name),
        "unit": ending.unit,
        "address": ending.address.strip(),
        "household": ending.household,
        "ground": ending.ground,
        "ended_on": ending.ended_on,
        "signer_code": ending.signer_code,
        "signer_name": ending.signer_name,
        "signer_title_vi": ending.signer_title.vi,
        "signer_title_en": ending.signer_title.en,
    }


def _content(new: NewRegistration, serial: int) -> dict[str, object]:
    return {
        "registration_number": rules.registration_number(
            serial=serial, year=new.registered_on.year, unit=new.unit
        ),
        "full_name": names.display(new.full_name),
        "unit": new.unit,
        "address": new.address.strip(),
        "household": new.household,
        "relation": new.relation,
        "head_number": new.head_number,
        "registered_on": new.registered_on,
        "signer_code": new.signer_code,
        "signer_name": new.signer_name,
        "signer_title_vi": new.signer_title.vi,
        "signer_title_en": new.signer_title.en,
    }


def _serial_next(*, unit: str, year: int, kind: str = "TT") -> int:
    """The row stays locked until the registration commits or is undone: numbers have no gaps."""
    RegistrationSerial.objects.get_or_create(kind=kind, unit=unit, year=year)
    counter = RegistrationSerial.objects.select_for_update().get(kind=kind, unit=unit, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def _tell(row: Registration, sender: str) -> None:
    body = contract.Registered(
        person_number=row.key,
        unit=row.unit,
        address=row.address,
        household=row.household,
        relation=row.relation,
        from_date=row.registered_on,
        agency=row.agency,
        case=row.case,
        officer=row.officer,
    )
    event_publish(
        event=contract.REGISTERED,
        body=body.model_dump(mode="json"),
        sender=sender,
        case=row.case,
        purpose=PURPOSE,
    )
