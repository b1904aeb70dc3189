"""Reads of the registers of births and deaths."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from lienthong.blocks.registry import selectors as registry
from lienthong.blocks.registry.base import State
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.civilstatus.models import Birth, Death


def birth_get(*, child_number: str | None = None, certificate_number: str | None = None) -> Birth:
    """The latest version, also of a revoked birth. Errors: birth-unknown (404)."""
    wanted = {"child_number": child_number} if child_number else {"key": certificate_number}
    rows = Birth.objects.filter(**wanted, recorded__upper_inf=True)
    found = sorted(rows, key=lambda row: (row.state != State.REVOKED, row.pk))
    if not found:
        raise NotFound(
            "birth-unknown",
            Text("Không tìm thấy khai sinh.", "The birth was not found."),
            Text(
                "Số định danh hoặc số khai sinh không có trong sổ hộ tịch.",
                "The number is not in the register of births.",
            ),
            Text("Kiểm tra lại số rồi thử lại.", "Check the number and try again."),
        )
    return found[-1]


def births_of_parent(*, parent: str, born_from: date, limit: int = 50) -> list[Birth]:
    """The births in force that name this mother or father, the eldest first."""
    rows = Birth.objects.filter(Q(mother_number=parent) | Q(father_number=parent), birth_date__gte=born_from)
    rows = rows.filter(recorded__upper_inf=True).exclude(state=State.REVOKED)
    return list(rows.order_by("birth_date", "key")[:limit])


def birth_history(*, certificate_number: str) -> list[Birth]:
    """Every version, the earliest recorded first."""
    return registry.record_history(Birth, key=certificate_number)


def certificate_of_guard(guard: str) -> str | None:
    """The birth in force that has this guard."""
    rows = Birth.objects.filter(guard=guard, recorded__upper_inf=True).exclude(state=State.REVOKED)
    return rows.values_list("key", flat=True).first()


def death_get(*, person_number: str) -> Death:
    """The latest version, also of a revoked death. Errors: death-unknown (404)."""
    rows = Death.objects.filter(person_number=person_number, recorded__upper_inf=True)
    found = sorted(rows, key=lambda row: (row.state != State.REVOKED, row.pk))
    if not found:
        raise NotFound(
            "death-unknown",
            Text("Không tìm thấy khai tử.", "The death was not found."),
            Text(
                "Sổ hộ tịch không có khai tử của người mang số này.",
                "The civil-status register has no death of the person of this number.",
            ),
            Text("Kiểm tra lại số rồi thử lại.", "Check the number and try again."),
        )
    return found[-1]


def certificate_of_death(person_number: str) -> str | None:
    """The death in force of this person."""
    rows = Death.objects.filter(person_number=person_number, recorded__upper_inf=True)
    return rows.exclude(state=State.REVOKED).values_list("key", flat=True).first()
