"""Reads the principal from the session and enforces each route's demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string

from lienthong.blocks.access import selectors
from lienthong.blocks.access.demands import Demand, SignInNeeded
from lienthong.blocks.access.principals import Kind
from lienthong.ground.errors import Forbidden, Problem
from lienthong.ground.text import Text

SIGN_IN_ROUTES = {Kind.PERSON: "citizen:sign-in", Kind.OFFICER: "officer:sign-in"}


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.principal = selectors.principal_of_session(request.session)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.principal is not None:  # type: ignore[attr-defined]
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        wanted: Demand | None = getattr(view, "demand", None)
        try:
            if wanted is None:
                raise _undeclared()
            wanted.check(request.principal)  # type: ignore[attr-defined]
        except SignInNeeded as needed:
            if "text/html" not in request.headers.get("Accept", "text/html"):
                return _refused(request, needed)
            back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse(SIGN_IN_ROUTES[needed.kind])}?{back}")
        except Problem as problem:
            return _refused(request, problem)
        return None


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Django shows no middleware what `process_view` raises: the refusal is answered here."""
    answer: HttpResponse = import_string(settings.ACCESS_REFUSAL_VIEW)(request, problem)
    return answer


def _undeclared() -> Forbidden:
    return Forbidden(
        "route-without-demand",
        Text("Trang này chưa được mở.", "This page is not open."),
        Text("Trang chưa khai báo ai được vào.", "It does not declare who may enter."),
        Text("Hãy báo cho người vận hành hệ thống.", "Please tell the operator of the system."),
    )
