"""How far the facts of other instances are known: a report says which it lacks, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.insight.collect import sources_away
from lienthong.blocks.insight.models import FactCursor, FactSource
from lienthong.blocks.insight.rules import Formula
from lienthong.blocks.insight.views import View, views_here
from lienthong.ground.clock import in_vietnam


@dataclass(frozen=True, slots=True)
class Source:
    """A subsystem of another instance, at the moment of a report.

    complete: everything recorded by that moment is here; views: what it tells, None before its first answer;
    stays: views of which it has rows that do not travel; problem: why it was not reached the last time.
    """

    name: str
    complete: bool
    known_until: datetime | None
    views: frozenset[str] | None
    stays: frozenset[str]
    problem: dict[str, Any] | None

    def lacks(self, view: str, here: dict[str, View]) -> bool:
        """Whether rows of the view may be missing. Of a source that never answered, what it could tell counts."""
        if view in self.stays:
            return True
        if self.complete:
            return False
        if self.views is not None:
            return view in self.views
        known = here.get(view)
        return (
            known is None
            or known.room == f"systems.{Subsystem.parse(self.name).system}"
            or known.has("provider")
            or known.has("system", "agency")
        )

    def as_dict(self) -> dict[str, Any]:
        """Of a complete source nothing that changes from one day to the next."""
        if self.complete:
            return {"subsystem": self.name, "complete": True, "known_until": None, "problem": None}
        until = in_vietnam(self.known_until).isoformat() if self.known_until else None
        return {
            "subsystem": self.name,
            "complete": False,
            "known_until": until,
            "problem": self.problem["why"] if self.problem else None,
        }


def sources_at(as_of: datetime) -> list[Source]:
    """Every subsystem that another instance runs, by name."""
    rows = {row.pk: row for row in FactSource.objects.all()}
    views: dict[str, set[str]] = {}
    for name, view in FactCursor.objects.values_list("source_id", "view"):
        views.setdefault(name, set()).add(view)
    found: list[Source] = []
    for name in sources_away():
        row = rows.get(name) or FactSource(name=name)
        until = row.known_until
        told = frozenset(views[name]) if name in views else None
        found.append(
            Source(
                name,
                complete=until is not None and until >= as_of,
                known_until=until,
                views=told,
                stays=frozenset(row.stays),
                problem=row.problem,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of others at a moment. here: this instance's own views by name."""

    sources: list[Source]
    here: dict[str, View]

    def lacking(self, formula: Formula) -> list[str]:
        """The sources of which a figure may lack rows."""
        wanted = {formula.view} | ({formula.over.view} if formula.over else set())
        return [row.name for row in self.sources if any(row.lacks(view, self.here) for view in wanted)]


def known_at(as_of: datetime) -> Known:
    return Known(sources_at(as_of), {view.name: view for view in views_here()})
