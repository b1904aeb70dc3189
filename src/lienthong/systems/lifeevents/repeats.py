"""Repeated groups of questions on a page: "add one more" and "remove" are submit buttons, so no script is needed.

A box of group 1 of `members` is `members-1-who` (groups count from 0); `members-count` says how many are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from lienthong.blocks.casework.forms import FieldKind, FieldSpec, PageSpec


def box(field: FieldSpec, index: int, item: FieldSpec) -> str:
    """The name of a question's box in one group."""
    return f"{field.name}-{index}-{item.name}"


def count_box(field: FieldSpec) -> str:
    return f"{field.name}-count"


def shown(field: FieldSpec, answers: Mapping[str, Any], data: Any = None) -> int:
    """How many groups the page shows: as many as were sent or are stored, at least one, never too many."""
    if data is not None:
        given = str(data.get(count_box(field), ""))
        wanted = int(given) if given.isdecimal() and len(given) < 4 else 0  # noqa: PLR2004 - no number of groups is longer
    else:
        wanted = len(answers.get(field.name) or ())
    return min(max(wanted, field.least, 1), field.most)


def turned(page: PageSpec, data: QueryDict) -> QueryDict | None:
    """What was typed with one group more or one less, where such a button was pressed; else None."""
    for field in page.fields:
        if field.kind is not FieldKind.REPEAT:
            continue
        count = shown(field, {}, data)
        if data.get("add") == field.name:
            return _counted(data, field, min(count + 1, field.most))
        name, _, place = str(data.get("drop", "")).rpartition("-")
        if name == field.name and place.isdecimal() and int(place) < count:
            return _without(data, field, int(place), count)
    return None


def _counted(data: QueryDict, field: FieldSpec, count: int) -> QueryDict:
    changed = data.copy()
    changed[count_box(field)] = str(count)
    return changed


def _without(data: QueryDict, field: FieldSpec, place: int, count: int) -> QueryDict:
    """The groups after this one move up."""
    changed = _counted(data, field, max(count - 1, field.least, 1))
    before = {index: f"{field.name}-{index}-" for index in range(count)}
    for index in range(place, count):
        for key in [key for key in changed if key.startswith(before[index])]:
            del changed[key]
        if index + 1 < count:
            for key in [key for key in data if key.startswith(before[index + 1])]:
                changed.setlist(before[index] + key.removeprefix(before[index + 1]), data.getlist(key))
    return changed


def is_blank(row: Mapping[str, Any]) -> bool:
    """A group in which nothing was typed."""
    return all(value in (None, "") for value in row.values())


def kept(field: FieldSpec, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without groups at the end that were added and left empty."""
    rows = list(rows)
    while len(rows) > field.least and rows and is_blank(rows[-1]):
        rows.pop()
    return rows
