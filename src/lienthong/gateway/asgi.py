"""What both doors of a gateway do with ASGI's events: read a body within its limit, send an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
AS_SENT: Final = "lienthong.headers"
"""Where `serve` puts the headers with their names as the client spelled them, which the request hash covers."""
JSON: Final[Headers] = [(b"content-type", b"application/json")]


class BodyTooLargeError(ValueError):
    """More bytes came than are taken."""


class CutShortError(ValueError):
    """The sender left before the body's end."""


async def body_read(scope: Scope, receive: Receive, *, limit: int) -> bytes:
    """BodyTooLargeError as soon as it is known, CutShortError where the sender leaves."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLargeError
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CutShortError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLargeError
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def answer_send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    if not any(name.lower() == b"content-length" for name, _ in headers):
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
