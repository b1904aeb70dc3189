"""Writing many rows at once: COPY for a first load, one statement for the rows of one small transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, KeysView, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import NOT_PROVIDED, AutoField, BinaryField, Model
from procrastinate.contrib.django import app
from psycopg import sql
from pydantic_core import to_json

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


Statement = tuple[str, list[Any]]
"""SQL and its values."""


class NewRow:
    """A row that is written and not looked at again: a model's instance would cost ten times as much to make.

    values: by column (`case_id`); what is left out has its field's default. TypeError for another name, and where a
    default is made anew for each row and none is given.
    """

    __slots__ = ("model", "values")

    def __init__(self, model: type[Model], **values: Any) -> None:
        table = _table(model)
        self.model = model
        self.values = table.defaults | values
        if self.values.keys() != table.columns:
            wrong = sorted(self.values.keys() ^ table.columns)
            raise TypeError(f"{model.__name__}: {', '.join(wrong)}: unknown, or to be given")


def rows_insert(rows: Sequence[Model | NewRow], *, besides: Statement | None = None) -> None:
    """Insert unsaved instances of any models in one statement, in the caller's transaction.

    Keys among the rows are checked at its end. Identities that the database gives are not read back. The rows of a
    model go as one JSON array: whatever their number, the statement is the same, and PostgreSQL plans it once.
    besides: an update, or `jobs_deferred`, that goes the same way with them.
    """
    of_model: dict[type[Model], list[dict[str, Any]]] = {}
    for row in rows:  # rows of one model stay in order, and so do the identities that they get
        if isinstance(row, NewRow):
            of_model.setdefault(row.model, []).append(row.values)
        else:
            held = row.__dict__
            given = {name: held[name] for name in _table(type(row)).columns}
            of_model.setdefault(type(row), []).append(given)
    values = [_json(group) for group in of_model.values()]
    last, more = besides or ("", [])
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(tuple(of_model), last), [*values, *more])
    for row in rows:  # what is saved later is an update
        if isinstance(row, Model):
            row._state.adding, row._state.db = False, connection.alias


def jobs_deferred(task_name: str, jobs: Iterable[tuple[dict[str, Any], str | None]]) -> Statement | None:
    """The statement that enqueues jobs of a task, each with its arguments and queueing lock; None where there are none.

    As procrastinate's own `defer` does it, in its function, but on the way of the rows that need the jobs.
    """
    task = app.tasks[task_name]
    rows = [
        {
            "queue_name": task.queue,
            "task_name": task.name,
            "priority": task.priority,
            "lock": task.lock,
            "queueing_lock": lock,
            "args": arguments,
            "scheduled_at": None,
        }
        for arguments, lock in jobs
    ]
    return (_DEFER, [_json(rows)]) if rows else None


_DEFER: Final = (
    "select procrastinate_defer_jobs_v1(array("
    "select job from json_populate_recordset(null::procrastinate_job_to_defer_v1, %s::json) job))"
)


@dataclass(frozen=True, slots=True)
class _Table:
    """columns: those that are given, in order, named as the model's attributes are; defaults: the constant ones."""

    columns: KeysView[str]
    defaults: dict[str, Any]


_CONSTANT: Final = (dict, list, NOT_PROVIDED)


@lru_cache(maxsize=64)
def _table(model: type[Model]) -> _Table:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    if odd := [f.name for f in fields if f.column != f.attname or isinstance(f, BinaryField)]:
        raise TypeError(f"{model.__name__}: {', '.join(odd)} cannot be inserted so")
    given = {f for f in fields if (callable(f.default) and f.default not in _CONSTANT) or not _has_default(f)}
    return _Table(
        {str(field.attname): None for field in fields}.keys(),
        {str(f.attname): f.get_default() for f in fields if f not in given},
    )


def _has_default(field: Any) -> bool:
    """Whether Django gives the attribute a value of its own: the default, None, or the empty text."""
    if field.has_default() or not field.has_db_default():
        return field.null or field.get_default() is not None
    return False


@lru_cache(maxsize=256)
def _insert_statement(models: tuple[type[Model], ...], last: str) -> str:
    quote = connection.ops.quote_name
    parts = []
    for model in models:
        table, names = quote(model._meta.db_table), ", ".join(map(quote, _table(model).columns))
        given = f"json_populate_recordset(null::{table}, %s::json)"
        parts.append(f"insert into {table} ({names}) select {names} from {given}")
    parts += [last] if last else []
    with_ = ", ".join(f"r{index} as ({part})" for index, part in enumerate(parts[:-1]))
    return f"with {with_} {parts[-1]}" if with_ else parts[-1]


def _json(value: Any) -> str:
    """Moments, dates and UUIDs as PostgreSQL reads them; what is no number in JSON it refuses."""
    return to_json(value, inf_nan_mode="constants").decode()


def _value(field: Any, row: Model) -> Any:
    value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
    return getattr(value, "adapted", value)
