"""What every page's template may count on."""

from importlib import import_module
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lienthong.ground.language import ENGLISH, VIETNAMESE
from lienthong.kit.language import active
from lienthong.kit.navigation import items_resolved

CHANNELS: Final = ("citizen", "officer", "console")


def layout(request: HttpRequest) -> dict[str, Any]:
    """`layout` (a template), `channel`, `language`, `principal`, `other_language_url`, both navigations."""
    channel = _channel(request)
    language = getattr(request, "language", active())
    other = VIETNAMESE if language == ENGLISH else ENGLISH
    return {
        "layout": f"{channel}/layout.html",
        "channel": channel,
        "language": language,
        "principal": getattr(request, "principal", None),
        "other_language_url": _url_in(request, other),
        "languages": [
            {"text": text, "lang": code, "current": code == language, "href": _url_in(request, code)}
            for code, text in ((VIETNAMESE, "Tiếng Việt"), (ENGLISH, "English"))
        ],
        "navigation": SimpleLazyObject(lambda: _navigation(request, channel)),
    }


def _channel(request: HttpRequest) -> str:
    match = request.resolver_match
    namespaces = match.namespaces if match else []
    return namespaces[0] if namespaces and namespaces[0] in CHANNELS else "citizen"


def _navigation(request: HttpRequest, channel: str) -> list[dict[str, Any]]:
    return items_resolved(import_module(f"lienthong.channels.{channel}.navigation").ITEMS, request)


def _url_in(request: HttpRequest, language: str) -> str:
    """This page in `language`: a relative address, so that a path like `//elsewhere` leads nowhere else."""
    query = request.GET.copy()
    query["lang"] = language
    return f"?{query.urlencode()}"
