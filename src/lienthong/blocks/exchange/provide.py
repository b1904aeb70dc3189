"""What this process provides: a room's `apps.py` binds each of its services to a handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel

from lienthong.blocks.exchange.contract import Event, Service
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Read:
    """One person's data was disclosed: `what` names the fields in words."""

    subject: str
    what: Text


@dataclass(slots=True)
class CallContext:
    """Who asks, for what purpose, in which case; handlers of personal services note whom they disclose."""

    message_id: str
    client: Subsystem
    provider: Subsystem
    purpose: str
    case: str
    officer: str
    at: datetime
    reads: list[Read] = field(default_factory=list)

    @property
    def agency(self) -> str:
        """The asking agency's identifier."""
        return self.client.member

    def note_read(self, subject: str, what: Text) -> None:
        self.reads.append(Read(subject, what))


Handler = Callable[[Any, CallContext], BaseModel]


class Offers:
    """By name; filled while Django starts."""

    services: ClassVar[dict[str, tuple[Service, Handler]]] = {}
    events: ClassVar[dict[str, Event]] = {}


def provide(service: Service, handler: Handler) -> None:
    Offers.services[service.name] = (service, handler)


def announce(events: Iterable[Event]) -> None:
    Offers.events.update({event.name: event for event in events})
