"""A channel's items of navigation, resolved when a page is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is a url name; `shown` says to whom; `roles`: one of them is needed, none means any."""

    label: Text
    name: str
    shown: Literal["always", "signed_in", "signed_out"] = "always"
    roles: frozenset[str] = frozenset()


def items_resolved(items: Iterable[Item], request: HttpRequest) -> list[dict[str, Any]]:
    """The items as the service navigation takes them; a name without a page yet is left out."""
    principal = getattr(request, "principal", None)
    signed_in, held = principal is not None, getattr(principal, "roles", frozenset[str]())
    unwanted = "signed_out" if signed_in else "signed_in"
    resolved: list[dict[str, Any]] = []
    for item in items:
        try:
            href = reverse(item.name)
        except NoReverseMatch:
            continue
        if item.shown != unwanted and (not item.roles or not item.roles.isdisjoint(held)):
            resolved.append({"text": item.label, "href": href})
    _mark_place(resolved, request.path)
    return resolved


def _mark_place(items: list[dict[str, Any]], path: str) -> None:
    """Marks the page that is shown, or else the nearest section above it; a home page is no section."""
    for item in items:
        item["current"] = item["href"] == path
    if any(item["current"] for item in items):
        return
    places = [item["href"].rstrip("/") + "/" for item in items]
    above = [
        item
        for item, place in zip(items, places, strict=True)
        if path.startswith(place) and not any(other != place and other.startswith(place) for other in places)
    ]
    if above:
        max(above, key=lambda item: len(item["href"]))["active"] = True
