"""The provider's door as an ASGI application: other gateways bring their questions here, several in one request."""

from __future__ import annotations

import asyncio
import json
from typing import Final

import structlog
from psycopg import Error as DatabaseError

from lienthong.gateway.asgi import (
    JSON,
    BodyTooLargeError,
    CutShortError,
    Receive,
    Scope,
    Send,
    answer_send,
    body_read,
)
from lienthong.gateway.bundles import MEDIA_TYPE, MESSAGES_MAX, bundle_decode, frames_encode
from lienthong.gateway.core import Gateway
from lienthong.gateway.envelope import HEAD_MAX, EnvelopeError, sealed_decode, sealed_parts
from lienthong.gateway.health import health
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.keys import NoKeyError
from lienthong.gateway.log import LogFullError
from lienthong.gateway.provider import Provider

log = structlog.get_logger("lienthong.gateway")
_HEADERS: Final = [(b"content-type", MEDIA_TYPE.encode())]


class ProviderDoor:
    """`POST /exchange`: envelopes in, each one's signed answer out as soon as it is ready (`bundles`)."""

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
            await answer_send(send, 404, JSON, _told("POST envelopes to /exchange"))
            return
        limit = self.gateway.config.body_max + MESSAGES_MAX * 2 * HEAD_MAX
        try:
            messages = bundle_decode(await body_read(scope, receive, limit=limit))
        except CutShortError:
            return
        except BodyTooLargeError:
            await answer_send(send, 413, JSON, _told("the envelopes are too large"))
        except EnvelopeError as error:
            await answer_send(send, 400, JSON, _told(f"no bundle of envelopes: {error}"))
        else:
            await self._answers(messages, send)

    async def _answers(self, messages: list[bytes], send: Send) -> None:
        """Frames that are ready together go out together; with the last one the response ends."""
        ready: list[tuple[int, int, tuple[bytes, ...]]] = []
        news = asyncio.Event()

        async def answered(place: int, message: bytes) -> None:
            ready.append((place, *await self._answer(message)))
            news.set()

        tasks = [asyncio.create_task(answered(place, message)) for place, message in enumerate(messages)]
        messages.clear()
        missing = len(tasks)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        while missing:
            await news.wait()
            news.clear()
            frames, ready[:] = ready.copy(), []
            missing -= len(frames)
            for part in frames_encode(frames):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, message: bytes) -> tuple[int, tuple[bytes, ...]]:
        """Status and content of one message's frame, in parts."""
        try:
            return 200, sealed_parts(await self.provider.answer(sealed_decode(message)))
        except EnvelopeError as error:
            return 400, (_told(f"no envelope: {error}"),)
        except (NoKeyError, NoConfigurationError) as error:
            return 503, (_told(f"cannot sign an answer: {type(error).__name__}"),)
        except (LogFullError, DatabaseError):
            return 503, (_told("the message log does not take the exchange"),)
        except Exception:  # one message's misfortune is not that of the others in its request
            log.exception("a message was not answered")
            return 500, (_told("an internal error, told in this gateway's log"),)


def _told(why: str) -> bytes:
    return json.dumps({"error": why}).encode()
