"""Open dossiers that another one-stop system began: they keep their number, their day and what was promised.

A dossier begins here at its procedure's first step: look-ups are asked afresh, and officers see it as new work that
is due when it was promised. What was paid there is not asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from lienthong.blocks.casework import engine, problems
from lienthong.blocks.casework.models import Case, MovedIn
from lienthong.blocks.casework.numbers import number_next
from lienthong.ground import workdays
from lienthong.ground.agencies import AgencyId
from lienthong.ground.dossiers import DossierNumber
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Former:
    """What the other system knew. due_at: as promised there. note: for the officer. source: the file it came in."""

    number: str
    opened_at: datetime
    due_at: datetime | None
    paid: bool
    note: str
    source: str


def number_of(former: Former, *, agency: str, at: datetime) -> str:
    """Its own where that is a number of this agency (Circular 03/2025/TT-VPCP), which is then never given again."""
    try:
        number = DossierNumber.parse(former.number)
    except Invalid:
        return number_next(agency=agency, day=at.date())
    if number.agency != AgencyId.parse(agency) or number.day > at.date():
        return number_next(agency=agency, day=at.date())
    _number_taken(agency, number.day, number.serial)
    return str(number)


def _number_taken(agency: str, day: date, serial: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_numbercounter (agency, day, last) values (%s, %s, %s)"
            " on conflict (agency, day) do update set last = greatest(casework_numbercounter.last, excluded.last)",
            [agency, day, serial],
        )


def as_promised(case: Case, former: Former) -> None:
    """Its days are those of the other system."""
    case.opened_at = former.opened_at
    case.received_on = workdays.received_on(former.opened_at)
    case.due_at = former.due_at or case.due_at


def moved_in(case: Case, former: Former, at: datetime) -> None:
    """Remember where it came from. Errors: moved-in-already (409)."""
    try:
        with transaction.atomic():
            MovedIn.objects.create(
                case=case,
                agency=case.agency,
                former_number=former.number,
                paid=former.paid,
                source=former.source,
                taken_in_at=at,
            )
    except IntegrityError as error:
        raise problems.moved_in_already(former.number) from error
    paid = Text(" Đã nộp phí.", " The fee was paid there.") if former.paid else Text("", "")
    text = Text(
        f"Chuyển từ hệ thống một cửa trước, mã cũ {former.number}.{paid.vi} {former.note}".strip(),
        f"Brought from another one-stop system, formerly {former.number}.{paid.en} {former.note}".strip(),
    )
    engine.entry_add(case, kind="moved-in", actor=former.source, text=text)


def paid_before(case: Case) -> bool:
    """Whether its fee was paid in another system, or for the dossier that this one settles anew."""
    return (
        bool((case.data.get("renews") or {}).get("paid"))
        or MovedIn.objects.filter(case=case, paid=True).exists()
    )
