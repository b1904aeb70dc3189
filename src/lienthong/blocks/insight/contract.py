"""How a room's facts travel: one service, the same for every room, that only the report's makers may call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from lienthong.blocks.exchange.contract import Action, Body, Service
from lienthong.ground.text import Text

PURPOSE: Final = "national-report"
LAW: Final = "Luật Dữ liệu 60/2024/QH15; Nghị định 194/2025/NĐ-CP; Nghị định 278/2025/NĐ-CP"
PAGE_MAX: Final = 2000

Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,62}$")]
Kind = Literal["bigint", "integer", "boolean", "uuid", "date", "timestamp with time zone", "numeric", "text"]


class Cursor(Body):
    """The last row that was taken: rows stand in the order of `recorded_at`, then of their first column."""

    at: datetime
    key: str


class Column(Body):
    name: Name
    kind: Kind


class FactsAsked(Body):
    """after: by view, where the last page ended; until: no row recorded later; limit: rows of all views."""

    after: dict[Name, Cursor] = Field(default_factory=dict)
    until: AwareDatetime
    limit: int = Field(default=500, ge=1, le=PAGE_MAX)


class FactsPart(Body):
    """One view's rows, their values as text (PostgreSQL's); end: the cursor after them."""

    view: Name
    columns: list[Column]
    rows: list[list[str | None]]
    end: Cursor | None


class FactsGiven(Body):
    """until: everything recorded up to then was or will be told; stays: views with rows that do not travel."""

    until: datetime
    parts: list[FactsPart]
    more: bool
    stays: list[Name]


def facts_service(system: str) -> Service:
    """`<system>/facts-list/v1`: rows of the room's fact views, in which nobody is named."""
    return Service(
        system,
        "facts-list",
        Text("Số liệu của hệ thống cho báo cáo quốc gia", "The system's facts for the national report"),
        Action.READ,
        FactsAsked,
        FactsGiven,
        LAW,
    )
