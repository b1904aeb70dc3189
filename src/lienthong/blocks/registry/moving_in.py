"""Records that an agency brings from the system it had: entered once, however often the same file comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lienthong.blocks.registry import declared
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.registry.declarations import register_get
from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text

MOVED_IN = "Chuyển từ hệ thống trước"


class Fate(StrEnum):
    """What became of a row."""

    ENTERED = "entered"
    CORRECTED = "corrected"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class OldRecord:
    """A record as it stands in the earlier system; key: within the register."""

    key: str
    data: dict[str, Any]
    valid_from: date


def old_record(filled: dict[str, Any]) -> OldRecord:
    """From a mapping's row {key, valid_from, data}. Errors: row-incomplete (422) at its field."""
    key, day, data = filled.get("key"), filled.get("valid_from"), filled.get("data")
    if not isinstance(key, str | int) or not str(key):
        raise _incomplete("key", "số của bản ghi", "the record's key")
    if not isinstance(data, dict):
        raise _incomplete("data", "nội dung bản ghi", "the record's data")
    try:
        return OldRecord(str(key), data, date.fromisoformat(str(day)))
    except ValueError as error:
        raise _incomplete("valid_from", "ngày có hiệu lực", "the day from which it holds") from error


def record_take_in(*, register: str, old: OldRecord, source: str, at: datetime) -> Fate:
    """Enter an old record, or correct what an earlier file said of it. source: the file, by its SHA-256.

    Errors: data-invalid and those of the register's rules (422); record-newer (409), where a dossier has changed the
    record since: the register knows better than the old system.
    """
    provenance = Provenance(register_get(register).owner, reason=f"{MOVED_IN} ({source})")
    current = declared.declared_get(register=register, key=old.key, on=old.valid_from)
    if current is None:
        declared.declared_enter(
            register=register,
            key=old.key,
            data=old.data,
            provenance=provenance,
            at=at,
            valid_from=old.valid_from,
        )
        return Fate.ENTERED
    if current.data == old.data and current.valid.lower == old.valid_from:
        return Fate.SAME
    today = declared.declared_get(register=register, key=old.key, on=at.date())
    changed = today is not None and today.pk != current.pk
    if changed or current.valid.lower != old.valid_from or not current.reason.startswith(MOVED_IN):
        raise _newer(old.key, (today or current).case)
    for problem in declared.declared_problems(
        register=register, action="change", data=old.data, key=old.key, on=old.valid_from
    ):
        raise problem
    declared.declared_correct(register=register, key=old.key, data=old.data, provenance=provenance, at=at)
    return Fate.CORRECTED


def _incomplete(name: str, vi: str, en: str) -> Invalid:
    return Invalid(
        "row-incomplete",
        Text(f"Dòng thiếu {vi}.", f"The row lacks {en}."),
        Text(
            f"`{name}` của tệp ánh xạ không cho giá trị dùng được.",
            f"The mapping's `{name}` gives no usable value.",
        ),
        Text("Sửa dòng, hoặc tệp ánh xạ.", "Mend the row, or the mapping."),
        field=name,
    )


def _newer(key: str, case: str) -> Conflict:
    by = Text(f"hồ sơ {case}", f"dossier {case}") if case else Text("một lần ghi khác", "another entry")
    return Conflict(
        "record-newer",
        Text(
            f"Sổ đã có bản ghi {key} khác với dòng này.",
            f"The register's record {key} is not what the row says.",
        ),
        Text(f"Bản ghi đang có do {by.vi} lập.", f"It stands there by {by.en}."),
        Text(
            "Giữ nguyên sổ. Nếu dòng này đúng hơn, hãy đính chính trong sổ.",
            "The register is left as it is. Where the row is right, correct the record there.",
        ),
    )
