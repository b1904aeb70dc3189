"""What the catalogue of procedures offers to other systems."""

from __future__ import annotations

from datetime import date

from lienthong.blocks.exchange.contract import Action, Body, Service
from lienthong.ground.text import Text


class Wanted(Body):
    on: date


class Words(Body):
    vi: str
    en: str


class Entry(Body):
    """level: full (toàn trình), partial (một phần)."""

    code: str
    version: int
    name: Words
    level: str
    agency_kind: str


class Catalogue(Body):
    procedures: list[Entry]


LIST = Service(
    "procedures",
    "list",
    Text("Danh mục thủ tục", "List of procedures"),
    Action.READ,
    Wanted,
    Catalogue,
    "Nghị định 63/2010/NĐ-CP; Nghị định 118/2025/NĐ-CP",
)
SERVICES = (LIST,)
EVENTS = ()
GRANTS = (("onestop", LIST.name, "linked-procedure"), ("lifeevents", LIST.name, "linked-procedure"))
