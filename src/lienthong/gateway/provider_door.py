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
    TooSlowError,
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
from lienthong.gateway.memory import Held, MemoryFullError
from lienthong.gateway.provider import Provider
from lienthong.gateway.provider_streams import ELSEWHERE, Parked

log = structlog.get_logger("lienthong.gateway")
_HEADERS: Final = [(b"content-type", MEDIA_TYPE.encode())]
_FULL: Final = "busy: all its memory for bodies is in use"


class ProviderDoor:
    """`POST /exchange`: envelopes in, each one's signed answer out as soon as it is ready (`bundles`).

    `POST /stream` and below it: one message whose body is too large for that (`provider_streams`).
    """

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        self.provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/health":
            await answer_send(send, *await health(self.gateway))
            return
        method, path = scope["method"], scope["path"]
        if method != "POST" or not (path in {"/exchange", "/stream"} or path.startswith("/stream/")):
            await answer_send(
                send, 404, JSON, _told("POST envelopes to /exchange, large messages to /stream")
            )
            return
        with self.gateway.memory.held():
            if path == "/exchange":
                await self._exchange(scope, receive, send)
            elif path == "/stream":
                await self.provider.streams.question(receive, send)
            else:
                await self.provider.streams.fetched(path.removeprefix("/stream/"), receive, send)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        config = self.gateway.config
        limit = config.body_max + MESSAGES_MAX * 2 * HEAD_MAX
        try:
            data = await body_read(scope, receive, limit=limit, idle_s=config.idle_timeout_s)
            messages = bundle_decode(data)
            del data
        except CutShortError:
            return
        except BodyTooLargeError:
            await answer_send(send, 413, JSON, _told("the envelopes are too large"))
        except TooSlowError:
            await answer_send(send, 408, JSON, _told("the envelopes came too slowly"))
        except MemoryFullError:
            await answer_send(send, 503, JSON, _told(_FULL))
        except EnvelopeError as error:
            await answer_send(send, 400, JSON, _told(f"no bundle of envelopes: {error}"))
        else:
            await self._answers(messages, send)

    async def _answers(self, messages: list[bytes], send: Send) -> None:
        """Frames that are ready together go out together; with the last one the response ends."""
        ready: list[tuple[int, int, tuple[bytes, ...], Held]] = []
        news = asyncio.Event()

        async def answered(place: int) -> None:
            held = self.gateway.memory.begin()
            ready.append((place, *await self._answer(messages, place), held))
            news.set()

        tasks = [asyncio.create_task(answered(place)) for place in range(len(messages))]
        missing = len(tasks)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        while missing:
            await news.wait()
            news.clear()
            frames, ready[:] = ready.copy(), []
            missing -= len(frames)
            for part in frames_encode((place, status, parts) for place, status, parts, _ in frames):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": missing > 0})
            for *_, held in frames:
                held.give_back()

    async def _answer(self, messages: list[bytes], place: int) -> tuple[int, tuple[bytes, ...]]:
        """Status and content of one message's frame, in parts. The message is gone once it is taken apart."""
        try:
            asked = sealed_decode(messages[place])
            messages[place] = b""
            answer = await self.provider.answer(asked)
            if isinstance(answer, Parked):
                return ELSEWHERE, (answer.token.encode(),)
            return 200, sealed_parts(answer)
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
