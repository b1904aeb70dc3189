"""Short forms of options: what a page says, turned into what a component takes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.http import QueryDict

from lienthong.ground.formats import number
from lienthong.ground.language import ENGLISH
from lienthong.ground.text import Text


def words(vi: Any, en: Any, language: str) -> Any:
    """One of two strings; or a Text or {"vi", "en"} said in `language`; anything else as it is."""
    if en is not None:
        return en if language == ENGLISH else vi
    if isinstance(vi, Text):
        return vi.say(language)
    if isinstance(vi, Mapping) and "vi" in vi:
        return vi.get(language) or vi["vi"]
    return vi


def text(value: Any) -> dict[str, Any]:
    """Words as an option; a dictionary is taken as the option that it already is."""
    if isinstance(value, Mapping):
        return dict(value)
    return {"text": value}


def cell(value: Any, language: str) -> dict[str, Any]:
    """A cell of a table; numbers are written as the language does and stand to the right."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"text": number(value, language), "format": "numeric"}
    return text(value)


def link(item: Any) -> dict[str, Any]:
    if isinstance(item, Mapping):
        return dict(item)
    label, href = item
    return {"text": label, "href": href}


def tag(label: Any, colour: str) -> dict[str, Any]:
    return {"text": label, "classes": f"govuk-tag--{colour}" if colour else ""}


_CHANGE = Text("Sửa", "Change")


def row(item: Any) -> dict[str, Any]:
    """A row of a summary list."""
    if isinstance(item, Mapping):
        return dict(item)
    key, value, *change = item
    made: dict[str, Any] = {"key": text(key), "value": text(value)}
    if change and change[0]:
        made["actions"] = {"items": [{"href": change[0], "text": _CHANGE, "visuallyHiddenText": key}]}
    return made


def task(item: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a task list; a status with a colour is a tag, one without is plain words."""
    title, status, hint = item["title"], item.get("status", ""), item.get("hint")
    if isinstance(title, Mapping):
        return dict(item)
    colour = item.get("colour", "")
    return {
        "title": text(title),
        "href": item.get("href"),
        "hint": text(hint) if hint else None,
        "status": {"tag": tag(status, colour)} if colour else text(status),
    }


def pages(page: Page, query: QueryDict | None, parameter: str) -> dict[str, Any]:
    """Options of a pagination: first, last and the neighbours of this page, dots between."""

    def href(place: int | str) -> str:
        parts = QueryDict(mutable=True) if query is None else query.copy()
        parts[parameter] = str(place)
        return f"?{parts.urlencode()}"

    items: list[dict[str, Any]] = []
    for place in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if isinstance(place, int):
            items.append({"number": place, "href": href(place), "current": place == page.number})
        else:
            items.append({"ellipsis": True})
    options: dict[str, Any] = {"items": items}
    if page.has_previous():
        options["previous"] = {"href": href(page.previous_page_number())}
    if page.has_next():
        options["next"] = {"href": href(page.next_page_number())}
    return options
