"""Writes to the registers of births and deaths: register, correct, revoke; each tells by event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lienthong.blocks.exchange.contract import Event
from lienthong.blocks.exchange.services import event_publish
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import names, personal_number, units
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.civilstatus import contract, rules
from lienthong.systems.civilstatus.models import Birth, BookSerial, Death
from lienthong.systems.civilstatus.selectors import certificate_of_death, certificate_of_guard

PURPOSE = "birth-registration"
DEATH_PURPOSE = "death-registration"


@dataclass(frozen=True, slots=True)
class NewBirth:
    """declared: as checked by the rules; the rest is what the certificate says besides."""

    declared: rules.Declaration
    child_number: str
    sex: str
    birth_unit: str
    birth_place: str
    ethnicity: str
    nationality: str
    unit: str
    registered_on: date
    signer_code: str
    signer_name: str
    signer_title: Text


def birth_register(*, birth: NewBirth, provenance: Provenance, sender: str, at: datetime) -> Birth:
    """Enter a birth under the next number of its book, and tell who subscribes.

    Errors: whatever rules.births_check finds first (422); birth-registered-already (409);
    personal_number.* (422); unit.unknown (404).
    """
    declared, on = birth.declared, birth.registered_on
    wrong = rules.births_check(declared, on=on) + personal_number.check(
        birth.child_number, birth_date=declared.birth_date, sex=birth.sex, field="child_number"
    )
    for problem in wrong:
        raise problem
    content = _content(birth)
    if taken := certificate_of_guard(rules.child_guard(declared)):
        raise rules.registered_already(taken)
    serial = _serial_next(unit=birth.unit, year=on.year)
    key = rules.certificate_number(serial=serial, year=on.year, unit=birth.unit)
    try:
        with transaction.atomic():
            row = registry.record_enter(
                Birth, key=key, content=content, provenance=provenance, at=at, valid_from=on
            )
    except IntegrityError as error:
        # Two parents at once: the other's registration was committed after we looked.
        raise rules.registered_already() from error
    _tell_registered(row, sender)
    return row


def birth_correct(
    *, certificate_number: str, changes: dict[str, str], provenance: Provenance, sender: str, at: datetime
) -> Birth:
    """changes: full_name, birth_place, ethnicity, nationality. Errors: record-unknown (404)."""
    content = dict(changes)
    if name := changes.get("full_name"):
        for problem in names.check(name, field="full_name"):
            raise problem
        content |= {
            "full_name": names.display(name),
            "sort_key": names.sort_key(name),
            "search_key": names.search_key(name),
            "guard": _guard_renamed(certificate_number, name),
        }
    try:
        with transaction.atomic():
            row = registry.record_correct(
                Birth, key=certificate_number, content=content, provenance=provenance, at=at
            )
    except IntegrityError as error:
        raise rules.registered_already() from error
    _tell_changed(contract.BIRTH_CORRECTED, row, sender)
    return row


def birth_revoke(*, certificate_number: str, provenance: Provenance, sender: str, at: datetime) -> Birth:
    """The certificate counts no longer; the child may be registered anew. Errors: record-unknown (404)."""
    row = registry.record_revoke(Birth, key=certificate_number, provenance=provenance, at=at)
    _tell_changed(contract.BIRTH_REVOKED, row, sender)
    return row


def _guard_renamed(certificate_number: str, name: str) -> str:
    row = Birth.objects.filter(key=certificate_number, recorded__upper_inf=True).first()
    if row is None:
        raise NotFound(
            "birth-unknown",
            Text("Không tìm thấy khai sinh.", "The birth was not found."),
            Text("Số khai sinh không có trong sổ.", "The number is not in the register of births."),
            Text("Kiểm tra lại số khai sinh.", "Check the certificate's number."),
        )
    return f"{row.guard.rpartition(' ')[0]} {names.sort_key(name)}"


def _serial_next(*, unit: str, year: int, kind: str = "KS") -> int:
    """The row stays locked until the registration commits or is undone: numbers have no gaps."""
    BookSerial.objects.get_or_create(kind=kind, unit=unit, year=year)
    counter = BookSerial.objects.select_for_update().get(kind=kind, unit=unit, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def _content(birth: NewBirth) -> dict[str, object]:
    declared = birth.declared
    mother, father = declared.mother, declared.father
    place = units.commune(birth.birth_unit or birth.unit, birth.registered_on)
    return {
        "child_number": birth.child_number,
        "full_name": names.display(declared.full_name),
        "sort_key": names.sort_key(declared.full_name),
        "search_key": names.search_key(declared.full_name),
        "sex": birth.sex,
        "birth_date": declared.birth_date,
        "birth_unit": birth.birth_unit,
        "birth_place": birth.birth_place,
        "birth_province": place.province_code,
        "ethnicity": birth.ethnicity,
        "nationality": birth.nationality,
        "mother_number": mother.number if mother else "",
        "mother_name": (mother.full_name or "") if mother else "",
        "mother_birth_date": mother.birth_date if mother else None,
        "mother_nationality": mother.nationality if mother and mother.is_foreign else "",
        "mother_document": mother.document if mother else "",
        "father_number": father.number if father else "",
        "father_name": (father.full_name or "") if father else "",
        "father_birth_date": father.birth_date if father else None,
        "father_nationality": father.nationality if father and father.is_foreign else "",
        "father_document": father.document if father else "",
        "declarant_number": declared.declarant,
        "declarant_relation": declared.relation,
        "unit": birth.unit,
        "book": rules.book(year=birth.registered_on.year, unit=birth.unit),
        "registered_on": birth.registered_on,
        "on_time": rules.is_on_time(birth_date=declared.birth_date, on=birth.registered_on),
        "signer_code": birth.signer_code,
        "signer_name": birth.signer_name,
        "signer_title_vi": birth.signer_title.vi,
        "signer_title_en": birth.signer_title.en,
        "guard": rules.child_guard(declared),
    }


def _tell_registered(row: Birth, sender: str) -> None:
    body = contract.BirthRegistered(
        child_number=row.child_number,
        full_name=row.full_name,
        sex=row.sex,
        birth_date=row.birth_date,
        birth_province=row.birth_province,
        nationality=row.nationality,
        ethnicity=row.ethnicity,
        mother_number=row.mother_number or None,
        father_number=row.father_number or None,
        certificate_number=row.key,
        registered_on=row.registered_on,
        agency=row.agency,
        case=row.case,
        officer=row.officer,
    )
    event_publish(
        event=contract.BIRTH_REGISTERED,
        body=body.model_dump(mode="json"),
        sender=sender,
        case=row.case,
        purpose=PURPOSE,
    )


def _tell_changed(event: Event, row: Birth, sender: str) -> None:
    body = contract.BirthChanged(
        certificate_number=row.key,
        child_number=row.child_number,
        full_name=row.full_name,
        reason=row.reason,
        agency=row.agency,
        case=row.case,
        officer=row.officer,
    )
    event_publish(
        event=event, body=body.model_dump(mode="json"), sender=sender, case=row.case, purpose=PURPOSE
    )


@dataclass(frozen=True, slots=True)
class NewDeath:
    """declared: as checked by the rules; the rest is what the certificate says besides."""

    declared: rules.DeathDeclaration
    sex: str
    unit: str
    registered_on: date
    signer_code: str
    signer_name: str
    signer_title: Text


def death_register(*, death: NewDeath, provenance: Provenance, sender: str, at: datetime) -> Death:
    """Enter a death under the next number of its book, and tell who subscribes.

    Errors: death-registered-already (409), also where two communes register at once; whatever
    rules.death_check finds first (422); unit.unknown (404).
    """
    declared, on = death.declared, death.registered_on
    if taken := certificate_of_death(declared.deceased.number):
        raise rules.death_registered_already(taken)
    for problem in rules.death_check(declared, on=on):
        raise problem
    units.commune(death.unit, on)
    serial = _serial_next(unit=death.unit, year=on.year, kind="KT")
    key = rules.certificate_number(serial=serial, year=on.year, unit=death.unit)
    try:
        with transaction.atomic():
            row = registry.record_enter(
                Death, key=key, content=_death_content(death), provenance=provenance, at=at, valid_from=on
            )
    except IntegrityError as error:
        # Two communes at once: the other's registration was committed after we looked.
        raise rules.death_registered_already() from error
    body = contract.DeathRegistered(
        person_number=row.person_number,
        death_date=row.death_date,
        certificate_number=row.key,
        registered_on=row.registered_on,
        agency=row.agency,
        case=row.case,
        officer=row.officer,
    )
    event_publish(
        event=contract.DEATH_REGISTERED,
        body=body.model_dump(mode="json"),
        sender=sender,
        case=row.case,
        purpose=DEATH_PURPOSE,
    )
    return row


def _death_content(death: NewDeath) -> dict[str, object]:
    declared, deceased = death.declared, death.declared.deceased
    name = deceased.full_name or ""
    return {
        "person_number": deceased.number,
        "full_name": names.display(name),
        "sort_key": names.sort_key(name),
        "search_key": names.search_key(name),
        "sex": death.sex,
        "birth_date": deceased.birth_date,
        "death_date": declared.death_date,
        "death_place": declared.death_place,
        "cause": declared.cause,
        "declarant_number": declared.declarant,
        "declarant_relation": declared.relation,
        "unit": death.unit,
        "book": rules.book(year=death.registered_on.year, unit=death.unit, kind="KT"),
        "registered_on": death.registered_on,
        "on_time": rules.death_is_on_time(death_date=declared.death_date, on=death.registered_on),
        "signer_code": death.signer_code,
        "signer_name": death.signer_name,
        "signer_title_vi": death.signer_title.vi,
        "signer_title_en": death.signer_title.en,
    }
