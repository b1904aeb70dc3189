"""The schema `facts`: for each view one name, whether its rows stand here or were told by another instance.

The views of this instance's rooms lie in the schema `facts_here`; `facts` puts the collected rows beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from psycopg import sql

from lienthong.blocks.insight.models import CollectedFact, FactCursor

HERE: Final = "facts_here"
_OWN: Final = ("happened_at", "recorded_at")
"""Columns that a collected row also has by itself, where an index finds them."""


@dataclass(frozen=True, slots=True)
class View:
    """room: `systems.civilstatus`; stays: why its rows do not leave the instance; columns: (name, type)."""

    name: str
    room: str
    stays: str
    columns: tuple[tuple[str, str], ...]

    def has(self, *names: str) -> bool:
        return set(names) <= {name for name, _ in self.columns}


def views_drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"drop schema if exists facts, {HERE} cascade")


def views_make(files: Mapping[str, Path]) -> None:
    """Make every view anew. files: `facts.sql` by room.

    A file writes its views into `facts`; a comment on one that begins with «stays» keeps its rows here.
    """
    with transaction.atomic():
        views_drop()
        with connection.cursor() as cursor:
            cursor.execute(f"create schema facts; create schema {HERE}")
            for room, path in files.items():
                cursor.execute(path.read_text(encoding="utf-8"))
                cursor.execute(
                    "select c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') from pg_class c"
                    " where c.relnamespace = 'facts'::regnamespace and c.relkind = 'v'"
                )
                for name, comment in cursor.fetchall():
                    about = json.dumps({"room": room, "stays": comment}, ensure_ascii=False)
                    given, kept = sql.Identifier("facts", name), sql.Identifier(HERE, name)
                    cursor.execute(sql.SQL("alter view {} set schema {}").format(given, sql.Identifier(HERE)))
                    cursor.execute(sql.SQL("comment on view {} is {}").format(kept, sql.Literal(about)))
        for view in views_here():
            _union_make(view.name, view.columns, local=True)
        views_of_others_make()


def views_here() -> list[View]:
    """The views of the rooms of this instance, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, obj_description(c.oid, 'pg_class'),"
            " array_agg(a.attname::text order by a.attnum),"
            " array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum)"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
            " where n.nspname = %s and c.relkind = 'v' group by c.oid, c.relname order by c.relname",
            [HERE],
        )
        rows = cursor.fetchall()
    return [
        View(name, **json.loads(about), columns=tuple(zip(names, types, strict=True)))
        for name, about, names, types in rows
    ]


def views_of_others_make() -> None:
    """A view for what only other instances have, with the columns that they told."""
    here = {view.name for view in views_here()}
    shapes: dict[str, dict[str, str]] = {}
    for view, columns in FactCursor.objects.exclude(view__in=here).values_list("view", "columns"):
        shape = shapes.setdefault(view, {})
        for column in columns:
            known = shape.setdefault(column["name"], column["kind"])
            if known != column["kind"]:  # two versions of a room: text holds both
                shape[column["name"]] = "text"
    for view, shape in sorted(shapes.items()):
        _union_make(view, tuple(shape.items()), local=False)


def _union_make(name: str, columns: tuple[tuple[str, str], ...], *, local: bool) -> None:
    view, collected = sql.Identifier("facts", name), sql.Identifier(CollectedFact._meta.db_table)  # noqa: SLF001
    told = sql.SQL(", ").join(_told(column, kind) for column, kind in columns)
    # A system that came home brought its rows along.
    away = sql.SQL("source_id in (select name from exchange_subsystem where not hosted)")
    select = sql.SQL("select {} from {} where view = {} and {}").format(
        told, collected, sql.Literal(name), away
    )
    if local:
        names = sql.SQL(", ").join(sql.Identifier(column) for column, _ in columns)
        here = sql.SQL("select {} from {}").format(names, sql.Identifier(HERE, name))
        select = sql.SQL("{} union all {}").format(here, select)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop view if exists {}").format(view))
        cursor.execute(sql.SQL("create view {} as {}").format(view, select))


def _told(column: str, kind: str) -> sql.Composable:
    name = sql.Identifier(column)
    if column in _OWN:
        return name
    value = sql.SQL("(row ->> {})::{}").format(sql.Literal(column), sql.SQL(kind))  # type: ignore[arg-type]
    return sql.SQL("{} as {}").format(value, name)
