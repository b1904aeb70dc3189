"""When an exchange came in, went out, came back: noted on its way, written into its row of the message log.

Kept beside the running task, so that nothing in between has to carry it: an exchange of two systems of one gateway has
the consumer's times, and within them the provider's.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_THOUSAND: Final = 1000


@dataclass(slots=True)
class Times:
    """Milliseconds since 1970, as PR-OPMON counts; None for what did not happen."""

    request_in: int
    request_out: int | None = None
    response_in: int | None = None


_current: ContextVar[Times | None] = ContextVar("exchange", default=None)


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * _THOUSAND)


def begin(at: datetime) -> Token[Times | None]:
    return _current.set(Times(milliseconds(at)))


def resume(times: Times | None) -> Token[Times | None]:
    """For what goes on with an exchange after its `end`: an answer that streams."""
    return _current.set(times)


def end(token: Token[Times | None]) -> None:
    _current.reset(token)


def current() -> Times | None:
    return _current.get()


def sent(at: datetime) -> None:
    """The request went out, to the other gateway or to the system."""
    if (times := _current.get()) is not None:
        times.request_out = milliseconds(at)


def received(at: datetime) -> None:
    """The response came in."""
    if (times := _current.get()) is not None:
        times.response_in = milliseconds(at)
