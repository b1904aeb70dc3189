"""Writing many rows at once: COPY for a first load, one statement for the rows of one small transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import AutoField, Model
from psycopg import sql

Row = TypeVar("Row", bound=Model)
STEP = 1000


def rows_copy(model: type[Row], rows: Iterable[Row], *, progress: Callable[[int], Any] | None = None) -> int:
    """COPY unsaved instances into their table, in the caller's transaction; the number of rows."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    names = sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields)
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(model._meta.db_table), names)
    written = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(field, row) for field in fields])
            written += 1
            if progress is not None and written % STEP == 0:
                progress(STEP)
    if progress is not None:
        progress(written % STEP)
    return written


def rows_insert(rows: Sequence[Model]) -> None:
    """Insert unsaved instances of any models in one statement, in the caller's transaction.

    Keys among the rows are checked at its end. Identities that the database gives are not read back.
    """
    of_model: dict[type[Model], list[Model]] = {}
    for row in rows:  # rows of one model stay in order, and so do the identities that they get
        of_model.setdefault(type(row), []).append(row)
    statement = _insert_statement(tuple((model, len(group)) for model, group in of_model.items()))
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection)  # noqa: FBT003 - Django's signature
        for group in of_model.values()
        for row in group
        for field in _fields(type(row))
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@lru_cache(maxsize=256)
def _fields(model: type[Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not isinstance(field, AutoField))


@lru_cache(maxsize=256)
def _insert_statement(models: tuple[tuple[type[Model], int], ...]) -> str:
    parts = []
    for model, count in models:
        names = [connection.ops.quote_name(str(field.column)) for field in _fields(model)]
        holders = ", ".join([f"({', '.join(['%s'] * len(names))})"] * count)
        table = connection.ops.quote_name(model._meta.db_table)
        parts.append(f"insert into {table} ({', '.join(names)}) values {holders}")
    with_ = ", ".join(f"r{index} as ({part})" for index, part in enumerate(parts[:-1]))
    return f"with {with_} {parts[-1]}" if with_ else parts[-1]


def _value(field: Any, row: Model) -> Any:
    value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
    return getattr(value, "adapted", value)
