"""HTTP out of a gateway: to other gateways and to its own systems, over connections that stay open.

Headers go out and come in as raw bytes in their order: nothing is added to what was signed.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from lienthong.gateway.memory import hold
from lienthong.gateway.tls import tls_context

CONNECTIONS_MAX: Final = 64
"""To all others together. More than these cost memory and rate: what waits here costs neither."""
CONNECT_S: Final = 5
LARGE: Final = 64 * 1024
"""A larger body is handed to the connection in such parts, as they leave: else it is there twice or three times."""
OK: Final = 200
BUSY: Final = 503
REASON_MAX: Final = 300
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


class Peers:
    """One pool for everything that this gateway asks."""

    def __init__(self, *, timeout_s: float, body_max: int, tls: str = "") -> None:
        """tls: as in `config`; between gateways both sides show a certificate of the exchange's authority."""
        self.timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_S)
        self.body_max = body_max
        self._tls = tls_context(Path(tls), server=False) if tls else True
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=CONNECTIONS_MAX, limit_per_host=CONNECTIONS_MAX, ttl_dns_cache=60
            ),
            timeout=self.timeout,
            skip_auto_headers=_AUTOMATIC,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

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
        async with self._asked(method, url, headers, body) as response:
            return Answered(response.status, list(response.raw_headers), await self._read(response))

    @asynccontextmanager
    async def _asked(
        self, method: str, url: str, headers: Headers, body: bytes, *, tls: ssl.SSLContext | bool = True
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        if self._session is None:
            raise AwayError("this gateway is not started")
        sent: CIMultiDict[str] = CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
        )
        if len(body) > LARGE:
            sent["Content-Length"] = str(len(body))
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=sent,
                data=_parts(body) if len(body) > LARGE else body or None,
                allow_redirects=False,
                ssl=tls,
            ) as response:
                yield response
        except TimeoutError as error:
            raise AwayError(f"no answer within {self.timeout.total:g} s") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise AwayError("its certificate is not one of the exchange's") from error
        except aiohttp.ClientError as error:
            raise AwayError(type(error).__name__) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        if length is not None and length > self.body_max:
            raise TooLargeError
        parts: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self.body_max:
                raise TooLargeError
            hold(len(chunk))
            parts.append(chunk)
        return b"".join(parts)


async def _parts(body: bytes) -> AsyncGenerator[bytes]:
    for at in range(0, len(body), LARGE):
        yield body[at : at + LARGE]
