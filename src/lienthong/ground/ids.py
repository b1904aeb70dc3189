"""Identifiers of rows and messages: one kind sorts by time, the other is the same whenever asked for."""

import json
import secrets
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from lienthong.ground import clock

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE: Final = UUID("6f0b5d0e-6c69-5e6e-8a74-686f6e670001")


def uuid7(moment: datetime | None = None) -> UUID:
    """A new UUID version 7 (RFC 9562 §5.7, method 3): sorts by `moment`, to the microsecond."""
    passed = (clock.now() if moment is None else clock.in_vietnam(moment)) - _EPOCH
    micros = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    millis, rest = divmod(micros, 1000)
    fraction = rest * 4096 // 1000
    number = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=number)


def derived(*parts: object) -> UUID:
    """The UUID (version 5) that belongs to these parts, in order: a step asked twice has one message id."""
    return uuid5(_NAMESPACE, json.dumps([str(part) for part in parts], ensure_ascii=False))
