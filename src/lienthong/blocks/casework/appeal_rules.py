"""Complaints and feedback on a dossier: who may, until when, and by when an agency answers. Pure; `now` passed in.

Articles are recalled, not read again [R]: the Law on Complaints 02/2011/QH13 (amended from 1 July 2026 [R]), the Civil
Code 91/2015/QH13, and Decree 20/2008/ND-CP as amended by Decree 92/2017/ND-CP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from lienthong.ground import workdays
from lienthong.ground.clock import VIETNAM, in_vietnam

FIRST: Final = "complaint-first"
SECOND: Final = "complaint-second"
FEEDBACK: Final = "feedback"
PORTAL: Final = "portal"
KINDS: Final = (FIRST, SECOND, FEEDBACK, PORTAL)
"""What a package says of itself under `appeal`; `portal` is the case by which a person follows one."""

REFUSALS: Final = frozenset({"refused", "not-accepted", "lapsed", "failed"})
"""Ends of a dossier that a decision brought, and another may bring to nothing."""
UPHELD: Final = frozenset({"granted", "partly"})
"""Ends of a complaint that was right, wholly or in part (art. 31)."""
DAY_ENDS: Final = time(23, 59)
"""A time limit lasts to the end of its last day (Civil Code, art. 148 clause 6)."""


class Difficulty(StrEnum):
    """What lengthens the settling of a complaint; its value is the decision that accepts it."""

    PLAIN = "accept"
    HARD = "accept-hard"  # complicated, or in a remote area
    REMOTE_HARD = "accept-remote-hard"  # complicated and in a remote area


class Ground(StrEnum):
    """What a complaint is about."""

    DECISION = "decision"  # refused, not accepted, stopped
    RESULT = "result"  # granted, and wrong
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Limits:
    """Calendar days of the Law on Complaints in force from a day on; each with its article."""

    valid_from: date
    file: int  # art. 9: from receiving or knowing the decision
    accept: int  # art. 27, 36: accepted, or refused with reasons
    settle_first: dict[Difficulty, int]  # art. 28: from acceptance
    settle_second: dict[Difficulty, int]  # art. 37
    again: int  # art. 33: from the end of the first settlement, or of its time
    again_remote: int


_FIRST_DAYS: Final = {Difficulty.PLAIN: 30, Difficulty.HARD: 45, Difficulty.REMOTE_HARD: 60}
_SECOND_DAYS: Final = {Difficulty.PLAIN: 45, Difficulty.HARD: 60, Difficulty.REMOTE_HARD: 70}
LAW: Final = (
    Limits(
        valid_from=date(2012, 7, 1),
        file=90,
        accept=10,
        settle_first=_FIRST_DAYS,
        settle_second=_SECOND_DAYS,
        again=30,
        again_remote=45,
    ),
)

FEEDBACK_WORKING_DAYS: Final = 15
"""Decree 20/2008, art. 15, as amended by Decree 92/2017 [R]."""
FEEDBACK_HARD_WORKING_DAYS: Final = 20
"""The same, where it is complicated [R]."""


def limits_on(day: date) -> Limits:
    """The newest limits in force that day. ValueError before the law's first day."""
    rows = [row for row in LAW if row.valid_from <= day]
    if not rows:
        raise ValueError(f"no limits of the Law on Complaints on {day}")
    return max(rows, key=lambda row: row.valid_from)


def last_day(start: date, days: int) -> date:
    """The last of so many calendar days after `start`, which is not counted; if off, the next working day.

    Civil Code, art. 147 clause 2, art. 148 clause 5. ValueError below 0.
    """
    if days < 0:
        raise ValueError(f"a time limit is not negative: {days}")
    return workdays.next_working_day(start + timedelta(days=days))


def ends_at(start: datetime, days: int) -> datetime:
    """The last minute of so many calendar days from a moment on, in Vietnam."""
    return datetime.combine(last_day(in_vietnam(start).date(), days), DAY_ENDS, VIETNAM)


def file_until(known_at: datetime) -> datetime:
    """Until when a decision known at a moment is complained of without a reason for being late (art. 9)."""
    return ends_at(known_at, limits_on(in_vietnam(known_at).date()).file)


def again_until(decided_at: datetime) -> datetime:
    """Until when the first decision is complained of a second time; a remote area has longer (art. 33)."""
    return ends_at(decided_at, limits_on(in_vietnam(decided_at).date()).again)


def is_late(*, until: datetime | None, now: datetime) -> bool:
    """Whether a complaint needs its reason for being late; the minute of the limit is in time."""
    return until is not None and now.replace(second=0, microsecond=0) > until


def is_accepted(*, received_on: date, due_at: datetime | None) -> bool:
    """Whether a complaint was accepted, by the day that is promised: until then it is that of the acceptance.

    Each time for settling is longer than the one for accepting, so a later day says that the settling has begun.
    """
    limit = last_day(received_on, limits_on(received_on).accept)
    return due_at is not None and in_vietnam(due_at).date() > limit


def grounds_open(
    *, outcome: str, due_at: datetime | None, ended_at: datetime | None, now: datetime
) -> tuple[Ground, ...]:
    """What a dossier may be complained of: its decision, its result, its being late; nothing of a withdrawn one.

    outcome: empty while it is open; due_at: the day first promised; ended_at: when it ended.
    """
    if outcome == "withdrawn":
        return ()
    found: list[Ground] = []
    if outcome in REFUSALS:
        found.append(Ground.DECISION)
    elif outcome:
        found.append(Ground.RESULT)
    if due_at is not None and (ended_at if outcome and ended_at else now) > due_at:
        found.append(Ground.LATE)
    return tuple(found)


def settled_anew(*, ground: str, outcome: str) -> bool:
    """Whether the decision complained of falls, so that the dossier is settled anew without being filed again."""
    return ground == Ground.DECISION and outcome in UPHELD
