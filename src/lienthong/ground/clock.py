"""The one settable clock. Whoever needs the time takes it as an argument or asks here, in Vietnam's zone.

`LIENTHONG_CLOCK`: an ISO moment; the clock stands there when the process starts and runs on.
`LIENTHONG_CLOCK_OFFSET`: seconds added to real time, so that several processes share one shifted clock.
`LIENTHONG_CLOCK_FILE`: a file that holds such an offset, read each time: one clock that is moved on while they run.
"""

import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")

Source = Callable[[], datetime]


def _real() -> datetime:
    return datetime.now(VIETNAM)


def source_from(environment: Mapping[str, str]) -> Source:
    """The clock that the environment asks for. Raises ValueError where a value is not understood."""
    if file := environment.get("LIENTHONG_CLOCK_FILE"):
        path = Path(file)
        return lambda: _real() + timedelta(seconds=float(path.read_text()))
    start = environment.get("LIENTHONG_CLOCK")
    if start:
        first, began = in_vietnam(datetime.fromisoformat(start)), time.monotonic()
        return lambda: first + timedelta(seconds=time.monotonic() - began)
    offset = environment.get("LIENTHONG_CLOCK_OFFSET")
    if offset:
        shift = timedelta(seconds=float(offset))
        return lambda: _real() + shift
    return _real


def in_vietnam(moment: datetime) -> datetime:
    """The same moment on Vietnam's clocks; a moment without a zone is read as Vietnam's."""
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)


@dataclass(slots=True)
class _State:
    source: Source | None = None


_STATE: Final = _State()


def now() -> datetime:
    """The moment, aware, in Asia/Ho_Chi_Minh."""
    source = _STATE.source
    if source is None:
        source = _STATE.source = source_from(os.environ)
    return in_vietnam(source())


def today() -> date:
    return now().date()


def set_source(source: Source | None) -> None:
    """Take the time from `source`; None goes back to what the environment says, read afresh."""
    _STATE.source = source


def move(path: Path, to: datetime) -> None:
    """Set the clock of all who read this file (`LIENTHONG_CLOCK_FILE`); it runs on from there."""
    made = path.with_name(f"{path.name}.new")
    made.write_text(str((to - _real()).total_seconds()))
    made.replace(path)


@contextmanager
def fixed(at: datetime) -> Generator[datetime]:
    """Hold the clock at `at`, in every thread of this process, until the block ends."""
    before = _STATE.source
    moment = in_vietnam(at)
    _STATE.source = lambda: moment
    try:
        yield moment
    finally:
        _STATE.source = before
