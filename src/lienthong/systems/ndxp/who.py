"""Who enters these pages, and whose things they see there."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

from lienthong.blocks.access.demands import officer
from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange.granting import Actor
from lienthong.ground.errors import Forbidden
from lienthong.ground.text import Text

READERS: Final = officer(Role.OPERATOR, Role.COMMITTEE, Role.ENGINEER)
MANAGERS: Final = officer(Role.OPERATOR, Role.ENGINEER)
OPERATORS: Final = officer(Role.OPERATOR)
ENGINEERS: Final = officer(Role.ENGINEER)


def scope(request: HttpRequest) -> str | None:
    """The one agency whose things are shown; None for who sees all."""
    by = principal_of(request)
    return None if by.holds(Role.OPERATOR, Role.COMMITTEE) else by.agency


def may_manage(by: Principal, agency: str) -> bool:
    """An operator manages every agency's systems; an engineer those of the own agency. Rights are another matter."""
    return by.holds(Role.OPERATOR) or (by.holds(Role.ENGINEER) and by.agency == agency)


def manage_check(by: Principal, agency: str) -> None:
    """Forbidden unless `may_manage`."""
    if not may_manage(by, agency):
        raise Forbidden(
            "not-own-agency",
            Text("Bạn không quản lý hệ thống này.", "You do not manage this system."),
            Text(f"Hệ thống thuộc cơ quan {agency}.", f"It belongs to the agency {agency}."),
            Text("Liên hệ kỹ sư kết nối của cơ quan đó.", "Ask that agency's engineers."),
        )


def actor(request: HttpRequest) -> Actor:
    by = principal_of(request)
    return Actor(by.subject, by.agency)
