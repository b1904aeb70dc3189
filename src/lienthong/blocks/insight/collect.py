"""Facts of other instances, taken over page by page: a round asks for everything recorded since the last one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from lienthong.blocks.exchange.models import Subsystem as SubsystemRow
from lienthong.blocks.exchange.services import call
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.insight.contract import (
    PURPOSE,
    Cursor,
    FactsAsked,
    FactsGiven,
    FactsPart,
    facts_service,
)
from lienthong.blocks.insight.models import CollectedFact, FactCursor, FactSource
from lienthong.blocks.insight.views import views_of_others_make
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

OVERLAP: Final = timedelta(minutes=5)
"""A round begins so long before the end of the one before it: a row may come to light after its own time."""
PAGE: Final = 500


def sources_away() -> list[str]:
    """The subsystems that other instances of ours run."""
    rows = SubsystemRow.objects.filter(hosted=False, framed=True)
    return list(rows.order_by("name").values_list("name", flat=True))


def collect(*, source: str, client: str, seconds: float, page: int = PAGE) -> bool:
    """Go on with a source's round, or begin one; False where it is not over after so many seconds.

    A source that does not answer, or tells what is not its own, is written down with the reason, and its round
    is over until it is asked again.
    Every page is stored with its cursor, so that a killed job goes on where it stopped; a page that comes twice
    changes nothing.
    """
    end = time.monotonic() + seconds
    until = _round_begin(source)
    service = facts_service(Subsystem.parse(source).system).name
    while True:
        try:
            given = call(
                service,
                FactsAsked(after=_cursors(source), until=until, limit=page),
                client=client,
                provider=source,
                purpose=PURPOSE,
                shape=FactsGiven,
            )
            more = _page_store(source, given)
        except Problem as problem:
            FactSource.objects.filter(pk=source).update(problem=problem.as_dict(), tried_at=clock.now())
            return True
        if not more:
            return True
        if time.monotonic() > end:
            return False


def _round_begin(source: str) -> datetime:
    """Up to when the round asks; one that was interrupted goes on as it began."""
    with transaction.atomic():
        FactSource.objects.get_or_create(pk=source)
        row = FactSource.objects.select_for_update().get(pk=source)
        if row.round_until is not None:
            return row.round_until
        row.round_until = clock.now()
        row.save(update_fields=["round_until"])
        if row.known_until is not None:
            again = row.known_until - OVERLAP
            FactCursor.objects.filter(source=source, at__gt=again).update(at=again, key="")
        return row.round_until


def _cursors(source: str) -> dict[str, Cursor]:
    rows = FactCursor.objects.filter(source=source).exclude(at=None)
    return {row.view: Cursor(at=row.at, key=row.key) for row in rows}


def _page_store(source: str, given: FactsGiven) -> bool:
    """Rows and cursors in one transaction; True where the round has another page."""
    with transaction.atomic():
        FactSource.objects.select_for_update().get(pk=source)
        taken = [_part_store(source, part) for part in given.parts]
        more = given.more or "again" in taken
        if "new" in taken or "again" in taken:
            views_of_others_make()
        changes: dict[str, Any] = {"stays": given.stays, "problem": None, "tried_at": clock.now()}
        if not more:
            changes |= {"known_until": given.until, "round_until": None}
        FactSource.objects.filter(pk=source).update(**changes)
    return more


def _part_store(source: str, part: FactsPart) -> str:
    """`new`: the view was unknown; `again`: its columns changed, so it is taken over from the beginning."""
    row, new = FactCursor.objects.get_or_create(source_id=source, view=part.view)
    columns = [column.model_dump() for column in part.columns]
    if not new and row.columns != columns:
        CollectedFact.objects.filter(source=source, view=part.view).delete()
        row.columns, row.at, row.key = columns, None, ""
        row.save()
        return "again"
    names = [column.name for column in part.columns]
    facts = [dict(zip(names, values, strict=True)) for values in part.rows]
    _own_only(source, facts)
    rows = {
        str(fact[names[0]]): CollectedFact(
            source_id=source,
            view=part.view,
            key=str(fact[names[0]]),
            row=fact,
            happened_at=fact["happened_at"],
            recorded_at=fact["recorded_at"],
        )
        for fact in facts
    }
    CollectedFact.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["source", "view", "key"],
        update_fields=["row", "happened_at", "recorded_at"],
    )
    row.columns = columns
    if part.end is not None:
        row.at, row.key = part.end.at, part.end.key
    row.save()
    return "new" if new else "known"


def _own_only(source: str, facts: list[dict[str, str | None]]) -> None:
    """Raise Problem (422) where a row names another subsystem than the one that tells it."""
    name = Subsystem.parse(source)
    for fact in facts:
        of_case = (fact.get("system", name.system), fact.get("agency", name.member))
        told = fact.get("provider", source) == source
        if not told or ("system" in fact and "agency" in fact and of_case != (name.system, name.member)):
            raise Problem(
                "facts-of-others",
                Text(
                    "Số liệu nhận được không phải của hệ thống này.", "The facts are not this system's own."
                ),
                Text(f"{source} gửi số liệu của hệ thống khác.", f"{source} told facts of another system."),
                Text(
                    "Quản trị viên hai bên cần xem lại.", "The administrators of both have to look into it."
                ),
                status=422,
            )
