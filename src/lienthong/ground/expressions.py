"""The one expression language of packages and registers: JMESPath, which reads and never runs.

In a template a string that begins with `=` is an expression over the context that the template names
(`case`, `data`, `steps` ... in a step; `data`, `found`, `today` in a register); `==` begins a plain string
with `=`. Besides JMESPath's own functions there are those of `Functions`; all are pure, none reads a clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, cast

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from lienthong.ground import formats, names, units, workdays

LENGTH_MAX: Final = 2_000
"""An expression longer than this is a program, and belongs into a room's rules."""

_PROVINCE_DIGITS: Final = 2
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class Functions(functions.Functions):
    """Dates are ISO strings (a moment counts as its day), numbers whole; nothing in, nothing out."""

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_age(self, born: str | None, on: str | None) -> int | None:
        """Completed years of age on a day (Civil Code 91/2015/QH13, art. 148)."""
        if not (born and on):
            return None
        one, other = _day(born), _day(on)
        return other.year - one.year - ((other.month, other.day) < (one.month, one.day))

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_days(self, start: str | None, end: str | None) -> int | None:
        """Days from one day to another; negative when the second lies before the first."""
        return (_day(end) - _day(start)).days if start and end else None

    @functions.signature({"types": ["string", "null"]}, {"types": ["number"]})
    def _func_add_days(self, day: str | None, count: int) -> str | None:
        return (_day(day) + timedelta(days=int(count))).isoformat() if day else None

    @functions.signature({"types": ["string", "null"]}, {"types": ["number"]})
    def _func_add_months(self, day: str | None, count: int) -> str | None:
        """The same day so many months on; the month's last where it has no such day."""
        return _months_on(_day(day), int(count)).isoformat() if day else None

    @functions.signature({"types": ["string", "null"]}, {"types": ["number"]})
    def _func_add_years(self, day: str | None, count: int) -> str | None:
        return _months_on(_day(day), 12 * int(count)).isoformat() if day else None

    @functions.signature({"types": ["string", "null"]}, {"types": ["number"]})
    def _func_add_working_days(self, day: str | None, count: int) -> str | None:
        """By the announced calendar of the administration."""
        return workdays.Calendar().add(_day(day), int(count)).isoformat() if day else None

    @functions.signature({"types": ["number"]}, {"types": ["number"]})
    def _func_add(self, one: int, other: int) -> int:
        return one + other

    @functions.signature({"types": ["number"]}, {"types": ["number"]})
    def _func_times(self, one: int, other: int) -> int:
        return one * other

    @functions.signature({"types": ["number"]}, {"types": ["number"]}, {"types": ["number"]})
    def _func_share(self, amount: int, part: int, whole: int) -> int:
        """Amount × part / whole, rounded half up to a whole number."""
        return (2 * int(amount) * int(part) + int(whole)) // (2 * int(whole))

    @functions.signature({"types": ["number", "string"]}, {"types": ["number"]})
    def _func_pad(self, number: int | str, width: int) -> str:
        """With zeros in front: pad(`7`, `5`) is 00007."""
        return str(number).zfill(int(width))

    @functions.signature({"types": ["string"]}, {"types": ["number"]}, {"types": ["number"]})
    def _func_part(self, text: str, start: int, end: int) -> str:
        """Characters from `start` up to `end`, counted from 0."""
        return text[int(start) : int(end)]

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_same_words(self, one: str | None, other: str | None) -> bool:
        """Whether two names are the same but for capitals, marks and spaces."""
        return names.search_key(one or "") == names.search_key(other or "")

    @functions.signature({"types": ["string", "null"]})
    def _func_search_key(self, text: str | None) -> str:
        """How the same name is known again: no capitals, marks or doubled spaces, its words by the alphabet."""
        return names.search_key(text or "")

    @functions.signature({"types": ["array", "null"]})
    def _func_distinct(self, rows: list[Any] | None) -> list[Any]:
        """Each value once, in the order of its first place."""
        found: list[Any] = []
        for row in rows or []:
            if row not in found:
                found.append(row)
        return found

    @functions.signature({"types": ["string", "null"]})
    def _func_upper(self, text: str | None) -> str:
        return (text or "").upper()

    @functions.signature({"types": ["string", "null"]})
    def _func_said_date(self, day: str | None) -> str:
        """25/11/2026."""
        return formats.date(_day(day)) if day else ""

    @functions.signature({"types": ["string", "null"]})
    def _func_iso_date(self, text: str | None) -> str | None:
        """2024-03-05 of 5/3/2024, 05-03-2024 or 05.03.2024, the day first; anything else as it is, to be refused."""
        found = _DAY_FIRST.fullmatch(text or "")
        if found is None:
            return text
        day, month, year = found.groups()
        return f"{year}-{int(month):02}-{int(day):02}"

    @functions.signature({"types": ["object", "null"]}, {"types": ["string", "number", "boolean", "null"]})
    def _func_choose(self, table: dict[str, Any] | None, word: Any) -> Any:
        """What a table has for a word; the word itself where it has none, to be refused where it does not fit."""
        return (table or {}).get(str(word), word)

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_place_name(self, unit: str | None, on: str | None) -> str:
        """`Phường Hoàn Kiếm, Thành phố Hà Nội`, by the unit's code and the day; empty where there is none."""
        if not (unit and on):
            return ""
        day = _day(on)
        if len(unit) <= _PROVINCE_DIGITS:
            return units.province(unit, day).name.vi
        commune = units.commune(unit, day)
        return f"{commune.name.vi}, {units.province(commune.province_code, day).name.vi}"

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_before(self, one: str | None, other: str | None) -> bool:
        """Whether a day comes before another; False where one is missing."""
        return bool(one and other) and _day(str(one)) < _day(str(other))


