"""The machines' door as WSGI: what makes a page (session, cookies, language, policies) has no part in a frame."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from django.core.signals import request_finished, request_started
from django.db import OperationalError

from lienthong.channels.api.exchange import PATH, exchange, malformed
from lienthong.config.middleware import UNAVAILABLE, log, request_begin, request_told
from lienthong.gateway.frames import MEDIA_TYPE, SIZE_MAX
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_ROUTE: Final = "api:exchange"
_BROKEN: Final = Problem(
    "internal-error",
    Text("Hệ thống gặp lỗi.", "The system failed."),
    Text(
        "Một lỗi mà chúng tôi không lường trước đã xảy ra.", "Something went wrong that we did not foresee."
    ),
    Text(
        "Gửi lại thông điệp với cùng mã; nếu vẫn lỗi, báo cho cơ quan cung cấp kèm mã ở X-Request-Id.",
        "Send the message again with the same id; if it fails again, tell the provider, with X-Request-Id.",
    ),
    status=500,
)


class MachinesDoor:
    """`POST /api/exchange/` goes straight to the exchange; everything else to the pages.

    A frame or, where no signed answer can be given, a problem as JSON: 400 no frame, 405, 500, 503 database away.
    """

    def __init__(self, pages: Wsgi) -> None:
        self.pages = pages

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return self.pages(environ, start_response)
        began = time.perf_counter()
        method, request_id = environ["REQUEST_METHOD"], request_begin(environ.get("HTTP_X_REQUEST_ID"))
        request_started.send(sender=MachinesDoor, environ=environ)  # Django looks after its connections then
        try:
            status, media_type, body = _answer(environ)
        finally:
            request_finished.send(sender=MachinesDoor)
        request_told(_ROUTE, method, status, began)
        headers = [
            ("Content-Type", media_type),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("X-Request-Id", request_id),
        ]
        headers += [("Allow", "POST")] if status == HTTPStatus.METHOD_NOT_ALLOWED else []
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]


def _answer(environ: Environ) -> tuple[int, str, bytes]:
    """Status, media type and body."""
    try:
        return HTTPStatus.OK, MEDIA_TYPE, exchange(_frame(environ))
    except OperationalError as error:
        log.error("database away", problem=type(error).__name__)
        problem = UNAVAILABLE
    except Problem as told:
        log.info("problem", code=told.code, status=told.status)
        problem = told
    except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer and may send again
        log.exception("the machines' door failed")
        problem = _BROKEN
    return problem.status, "application/json", json.dumps(problem.as_dict()).encode()


def _frame(environ: Environ) -> bytes:
    if environ["REQUEST_METHOD"] != "POST":
        raise _post_only()
    length: str = environ.get("CONTENT_LENGTH") or ""
    if not length.isdigit() or int(length) > SIZE_MAX:
        raise malformed(f"Content-Length is needed, {SIZE_MAX} at most")
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _post_only() -> Problem:
    return Problem(
        "method-not-allowed",
        Text("Chỉ nhận POST.", "Only POST is taken here."),
        Text("Mỗi thông điệp được gửi bằng một lời gọi POST.", "Every message comes as a POST."),
        Text("Gửi lại theo docs/reference/exchange.md.", "Send it again as docs/reference/exchange.md says."),
        status=405,
    )
