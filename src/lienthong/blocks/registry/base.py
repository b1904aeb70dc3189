"""The abstract register record: valid time, recorded time, provenance, hash.

A register never forgets: a version is never changed but for the end of its recording; a correction or a
revocation adds a version. No two versions of a key overlap in both times (an exclusion constraint).
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models

from lienthong.blocks.trust.wire import canonical_json, sha256_hex


class State(models.TextChoices):
    IN_FORCE = "in-force", "có hiệu lực"
    CORRECTED = "corrected", "đã cải chính"
    REVOKED = "revoked", "đã thu hồi"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a version comes from: the dossier, the message that brought it, who decided, at which agency."""

    agency: str
    case: str = ""
    message: str = ""
    officer: str = ""
    reason: str = ""


class RegisterRecord(models.Model):
    """key: the subject of the record within its register (a personal number, a certificate number ...)."""

    HASHED: ClassVar[tuple[str, ...]] = ()
    """Names of the fields with the record's content, in the order in which they are hashed."""
    HASHED_LATER: ClassVar[tuple[str, ...]] = ()
    """Fields that came when records had been hashed already: hashed where they hold something."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=80, db_index=True)
    valid = DateRangeField("hiệu lực")
    recorded = DateTimeRangeField("ghi nhận")
    state = models.CharField(max_length=12, choices=State.choices, default=State.IN_FORCE)
    agency = models.CharField("cơ quan", max_length=32)
    case = models.CharField("hồ sơ", max_length=60, blank=True)
    message = models.CharField("thông điệp", max_length=64, blank=True)
    officer = models.CharField("cán bộ", max_length=32, blank=True)
    reason = models.TextField("lý do", blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True
        constraints = [
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_no_overlap",
                expressions=[
                    ("key", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("recorded", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def content(self) -> dict[str, Any]:
        """The record's own fields as JSON values."""
        later = {name: getattr(self, name) for name in self.HASHED_LATER}
        given = {name: _json(value) for name, value in later.items() if value}
        return {name: _json(getattr(self, name)) for name in self.HASHED} | given

    def provenance(self) -> Provenance:
        return Provenance(self.agency, self.case, self.message, self.officer, self.reason)

    def computed_hash(self) -> str:
        """SHA-256 over content, validity, state, provenance and the moment of recording."""
        return sha256_hex(
            canonical_json(
                {
                    "key": self.key,
                    "content": self.content(),
                    "valid": [_json(self.valid.lower), _json(self.valid.upper)],
                    "recorded": _json(self.recorded.lower),
                    "state": str(self.state),
                    "provenance": asdict(self.provenance()),
                }
            )
        )


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp().hex()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return value
