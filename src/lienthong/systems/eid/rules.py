"""When a sign-in is refused for a while, and what a password must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

WRONG_TRIES_MAX = 5
LOCKED_FOR = timedelta(minutes=15)
CODE_STEP_S = 30
SECOND_STEP_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Tries:
    """wrong: tries in a row that failed; locked_until: no try counts before."""

    wrong: int
    locked_until: datetime | None


def is_locked(tries: Tries, *, now: datetime) -> bool:
    return tries.locked_until is not None and now < tries.locked_until


def after_wrong(tries: Tries, *, now: datetime) -> Tries:
    """The fifth wrong try in a row locks the account for a quarter of an hour."""
    wrong = 1 if tries.locked_until is not None and now >= tries.locked_until else tries.wrong + 1
    if wrong >= WRONG_TRIES_MAX:
        return Tries(wrong, now + LOCKED_FOR)
    return Tries(wrong, None)


def after_right() -> Tries:
    return Tries(0, None)


def code_step(now: datetime) -> int:
    """The 30-second step of RFC 6238 that a moment lies in."""
    return int(now.timestamp()) // CODE_STEP_S
