"""The consumer's side of bodies that are too large to be held: a client's goes on as it comes, an answer's likewise.

The question is signed twice, its opening so that the other gateway can check it, its closing over the body's digest. Of
an answer the client gets the last piece only once the provider's closing signature holds and the exchange is on disk:
where it does not come to that, the client's connection is cut, and the log tells.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

import structlog
from msgspec import structs
from psycopg import Error as DatabaseError

from lienthong.gateway import oprecord_times, refusals
from lienthong.gateway.asgi import BodyTooLargeError, Headers, Receive, Send
from lienthong.gateway.core import owner_of
from lienthong.gateway.envelope import (
    EnvelopeError,
    Question,
    Reply,
    Sealed,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.log import LogFullError
from lienthong.gateway.memory import MemoryFullError, let_go
from lienthong.gateway.peers import BUSY, GRACE_S, OK, AwayError, Opened, Sent
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
from lienthong.gateway.streams import Slots, Window, parts_of, piped, watched
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.hashing import BodyDigest

if TYPE_CHECKING:
    from lienthong.gateway.outgoing import Asking, Outgoing

log = structlog.get_logger("lienthong.gateway")
_HEADERS: Final = [(b"Content-Type", MEDIA_TYPE.encode())]
_TOLD_MAX: Final = 300
Hashing = Callable[[BodyDigest], str]
"""X-Road's request hash, once the body is known."""


class Upload:
    """A client's body that is still coming. came: what was read before it was known to be large; size: announced."""

    def __init__(self, came: list[bytes], receive: Receive, *, size: int, idle_s: float) -> None:
        self.size = size
        self._came = came
        self._receive = receive
        self._idle_s = idle_s

    async def pieces(self) -> AsyncGenerator[bytes]:
        """CutShortError, TooSlowError."""
        while self._came:
            for piece in pieces_of(self._came.pop(0)):
                yield piece
        let_go()
        async for part in parts_of(self._receive, self._idle_s):
            for piece in pieces_of(part):
                yield piece


class _Asked:
    """A question as far as it was sent: its opening, and its closing once there is one."""

    def __init__(self, opening: Question, sealed: Sealed) -> None:
        self.opening = (opening, sealed)
        self.closing: tuple[Question, Sealed] | None = None

    def meant(self, reply: Reply) -> tuple[Question, Sealed]:
        """The one that a reply is to: a refusal may be to the opening alone."""
        if self.closing and not (reply.problem and reply.question_hash == self.opening[1].head_hash()):
            return self.closing
        return self.opening


