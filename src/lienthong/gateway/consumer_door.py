"""The consumer's door as an ASGI application: X-Road clients of this gateway's members come here."""

from __future__ import annotations

import re

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
from lienthong.gateway.govstack import GovStack, is_route
from lienthong.gateway.health import health
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.outgoing import Outgoing
from lienthong.gateway.provider import Provider
from lienthong.gateway.soap import SoapConsumer


class ConsumerDoor:
    """X-Road's client interface: `/r1/…`, `/listClients`, `/asic`, SOAP by POST, and this gateway's health."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        outgoing = Outgoing(gateway, provider)
        self.consumer = Consumer(gateway, outgoing)
        self.soap = SoapConsumer(gateway, outgoing)
        self.govstack = GovStack(gateway, self.consumer.metaservices)
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
        raw_path: bytes = (scope.get("raw_path") or scope["path"].encode()).split(b"?", 1)[0]
        headers: Headers = scope.get(AS_SENT, scope["headers"])
        if self.gateway.config.govstack and is_route(scope["method"], raw_path):
            query = scope["query_string"].decode("latin-1")
            await answer_send(send, *await self.govstack.ask(raw_path, query, headers))
            return
        front = self.soap if _is_soap(scope["method"], scope["path"]) else self.consumer
        try:
            body = await body_read(scope, receive, limit=self.gateway.config.body_max)
        except CutShortError:
            return
        except BodyTooLargeError:
            too_large = refusals.too_large(self.gateway.config.body_mib)
            await answer_send(send, *front.refuse(too_large, headers))
            return
        request = Arrived(scope["method"], raw_path, scope["query_string"], headers, body)
        await answer_send(send, *await front.ask(request))

    async def _asic(self, query: bytes) -> tuple[int, Headers, bytes]:
        try:
            return await self.evidence.asic(query)
        except (DatabaseError, NoConfigurationError):
            return 500, PLAIN, b"the message log cannot be read at the moment"


def _is_soap(method: str, path: str) -> bool:
    """As in X-Road, a message may be sent to any path that is no other interface's: clients know various ones."""
    return path == "/" or (method == "POST" and not re.match(r"/r\d+(/|$)", path) and path != "/listClients")
