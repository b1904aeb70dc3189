"""HTTP/1.1 at both doors: uvicorn's protocol, with an end to everything that a peer may do slowly or without end.

A head has a time and a size; a body that is refused is read for a moment longer, so that the refusal arrives; an
answer that nobody takes is dropped with its connection. Names of headers are kept as they were sent.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lienthong.gateway.asgi import AS_SENT, CALLER, RATE_MIN
from lienthong.gateway.callers import NOBODY, caller_of
from lienthong.gateway.refusals import head_too_large, head_too_slow, no_http
from lienthong.gateway.xroad.errors import Style, XRoadError, error_render

HEAD_BYTES: Final = 128 * 1024
"""Twice of what `xroad.headers` takes: below it the error says which header is too much."""
LINGER_S: Final = 5.0
_OFFER: Final = re.compile(rb"\r\nupgrade:[^\r\n]*(?=\r\n)", re.IGNORECASE)


def _without_offer(data: bytes) -> bytes:
    """A head without `Upgrade`, which Java's client offers with every first request and which never goes further.

    httptools would take the body for the other protocol's bytes; without the offer it stays with HTTP/1.1.
    """
    if b"pgrade" not in data:
        return data
    end = data.find(b"\r\n\r\n") + 2
    head, rest = (data[:end], data[end:]) if end > 1 else (data, b"")
    return _OFFER.sub(b"", head) + rest


@dataclass(frozen=True, slots=True)
class Limits:
    """head_s: for a whole head, from the connection's or the request's first byte; idle_s: without progress."""

    head_s: float
    idle_s: float
    style: Style


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, limits: Limits, **given: Any) -> None:
        super().__init__(**given)
        self._limits = limits
        self._as_sent: list[tuple[bytes, bytes]] = []
        self._caller = NOBODY
        self._head_size = 0
        self._in_head = True
        self._deaf = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._unwritten = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._caller = caller_of(transport)
        self._head_timer = self.loop.call_later(self._limits.head_s, self._head_late)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_timer, self._linger_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf or self.transport.is_closing():  # what comes after a refusal is nothing to answer
            return
        if self._in_head:
            # What follows a head in the same part counts too: the part is no larger than the loop's buffer.
            self._head_size += len(data)
            if self._head_size > max(HEAD_BYTES, len(data)):
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, head_too_large(HEAD_BYTES // 1024))
                return
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(self._limits.head_s, self._head_late)
            data = _without_offer(data)
        super().data_received(data)

    def _unsupported_upgrade_warning(self) -> None:
        """Said in `on_headers_complete`."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._as_sent = []
        self.scope[AS_SENT] = self._as_sent  # type: ignore[typeddict-unknown-key]
        self.scope[CALLER] = self._caller  # type: ignore[typeddict-unknown-key]

    def on_header(self, name: bytes, value: bytes) -> None:
        self._as_sent.append((name, value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if (
            self.parser and self.parser.should_upgrade()
        ):  # the parser takes what follows for another protocol, so for no body
            self._refuse(HTTPStatus.BAD_REQUEST, no_http("an offer to leave HTTP/1.1, not in one part"))
            return
        self._in_head, self._head_size = False, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self._deaf:
            return
        self._in_head = True
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None
        self.cycle.more_body = False  # also where it was answered before it was whole
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_writing()
        elif self.cycle.response_complete and self.cycle.more_body:
            # Closed at once, the refusal could be lost with the bytes that nobody read.
            self._linger_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_anew()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_anew()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, no_http(msg))

    def _head_late(self) -> None:
        self._head_timer = None
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, head_too_slow(self._limits.head_s))

    def _watch_anew(self) -> None:
        """Until here its peer took something: an answer that streams fills the buffer again and again."""
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
        self._watch_writing()

    def _watch_writing(self) -> None:
        """Drop the connection once its peer takes less than RATE_MIN of what waits for it."""
        if self._write_timer is None and not self._written():
            self._unwritten = self.transport.get_write_buffer_size()
            self._write_timer = self.loop.call_later(self._limits.idle_s, self._write_late)

    def _write_late(self) -> None:
        self._write_timer = None
        if self._written():
            return
        left = self.transport.get_write_buffer_size()
        if self._unwritten - left < RATE_MIN * self._limits.idle_s:
            self.transport.abort()
            return
        self._watch_writing()

    def _written(self) -> bool:
        return self.transport.get_write_buffer_size() == 0

    def _refuse(self, status: HTTPStatus, refusal: XRoadError) -> None:
        """Answer what never became a request that an application could answer, and take nothing more."""
        self._deaf = True
        cycle = self.cycle
        if cycle and not cycle.response_complete:  # none before the first request, whatever its type says
            if (
                not cycle.more_body and not self.pipeline
            ):  # a whole request before this one gets its answer first
                cycle.keep_alive = False
                return
            if (
                cycle.response_started or self.pipeline
            ):  # nothing can be said that would be taken for what it is
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        _, headers, body = error_render(refusal, accept=None, style=self._limits.style)
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        lines += [name + b": " + value for name, value in (*headers, (b"connection", b"close"))]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._linger_timer = self.loop.call_later(LINGER_S, self.transport.abort)
