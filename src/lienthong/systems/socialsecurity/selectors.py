"""Reads of cards and of the declared register of hospitals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lienthong.blocks.registry import declared
from lienthong.blocks.registry import selectors as registry
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.socialsecurity.models import HealthCard


def card_find(*, person_number: str, on: date) -> HealthCard | None:
    return registry.record_get(HealthCard, key=person_number, on=on)


def card_get(*, person_number: str, on: date) -> HealthCard:
    """Errors: card-unknown (404)."""
    card = card_find(person_number=person_number, on=on)
    if card is None:
        raise NotFound(
            "card-unknown",
            Text("Không tìm thấy thẻ bảo hiểm y tế.", "No health-insurance card was found."),
            Text("Người này chưa có thẻ còn giá trị.", "The person has no card in force."),
            Text("Kiểm tra lại số định danh.", "Check the personal number."),
        )
    return card


def card_last_day(card: HealthCard) -> date:
    end: Any = card.valid.upper
    return end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HospitalRow:
    code: str
    name: str


def hospitals_of(*, province: str, on: date) -> list[HospitalRow]:
    """The establishments of a province, by name."""
    rows = declared.declared_find(register="hospital", claims={"province": province}, on=on)
    return sorted(
        (HospitalRow(declared.declared_key(row), row.data["name"]) for row in rows),
        key=lambda row: (row.name, row.code),
    )


def hospital_exists(*, code: str, on: date) -> bool:
    return declared.declared_get(register="hospital", key=code, on=on) is not None
