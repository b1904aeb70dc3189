"""Between two gateways: what waits together goes together, and one message's misfortune is its own."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from lienthong.gateway.bundles import Frame, FrameReader, bundle_decode, bundle_encode, frames_encode
from lienthong.gateway.config import config_of
from lienthong.gateway.envelope import MessageSignature, Sealed, sealed_decode, sealed_encode
from lienthong.gateway.links import AT_ONCE, Link
from lienthong.gateway.memory import Memory
from lienthong.gateway.peers import AwayError, TooLargeError
from lienthong.gateway.provider_door import ProviderDoor

Reply = Callable[[list[bytes]], AsyncGenerator[bytes]]


class OtherGateway:
    """Plays the way out: answers each request as the test says, and counts them."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[list[bytes]] = []
        self.asked = asyncio.Condition()

    async def stream(self, _url: str, *, headers: Any, body: bytes) -> AsyncGenerator[bytes]:
        assert headers == [(b"Content-Type", b"application/vnd.lienthong.bundle")]
        self.requests.append(bundle_decode(body))
        async with self.asked:
            self.asked.notify_all()
        async for data in self.reply(self.requests[-1]):
            yield data

    async def more_than(self, count: int) -> None:
        async with self.asked:
            await self.asked.wait_for(lambda: len(self.requests) > count)


async def echoed(messages: list[bytes]) -> AsyncGenerator[bytes]:
    """The last first: answers come in any order."""
    frames = [(place, 200, [message]) for place, message in enumerate(messages)]
    for part in frames_encode(reversed(frames)):
        yield part


def link_to(other: OtherGateway) -> Link:
    return Link(other, "https://other/exchange", body_max=1000, memory=Memory(1 << 20))  # type: ignore[arg-type]


def asked(other: OtherGateway, messages: list[bytes]) -> list[Frame | BaseException]:
    async def all_at_once() -> list[Frame | BaseException]:
        link = link_to(other)
        return await asyncio.gather(*map(link.send, messages), return_exceptions=True)

    return asyncio.run(all_at_once())


def test_messages_of_one_moment_go_in_one_request_and_each_gets_its_own_answer() -> None:
    other = OtherGateway(echoed)
    messages = [b"%d" % number for number in range(20)]
    found = asked(other, messages)
    assert [frame.content for frame in found if isinstance(frame, Frame)] == messages
    assert other.requests == [messages]


def test_a_request_is_no_larger_than_a_body_may_be_unless_one_message_is() -> None:
    other = OtherGateway(echoed)
    messages = [b"a" * 700, b"b" * 700, b"c" * 200, b"d" * 1500]
    found = asked(other, messages)
    assert [frame.content for frame in found if isinstance(frame, Frame)] == messages
    assert sorted(map(len, other.requests)) == [1, 1, 2]


def test_where_the_connection_ends_early_whoever_waits_hears_of_it_and_the_others_have_their_answers() -> (
    None
):
    async def first_only(messages: list[bytes]) -> AsyncGenerator[bytes]:
        yield b"".join(frames_encode([(0, 200, [messages[0]])]))

    found = asked(OtherGateway(first_only), [b"1", b"2", b"3"])
    assert found[0] == Frame(0, 200, b"1")
    assert all(isinstance(one, AwayError) for one in found[1:])


def test_an_answer_that_is_too_large_is_told_and_the_next_still_read() -> None:
    async def large(_messages: list[bytes]) -> AsyncGenerator[bytes]:
        size = 1000 + 2 * 128 * 1024 + 1
        yield struct.pack(">IHI", 0, 200, size)
        for _ in range(size // 1000):
            yield b"x" * 1000
        yield b"x" * (size % 1000)
        yield b"".join(frames_encode([(1, 200, [b"2"])]))

    found = asked(OtherGateway(large), [b"1", b"2"])
    assert isinstance(found[0], TooLargeError)
    assert found[1] == Frame(1, 200, b"2")


def test_frames_for_places_that_were_not_asked_are_passed_over() -> None:
    async def wild(messages: list[bytes]) -> AsyncGenerator[bytes]:
        yield b"".join(frames_encode([(7, 200, [b"?"]), (0, 200, [b"1"]), (0, 200, [b"again"])]))

    assert asked(OtherGateway(wild), [b"1"]) == [Frame(0, 200, b"1")]


def test_beyond_a_few_requests_under_way_the_next_ones_go_together() -> None:
    release = asyncio.Event()

    async def held(messages: list[bytes]) -> AsyncGenerator[bytes]:
        await release.wait()
        async for part in echoed(messages):
            yield part

    other = OtherGateway(held)

    async def one_after_another() -> list[Frame]:
        link = link_to(other)
        tasks: list[asyncio.Task[Frame]] = []
        for number in range(AT_ONCE + 5):
            tasks.append(asyncio.create_task(link.send(b"%d" % number)))
            for _ in range(5):
                await asyncio.sleep(0)
        await other.more_than(AT_ONCE)
        release.set()
        return await asyncio.gather(*tasks)

    found = asyncio.run(one_after_another())
    assert [frame.content for frame in found] == [b"%d" % number for number in range(AT_ONCE + 5)]
    assert list(map(len, other.requests)) == [1] * AT_ONCE + [5]


class OneBreaks:
    """A provider's side that cannot answer one of its questions, for no reason that anybody foresaw."""

    async def answer(self, sealed: Sealed) -> Sealed:
        if sealed.head == b"bad":
            raise RuntimeError("unforeseen")
        return sealed


def test_a_message_that_breaks_is_told_so_and_the_others_of_its_request_are_answered(tmp_path: Any) -> None:
    sealed = [Sealed(head, MessageSignature("v", "c", "a"), b"") for head in (b"good", b"bad", b"fine")]
    sent: list[dict[str, Any]] = []

    class Behind:
        memory = Memory(1 << 20)
        config = config_of(
            {
                "server": "VN/GOV/T01/gw1",
                "control": "",
                "database": "",
                "authority": str(tmp_path),
                "consumer": "127.0.0.1:1",
                "provider": "127.0.0.1:2",
                "system_url": "",
                "copy": str(tmp_path / "copy"),
            }
        )

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bundle_encode(map(sealed_encode, sealed))}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    door: Callable[..., Awaitable[None]] = ProviderDoor(Behind(), OneBreaks())  # type: ignore[arg-type]
    scope = {"type": "http", "method": "POST", "path": "/exchange", "headers": []}
    asyncio.run(door(scope, receive, send))  # type: ignore[arg-type]
    frames = FrameReader(1000).feed(b"".join(event.get("body", b"") for event in sent))
    assert {frame.place: frame.status for frame in frames} == {0: 200, 1: 500, 2: 200}
    good = next(frame for frame in frames if frame.place == 0)
    assert sealed_decode(good.content or b"").head == b"good"
    assert not sent[-1].get("more_body")
