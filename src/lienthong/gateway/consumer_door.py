"""The consumer's door as an ASGI application: X-Road clients of this gateway's members come here."""

from __future__ import annotations

from psycopg import Error as DatabaseError

from lienthong.gateway import refusals
from lienthong.gateway.asgi import (
    AS_SENT,
    BodyTooLargeError,
    CutShortError,
    Headers,
    Receive,
    Scope,
    Send,
    answer_send,
    body_read,
)
from lienthong.gateway.consumer import Arrived, Consumer
from lienthong.gateway.core import Gateway
from lienthong.gateway.evidence import PLAIN, Evidence
from lienthong.gateway.health import health
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.outgoing import Outgoing
from lienthong.gateway.provider import Provider


class ConsumerDoor:
    """X-Road's client interface: `/r1/…`, `/listClients`, `/asic`, and this gateway's health."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        self.consumer = Consumer(gateway, Outgoing(gateway, provider))
        self.evidence = Evidence(gateway)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/health":
            await answer_send(send, *await health(self.gateway))
            return
        if (scope["method"], scope["path"]) == ("GET", "/asic"):
            await answer_send(send, *await self._asic(scope["query_string"]))
            return
        headers: Headers = scope.get(AS_SENT, scope["headers"])
        try:
            body = await body_read(scope, receive, limit=self.gateway.config.body_max)
        except CutShortError:
            return
        except BodyTooLargeError:
            too_large = refusals.too_large(self.gateway.config.body_mib)
            await answer_send(send, *self.consumer.refuse(too_large, headers))
            return
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        request = Arrived(scope["method"], raw_path.split(b"?", 1)[0], scope["query_string"], headers, body)
        await answer_send(send, *await self.consumer.ask(request))

    async def _asic(self, query: bytes) -> tuple[int, Headers, bytes]:
        try:
            return await self.evidence.asic(query)
        except (DatabaseError, NoConfigurationError):
            return 500, PLAIN, b"the message log cannot be read at the moment"
