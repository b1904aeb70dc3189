"""Formulas as SQL over the schema `facts` only; identifiers are quoted, values are parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg import ClientCursor, sql

from lienthong.blocks.insight.rules import Formula, Measure, Span, rounded, span_of

ROWS_PAGE = 100
_AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class Query:
    """statement: composed SQL; text: the same as it can be read and run."""

    statement: sql.Composed
    parameters: list[Any]

    def text(self) -> str:
        connection.ensure_connection()
        with ClientCursor(connection.connection) as cursor:
            return str(cursor.mogrify(self.statement, self.parameters))


def conditions(
    formula: Formula, span: Span, as_of: datetime, *, also: Mapping[str, Any] | None = None
) -> tuple[sql.Composed, list[Any]]:
    """`where` of a formula: what was recorded by `as_of` and happened in the span."""
    parts: list[sql.Composable] = [sql.SQL("recorded_at <= %s"), sql.SQL("happened_at < %s")]
    values: list[Any] = [as_of, span.end]
    if span.start is not None:
        parts.append(sql.SQL("happened_at >= %s"))
        values.append(span.start)
    for column, wanted in {**(formula.where or {}), **(also or {})}.items():
        part, value = _condition(column, wanted, as_of)
        parts.append(part)
        values += value
    return sql.SQL(" and ").join(parts), values


def _condition(column: str, wanted: Any, as_of: datetime) -> tuple[sql.Composable, list[Any]]:
    name = sql.Identifier(column)
    if isinstance(wanted, list):
        return sql.SQL("{} = any(%s)").format(name), [wanted]
    if isinstance(wanted, dict):
        ((operator, value),) = wanted.items()
        value = as_of.date() if value == _AS_OF else value
        if operator == "prefix":
            return sql.SQL("starts_with({}, %s)").format(name), [value]
        signs = {"gte": sql.SQL(">="), "lte": sql.SQL("<="), "not": sql.SQL("<>")}
        return sql.SQL("{} {} %s").format(name, signs[operator]), [value]
    return sql.SQL("{} = %s").format(name), [wanted]


def _select(
    what: sql.Composable, formula: Formula, span: Span, as_of: datetime, also: Mapping[str, Any] | None = None
) -> Query:
    where, values = conditions(formula, span, as_of, also=also)
    view = sql.Identifier("facts", formula.view)
    return Query(sql.SQL("select {} from {} where {}").format(what, view, where), values)


def _number(query: Query) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query.statement, query.parameters)
        (value,) = cursor.fetchone()
    return value


def value_query(formula: Formula, span: Span, as_of: datetime) -> Query:
    """The one query whose number is the figure's, or its numerator's."""
    column = sql.Identifier(formula.column) if formula.column else sql.SQL("*")
    measures: dict[Measure, sql.Composable] = {
        Measure.COUNT: sql.SQL("count(*)"),
        Measure.PER_DAY: sql.SQL("count(*)"),
        Measure.SHARE: sql.SQL("count(*)"),
        Measure.DISTINCT: sql.SQL("count(distinct {})").format(column),
        Measure.SHARE_DISTINCT: sql.SQL("count(distinct {})").format(column),
        Measure.SUM: sql.SQL("coalesce(sum({}), 0)").format(column),
    }
    also = formula.of if formula.measure is Measure.SHARE else None
    return _select(measures[formula.measure], formula, span, as_of, also)


def value_of(formula: Formula, *, month: date, as_of: datetime) -> float | int | None:
    """The figure, or None where a share has nothing to be a share of."""
    span = span_of(formula.window, month=month, as_of=as_of)
    number = _number(value_query(formula, span, as_of))
    if formula.measure is Measure.SHARE:
        whole = _number(_select(sql.SQL("count(*)"), formula, span, as_of))
        return rounded(100 * number / whole) if whole else None
    if formula.measure is Measure.SHARE_DISTINCT:
        whole = value_of(formula.over, month=month, as_of=as_of) if formula.over else None
        return rounded(100 * number / whole) if whole else None
    if formula.measure is Measure.PER_DAY:
        return rounded(number / span.days())
    return rounded(float(number) * formula.factor) if number is not None else None


def rows_count(formula: Formula, *, month: date, as_of: datetime) -> int:
    """How many rows the figure stands on."""
    span = span_of(formula.window, month=month, as_of=as_of)
    return int(_number(_select(sql.SQL("count(*)"), formula, span, as_of)))


def rows_page(
    formula: Formula, *, month: date, as_of: datetime, offset: int = 0
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows) behind a figure, the latest first, a page at a time."""
    span = span_of(formula.window, month=month, as_of=as_of)
    query = _select(sql.SQL("*"), formula, span, as_of)
    statement = sql.SQL("{} order by happened_at desc, 1 limit %s offset %s").format(query.statement)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*query.parameters, ROWS_PAGE, offset])
        return [column.name for column in cursor.description], cursor.fetchall()
