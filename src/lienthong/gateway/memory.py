"""How much of bodies a gateway holds at once: beyond it a caller is told to come back, and nobody else is slowed.

Counted is what has come, not what was announced: a slow client that announces much keeps nobody else's place.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar


class MemoryFullError(RuntimeError):
    """All the memory for bodies is in use."""


class Held:
    """What one exchange, or one reading, has of the gateway's memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.count = 0

    def add(self, count: int) -> None:
        """MemoryFullError where so many bytes are not free."""
        if count > self._memory.free:
            raise MemoryFullError
        self.count += count
        self._memory.used += count

    def become(self, count: int) -> None:
        """So many from now on. MemoryFullError as `add`."""
        self.add(count - self.count)

    def give_back(self) -> None:
        self._memory.used -= self.count
        self.count = 0


_CURRENT: ContextVar[Held | None] = ContextVar("held", default=None)


class Memory:
    """One a gateway, for both its sides."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0

    @property
    def free(self) -> int:
        return self.most - self.used

    def begin(self) -> Held:
        """For a task that hands on what it read: held until it is given back."""
        held = Held(self)
        _CURRENT.set(held)
        return held

    @contextmanager
    def held(self) -> Generator[Held]:
        """What is read in its course, by this task or by those that it starts, is held until its end."""
        held = Held(self)
        token = _CURRENT.set(held)
        try:
            yield held
        finally:
            _CURRENT.reset(token)
            held.give_back()


def hold(count: int) -> None:
    """Count bytes that were read for the exchange under way. MemoryFullError; nothing is counted outside of one."""
    held = _CURRENT.get()
    if held is not None:
        held.add(count)


def let_go() -> None:
    """What was read for the exchange under way has been handed on."""
    held = _CURRENT.get()
    if held is not None:
        held.give_back()
