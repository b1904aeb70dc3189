"""The way to one other gateway: what is to be sent at the same moment goes in one request (`bundles`).

Each answer comes back as soon as it is ready, so a slow service keeps none of the others waiting.
"""

from __future__ import annotations

import asyncio
from typing import Final

from lienthong.gateway.bundles import MEDIA_TYPE, MESSAGES_MAX, Frame, FrameReader, bundle_encode
from lienthong.gateway.envelope import HEAD_MAX
from lienthong.gateway.memory import Memory, MemoryFullError, hold
from lienthong.gateway.peers import AwayError, Peers, TooLargeError

REQUESTS_MAX: Final = 64
"""Requests under way to one gateway; what comes while there are as many goes together in the next."""
AT_ONCE: Final = 8
"""Up to so many under way, the next leaves at once; beyond, it waits a moment for company: connections cost memory."""
COMPANY_S: Final = 0.01
Waiting = tuple[bytes, "asyncio.Future[Frame]"]


class Link:
    """One for each other gateway."""

    def __init__(self, peers: Peers, url: str, *, body_max: int, memory: Memory) -> None:
        self.peers = peers
        self.memory = memory
        self.url = url
        self.body_max = body_max
        self._waiting: list[Waiting] = []
        self._scheduled = False
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(self, message: bytes) -> Frame:
        """The answer to an envelope.

        AwayError where none came; TooLargeError where it is larger than is taken, MemoryFullError than there is place.
        """
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, answer))
        del message  # once it is in a bundle, nobody needs it
        self._flush_soon()
        try:
            frame = await answer
        finally:
            del (
                answer
            )  # it and its error's traceback would keep each other alive, with all the bodies on the way
        if frame.content is None:
            raise TooLargeError
        hold(len(frame.content))
        return frame

    def _flush_soon(self) -> None:
        if self._scheduled:
            return
        self._scheduled = True
        loop = asyncio.get_running_loop()
        if len(self._under_way) < AT_ONCE:
            loop.call_soon(self._flush)
        else:
            loop.call_later(COMPANY_S, self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._under_way) < REQUESTS_MAX:
            task = asyncio.create_task(self._carry(self._next()))
            self._under_way.add(task)
            task.add_done_callback(self._carried)

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._waiting:
            self._flush_soon()

    def _next(self) -> list[Waiting]:
        """As many as fit one request; one that is larger goes alone."""
        size = count = 0
        for message, _ in self._waiting[:MESSAGES_MAX]:
            size += len(message)
            if count and size > self.body_max:
                break
            count += 1
        bundle, self._waiting = self._waiting[:count], self._waiting[count:]
        return bundle

    async def _carry(self, bundle: list[Waiting]) -> None:
        reader = FrameReader(self.body_max + 2 * HEAD_MAX)
        body = bundle_encode(message for message, _ in bundle)
        answers = [answer for _, answer in bundle]
        bundle.clear()
        missing: Exception = AwayError("it closed the connection before it answered")
        headers = [(b"Content-Type", MEDIA_TYPE.encode())]
        try:
            with self.memory.held() as held:
                async for data in self.peers.stream(self.url, headers=headers, body=body):
                    for frame in reader.feed(data):
                        if frame.place < len(answers) and not answers[frame.place].done():
                            answers[frame.place].set_result(frame)
                    held.become(reader.kept)
        except (AwayError, MemoryFullError) as error:
            missing = type(error)(str(error))  # not the error itself: its traceback holds the body
        for answer in answers:
            if not answer.done():
                answer.set_exception(type(missing)(str(missing)))
