"""Writes to any register: enter, correct, revoke. The caller's transaction decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange, TimestamptzRange

from lienthong.blocks.registry.base import Provenance, RegisterRecord, State
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text

Record = TypeVar("Record", bound=RegisterRecord)


def record_enter(
    model: type[Record],
    *,
    key: str,
    content: dict[str, Any],
    provenance: Provenance,
    at: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Record:
    """A key's first version, or one for a period that none in force covers. Errors: record-exists (409)."""
    valid = DateRange(valid_from or at.date(), valid_to)
    revoked = model.objects.filter(key=key, recorded__endswith=None, state=State.REVOKED)  # type: ignore[attr-defined]
    for row in revoked.filter(valid__overlap=valid):
        at = _close(row, at)
    return _add(model, key, content, provenance, at, valid, State.IN_FORCE)


@transaction.atomic
def record_correct(
    model: type[Record], *, key: str, content: dict[str, Any], provenance: Provenance, at: datetime
) -> Record:
    """What was recorded wrongly is recorded anew for the same validity; the old version stays readable."""
    current, at = _close_current(model, key, at)
    return _add(model, key, _fields(current) | content, provenance, at, current.valid, State.CORRECTED)


@transaction.atomic
def record_change(
    model: type[Record],
    *,
    key: str,
    content: dict[str, Any],
    provenance: Provenance,
    at: datetime,
    valid_from: date,
    valid_to: date | None = None,
) -> Record:
    """What was right until now changes from `valid_from` on: two versions take the place of one.

    valid_to: until when the new version holds, where that is not the old one's end.
    """
    current, at = _close_current(model, key, at)
    if current.valid.upper is not None and valid_from >= current.valid.upper:
        raise _ended(current.valid.upper)
    before = DateRange(current.valid.lower, valid_from)
    if not before.isempty and (before.lower is None or before.lower < valid_from):
        _add(model, key, _fields(current), current.provenance(), at, before, State(current.state))
    after = DateRange(valid_from, valid_to or current.valid.upper)
    return _add(model, key, _fields(current) | content, provenance, at, after, State.IN_FORCE)


@transaction.atomic
def record_end(
    model: type[Record], *, key: str, provenance: Provenance, at: datetime, valid_to: date
) -> Record:
    """What held until now holds no longer from `valid_to` on; what it said of the time before stays."""
    current, at = _close_current(model, key, at)
    if current.valid.upper is not None and valid_to >= current.valid.upper:
        raise _ended(current.valid.upper)
    first = current.valid.lower
    if first is not None and valid_to <= first:  # it ends before it has held for a day
        return _add(model, key, _fields(current), provenance, at, current.valid, State.REVOKED)
    return _add(
        model, key, _fields(current), provenance, at, DateRange(first, valid_to), State(current.state)
    )


@transaction.atomic
def record_revoke(model: type[Record], *, key: str, provenance: Provenance, at: datetime) -> Record:
    """The record was wrong from the start or is taken back; `provenance.reason` says why."""
    current, at = _close_current(model, key, at)
    return _add(model, key, _fields(current), provenance, at, current.valid, State.REVOKED)


def _ended(last: date) -> Problem:
    return Invalid(
        "record-ended",
        Text("Bản ghi đã hết hiệu lực.", "The record has ended."),
        Text(
            f"Bản ghi hết hiệu lực từ {last:%d/%m/%Y}, trước ngày thay đổi.",
            f"It ended on {last:%d/%m/%Y}, before the day of the change.",
        ),
        Text("Ghi một bản ghi mới cho thời gian sau đó.", "Enter a new record for the time after it."),
    )


def _fields(record: RegisterRecord) -> dict[str, Any]:
    """The record's own fields as they are, dates as dates."""
    return {name: getattr(record, name) for name in (*record.HASHED, *record.HASHED_LATER)}


def _close_current(model: type[Record], key: str, at: datetime) -> tuple[Record, datetime]:
    """The version that ends, and the moment at which it does: never the one at which it began."""
    current = (
        model.objects.select_for_update()  # type: ignore[attr-defined]
        .filter(key=key, recorded__endswith=None)
        .order_by("-valid")
        .first()
    )
    if current is None or current.state == State.REVOKED:
        raise NotFound(
            "record-unknown",
            Text("Sổ đăng ký không có bản ghi này.", "The register has no such record in force."),
            Text(
                "Số không đúng, hoặc bản ghi đã bị thu hồi.", "The number is wrong, or the record is revoked."
            ),
            Text("Kiểm tra lại số của bản ghi.", "Check the record's number."),
        )
    return current, _close(current, at)


def _close(record: RegisterRecord, at: datetime) -> datetime:
    """End a version's recording. Two changes at one moment would leave an empty range, and no trace of it."""
    began: Any = record.recorded.lower
    at = max(at, began + timedelta(microseconds=1))
    record.recorded = TimestamptzRange(began, at)
    record.save(update_fields=["recorded"])
    return at


def _add(  # noqa: PLR0917 - the parts of a version, in one order
    model: type[Record],
    key: str,
    content: dict[str, Any],
    provenance: Provenance,
    at: datetime,
    valid: Any,
    state: State,
) -> Record:
    fields = {
        "agency": provenance.agency,
        "case": provenance.case,
        "message": provenance.message,
        "officer": provenance.officer,
        "reason": provenance.reason,
    }
    recorded = TimestamptzRange(at, None)
    record = model(id=uuid7(at), key=key, valid=valid, recorded=recorded, state=state, **fields, **content)
    record.hash = record.computed_hash()
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        if "no_overlap" not in str(error):
            raise
        raise Conflict(
            "record-exists",
            Text("Sổ đăng ký đã có bản ghi này.", "The register has this record already."),
            Text(
                "Một đối tượng chỉ được ghi một lần cho một thời gian.",
                "A subject is entered once for a period.",
            ),
            Text("Mở bản ghi đã có; nếu sai, hãy cải chính.", "Open the record; if it is wrong, correct it."),
        ) from error
    return record
