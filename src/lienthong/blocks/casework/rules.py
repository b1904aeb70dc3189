"""Decisions of casework that need no database: the ten statuses, and when the clock stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from lienthong.blocks.casework.appeal_rules import ends_at
from lienthong.ground import expressions, workdays
from lienthong.ground.text import Text


class Status(IntEnum):
    """TrangThaiHoSo, the national portal's list of dossier statuses."""

    NEW = 1
    RECEIVED = 2
    NOT_ACCEPTED = 3
    PROCESSING = 4
    SUPPLEMENT = 5
    FINANCIAL_DUTY = 6
    WITHDRAWN = 7
    STOPPED = 8
    SETTLED = 9
    DELIVERED = 10


STATUS_TEXT: dict[Status, Text] = {
    Status.NEW: Text("Mới đăng ký", "Newly registered"),
    Status.RECEIVED: Text("Được tiếp nhận", "Received"),
    Status.NOT_ACCEPTED: Text("Không được tiếp nhận", "Not accepted"),
    Status.PROCESSING: Text("Đang xử lý", "In progress"),
    Status.SUPPLEMENT: Text("Yêu cầu bổ sung giấy tờ", "Supplement asked for"),
    Status.FINANCIAL_DUTY: Text("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment due"),
    Status.WITHDRAWN: Text("Công dân yêu cầu rút hồ sơ", "Withdrawn by the applicant"),
    Status.STOPPED: Text("Dừng xử lý", "Stopped"),
    Status.SETTLED: Text("Đã xử lý xong", "Settled"),
    Status.DELIVERED: Text("Đã trả kết quả", "Result delivered"),
}

SIGNATURES = "signatures"
"""The signal for which a case waits until everybody who must sign has signed."""

OPINION = "opinion-given"
"""The signal by which an agency that was asked for its opinion answers."""

STANDS = "dossier-changed"
"""The signal that tells how a dossier stands: its last word counts for every step that waits for it, also for one that
begins to wait after another step took it."""

ASKED = "asked"
"""As a package's kind of agency: its cases are requests that another agency made, and no dossiers of anybody."""

OPINIONS: dict[str, Text] = {
    "agree": Text("Đồng ý", "Agrees"),
    "conditions": Text("Đồng ý có điều kiện", "Agrees with conditions"),
    "disagree": Text("Không đồng ý", "Disagrees"),
}
"""What an agency that is asked may say."""

PAUSED = frozenset({Status.SUPPLEMENT, Status.FINANCIAL_DUTY, Status.STOPPED})


class Kind(StrEnum):
    TASK = "task"
    CALL = "call"
    PAY = "pay"
    WAIT = "wait"
    FORK = "fork"
    JOIN = "join"
    ISSUE = "issue"


class State(StrEnum):
    """A step's life. Live: ready, calling, open, waiting, suspended, stuck."""

    READY = "ready"  # a job will run it
    CALLING = "calling"  # its message is frozen; the answer is not yet stored
    OPEN = "open"  # an officer's work
    WAITING = "waiting"  # for a signal, a payment, or the other branches
    SUSPENDED = "suspended"  # a task whose supplement is awaited
    STUCK = "stuck"  # a person must look
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


LIVE = frozenset({State.READY, State.CALLING, State.OPEN, State.WAITING, State.SUSPENDED, State.STUCK})
AUTOMATIC = frozenset({Kind.CALL, Kind.PAY, Kind.ISSUE})

OUTCOME_STATUS: dict[str, Status] = {
    "granted": Status.DELIVERED,
    "partly": Status.DELIVERED,
    "refused": Status.SETTLED,
    "not-accepted": Status.NOT_ACCEPTED,
    "withdrawn": Status.WITHDRAWN,
    "lapsed": Status.STOPPED,
    "failed": Status.STOPPED,
}


@dataclass(frozen=True, slots=True)
class StepView:
    """What the status depends on, of one step."""

    kind: Kind
    state: State
    claimed: bool


def status_of(steps: Iterable[StepView], *, outcome: str) -> Status:
    """The dossier's status by its live steps, or by how it ended.

    The clock stands in 5 and 6 only when nothing but the applicant's act is left to wait for: while an
    officer still works on another branch, the agency's time runs.
    """
    if outcome:
        return OUTCOME_STATUS[outcome]
    live = [step for step in steps if step.state in LIVE]
    if any(step.state is State.SUSPENDED for step in live):
        return Status.SUPPLEMENT
    tasks = [step for step in live if step.kind is Kind.TASK]
    if tasks:
        return Status.PROCESSING if any(step.claimed for step in tasks) else Status.RECEIVED
    running = [step for step in live if step.kind is not Kind.JOIN]
    if running and all(step.kind is Kind.PAY and step.state is State.WAITING for step in running):
        return Status.FINANCIAL_DUTY
    return Status.PROCESSING


def due_after_change(
    *, before: Status, after: Status, due_at: datetime | None, paused_at: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """(due_at, paused_at) after a change: the time in 5, 6 and 8 does not count (Decree 61/2018, art. 17)."""
    if before not in PAUSED and after in PAUSED:
        return due_at, now
    if before in PAUSED and after not in PAUSED and paused_at is not None:
        return (workdays.resume(due_at, paused_at, now) if due_at else None), None
    return due_at, paused_at


def is_on_time(*, due_at: datetime | None, closed_at: datetime) -> bool:
    """A dossier without a limit is never late."""
    return due_at is None or closed_at <= due_at


def promised_at(promise: Mapping[str, Any], *, opened_at: datetime, now: datetime) -> datetime:
    """The day that a step promises for the whole case: calendar days from now, or working days from its receipt.

    Where the law counts from a step and not from the receipt (a complaint is settled within so many days of its
    acceptance), that step's package says `promises`.
    """
    if "calendar_days" in promise:
        return ends_at(now, int(promise["calendar_days"]))
    return workdays.due_at(opened_at, int(promise["working_days_from_receipt"]))


def limit_of(time_limit: Mapping[str, Any] | None, context: dict[str, Any]) -> int | None:
    """Working days within which a case is settled: of the first `cases` row that holds, or the general limit.

    context: `data`, the declaration, and `agency_kind`, who settles it. None where the law sets no limit.
    """
    if not time_limit:
        return None
    for row in time_limit.get("cases", ()):
        if expressions.holds(row["when"], context):
            return int(row["working_days"])
    return int(time_limit["working_days"])
