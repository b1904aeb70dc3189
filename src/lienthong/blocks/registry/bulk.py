"""Bringing in many rows at once by COPY: a first load, or a nation made for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model
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


def _value(field: Any, row: Model) -> Any:
    value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
    return getattr(value, "adapted", value)
