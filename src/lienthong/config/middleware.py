"""One log line and one metric per request, and problems told in the reader's language."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from lienthong.config import metrics
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("lienthong.web")

UNAVAILABLE = Problem(
    "database-away",
    Text("Hệ thống tạm thời chưa trả lời được.", "The system cannot answer for the moment."),
    Text("Cơ sở dữ liệu đang khởi động lại.", "Its database is starting again."),
    Text(
        "Hãy thử lại sau ít phút. Những gì bạn đã gửi và nhận được xác nhận vẫn còn nguyên.",
        "Try again in a few minutes. Whatever you sent and saw confirmed is safe.",
    ),
    status=503,
)


class RequestLog:
    """Logs the route's name, never its path: a path may hold a person's number."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id[:64])
        response = self.get_response(request)
        match = request.resolver_match
        route = match.view_name if match else "unmatched"
        seconds = time.perf_counter() - began
        metrics.REQUESTS.labels(route, request.method or "?", response.status_code).inc()
        metrics.REQUEST_SECONDS.labels(route).observe(seconds)
        log.info(
            "request",
            route=route,
            method=request.method,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
        )
        response["X-Request-Id"] = request_id[:64]
        return response


class ProblemPages:
    """A Problem becomes a page, or JSON for who asked for it, with what, why and what next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError):
            log.error("database away", problem=type(exception).__name__)
            return problem_response(request, UNAVAILABLE)
        if isinstance(exception, Problem):
            log.info("problem", code=exception.code, status=exception.status)
            return problem_response(request, exception)
        return None


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", "") or request.path.startswith("/api/"):
        return JsonResponse(problem.as_dict(), status=problem.status)
    context = {
        "problem": problem,
        "sign_in": _sign_in(request) if problem.status == HTTPStatus.UNAUTHORIZED else "",
    }
    return render(request, "errors/problem.html", context, status=problem.status)


def _sign_in(request: HttpRequest) -> str:
    """Where to sign in, and come back from to what was asked for."""
    match = request.resolver_match
    channel = match.namespaces[0] if match and match.namespaces else "citizen"
    name = "citizen:sign-in" if channel == "citizen" else "officer:sign-in"
    query = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return reverse(name) + query
