"""What both doors of a gateway do with ASGI's events: read a body within its limit, send an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from lienthong.gateway.memory import hold

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
AS_SENT: Final = "lienthong.headers"
"""Where `serve` puts the headers with their names as the client spelled them, which the request hash covers."""
CALLER: Final = "lienthong.caller"
"""Where `protocol` puts who is at the other end of the connection, a `callers.Caller`."""
JSON: Final[Headers] = [(b"content-type", b"application/json")]
RATE_MIN: Final = 1024
"""Bytes a second, on average: who sends or takes less is not waited for."""
LARGE: Final = 64 * 1024


class BodyTooLargeError(ValueError):
    """More bytes came, or are to come, than are taken. came: what was read; size: as announced, 0 where it was not."""

    def __init__(self, came: list[bytes] | None = None, size: int = 0) -> None:
        super().__init__()
        self.came = came or []
        self.size = size


class CutShortError(ValueError):
    """The sender left before the body's end."""


class TooSlowError(ValueError):
    """The sender makes no progress."""


async def body_read(scope: Scope, receive: Receive, *, limit: int, idle_s: float) -> bytes:
    """BodyTooLargeError as soon as it is known, MemoryFullError where it finds no place (`memory`).

    TooSlowError after idle_s without a part, or where less than RATE_MIN comes; CutShortError where the sender leaves.
    """
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLargeError(size=int(declared))
    parts: list[bytes] = []
    size = 0
    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout(idle_s) as timer:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise CutShortError
                part = message.get("body", b"")
                size += len(part)
                hold(len(part))
                parts.append(part)
                if size > limit:
                    raise BodyTooLargeError(parts)
                if not message.get("more_body", False):
                    break
                timer.reschedule(min(clock(), started + size / RATE_MIN) + idle_s)
    except TimeoutError as error:
        raise TooSlowError from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def answer_send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Returns once the rest of a large body fits the connection's buffer: until then it is in memory."""
    if not any(name.lower() == b"content-length" for name, _ in headers):
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    large = len(body) > LARGE
    await send({"type": "http.response.body", "body": body, "more_body": large})
    if large:
        await send({"type": "http.response.body", "body": b""})
