"""Reads of any register: the version in force, as it was known at a moment; history; changes since."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import ValidationError

from lienthong.blocks.registry.base import RegisterRecord, State

Record = TypeVar("Record", bound=RegisterRecord)
PAGE_MAX = 500


def record_get(model: type[Record], *, key: str, on: date, known_at: datetime | None = None) -> Record | None:
    """The version valid `on` that day, as recorded now or at `known_at`; None where none is in force."""
    rows = model.objects.filter(key=key, valid__contains=on).exclude(state=State.REVOKED)
    rows = (
        rows.filter(recorded__endswith=None) if known_at is None else rows.filter(recorded__contains=known_at)
    )
    return rows.first()


def records_get(model: type[Record], *, keys: list[str], on: date) -> dict[str, Record]:
    """Many keys in one query; keys without a record in force are left out. At most 500 keys."""
    if len(keys) > PAGE_MAX:
        raise ValidationError(f"at most {PAGE_MAX} keys")
    rows = model.objects.filter(key__in=keys, valid__contains=on, recorded__endswith=None)
    return {row.key: row for row in rows.exclude(state=State.REVOKED)}


def record_history(model: type[Record], *, key: str) -> list[Record]:
    """Every version of a key, the earliest recorded first."""
    return sorted(model.objects.filter(key=key)[:PAGE_MAX], key=lambda row: (row.recorded.lower, str(row.id)))


def records_changed_since(model: type[Record], *, cursor: str | None, limit: int = 100) -> list[Record]:
    """Versions in the order of their identifiers, which sort by the moment of recording."""
    rows = model.objects.order_by("id")
    if cursor:
        rows = rows.filter(id__gt=cursor)
    return list(rows[: min(limit, PAGE_MAX)])


def record_is_intact(record: RegisterRecord) -> bool:
    """Whether the stored content still has the hash that it was recorded with."""
    return record.hash == record.computed_hash()
