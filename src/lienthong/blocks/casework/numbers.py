"""Dossier numbers: gap-free per agency and day, allotted inside the transaction that creates the dossier."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import connection, transaction

from lienthong.blocks.casework import problems
from lienthong.blocks.casework.models import NumberReservation
from lienthong.ground import clock
from lienthong.ground.agencies import AgencyId
from lienthong.ground.dossiers import DossierNumber

PAGE = 1000
REQUESTS = "-YK"
"""After the agency in the series of requests (lấy ý kiến)."""


def number_next(*, agency: str, day: date) -> str:
    """The next number; the counter's row stays locked until the caller's transaction ends."""
    return str(DossierNumber(AgencyId.parse(agency), day, _serial(agency, day)))


def _serial(series: str, day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_numbercounter (agency, day, last) values (%s, %s, 1)"
            " on conflict (agency, day) do update set last = casework_numbercounter.last + 1 returning last",
            [series, day],
        )
        (serial,) = cursor.fetchone()
    return int(serial)


def request_number_next(*, agency: str, day: date) -> str:
    """`H26.12-YK-261123-0001`: of another agency's request, which is no dossier and takes no dossier's number."""
    serial = _serial(f"{agency}{REQUESTS}", day)
    return f"{agency}{REQUESTS}-{day:%y%m%d}-{serial:04}"


def numbers_reserve(*, agency: str, count: int, reserved_for: str, at: datetime) -> list[str]:
    """Numbers for a system that keeps its dossiers itself (GetNextValue of the ministries' connectors)."""
    with transaction.atomic():
        found = [number_next(agency=agency, day=at.date()) for _ in range(count)]
        NumberReservation.objects.bulk_create(
            NumberReservation(number=number, agency=agency, reserved_for=reserved_for, reserved_at=at)
            for number in found
        )
    return found


def number_use(*, number: str, reserved_for: str, at: datetime) -> None:
    """Mark a number as used by whom it was reserved for, on its day. Told again, it changes nothing.

    Errors: number-not-reserved (404), number-void (409).
    """
    rows = NumberReservation.objects.filter(number=number, reserved_for=reserved_for)
    if rows.filter(used_at=None, voided_at=None, reserved_at__gte=_midnight(at)).update(used_at=at):
        return
    row = rows.first()
    if row is None:
        raise problems.number_not_reserved(number)
    if row.used_at is None:
        raise problems.number_void(number)


def numbers_void(*, now: datetime) -> int:
    """List as void what was reserved on an earlier day and not used."""
    rows = NumberReservation.objects.filter(used_at=None, voided_at=None, reserved_at__lt=_midnight(now))
    return rows.update(voided_at=now)


def _midnight(now: datetime) -> datetime:
    return datetime.combine(clock.in_vietnam(now).date(), time(), tzinfo=clock.VIETNAM)


def numbers_voided(*, agency: str, since: date, after: str = "") -> list[str]:
    """Void numbers of an agency in order, at most PAGE."""
    start = datetime.combine(since, time(), tzinfo=clock.VIETNAM)
    rows = NumberReservation.objects.filter(agency=agency, voided_at__gte=start, number__gt=after)
    return list(rows.order_by("number").values_list("number", flat=True)[:PAGE])
