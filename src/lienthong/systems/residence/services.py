"""Writes to the register of permanent residence; each tells by event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lienthong.blocks.exchange.services import event_publish
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import names
from lienthong.ground.text import Text
from lienthong.systems.residence import contract, rules
from lienthong.systems.residence.models import Registration, RegistrationSerial
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


def _serial_next(*, unit: str, year: int) -> int:
    """The row stays locked until the registration commits or is undone: numbers have no gaps."""
    RegistrationSerial.objects.get_or_create(unit=unit, year=year)
    counter = RegistrationSerial.objects.select_for_update().get(unit=unit, year=year)
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
