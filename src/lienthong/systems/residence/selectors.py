"""Reads of the register of permanent residence."""

from __future__ import annotations

from datetime import date

from lienthong.blocks.registry import selectors as registry
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.residence.models import Registration


def registration_find(*, person_number: str, on: date) -> Registration | None:
    return registry.record_get(Registration, key=person_number, on=on)


def registration_get(*, person_number: str, on: date) -> Registration:
    """Errors: residence-unknown (404)."""
    row = registration_find(person_number=person_number, on=on)
    if row is None:
        raise NotFound(
            "residence-unknown",
            Text("Không tìm thấy đăng ký thường trú.", "No permanent residence was found."),
            Text(
                "Người này chưa có đăng ký thường trú trong sổ.",
                "The register has no permanent residence of this person.",
            ),
            Text("Kiểm tra lại số định danh.", "Check the personal number."),
        )
    return row


def registration_history(*, person_number: str) -> list[Registration]:
    """Every version, the earliest recorded first."""
    return registry.record_history(Registration, key=person_number)
