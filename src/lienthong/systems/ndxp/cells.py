"""Tables and facts of these pages: what a cell or a line shows, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lienthong.ground.text import Text
from lienthong.kit.components import render
from lienthong.kit.language import active
from lienthong.kit.shorthand import tag as tag_options

WHOLE = Text("Toàn bộ dịch vụ", "The whole service")


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its name for who does not see it; empty: what is said where there is no row."""

    label: Text
    head: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    empty: Text
    heading: Text | None = None
    note: Text | None = None
    next_page: str = ""
    narrow: bool = False  # a few short columns, which a phone shows whole


@dataclass(frozen=True, slots=True)
class Act:
    """A button that leads to a page."""

    label: Text
    href: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of facts and tables."""

    title: object
    caption: object = ""
    back: tuple[str, Text] | None = None
    lead: Text | None = None
    facts: Sequence[tuple[Any, ...]] = ()
    tables: Sequence[Table] = ()
    acts: Sequence[Act] = ()
    more: dict[str, Any] = field(default_factory=dict)


def said(value: object) -> str:
    return value.say(active()) if isinstance(value, Text) else str(value)


def link(href: str, label: object) -> dict[str, Any]:
    return {"html": format_html('<a class="govuk-link" href="{}">{}</a>', href, said(label))}


def code(value: str) -> dict[str, Any]:
    """An identifier: it may be broken anywhere, for it has no spaces."""
    return {"html": format_html('<code class="lt-code">{}</code>', value)}


def numeric(label: Text) -> dict[str, Any]:
    """The head of a column of numbers, which stand to the right."""
    return {"text": label, "format": "numeric"}


def tag(label: Text, colour: str) -> dict[str, Any]:
    return {"html": render("tag", tag_options(said(label), colour))}


def lines(values: Iterable[object]) -> dict[str, Any]:
    """Several values, one below the other."""
    return {"html": format_html_join(SafeString("<br>"), "{}", ((said(value),) for value in values))}


def endpoints(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found = [f"{method} {path}" for method, path in pairs]
    if not found:
        return {"text": WHOLE}
    return {
        "html": format_html_join(SafeString("<br>"), '<code class="lt-code">{}</code>', ((x,) for x in found))
    }


def following(parameter: str, value: object, **others: str) -> str:
    """The address of the next page of a list."""
    return "?" + urlencode({**{key: value for key, value in others.items() if value}, parameter: str(value)})
