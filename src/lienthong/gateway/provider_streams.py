"""The provider's side of bodies that are too large to be held: they pass to the member's system and back as they come.

The opening head is checked like any question's before a byte is passed on. The last piece waits for the closing
signature: where it does not hold, the system's connection is cut, and no complete request was ever seen. An answer's
closing is signed once all of it has passed and both heads are on disk. (`pieces` has the bytes between gateways.)
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from psycopg import Error as DatabaseError

from lienthong.gateway import oprecord_times, refusals
from lienthong.gateway.asgi import JSON, CutShortError, Receive, Send, TooSlowError, answer_send
from lienthong.gateway.core import BusyError
from lienthong.gateway.envelope import (
    EnvelopeError,
    Question,
    Sealed,
    head_parse,
    headers_raw,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.keys import NoKeyError
from lienthong.gateway.log import LogFullError
from lienthong.gateway.memory import Held, MemoryFullError, hold, let_go
from lienthong.gateway.peers import GRACE_S, Answered, AwayError, Opened, Sent
from lienthong.gateway.pieces import (
    CLOSING,
    MEDIA_TYPE,
    OPENING,
    PIECE,
    WHOLE,
    Counted,
    Frame,
    TooMuchError,
    first_of,
    frame,
    frames_of,
    opens,
    pieces_of,
)
from lienthong.gateway.soap_provider import soap_service
from lienthong.gateway.streams import Slots, Window, parts_of, piped, watched
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import STRIPPED

if TYPE_CHECKING:
    from lienthong.gateway.provider import Provider

ELSEWHERE: Final = 202
"""Status of a frame in a bundle: the answer is large, and waits at /stream/<content>."""
_HEADERS: Final = [(b"content-type", MEDIA_TYPE.encode())]
_UNSIGNED: Final = (NoKeyError, NoConfigurationError, LogFullError, DatabaseError)


@dataclass(frozen=True, slots=True)
class Parked:
    """An answer that is too large for a bundle, and who knows the token fetches it."""

    token: str


@dataclass(slots=True)
class _Asked:
    """A question as far as it is known: its opening, then its closing."""

    question: Question
    sealed: Sealed


@dataclass(slots=True)
class _Waiting:
    """A parked answer; held: what was read of it; stack: its connection, place and memory."""

    asked: _Asked
    opened: Opened
    held: Held
    times: oprecord_times.Times | None
    timer: asyncio.TimerHandle
    stack: ExitStack = field(default_factory=ExitStack)


class _Out:
    """The response to the asking gateway: begun with the first frame."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def frame(self, kind: int, content: bytes, *, more: bool = True) -> None:
        if not self.begun:
            self.begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._send({"type": "http.response.body", "body": frame(kind, content), "more_body": more})

    async def refuse(self, status: int, why: str) -> None:
        """Where nothing can be signed; a response that has begun is cut instead."""
        if not self.begun:
            await answer_send(self._send, status, JSON, json.dumps({"error": why}).encode())


