"""Life events: pages that group services by what happens to people, as data (content/life-events.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from lienthong.blocks.casework import finding
from lienthong.blocks.casework.package_source import Mistake, Source
from lienthong.ground import yamls
from lienthong.ground.text import Text
from lienthong.systems.procedures.selectors import ServiceCard, services_all


@dataclass(frozen=True, slots=True)
class EventService:
    """A service of an event, and when it concerns the reader."""

    card: ServiceCard
    why: Text

    @property
    def needs(self) -> list[Text]:
        return [Text(row["vi"], row["en"]) for row in self.card.package.get("needs", ())]

    @property
    def start(self) -> bool:
        """Whether it can be applied for online."""
        return bool(self.card.package.get("form"))


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A page of the portal: what happens, what you will need, and the services in force in their usual order."""

    code: str
    title: Text
    summary: Text
    words: tuple[str, ...]
    needs: tuple[Text, ...]
    services: tuple[EventService, ...]


def events_all(*, on: date) -> list[LifeEvent]:
    """The events of which at least one service is in force that day, as they are written."""
    cards = {card.code: card for card in services_all(on=on)}
    events = (_event(row, cards) for row in _rows(Path(settings.LIENTHONG_CONTENT) / "life-events.yaml"))
    return [event for event in events if event.services]


def event_get(*, code: str, on: date) -> LifeEvent | None:
    return next((event for event in events_all(on=on) if event.code == code), None)


def events_found(*, query: str, on: date) -> list[LifeEvent]:
    """Those that have all words of the query, the one that names them most first."""
    scored = [
        (finding.words_score(query, [event.title.vi, event.title.en, *event.words], event.summary), event)
        for event in events_all(on=on)
    ]
    return [event for score, event in sorted(scored, key=lambda row: -row[0]) if score > 0]


@cache
def _rows(path: Path) -> tuple[dict[str, Any], ...]:
    """Read once; a content folder without the file has no such pages."""
    return tuple(yamls.load(path.read_text(encoding="utf-8"))) if path.exists() else ()


def _event(row: dict[str, Any], cards: dict[str, ServiceCard]) -> LifeEvent:
    return LifeEvent(
        row["code"],
        Text(**row["title"]),
        Text(**row["summary"]),
        tuple(str(word) for word in row["words"]),
        tuple(Text(**need) for need in row["needs"]),
        tuple(
            EventService(cards[each["procedure"]], Text(**each["why"]))
            for each in row["services"]
            if each["procedure"] in cards
        ),
    )


def events_mistakes(path: Path, *, procedures: frozenset[str]) -> list[Mistake]:
    """Every mistake of the file with its line; procedures: the codes that there are."""
    source = Source.read(path)
    codes: set[str] = set()
    for at, row in source.rows((), source.value, "life events"):
        said = f"event «{row.get('code')}»"
        source.keys(at, row, "code title summary words needs services", "", said)
        if row.get("code") in codes:
            source.add((*at, "code"), f"{said} stands twice", "keep one of them")
        codes.add(str(row.get("code")))
        for name in ("title", "summary"):
            source.words((*at, name), row.get(name), f"the {name} of {said}")
        for here, need in source.rows((*at, "needs"), row.get("needs"), "needs"):
            source.words(here, need, f"a need of {said}")
        for here, each in source.rows((*at, "services"), row.get("services"), "services"):
            source.keys(here, each, "procedure why", "", f"a service of {said}")
            source.words((*here, "why"), each.get("why"), "«why»")
            if str(each.get("procedure")) not in procedures:
                what = f"the procedure «{each.get('procedure')}» is unknown"
                source.add((*here, "procedure"), what, "use a code of content/procedures")
    return source.mistakes
