"""Versions of a procedure: which may still be published, which were, and how one is withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from psycopg.types.range import DateRange

from lienthong.blocks.casework.in_force import procedures_forget
from lienthong.blocks.casework.models import Case, Procedure
from lienthong.blocks.casework.packages import Package
from lienthong.ground import clock, formats
from lienthong.ground.errors import Conflict, NotFound
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Version:
    """valid_to: the first day on which it no longer takes dossiers; dossiers: how many began under it."""

    version: int
    valid_from: date | None
    valid_to: date | None
    published_at: datetime
    package: dict[str, Any]
    dossiers: int


def versions_of(code: str) -> list[Version]:
    """Every published version, the newest first."""
    rows = Procedure.objects.filter(code=code).order_by("-version")
    return [
        Version(
            row.version,
            row.valid.lower,
            row.valid.upper,
            row.published_at,
            row.package,
            Case.objects.filter(procedure=row).count(),
        )
        for row in rows
    ]


def codes_published() -> list[str]:
    """The code of every procedure that was ever in force."""
    return sorted(Procedure.objects.values_list("code", flat=True).distinct())


def publishing_check(package: Package) -> None:
    """Errors: version-lower (409), valid-from-past (409). The same version again is checked by its publishing."""
    rows = Procedure.objects.filter(code=package.code)
    last = rows.order_by("-version").first()
    if last is None or rows.filter(version=package.version).exists():
        return
    if package.version < last.version:
        raise _version_lower(package, last.version)
    begins = clock.in_vietnam(datetime.combine(package.valid_from, time()))
    opened = Case.objects.filter(procedure__code=package.code, opened_at__gte=begins).count()
    if package.valid_from < clock.today() and opened:
        raise _valid_from_past(package, opened)


def procedure_withdraw(*, code: str, since: date) -> list[int]:
    """No version takes a dossier from that day on; those that run keep theirs. The versions that were closed.

    Errors: procedure-unpublished (404), withdrawn-in-the-past (409).
    """
    with transaction.atomic():
        rows = Procedure.objects.select_for_update().filter(code=code)
        if not rows:
            raise _unpublished(code)
        if since < clock.today():
            raise _withdrawn_past(code, since)
        closed = []
        for row in rows:
            if row.valid.isempty or (row.valid.upper is not None and row.valid.upper <= since):
                continue
            row.valid = DateRange(row.valid.lower, max(since, row.valid.lower or since))
            row.save(update_fields=["valid"])
            closed.append(row.version)
    procedures_forget()
    return sorted(closed)


def _version_lower(package: Package, last: int) -> Conflict:
    said = f"{package.code} v{package.version}"
    return Conflict(
        "version-lower",
        Text(f"Không công bố được {said}.", f"{said} cannot be published."),
        Text(f"Đã công bố phiên bản {last}, mới hơn.", f"Version {last}, a later one, is published."),
        Text(f"Đặt version: {last + 1}.", f"Set version: {last + 1}."),
    )


def _valid_from_past(package: Package, opened: int) -> Conflict:
    day = formats.date(package.valid_from)
    return Conflict(
        "valid-from-past",
        Text(
            f"{package.code} v{package.version} không thể có hiệu lực từ {day}.",
            f"{package.code} v{package.version} cannot be in force from {day}.",
        ),
        Text(
            f"Từ ngày đó đã có {opened} hồ sơ mở theo phiên bản cũ; hồ sơ giữ phiên bản lúc nộp.",
            f"{opened} dossiers were opened under the old version since; a dossier keeps the version it began under.",
        ),
        Text("Đặt valid_from là hôm nay hoặc một ngày sau.", "Set valid_from to today or a later day."),
    )


def _unpublished(code: str) -> NotFound:
    return NotFound(
        "procedure-unpublished",
        Text(f"Thủ tục «{code}» chưa được công bố.", f"Procedure «{code}» is not published."),
        Text("Không có phiên bản nào trong cơ sở dữ liệu này.", "This database has no version of it."),
        Text("Kiểm tra lại mã.", "Check the code."),
    )


def _withdrawn_past(code: str, since: date) -> Conflict:
    day = formats.date(since)
    return Conflict(
        "withdrawn-in-the-past",
        Text(f"Không bãi bỏ được {code} từ {day}.", f"{code} cannot be withdrawn from {day}."),
        Text("Ngày đó đã qua; hồ sơ có thể đã được nhận.", "That day is over; dossiers may have been taken."),
        Text("Chọn hôm nay hoặc một ngày sau.", "Choose today or a later day."),
    )