class ConsumerStreams:
    """Beside `Outgoing`, for what does not fit its bundles."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outgoing = outgoing
        self.gateway = outgoing.gateway
        self.slots = Slots(self.gateway, "consumer", Kind.CONSUMER_BUSY)

    async def exchange(
        self, asking: Asking, upload: Upload, hashing: Hashing
    ) -> tuple[Asking, Reply, bytes | Download]:
        """As `Outgoing.exchange_open`, with the hash of what was sent.

        CutShortError, TooSlowError, BodyTooLargeError where the upload does not come to its end.
        """
        gateway, config, outgoing = self.gateway, self.gateway.config, self.outgoing
        outgoing.stamps_check()
        if upload.size > config.stream_max:
            raise BodyTooLargeError
        async with AsyncExitStack() as stack:
            stack.enter_context(self.slots.taken())
            opening = outgoing.question_of(asking, body_hash="", body_size=upload.size)
            asked = _Asked(opening, await gateway.seal(opening, member=owner_of(asking.client), body=b""))

            async def pump(window: Window) -> None:
                await self._pump(asking, asked, upload, hashing, window)

            oprecord_times.sent(gateway.now())
            with self._told(asking):
                request = self._request(asking, "/stream")
                piping = piped(gateway.peers, request, pump, patience_s=config.idle_timeout_s + GRACE_S)
                opened, _ = await stack.enter_async_context(piping)
                reply, body = await self._answer(asking, asked, opened, stack)
            question, _ = asked.meant(reply)
            return replace(asking, hash=question.request_hash), reply, body

    async def fetch(
        self, asking: Asking, question: Question, sealed: Sealed, token: str
    ) -> tuple[Reply, bytes | Download]:
        """The large answer to a small question, which waits at the other gateway."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.slots.taken())
            with self._told(asking):
                request = self._request(asking, f"/stream/{token}")
                opened = await stack.enter_async_context(self.gateway.peers.opened(request, None))
                asked = _Asked(question, sealed)
                asked.closing = asked.opening  # it was whole
                return await self._answer(asking, asked, opened, stack)

    def _request(self, asking: Asking, path: str) -> Sent:
        """To the provider's gateway, be it this one."""
        address = self.gateway.keeper.snapshot.gateways[asking.server]
        answer_s = self.gateway.config.answer_timeout_s + GRACE_S
        return Sent("POST", address + path, _HEADERS, None, answer_s, to_gateway=True)

    @contextmanager
    def _told(self, asking: Asking) -> Generator[None]:
        try:
            yield
        except AwayError as error:
            raise refusals.peer_away(asking.server, str(error)) from error
        except EnvelopeError as error:
            _inconsistent(asking.server, f"its answer is no stream: {error}")

    async def _pump(
        self, asking: Asking, asked: _Asked, upload: Upload, hashing: Hashing, window: Window
    ) -> None:
        opening, sealed = asked.opening
        counted, digest = Counted(most=self.gateway.config.stream_max), BodyDigest()
        await window.put(frame(OPENING, sealed_encode(sealed)))
        async for piece in upload.pieces():
            try:
                counted.add(piece)
            except TooMuchError as error:
                raise BodyTooLargeError from error
            digest.update(piece)
            await window.put(frame(PIECE, piece))
        sent_at = self.gateway.now().isoformat()
        question = counted.closes(opening, request_hash=hashing(digest), sent_at=sent_at)
        closing = await self.gateway.seal(question, member=owner_of(asking.client), body=b"")
        asked.closing = question, closing
        await window.put(frame(CLOSING, sealed_encode(closing)))

    async def _answer(
        self, asking: Asking, asked: _Asked, opened: Opened, stack: AsyncExitStack
    ) -> tuple[Reply, bytes | Download]:
        """What came first of it: the whole of a small one, or a large one's opening. It takes the stack over then."""
        frames = frames_of(opened.parts(), whole_max=self.gateway.config.body_max)
        stack.push_async_callback(frames.aclose)
        if opened.status != OK:
            told = (await opened.read(_TOLD_MAX) or b"").decode("utf-8", "replace")
            refuse = refusals.peer_busy if opened.status == BUSY else refusals.peer_refused
            raise refuse(asking.server, told)
        kind, content = await first_of(frames)
        if kind not in {WHOLE, OPENING}:
            raise EnvelopeError("nothing came" if not kind else f"it begins with a frame of kind {kind}")
        oprecord_times.received(self.gateway.now())
        answered = sealed_decode(content)
        if kind == WHOLE:
            reply = await self.whole(asking, asked, answered)
            if reply.problem:
                raise refusals.from_peer(reply.problem, answered.body, asking.server)
            return reply, answered.body
        _, sealed = asked.closing or asked.opening
        reply = self.outgoing.head_verified(asking, sealed, answered)
        if not asked.closing or reply.problem or not opens(reply, self.gateway.config.stream_max):
            _inconsistent(asking.server, "its answer opens in another way than agreed")
        download = Download(self, asking, asked, (reply, answered), frames)
        download.stack = stack.pop_all()
        return reply, download

    async def whole(self, asking: Asking, asked: _Asked, answered: Sealed) -> Reply:
        """A small answer, or a refusal, also of an answer that began to stream: verified, and on disk."""
        question, sealed = asked.meant(head_parse(Reply, answered.head))
        reply = self.outgoing.verified(asking, sealed, answered)
        if not (reply.problem or asked.closing):
            _inconsistent(asking.server, "it answered before it had the whole question")
        await self.gateway.record(
            side="consumer", question=question, asked=sealed, reply=reply, answered=answered
        )
        return reply


