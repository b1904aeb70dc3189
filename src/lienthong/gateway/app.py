"""The two doors of a gateway as ASGI applications: X-Road clients come to one, other gateways to the other."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from psycopg import Error as DatabaseError

from lienthong.gateway import refusals
from lienthong.gateway.consumer import Arrived, Consumer
from lienthong.gateway.core import Gateway
from lienthong.gateway.envelope import HEAD_MAX, MEDIA_TYPE, EnvelopeError
from lienthong.gateway.evidence import PLAIN, Evidence
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.keys import NoKeyError
from lienthong.gateway.log import LogFullError
from lienthong.gateway.outgoing import Outgoing
from lienthong.gateway.provider import Provider

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


class ProviderDoor:
    """`POST /exchange`: an envelope in, a signed envelope out."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        self.provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/health":
            await answer_send(send, *await health(self.gateway))
            return
        if (scope["method"], scope["path"]) != ("POST", "/exchange"):
            await answer_send(send, 404, JSON, b'{"error":"POST an envelope to /exchange"}')
            return
        try:
            data = await body_read(scope, receive, limit=self.gateway.config.body_max + 2 * HEAD_MAX)
            answer = await self.provider.answer(data)
        except CutShortError:
            return
        except BodyTooLargeError:
            await answer_send(send, 413, JSON, _told("the envelope is too large"))
        except EnvelopeError as error:
            await answer_send(send, 400, JSON, _told(f"no envelope: {error}"))
        except (NoKeyError, NoConfigurationError) as error:
            await answer_send(send, 503, JSON, _told(f"cannot sign an answer: {type(error).__name__}"))
        except (LogFullError, DatabaseError):
            await answer_send(send, 503, JSON, _told("the message log does not take the exchange"))
        else:
            await answer_send(send, 200, [(b"content-type", MEDIA_TYPE.encode())], answer)


def _told(why: str) -> bytes:
    return json.dumps({"error": why}).encode()


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


async def health(gateway: Gateway) -> tuple[int, Headers, bytes]:
    """200 while there is a configuration: its age, the control plane's silence, and how much has no time stamp."""
    keeper = gateway.keeper
    told: dict[str, Any] = {"server": gateway.config.server, "in_flight": gateway.in_flight}
    with suppress(DatabaseError):
        late = await gateway.stamper.late()
        since = late.since.isoformat() if late.since else None
        told["without_time_stamp"] = {"messages": late.messages, "since": since}
    silent = keeper.silent_s()
    told["control_plane_silent_s"] = None if silent is None else round(silent, 1)
    try:
        snapshot = keeper.snapshot
    except NoConfigurationError:
        told["configuration"] = None
        return 503, JSON, json.dumps(told).encode()
    age = (gateway.now() - snapshot.made_at).total_seconds()
    told["configuration"] = {"version": snapshot.version, "age_s": round(age, 1)}
    return 200, JSON, json.dumps(told).encode()
