"""What both sides of a gateway need for bodies that only pass through: a few pieces at a time, no file, and an end.

However large a body is, a gateway holds a window of it; who sends is read no faster than the next one takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from lienthong.gateway import refusals
from lienthong.gateway.asgi import CutShortError, Receive, TooSlowError
from lienthong.gateway.core import Gateway
from lienthong.gateway.patience import Patience
from lienthong.gateway.peers import AwayError, Opened, Peers, Sent
from lienthong.gateway.xroad.errors import Kind


class Slots:
    """How many bodies may stream at once on one side of a gateway (`streams`)."""

    def __init__(self, gateway: Gateway, side: str, full: Kind) -> None:
        self.gateway = gateway
        self.side = side
        self._full = full

    @contextmanager
    def taken(self) -> Generator[None]:
        """XRoadError where none is free."""
        config, used = self.gateway.config, self.gateway.streaming
        if used[self.side] >= config.streams:
            raise refusals.streams_full(config.server, config.streams, self._full)
        used[self.side] += 1
        try:
            yield
        finally:
            used[self.side] -= 1


class Window:
    """Pieces from a task that has them to one that writes them to a connection, one at a time.

    The body ends by `end` alone: without it the connection waits, and is cut.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(1)
        self._abandoned = False

    async def put(self, piece: bytes) -> None:
        """AwayError where the piece before it was not taken in time. Dropped where nobody wants any more."""
        if self._abandoned:
            return
        try:
            async with asyncio.timeout(self._patience_s):
                await self._pieces.put(piece)
        except TimeoutError as error:
            raise AwayError(f"it took nothing for {self._patience_s:g} s") from error

    async def end(self) -> None:
        """AwayError as `put`."""
        await self.put(b"")

    def abandon(self) -> None:
        """The other side has said all that it has to say: the rest is read, checked and dropped."""
        self._abandoned = True
        if not self._pieces.empty():
            self._pieces.get_nowait()

    async def pieces(self) -> AsyncGenerator[bytes]:
        while piece := await self._pieces.get():
            yield piece


@asynccontextmanager
async def piped(
    peers: Peers, request: Sent, pump: Callable[[Window], Awaitable[None]], *, patience_s: float
) -> AsyncGenerator[tuple[Opened, asyncio.Task[None]]]:
    """The answer to a request whose body `pump` puts into a window meanwhile; its head may come before the body's end.

    AwayError; what stopped the pump is raised in its place. At the end pump and connection are gone.
    """
    clock = asyncio.get_running_loop().time
    window, limit = Window(patience_s), asyncio.timeout(None)
    waiting = True

    async def pumped() -> None:
        wait_s = 0.0  # a pump that failed has cut the body: nothing will be answered
        try:
            await pump(window)
            await window.end()
            wait_s = request.answer_s + patience_s
        finally:
            if waiting:
                limit.reschedule(clock() + wait_s)

    async with AsyncExitStack() as stack:
        task = asyncio.create_task(pumped())
        stack.push_async_callback(_ended, task)
        try:
            async with limit:
                opened = await stack.enter_async_context(peers.opened(request, window.pieces()))
        except (AwayError, TimeoutError) as error:
            if task.done() and not task.cancelled() and (failure := task.exception()):
                raise failure from None
            raise AwayError(str(error) or f"no answer within {request.answer_s:g} s") from error
        finally:
            waiting = False
        if opened.ended:
            window.abandon()
        yield opened, task


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # told already, or of no interest any more


async def parts_of(receive: Receive, idle_s: float) -> AsyncGenerator[bytes]:
    """A request's body as it comes. CutShortError, TooSlowError."""
    patience = Patience(idle_s)
    more = True
    while more:
        try:
            async with patience.waiting():
                message = await receive()
        except TimeoutError as error:
            raise TooSlowError from error
        if message["type"] == "http.disconnect":
            raise CutShortError
        part: bytes = message.get("body", b"")
        patience.came(len(part))
        more = message.get("more_body", False)
        if part:
            yield part


async def gone(receive: Receive) -> None:
    """Returns once whoever asked is gone. Its body has been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def watched(receive: Receive) -> Generator[asyncio.Task[None]]:
    """A task that is done once whoever asked is gone: an ASGI server does not say so when something is sent."""
    task = asyncio.create_task(gone(receive))
    try:
        yield task
    finally:
        task.cancel()