class Download:
    """A large answer on its way to the client. stack: its connection and its place, gone at its end."""

    def __init__(
        self,
        streams: ConsumerStreams,
        asking: Asking,
        asked: _Asked,
        opening: tuple[Reply, Sealed],
        frames: AsyncGenerator[Frame],
    ) -> None:
        self.streams = streams
        self.gateway = streams.gateway
        self.asking = asking
        self.asked = asked
        self.opening = opening
        self.frames = frames
        self.times = oprecord_times.current()
        self.stack = AsyncExitStack()

    async def drop(self) -> None:
        """Nobody wants it."""
        await self.stack.aclose()

    async def send(self, status: int, headers: Headers, receive: Receive, send: Send) -> None:
        """To the client; where it does not end well the response is left without its end, which cuts it."""
        times = oprecord_times.resume(self.times)
        try:
            async with self.stack:
                await self._send(status, headers, receive, send)
        except (AwayError, EnvelopeError) as error:
            await self._broken(refusals.peer_away(self.asking.server, str(error)))
        except TooMuchError:
            await self._broken(refusals.answer_too_large(self.gateway.config.stream_mib))
        except XRoadError as error:
            await self._broken(error)
        except (LogFullError, DatabaseError, MemoryFullError) as error:
            self._tell(self.streams.outgoing.refusal_in_words(error))
        finally:
            oprecord_times.end(times)

    async def _send(self, status: int, headers: Headers, receive: Receive, send: Send) -> None:
        """AwayError, EnvelopeError, TooMuchError, XRoadError, and what the log raises."""
        size = self.opening[0].body_size
        if size:
            headers = [*headers, (b"content-length", str(size).encode())]
        counted = Counted(most=self.gateway.config.stream_max, announced=size)
        last = b""
        with watched(receive) as left:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for kind, content in self.frames:
                if left.done():
                    raise refusals.client_left()
                if kind == PIECE:
                    counted.add(content)
                    if last:
                        await send({"type": "http.response.body", "body": last, "more_body": True})
                    last = content
                elif kind == CLOSING:
                    await self._close(sealed_decode(content), counted)
                    await send({"type": "http.response.body", "body": last})
                    return
                else:
                    await self._refused(sealed_decode(content))
                    return
            raise AwayError("it broke off")

    async def _close(self, answered: Sealed, counted: Counted) -> None:
        """On disk, once the signature is known to be the provider's on what came. XRoadError otherwise."""
        outgoing, (opening, _) = self.streams.outgoing, self.opening
        question, sealed = self.asked.meant(opening)
        reply = outgoing.head_verified(self.asking, sealed, answered)
        if not counted.fits(opening, reply, answered_at=reply.answered_at):
            _inconsistent(self.asking.server, "the body is not the one that was signed")
        await self.gateway.record(
            side="consumer", question=question, asked=sealed, reply=reply, answered=answered
        )

    async def _refused(self, answered: Sealed) -> None:
        """The provider's gateway says, signed, why there is no end."""
        reply = await self.streams.whole(self.asking, self.asked, answered)
        self._tell(refusals.from_peer(reply.problem, answered.body, self.asking.server))

    async def _broken(self, refusal: XRoadError) -> None:
        """Nobody signed the end: the row has the opening, without the body's digest, and says why."""
        self._tell(refusal)
        question, sealed = self.asked.meant(self.opening[0])
        reply = structs.replace(self.opening[0], problem=refusal.kind.type("modern"))
        try:
            await self.gateway.record(
                side="consumer", question=question, asked=sealed, reply=reply, answered=self.opening[1]
            )
        except (LogFullError, DatabaseError) as error:
            self._tell(self.streams.outgoing.refusal_in_words(error))

    def _tell(self, refusal: XRoadError) -> None:
        self.gateway.metrics.refused(refusal.kind.type("modern"))
        log.warning("answer broken off", id=self.asking.id, why=refusal.sentence.en)


def _inconsistent(server: str, why: str) -> NoReturn:
    raise refusals.inconsistent(server, why)
