"""Health, metrics and the pages of last resort."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lienthong.blocks.access.demands import anyone, demand
from lienthong.config.middleware import problem_response
from lienthong.ground.errors import Forbidden, NotFound
from lienthong.ground.text import Text


@demand(anyone("an operator's probe carries no account"))
def health(_request: HttpRequest) -> HttpResponse:
    """200 where the database answers, 503 where it does not; nothing about anybody."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": False}, status=503)
    return JsonResponse({"status": "ok", "database": True})


@demand(anyone("Prometheus reads counters, which hold nothing about anybody"))
def metrics(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return problem_response(
        request,
        NotFound(
            "page-not-found",
            Text("Không có trang này.", "There is no such page."),
            Text(
                "Địa chỉ có thể đã gõ thiếu, hoặc trang không dành cho tài khoản của bạn.",
                "The address may be incomplete, or the page is not for your account.",
            ),
            Text(
                "Kiểm tra lại địa chỉ, hoặc bắt đầu từ trang chủ.",
                "Check the address, or start from the home page.",
            ),
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    del reason
    return problem_response(
        request,
        Forbidden(
            "form-expired",
            Text("Biểu mẫu này đã hết hạn.", "This form has expired."),
            Text(
                "Bạn có thể đã đăng xuất, hoặc đã mở trang quá lâu.",
                "You may have signed out, or the page was open for too long.",
            ),
            Text(
                "Quay lại trang trước, tải lại rồi gửi lần nữa.",
                "Go back, reload the page and send it again.",
            ),
        ),
    )
