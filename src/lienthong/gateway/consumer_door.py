"""The consumer's door as an ASGI application: X-Road clients of this gateway's members come here."""

from __future__ import annotations

import re
from http import HTTPStatus

from lienthong.gateway import refusals
from lienthong.gateway.asgi import (
    AS_SENT,
    CALLER,
    BodyTooLargeError,
    CutShortError,
    Headers,
    Receive,
    Scope,
    Send,
    TooSlowError,
    answer_send,
    body_read,
)
from lienthong.gateway.callers import NOBODY, Caller
from lienthong.gateway.consumer import Arrived, Consumer
from lienthong.gateway.consumer_streams import Download, Upload
from lienthong.gateway.core import Gateway
from lienthong.gateway.downloads import Downloads
from lienthong.gateway.govstack import GovStack, is_route
from lienthong.gateway.memory import MemoryFullError
from lienthong.gateway.outgoing import Outgoing
from lienthong.gateway.provider import Provider
from lienthong.gateway.soap import SoapConsumer
from lienthong.gateway.xroad.errors import Kind


class ConsumerDoor:
    """X-Road's client interface: `/r1/…`, `/listClients`, SOAP by POST, and `downloads`."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        outgoing = Outgoing(gateway, provider)
        self.consumer = Consumer(gateway, outgoing)
        self.soap = SoapConsumer(gateway, outgoing)
        self.govstack = GovStack(gateway, self.consumer.metaservices)
        self.downloads = Downloads(gateway)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        caller: Caller = scope.get(CALLER, NOBODY)
        read = await self.downloads.answer(scope["method"], scope["path"], scope["query_string"], caller)
        if read is not None:
            await answer_send(send, *read)
            return
        raw_path: bytes = (scope.get("raw_path") or scope["path"].encode()).split(b"?", 1)[0]
        headers: Headers = scope.get(AS_SENT, scope["headers"])
        if self.gateway.config.govstack and is_route(scope["method"], raw_path):
            query = scope["query_string"].decode("latin-1")
            await answer_send(send, *await self.govstack.ask(raw_path, query, headers, caller))
            return
        with self.gateway.memory.held():
            await self._exchange(scope, receive, send, raw_path, headers)

    async def _exchange(
        self, scope: Scope, receive: Receive, send: Send, raw_path: bytes, headers: Headers
    ) -> None:
        config = self.gateway.config
        front = self.soap if _is_soap(scope["method"], scope["path"]) else self.consumer
        caller: Caller = scope.get(CALLER, NOBODY)
        body, upload = b"", None
        try:
            try:
                body = await body_read(scope, receive, limit=config.body_max, idle_s=config.idle_timeout_s)
            except BodyTooLargeError as error:
                if front is not self.consumer:
                    raise
                upload = Upload(error.came, receive, size=error.size, idle_s=config.idle_timeout_s)
            request = Arrived(scope["method"], raw_path, scope["query_string"], headers, body, caller, upload)
            status, told, content = await front.ask(request)
        except CutShortError:
            return
        except BodyTooLargeError:
            mib = config.stream_mib if front is self.consumer else config.body_mib
            await answer_send(send, *front.refuse(refusals.too_large(mib), headers))
            return
        except TooSlowError:
            _, told, content = front.refuse(refusals.too_slow(config.idle_timeout_s), headers)
            await answer_send(send, HTTPStatus.REQUEST_TIMEOUT, told, content)
            return
        except MemoryFullError:
            full = refusals.memory_full(config.server, Kind.CONSUMER_BUSY)
            await answer_send(send, *front.refuse(full, headers))
            return
        if isinstance(content, Download):
            await content.send(status, told, receive, send)
        else:
            await answer_send(send, status, told, content)


def _is_soap(method: str, path: str) -> bool:
    """As in X-Road, a message may be sent to any path that is no other interface's: clients know various ones."""
    return path == "/" or (method == "POST" and not re.match(r"/r\d+(/|$)", path) and path != "/listClients")
