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
        request_id = request_begin(request.headers.get("X-Request-Id"))
        response = self.get_response(request)
        match = request.resolver_match
        request_told(
            match.view_name if match else "unmatched", request.method or "?", response.status_code, began
        )
        response["X-Request-Id"] = request_id
        return response


def request_begin(given: str | None) -> str:
    """The id of a request, the caller's own or a new one, from now on in every line of its log."""
    request_id = (given or uuid.uuid4().hex)[:64]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def request_told(route: str, method: str, status: int, began: float) -> None:
    """The request's line in the log and in the metrics; began: of `perf_counter`."""
    seconds = time.perf_counter() - began
    metrics.REQUESTS.labels(route, method, status).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)
    log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 1))


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