_OPTIONS: Final = jmespath.Options(custom_functions=Functions())


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _months_on(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@lru_cache(maxsize=8192)
def compiled(expression: str) -> ParsedResult:
    """Raise ValueError where the expression is not JMESPath, too long to be one, or asks for a part of a negation."""
    if len(expression) > LENGTH_MAX:
        raise ValueError(f"an expression has at most {LENGTH_MAX} characters, this one {len(expression)}")
    try:
        found = jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"{expression!r} is not a JMESPath expression: {error}") from error
    if _part_of_a_negation(cast("dict[str, Any]", found.parsed)):
        raise ValueError(f"{expression!r}: JMESPath reads !a.b as (!a).b, which is nothing; write !(a.b)")
    return found


def _part_of_a_negation(node: dict[str, Any]) -> bool:
    children: list[dict[str, Any]] = [child for child in node["children"] if isinstance(child, dict)]
    first = children[0]["type"] if children else ""
    if node["type"] == "subexpression" and first == "not_expression":
        return True
    return any(_part_of_a_negation(child) for child in children)


def value(expression: str, context: dict[str, Any]) -> Any:
    """Raise ValueError where a function is given what it does not take."""
    try:
        return compiled(expression).search(context, options=_OPTIONS)
    except JMESPathError as error:
        raise ValueError(f"{expression!r}: {error}") from error


def holds(expression: str, context: dict[str, Any]) -> bool:
    return bool(value(expression, context))


def fill(template: Any, context: dict[str, Any]) -> Any:
    """The template with every expression replaced by its value."""
    if isinstance(template, str):
        if template.startswith("=="):
            return template[1:]
        return value(template[1:], context) if template.startswith("=") else template
    if isinstance(template, dict):
        given = cast("dict[str, Any]", template)
        return {key: fill(item, context) for key, item in given.items()}
    if isinstance(template, list):
        return [fill(item, context) for item in cast("list[Any]", template)]
    return template


def expressions_in(template: Any) -> list[str]:
    """Every expression of a template, for the check of a package."""
    if isinstance(template, str):
        return [template[1:]] if template.startswith("=") and not template.startswith("==") else []
    if isinstance(template, dict):
        template = list(cast("dict[str, Any]", template).values())
    if isinstance(template, list):
        return [found for item in cast("list[Any]", template) for found in expressions_in(item)]
    return []
