"""The words in which a room publishes what it offers: services, events, and their bodies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from lienthong.ground.text import Text


class Body(BaseModel):
    """Base of every message body: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Done(Body):
    """The answer where nothing but the fact matters."""

    done: bool = True


class Action(StrEnum):
    READ = "read"
    WRITE = "write"  # takes effect once per message id


@dataclass(frozen=True)
class Service:
    """One offered service, named `<system>/<code>/v<version>`.

    personal: the answer discloses data of persons; the handler notes each one and they can see it.
    """

    system: str
    code: str
    title: Text
    action: Action
    request: type[BaseModel]
    answer: type[BaseModel]
    legal_basis: str
    personal: bool = False
    version: int = 1

    @property
    def name(self) -> str:
        return f"{self.system}/{self.code}/v{self.version}"


@dataclass(frozen=True)
class Event:
    """Something that happened, told to the subsystems that subscribe, each exactly once."""

    system: str
    code: str
    title: Text
    body: type[BaseModel]
    version: int = 1

    @property
    def name(self) -> str:
        return f"{self.system}/{self.code}/v{self.version}"


def schema(services: Iterable[Service], events: Iterable[Event] = ()) -> dict[str, Any]:
    """The published form of a room's contract, as JSON."""
    return {
        "services": {
            service.name: {
                "title": service.title.as_dict(),
                "action": service.action.value,
                "personal": service.personal,
                "legal_basis": service.legal_basis,
                "request": service.request.model_json_schema(),
                "answer": service.answer.model_json_schema(),
            }
            for service in services
        },
        "events": {
            event.name: {"title": event.title.as_dict(), "body": event.body.model_json_schema()}
            for event in events
        },
    }
