"""Dossier numbers: gap-free per agency and day, allotted inside the transaction that creates the dossier."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import connection, transaction

from lienthong.blocks.casework.models import NumberReservation
from lienthong.ground import clock
from lienthong.ground.agencies import AgencyId
from lienthong.ground.dossiers import DossierNumber

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


def number_reserve(*, agency: str, reserved_for: str, at: datetime) -> str:
    """A number for a system that keeps its dossiers itself (GetNextValue of the ministries' connectors)."""
    with transaction.atomic():
        number = number_next(agency=agency, day=at.date())
        NumberReservation.objects.create(
            number=number, agency=agency, reserved_for=reserved_for, reserved_at=at
        )
    return number


def number_use(*, number: str, at: datetime) -> bool:
    """Mark a reserved number as used; False where it was used or voided before."""
    rows = NumberReservation.objects.filter(number=number, used_at=None, voided_at=None)
    return rows.update(used_at=at) == 1


def numbers_void(*, now: datetime) -> int:
    """List as void what was reserved on an earlier day and not used."""
    midnight = datetime.combine(now.date(), time(), tzinfo=clock.VIETNAM)
    rows = NumberReservation.objects.filter(used_at=None, voided_at=None, reserved_at__lt=midnight)
    return rows.update(voided_at=now)


def numbers_voided(*, agency: str, since: date) -> list[str]:
    """Void numbers of an agency, at most 1,000."""
    start = datetime.combine(since, time(), tzinfo=clock.VIETNAM)
    rows = NumberReservation.objects.filter(agency=agency, voided_at__gte=start).order_by("number")
    return list(rows.values_list("number", flat=True)[:1000])
