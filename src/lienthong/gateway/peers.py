"""HTTP out of a gateway: to other gateways and to its own systems, over connections that stay open.

Headers go out and come in as raw bytes in their order: nothing is added to what was signed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from lienthong.gateway.memory import hold
from lienthong.gateway.patience import Patience
from lienthong.gateway.tls import tls_context

CONNECTIONS_MAX: Final = 64
"""To all others together. More than these cost memory and rate: what waits here costs neither."""
CONNECT_S: Final = 5
GRACE_S: Final = 5.0
"""So much longer one gateway waits for another's streams: it finds out first which system is slow, and says so."""
LARGE: Final = 64 * 1024
"""A larger body is handed to the connection in such parts, as they leave: else it is there twice or three times."""
OK: Final = 200
BUSY: Final = 503
REASON_MAX: Final = 300
_CONNECT: Final = aiohttp.ClientTimeout(None, sock_connect=CONNECT_S)
_THOUSAND: Final = 1000
_BODILESS: Final = frozenset({204, 304})
_AUTOMATIC: Final = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")

Headers = list[tuple[bytes, bytes]]


class AwayError(RuntimeError):
    """Nobody answered: why, for the caller."""


class PeerBusyError(AwayError):
    """The other gateway has no memory left for what was sent: why, in its words."""


class TooLargeError(RuntimeError):
    """The answer's body is larger than this gateway takes."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A request whose body streams. size: of the body, None where nobody knows; answer_s: for its answer's head."""

    method: str
    url: str
    headers: Headers
    size: int | None
    answer_s: float
    to_gateway: bool = False


@dataclass(slots=True)
class Opened:
    """An answer whose body is still coming; whoever has it closes it. size: as announced, None where it was not.

    ended: whether all of it is here already.
    """

    status: int
    headers: Headers
    size: int | None
    ended: bool
    patience: Patience
    _response: aiohttp.ClientResponse
    _read: list[bytes] = field(default_factory=list[bytes])

    @property
    def kept(self) -> int:
        """Bytes that were read and wait for `parts`."""
        return sum(map(len, self._read))

    async def parts(self) -> AsyncGenerator[bytes]:
        """AwayError where it breaks off or makes no progress."""
        while self._read:
            yield self._read.pop(0)
        while data := await self._next():
            yield data

    async def read(self, most: int) -> bytes | None:
        """The whole body; None where it is larger, and then `parts` has all of it. AwayError, MemoryFullError."""
        if self.size is not None and self.size > most:
            return None
        size = 0
        while data := await self._next():
            hold(len(data))
            self._read.append(data)
            size += len(data)
            if size > most:
                return None
        return b"".join(self._read)

    async def _next(self) -> bytes:
        with _told(self.patience.idle_s):
            async with self.patience.waiting():
                data = await self._response.content.readany()
        self.patience.came(len(data))
        return data

    def close(self) -> None:
        """The connection goes too, unless all has been read."""
        self._response.close()


@contextmanager
def _told(within_s: float | None) -> Generator[None]:
    """Every way not to be answered, as AwayError."""
    try:
        yield
    except TimeoutError as error:
        raise AwayError(f"no answer within {within_s:g} s") from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise AwayError("its certificate is not one of the exchange's") from error
    except aiohttp.ClientError as error:
        raise AwayError(type(error).__name__) from error


