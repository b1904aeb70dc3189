"""A channel's items of navigation, resolved when a page is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is a url name; `shown` says to whom."""

    label: Text
    name: str
    shown: Literal["always", "signed_in", "signed_out"] = "always"


def items_resolved(items: Iterable[Item], request: HttpRequest) -> list[dict[str, Any]]:
    """The items as the service navigation takes them; a name without a page yet is left out."""
    signed_in = getattr(request, "principal", None) is not None
    unwanted = "signed_out" if signed_in else "signed_in"
    resolved: list[dict[str, Any]] = []
    for item in items:
        try:
            href = reverse(item.name)
        except NoReverseMatch:
            continue
        if item.shown != unwanted:
            resolved.append({"text": item.label, "href": href})
    _mark_place(resolved, request.path)
    return resolved


def _mark_place(items: list[dict[str, Any]], path: str) -> None:
    """Marks the page that is shown, or else the nearest section above it; a home page is no section."""
    for item in items:
        item["current"] = item["href"] == path
    if any(item["current"] for item in items):
        return
    depth = {item["href"]: item["href"].rstrip("/").count("/") for item in items}
    shallowest = min(depth.values(), default=0)
    above = [
        item
        for item in items
        if depth[item["href"]] > shallowest and path.startswith(item["href"].rstrip("/") + "/")
    ]
    if above:
        max(above, key=lambda item: len(item["href"]))["active"] = True
