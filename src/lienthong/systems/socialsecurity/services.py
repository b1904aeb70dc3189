"""Writes: health-insurance cards. The exchange's transaction decides."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import names
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text
from lienthong.systems.socialsecurity import rules
from lienthong.systems.socialsecurity.models import HealthCard
from lienthong.systems.socialsecurity.selectors import card_find, hospital_exists

TRIES_MAX = 100
NUMBERS = 10**10


@dataclass(frozen=True, slots=True)
class NewCard:
    person_number: str
    full_name: str
    sex: str
    birth_date: date
    unit: str
    address: str
    hospital_code: str
    hospital_name: str
    issued_on: date
    signer_code: str
    signer_name: str
    signer_title: Text


def card_issue(
    *, new: NewCard, provenance: Provenance, at: datetime, draw: Callable[[int], int] = secrets.randbelow
) -> HealthCard:
    """A card from birth on. Errors: not-under-six, hospital-unknown (422), card-issued-already (409)."""
    held = card_find(person_number=new.person_number, on=new.issued_on)
    for problem in rules.cards_check(
        birth_date=new.birth_date, on=new.issued_on, held=held.card_number if held else None
    ):
        raise problem
    if not hospital_exists(code=new.hospital_code, on=new.issued_on):
        raise _hospital_unknown(new.hospital_code)
    card = rules.card_of(birth_date=new.birth_date, on=new.issued_on)
    return registry.record_enter(
        HealthCard,
        key=new.person_number,
        content={
            "card_number": _number_free(draw),
            "object_code": card.object_code,
            "benefit_level": card.benefit_level,
            "benefit_percent": card.benefit_percent,
            "full_name": names.display(new.full_name),
            "sex": new.sex,
            "birth_date": new.birth_date,
            "unit": new.unit,
            "address": new.address,
            "hospital_code": new.hospital_code,
            "hospital_name": new.hospital_name,
            "issued_on": new.issued_on,
            "signer_code": new.signer_code,
            "signer_name": new.signer_name,
            "signer_title_vi": new.signer_title.vi,
            "signer_title_en": new.signer_title.en,
        },
        provenance=provenance,
        at=at,
        valid_from=card.valid_from,
        valid_to=card.valid_to + timedelta(days=1),
    )


def _number_free(draw: Callable[[int], int]) -> str:
    """Ten random digits that no card has or had."""
    for _ in range(TRIES_MAX):
        number = rules.card_number(draw(NUMBERS))
        if not HealthCard.objects.filter(card_number=number).exists():
            return number
    raise Problem(
        "card-numbers-exhausted",
        Text("Chưa cấp được mã thẻ.", "No card number could be given."),
        Text("Dãy mã thẻ gần hết.", "The numbers are nearly used up."),
        Text("Hệ thống sẽ thử lại; hãy báo người vận hành.", "It is tried again; please tell the operator."),
        status=503,
    )


def _hospital_unknown(code: str) -> Problem:
    return Invalid(
        "hospital-unknown",
        Text("Nơi khám bệnh ban đầu chưa đúng.", "The hospital is not right."),
        Text(f"Danh mục cơ sở khám bệnh không có mã {code}.", f"The list of hospitals has no code {code}."),
        Text("Chọn lại một cơ sở trong danh sách của tỉnh.", "Choose one of the province's list."),
        field="hospital",
    )