class ProviderStreams:
    """`POST /stream` for questions, `POST /stream/<token>` for large answers to small ones."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.gateway = provider.gateway
        self.slots = Slots(self.gateway, "provider", Kind.BUSY)
        self._parked: dict[str, _Waiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def question(self, receive: Receive, send: Send) -> None:
        idle_s, out = self.gateway.config.idle_timeout_s + GRACE_S, _Out(send)
        frames = frames_of(parts_of(receive, idle_s), whole_max=0)
        async with aclosing(frames):
            try:
                answered = await self._answered(await _opening(frames), frames, receive, out)
            except EnvelopeError as error:
                await out.refuse(400, f"no stream: {error}")
            except TooSlowError:
                await out.refuse(408, "the stream came too slowly")
            except _UNSIGNED as error:
                await out.refuse(503, f"cannot sign or log an answer: {type(error).__name__}")
            except CutShortError:
                return
            else:
                if answered is not None:
                    await out.frame(WHOLE, sealed_encode(answered), more=False)

    async def _answered(
        self, asked: _Asked, frames: AsyncGenerator[Frame], receive: Receive, out: _Out
    ) -> Sealed | None:
        """A small answer or a refusal, signed and logged; None where the answer streamed."""
        server = self.gateway.config.server
        try:
            async with self.gateway.place("provider"):
                try:
                    with self.slots.taken():
                        request = await self._checked(asked)
                        return await self._passed(asked, request, frames, receive, out)
                except XRoadError as refusal:
                    return await self._refused(asked, refusal)
                except MemoryFullError:
                    return await self._refused(asked, refusals.memory_full(server, Kind.BUSY))
        except BusyError:
            return await self._refused(asked, refusals.busy(server, Kind.BUSY))

    async def _refused(self, asked: _Asked, refusal: XRoadError) -> Sealed:
        return await self.provider.refused(asked.question, asked.sealed, refusal)

    async def _checked(self, asked: _Asked) -> Sent:
        """The request to the member's system. XRoadError where it must not be made."""
        provider, config, question = self.provider, self.gateway.config, asked.question
        sent_at = provider.check(question, asked.sealed, fits=opens(question, config.stream_max))
        provider.check_stamps()
        await provider.check_replay(question, sent_at)
        soap = soap_service(question, self.gateway.keeper.snapshot)
        way = provider.plain_way(question)
        if soap or way is None:
            raise refusals.too_large(config.body_mib)
        await provider.rights.check(question)
        method, url = way
        headers = headers_raw(question.headers)
        return Sent(method, url, headers, question.body_size or None, config.answer_timeout_s)

    async def _passed(
        self, asked: _Asked, request: Sent, frames: AsyncGenerator[Frame], receive: Receive, out: _Out
    ) -> Sealed | None:
        gateway, config = self.gateway, self.gateway.config

        async def pump(window: Window) -> None:
            await self._pump(asked, frames, window)

        oprecord_times.sent(gateway.now())
        try:
            async with piped(gateway.peers, request, pump, patience_s=config.idle_timeout_s) as (
                opened,
                pumping,
            ):
                await pumping
                oprecord_times.received(gateway.now())
                opened.headers = kept_of(opened.headers)
                body = await opened.read(config.body_max)
                if body is not None:
                    answer = Answered(opened.status, opened.headers, body)
                    return await self.provider.signed(asked.question, asked.sealed, answer)
                await self._streamed(asked, opened, receive, out)
        except AwayError as error:
            raise refusals.silent(asked.question.provider, str(error)) from error
        return None

    async def _pump(self, asked: _Asked, frames: AsyncGenerator[Frame], window: Window) -> None:
        """XRoadError where the question is not what was signed, or breaks off: its last piece was not passed on."""
        config = self.gateway.config
        counted = Counted(most=config.stream_max, announced=asked.question.body_size)
        try:
            closing, last = await self._all_but_last(frames, counted, window)
            self._closed(asked, closing, counted)
        except TooMuchError as error:
            raise refusals.too_large(config.stream_mib) from error
        except TooSlowError as error:
            raise refusals.broken_off("hardly anything came for too long") from error
        except (CutShortError, EnvelopeError) as error:
            raise refusals.broken_off(str(error) or "the asking gateway left") from error
        await window.put(last)

    async def _all_but_last(
        self, frames: AsyncGenerator[Frame], counted: Counted, window: Window
    ) -> tuple[Sealed, bytes]:
        """The closing, and the last piece. EnvelopeError, TooMuchError, and what reading raises."""
        last = b""
        async for kind, content in frames:
            if kind == PIECE:
                counted.add(content)
                if last:
                    await window.put(last)
                last = content
            elif kind == CLOSING and last:
                return sealed_decode(content), last
            else:
                raise EnvelopeError(f"a frame of kind {kind} within a question")
        raise EnvelopeError("it ended without its closing")

    def _closed(self, asked: _Asked, closing: Sealed, counted: Counted) -> None:
        """From here on the question is the one with its body's digest. XRoadError where it is another."""
        final = head_parse(Question, closing.head)
        known_now = {"request_hash": final.request_hash, "sent_at": final.sent_at}
        fits = counted.fits(asked.question, final, **known_now)
        sent_at = self.provider.check(final, closing, fits=fits)
        # In its closing's minute too this try was made: nobody sends the closing as a message of its own.
        self.provider.replays.first(final.request_id, sent_at=sent_at, now=self.gateway.now())
        asked.question, asked.sealed = final, closing

    async def _streamed(self, asked: _Asked, opened: Opened, receive: Receive, out: _Out) -> None:
        """The answer piece by piece. XRoadError and AwayError where it has no end: the refusal is its last frame."""
        gateway, provider, config = self.gateway, self.provider, self.gateway.config
        size = opened.size or 0
        if size > config.stream_max:
            raise refusals.system_too_large(config.stream_mib)
        opening = provider.reply_of(asked.question, asked.sealed, opened, body_hash="", size=size)
        counted = Counted(most=config.stream_max, announced=size)
        with watched(receive) as left:
            await out.frame(OPENING, sealed_encode(await provider.sealed(asked.question, opening)))
            try:
                async for part in opened.parts():
                    for piece in pieces_of(part):
                        counted.add(piece)
                        await out.frame(PIECE, piece)
                    if left.done():
                        raise refusals.not_taken("the asking gateway left")
                    if counted.size > config.body_max:
                        let_go()  # what was read before it was known to be large
            except TooMuchError as error:
                raise refusals.system_too_large(config.stream_mib) from error
            reply = counted.closes(opening, answered_at=gateway.now().isoformat())
            answered = await provider.sealed(asked.question, reply)
            await gateway.record(
                side="provider", question=asked.question, asked=asked.sealed, reply=reply, answered=answered
            )
            await out.frame(CLOSING, sealed_encode(answered), more=False)

    def park(self, question: Question, sealed: Sealed, opened: Opened) -> Parked:
        """Keep an answer for the request that fetches it. XRoadError where no place is free."""
        with ExitStack() as stack:
            stack.callback(opened.close)
            stack.enter_context(self.slots.taken())
            held = Held(self.gateway.memory)
            stack.callback(held.give_back)
            held.add(opened.kept)
            token = secrets.token_urlsafe(24)
            late = asyncio.get_running_loop().call_later(
                self.gateway.config.head_timeout_s, self._late, token
            )
            asked, times = _Asked(question, sealed), oprecord_times.current()
            self._parked[token] = _Waiting(asked, opened, held, times, late, stack.pop_all())
        return Parked(token)

    def _late(self, token: str) -> None:
        """Nobody fetched it: the log tells."""
        waiting = self._parked.pop(token)
        waiting.stack.close()
        task = asyncio.create_task(self._not_fetched(waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _not_fetched(self, waiting: _Waiting) -> None:
        with suppress(*_UNSIGNED):
            await self._refused(waiting.asked, refusals.not_taken("nobody fetched it"))

    async def fetched(self, token: str, receive: Receive, send: Send) -> None:
        """The answer that was parked. It is fetched once."""
        out = _Out(send)
        waiting = self._parked.pop(token, None)
        if waiting is None:
            await out.refuse(404, "no answer waits here")
            return
        waiting.timer.cancel()
        waiting.held.give_back()
        hold(waiting.opened.kept)
        times = oprecord_times.resume(waiting.times)
        try:
            with waiting.stack:
                refusal = await self._fetched(waiting, receive, out)
            if refusal is not None:
                refused = await self._refused(waiting.asked, refusal)
                await out.frame(WHOLE, sealed_encode(refused), more=False)
        except _UNSIGNED as error:
            await out.refuse(503, f"cannot sign or log an answer: {type(error).__name__}")
        finally:
            oprecord_times.end(times)

    async def _fetched(self, waiting: _Waiting, receive: Receive, out: _Out) -> XRoadError | None:
        """Why it has no end, where it has none."""
        try:
            await self._streamed(waiting.asked, waiting.opened, receive, out)
        except XRoadError as refusal:
            return refusal
        except AwayError as error:
            return refusals.silent(waiting.asked.question.provider, str(error))
        return None


async def _opening(frames: AsyncGenerator[Frame]) -> _Asked:
    """EnvelopeError where the stream begins with anything else, and what reading raises."""
    kind, content = await first_of(frames)
    if kind != OPENING:
        raise EnvelopeError("no opening")
    sealed = sealed_decode(content)
    return _Asked(head_parse(Question, sealed.head), sealed)


def kept_of(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Of a system's answer what is signed and passed on."""
    return [(name, value) for name, value in headers if name.lower() not in STRIPPED]