class Peers:
    """One pool for everything that this gateway asks, and connections of their own for bodies that stream."""

    def __init__(self, *, timeout_s: float, body_max: int, idle_s: float = 30.0, tls: str = "") -> None:
        """tls: as in `config`; between gateways both sides show a certificate of the exchange's authority."""
        self.timeout_s = timeout_s
        self.body_max = body_max
        self.idle_s = idle_s
        self._tls = tls_context(Path(tls), server=False) if tls else True
        self._session: aiohttp.ClientSession | None = None
        self._streams: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = _session(
            aiohttp.TCPConnector(limit=CONNECTIONS_MAX, limit_per_host=CONNECTIONS_MAX, ttl_dns_cache=60),
        )
        self._streams = _session(aiohttp.TCPConnector(limit=0, force_close=True, socket_factory=self._socket))

    async def stop(self) -> None:
        for session in (self._session, self._streams):
            if session is not None:
                await session.close()

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """One that ends where the peer takes nothing: what waits in it would keep it open without end.

        Later than anybody's patience, who can say in words what happened.
        """
        made = socket.socket(*address[:3])
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            limit_ms = int((self.idle_s + 2 * GRACE_S) * _THOUSAND)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit_ms)
        return made

    async def stream(self, url: str, *, headers: Headers, body: bytes) -> AsyncGenerator[bytes]:
        """POST to another gateway; the parts of its response as they come. AwayError."""
        async with self._asked("POST", url, headers, body, tls=self._tls) as response:
            if response.status != OK:
                told = (await response.content.read(REASON_MAX)).decode("utf-8", "replace")
                if response.status == BUSY:
                    raise PeerBusyError(told)
                raise AwayError(f"it answers {response.status}: {told}")
            async for data in response.content.iter_any():
                yield data

    async def ask(self, method: str, url: str, *, headers: Headers, body: bytes) -> Answered:
        """Redirects are answers too, never followed. AwayError, TooLargeError, MemoryFullError."""
        got = await self.ask_open(method, url, headers=headers, body=body)
        if isinstance(got, Opened):
            got.close()
            raise TooLargeError
        return got

    async def ask_open(self, method: str, url: str, *, headers: Headers, body: bytes) -> Answered | Opened:
        """The same, but an answer that is larger than `body_max` stays open. AwayError, MemoryFullError."""
        with _told(self.timeout_s):
            async with asyncio.timeout(self.timeout_s):
                response = await self._request(method, url, headers, body, timeout=_CONNECT)
                try:
                    parts, whole = await self._read(response)
                except BaseException:
                    response.close()
                    raise
        if not whole:
            return self._opened(response, parts)
        response.release()
        return Answered(response.status, list(response.raw_headers), b"".join(parts))

    @asynccontextmanager
    async def opened(self, request: Sent, body: AsyncGenerator[bytes] | None) -> AsyncGenerator[Opened]:
        """The answer to a request that streams, over a connection of its own which ends with it. AwayError."""
        if self._streams is None:
            raise AwayError("this gateway is not started")
        sent = _sent(request.headers)
        if request.size is not None:
            sent["Content-Length"] = str(request.size)
        with _told(request.answer_s):
            response = await self._streams.request(
                request.method,
                URL(request.url, encoded=True),
                headers=sent,
                data=body,
                allow_redirects=False,
                ssl=self._tls if request.to_gateway else True,
                timeout=aiohttp.ClientTimeout(None, sock_connect=CONNECT_S, sock_read=request.answer_s),
            )
        try:
            yield self._opened(response, [], GRACE_S if request.to_gateway else 0.0)
        finally:
            response.close()

    def _opened(self, response: aiohttp.ClientResponse, parts: list[bytes], grace_s: float = 0.0) -> Opened:
        size, headers = _announced(response), list(response.raw_headers)
        patience = Patience(self.idle_s + grace_s)
        return Opened(response.status, headers, size, response.closed, patience, response, parts)

    @asynccontextmanager
    async def _asked(
        self, method: str, url: str, headers: Headers, body: bytes, *, tls: ssl.SSLContext | bool = True
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        timeout = aiohttp.ClientTimeout(self.timeout_s, sock_connect=CONNECT_S)
        with _told(self.timeout_s):
            async with await self._request(method, url, headers, body, timeout=timeout, tls=tls) as response:
                yield response

    async def _request(
        self,
        method: str,
        url: str,
        headers: Headers,
        body: bytes,
        *,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
        tls: ssl.SSLContext | bool = True,
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise AwayError("this gateway is not started")
        sent = _sent(headers)
        if len(body) > LARGE:
            sent["Content-Length"] = str(len(body))
        return await self._session.request(
            method,
            URL(url, encoded=True),
            headers=sent,
            data=_parts(body) if len(body) > LARGE else body or None,
            allow_redirects=False,
            ssl=tls,
            timeout=timeout,
        )

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[list[bytes], bool]:
        """What of the body is here, and whether that is all: what is larger is not read to its end."""
        if (_announced(response) or 0) > self.body_max:
            return [], False
        parts: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            hold(len(chunk))
            parts.append(chunk)
            if size > self.body_max:
                return parts, False
        return parts, True


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        skip_auto_headers=_AUTOMATIC,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def _announced(response: aiohttp.ClientResponse) -> int | None:
    """Some answers have no body whatever their length says: it is another one's."""
    return None if response.method == "HEAD" or response.status in _BODILESS else response.content_length


def _sent(headers: Headers) -> CIMultiDict[str]:
    return CIMultiDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


async def _parts(body: bytes) -> AsyncGenerator[bytes]:
    for at in range(0, len(body), LARGE):
        yield body[at : at + LARGE]
