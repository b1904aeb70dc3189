"""The machines' door: a signed question comes in, a signed answer goes out. The signature says who asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lienthong.blocks.access.demands import anyone, demand
from lienthong.blocks.exchange.dispatch import receive
from lienthong.gateway.frames import MEDIA_TYPE, SIZE_MAX, FrameError, answer_encode, request_decode
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text


@csrf_exempt
@require_POST
@demand(anyone("every message is signed by its sender and checked against an agreement"))
def exchange(request: HttpRequest) -> HttpResponse:
    """POST a frame. 400 where the bytes are none; every other refusal is a signed answer."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > SIZE_MAX:
        raise _malformed(f"Content-Length is needed, {SIZE_MAX} at most")
    try:
        frame = request_decode(request.body)
    except FrameError as error:
        raise _malformed(str(error)) from error
    return HttpResponse(answer_encode(receive(frame)), content_type=MEDIA_TYPE)


def _malformed(why: str) -> Problem:
    return Problem(
        "frame-malformed",
        Text("Không đọc được thông điệp.", "The message cannot be read."),
        Text(f"Lý do: {why}.", f"Because: {why}."),
        Text("Gửi lại theo docs/reference/exchange.md.", "Send it again as docs/reference/exchange.md says."),
        status=400,
    )
