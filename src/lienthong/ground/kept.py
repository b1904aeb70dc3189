"""What a process remembers for some seconds of rows that seldom change: rights, versions in force, who provides."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Values by key. A change made elsewhere counts within `seconds`; what was not found is asked again at once."""

    _all: ClassVar[list[Kept[Any, Any]]] = []

    def __init__(self, *, seconds: float = 5.0, most: int = 20_000) -> None:
        self.seconds = seconds
        self.most = most
        self._values: dict[Key, tuple[float, Value]] = {}
        Kept._all.append(self)

    def get(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """The value that is remembered, or what `read` finds now."""
        now = time.monotonic()
        kept = self._values.get(key)
        if kept is not None and now - kept[0] < self.seconds:
            return kept[1]
        found = read()
        if found is None:
            self._values.pop(key, None)
            return None
        if len(self._values) >= self.most:
            self._values.clear()
        self._values[key] = (now, found)
        return found

    def forget(self) -> None:
        self._values.clear()

    @classmethod
    def all_forget(cls) -> None:
        """Everything that this process keeps so is read afresh."""
        for kept in cls._all:
            kept.forget()
