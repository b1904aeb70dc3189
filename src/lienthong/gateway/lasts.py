"""When each service behind this gateway last answered, and when it last did not: in memory, since the gateway's start.

Health data tells it, and the log would have to be read to its beginning for a service that is rarely asked. The
statistics of the last minutes come from the log itself (`soap_health`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERVICES_MAX: Final = 5000
"""Services beyond it are told only while they stand in the log's last minutes."""


@dataclass(frozen=True, slots=True)
class Named:
    """A service: its provider, its code, and the version of a SOAP service."""

    provider: str
    code: str
    version: str


@dataclass(slots=True)
class Last:
    """Milliseconds since 1970; None: not since the start."""

    good: int | None = None
    bad: int | None = None


class Lasts:
    """Of one gateway."""

    def __init__(self) -> None:
        self._found: dict[Named, Last] = {}

    def note(self, service: Named, *, good: bool, at: int) -> None:
        """at: milliseconds since 1970. The caller leaves out services that no configuration knows."""
        last = self._found.get(service)
        if last is None:
            if len(self._found) >= SERVICES_MAX:
                return
            last = self._found[service] = Last()
        if good:
            last.good = at
        else:
            last.bad = at

    def all(self) -> dict[Named, Last]:
        return dict(self._found)
