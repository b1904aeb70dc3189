"""What a subsystem tells of its facts: the rows of its room, and its own rows in the blocks' views."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, cast, get_args

from django.db import connection
from psycopg import sql

from lienthong.blocks.exchange.models import Subsystem as SubsystemRow
from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.insight.contract import Column, Cursor, FactsAsked, FactsGiven, FactsPart, Kind
from lienthong.blocks.insight.views import HERE, View, views_here

SETTLED: Final = timedelta(seconds=2)
"""A row is told when it is so old: one that is being written carries a time before that of its commit."""
_KINDS: Final = frozenset(get_args(Kind))
_START: Final = Cursor(at=datetime.fromisoformat("0001-01-02T00:00:00+00:00"), key="")

Scope = dict[str, str]


def facts_list(request: FactsAsked, context: CallContext) -> FactsGiven:
    """A page over all views of the provider, the earliest recorded of each view first."""
    until = min(request.until, context.at - SETTLED)
    left, more = request.limit, False
    parts: list[FactsPart] = []
    views = views_here()
    for view in views:
        scope = scope_of(view, context.provider)
        if scope is None:
            continue
        after = request.after.get(view.name)
        rows, cut = _rows(view, scope, after, until, left)
        more, left = more or cut, left - len(rows)
        last = Cursor(at=rows[-1][1], key=rows[-1][0]) if rows else after
        columns = [Column(name=name, kind=_kind(kind)) for name, kind in view.columns]
        parts.append(
            FactsPart(view=view.name, columns=columns, rows=[list(row[2:]) for row in rows], end=last)
        )
    stays = [view.name for view in views if _stays(view, context.provider)]
    return FactsGiven(until=until, parts=parts, more=more, stays=stays)


def scope_of(view: View, provider: Subsystem) -> Scope | None:
    """The columns that say which rows are the provider's; None where the view is not its to tell.

    Its room's views; and those of the blocks that name the subsystem. What every instance has a copy of
    (members, packages) names none.
    """
    if view.stays:
        return None
    if view.room == f"systems.{provider.system}":
        return {} if _national(provider) or not view.has("agency") else {"agency": provider.member}
    if view.has("provider"):
        return {"provider": str(provider)}
    if view.has("system", "agency"):
        return {"system": provider.system, "agency": provider.member}
    return None


def _national(provider: Subsystem) -> bool:
    return SubsystemRow.objects.filter(name=str(provider), national=True).exists()


def _stays(view: View, provider: Subsystem) -> bool:
    """Kept here though it has rows: whoever reports has to know that they are missing."""
    if not view.stays or not (view.room == f"systems.{provider.system}" or view.room.startswith("blocks.")):
        return False
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select exists (select 1 from {})").format(sql.Identifier(HERE, view.name)))
        return bool(cursor.fetchone()[0])


def _rows(
    view: View, scope: Scope, after: Cursor | None, until: datetime, limit: int
) -> tuple[list[tuple[Any, ...]], bool]:
    """(key, recorded_at, every column as text) of up to `limit` rows, and whether there are more."""
    start = after or _START
    first = sql.SQL('({}::text collate "C")').format(sql.Identifier(view.columns[0][0]))
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name, _ in view.columns)
    own = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in scope]
    statement = sql.SQL(
        "select {first}, recorded_at, {texts} from {view} where {where} order by 2, 1 limit %s"
    ).format(
        first=first,
        texts=texts,
        view=sql.Identifier(HERE, view.name),
        where=sql.SQL(" and ").join(
            [
                sql.SQL("recorded_at >= %s and recorded_at <= %s"),
                sql.SQL("(recorded_at, {}) > (%s, %s)").format(first),
                *own,
            ]
        ),
    )
    values = [start.at, until, start.at, start.key, *scope.values(), limit + 1]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    return found[:limit], len(found) > limit


def _kind(kind: str) -> Kind:
    return cast("Kind", kind if kind in _KINDS else "text")
