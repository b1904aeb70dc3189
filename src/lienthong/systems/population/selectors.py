"""Reads: a person, a household, who read a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lienthong.blocks.registry import selectors as registry
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.population import rules
from lienthong.systems.population.models import AccessEntry, Household, Person

MEMBERS_MAX = 60


def person_get(*, number: str, on: date) -> Person:
    """Errors: person-unknown (404)."""
    person = person_find(number=number, on=on)
    if person is None:
        raise NotFound(
            "person-unknown",
            Text("Không tìm thấy người này.", "This person was not found."),
            Text(
                "Số định danh không có trong Cơ sở dữ liệu quốc gia về dân cư.",
                "The number is not in the national population database.",
            ),
            Text(
                "Hãy đối chiếu 12 số với thẻ căn cước rồi nhập lại.",
                "Compare the 12 digits with the identity card and enter them again.",
            ),
            field="number",
        )
    return person


def person_find(*, number: str, on: date) -> Person | None:
    return registry.record_get(Person, key=number, on=on)


def person_history(*, number: str) -> list[Person]:
    """Every version of a person, the earliest recorded first, each with its provenance."""
    return registry.record_history(Person, key=number)


@dataclass(frozen=True, slots=True)
class HouseholdCard:
    household: str
    unit: str
    address: str
    head: str
    members: tuple[Person, ...]


def household_of(*, member: str, on: date) -> HouseholdCard:
    """The household of a person, the head first. Errors: person-unknown, household-unknown (404)."""
    person = person_get(number=member, on=on)
    record = registry.record_get(Household, key=person.household, on=on) if person.household else None
    if record is None:
        raise NotFound(
            "household-unknown",
            Text("Người này chưa có hộ gia đình.", "This person belongs to no household."),
            Text("Chưa đăng ký thường trú vào hộ nào.", "No residence is registered in a household."),
            Text("Hãy đăng ký thường trú trước.", "Register the residence first."),
            field="member",
        )
    return HouseholdCard(
        record.key, record.unit, record.address, record.head, _members(household=record.key, on=on)
    )


def _members(*, household: str, on: date) -> tuple[Person, ...]:
    rows = Person.objects.filter(
        household=household, recorded__upper_inf=True, valid__contains=on, alive=True
    ).exclude(state="revoked")
    return tuple(
        sorted(
            rows[:MEMBERS_MAX],
            key=lambda row: (rules.relation_rank(row.relation), row.birth_date, row.sort_key),
        )
    )


@dataclass(frozen=True, slots=True)
class ReadRow:
    """reader, holder: subsystem names."""

    id: int
    what: Text
    reader: str
    holder: str
    service: str
    legal_basis: str
    purpose: str
    case: str
    read_at: datetime


def reads_page(
    *, subject: str, case: str = "", before: int | None = None, limit: int = 20
) -> tuple[list[ReadRow], int | None]:
    """Who read a person's data, newest first, and the cursor of the next page or None."""
    rows = AccessEntry.objects.filter(subject=subject).order_by("-id")
    if case:
        rows = rows.filter(case=case)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    page = [
        ReadRow(
            row.pk,
            Text(row.what_vi, row.what_en),
            row.reader,
            row.holder,
            row.service,
            row.legal_basis,
            row.purpose,
            row.case,
            row.read_at,
        )
        for row in found[:limit]
    ]
    return page, page[-1].id if len(found) > limit else None


def reads_cases(*, subject: str, limit: int = 50) -> list[str]:
    """The cases for which a person's data was read."""
    rows = AccessEntry.objects.filter(subject=subject).exclude(case="").order_by("case")
    return list(rows.values_list("case", flat=True).distinct()[:limit])
