"""What another gateway may do wrong with a large message: the member's system never sees a complete one for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway.envelope import (
    EnvelopeError,
    Question,
    Reply,
    Sealed,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.patience import Patience
from lienthong.gateway.pieces import (
    CLOSING,
    OPENING,
    PIECE,
    PIECE_MAX,
    WHOLE,
    Counted,
    TooMuchError,
    frame,
    frames_of,
    pieces_of,
)
from tests.gateway.conftest import Exchange
from tests.gateway.control import FRAMED, TWO
from tests.gateway.peer import Peer
from tests.gateway.streaming import gateway_settings, nothing_is_left, seen, system
from tests.nation.programs import wait_until

__all__ = ["gateway_settings", "nothing_is_left", "system"]
pytestmark = pytest.mark.usefixtures("nothing_is_left")
BODY = b"a large body" * 20_000
INVALID = "server.serverproxy.invalid_signature_value"
BROKEN = "server.serverproxy.invalid_message"


@pytest.fixture
def peer(exchange: Exchange, tmp_path: Path) -> Iterator[Peer]:
    made = Peer(exchange, tmp_path / "tls")
    yield made
    made.browser.close()


class Stream:
    """A question as a gateway sends it; a test changes what it wants changed."""

    def __init__(self, peer: Peer, *, target: str = "/take", **given: Any) -> None:
        headers = [("X-Road-Id", message_id := f"bad-{time.monotonic_ns()}")]
        self.peer = peer
        self.opening = peer.question(
            id=message_id, target=target, headers=headers, **{"body_hash": "", "body_size": 0, **given}
        )
        at = datetime.now(UTC).isoformat()
        self.closing = structs.replace(
            self.opening, body_hash=sha256_hex(BODY), body_size=len(BODY), request_hash="h", sent_at=at
        )
        self.body = BODY

    def frames(self, *, member: str = "VN/GOV/T01") -> list[bytes]:
        first = frame(OPENING, sealed_encode(self.peer.sealed(self.opening, body=b"")))
        last = frame(CLOSING, sealed_encode(self.peer.sealed(self.closing, member=member, body=b"")))
        return [first, *(frame(PIECE, piece) for piece in pieces_of(self.body)), last]

    def send(self, frames: list[bytes]) -> httpx.Response:
        url = self.peer.url.replace("/exchange", "/stream")
        return self.peer.browser.post(url, content=iter(frames))

    def told(self, frames: list[bytes]) -> list[tuple[int, bytes]]:
        got = self.send(frames)
        assert got.status_code == 200, got.text
        return read([got.content])

    def problem(self, frames: list[bytes]) -> str:
        [(kind, content)] = self.told(frames)
        assert kind == WHOLE
        return head_parse(Reply, sealed_decode(content).head).problem


def read(parts: list[bytes], whole_max: int = 1 << 20) -> list[tuple[int, bytes]]:
    async def given() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async def found() -> list[tuple[int, bytes]]:
        return [one async for one in frames_of(given(), whole_max=whole_max)]

    return asyncio.run(found())


def test_a_right_stream_is_answered(exchange: Exchange, peer: Peer, system: str) -> None:
    stream = Stream(peer)
    [(kind, content)] = stream.told(stream.frames())
    answered = sealed_decode(content)
    reply = head_parse(Reply, answered.head)
    assert (kind, reply.problem, sha256_hex(BODY).encode() in answered.body) == (WHOLE, "", True)
    [row] = exchange.logged(TWO, stream.opening.id)
    assert head_parse(Question, bytes(row["question"])) == stream.closing
    assert seen(system, stream.opening.id)["whole"]


def changed_body(stream: Stream) -> list[bytes]:
    stream.body = BODY[:-1] + b"?"
    return stream.frames()


def longer_body(stream: Stream) -> list[bytes]:
    stream.body = BODY + b"?"
    return stream.frames()


def another_signer(stream: Stream) -> list[bytes]:
    return stream.frames(member="VN/GOV/T02")


def another_purpose(stream: Stream) -> list[bytes]:
    stream.closing = structs.replace(stream.closing, purpose="statistics")
    return stream.frames()


def another_target(stream: Stream) -> list[bytes]:
    stream.closing = structs.replace(stream.closing, target="/elsewhere")
    return stream.frames()


def another_signature(stream: Stream) -> list[bytes]:
    sealed = stream.peer.sealed(stream.closing, body=b"")
    wrong = stream.peer.sealed(stream.opening, body=b"").signature
    return [*stream.frames()[:-1], frame(CLOSING, sealed_encode(Sealed(sealed.head, wrong, b"")))]


def not_closed(stream: Stream) -> list[bytes]:
    return stream.frames()[:-1]


def closed_by_a_whole(stream: Stream) -> list[bytes]:
    return [*stream.frames()[:-1], frame(WHOLE, b"x")]


def no_frame(stream: Stream) -> list[bytes]:
    return [*stream.frames()[:-1], b"\xff" * 40]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (changed_body, INVALID),
        (longer_body, INVALID),
        (another_signer, INVALID),
        (another_purpose, INVALID),
        (another_target, INVALID),
        (another_signature, INVALID),
        (not_closed, BROKEN),
        (closed_by_a_whole, BROKEN),
        (no_frame, BROKEN),
    ],
)
def test_the_system_never_has_the_whole_of_what_was_not_signed(
    exchange: Exchange, peer: Peer, system: str, change: Any, problem: str
) -> None:
    stream = Stream(peer)
    frames = change(stream)
    assert stream.problem(frames) == problem
    wait_until(lambda: seen(system, stream.opening.id)["size"] > 0)
    row = seen(system, stream.opening.id)
    assert (row["whole"], row["size"] < len(BODY)) == (False, True)
    [logged] = exchange.logged(TWO, stream.opening.id)
    assert (logged["problem"], head_parse(Question, bytes(logged["question"]))) == (problem, stream.opening)


def test_an_announced_length_is_held_to(peer: Peer, system: str) -> None:
    for size, problem in ((len(BODY) - 1, "client.bad_request"), (len(BODY) + 1, INVALID)):
        stream = Stream(peer, body_size=size)
        assert stream.problem(stream.frames()) == problem
        assert not seen(system, stream.opening.id)["whole"]


def test_an_opening_is_checked_like_any_question(peer: Peer, system: str) -> None:
    for problem, given in (
        ("server.serverproxy.access_denied", {"code": "secret"}),
        (
            "server.serverproxy.message_outdated",
            {"sent_at": (datetime.now(UTC) - timedelta(minutes=10)).isoformat()},
        ),
        ("client.bad_request", {"target": "/../secret"}),
        ("client.bad_request", {"provider": FRAMED}),
        (INVALID, {"body_hash": sha256_hex(BODY)}),
        (INVALID, {"body_size": 1 << 40}),
    ):
        stream = Stream(peer, **given)
        assert stream.problem(stream.frames()) == problem
        assert stream.opening.id not in [row["id"] for row in httpx.get(f"{system}/seen").json()]


def test_a_stream_is_taken_once_and_its_heads_are_no_messages_of_their_own(peer: Peer) -> None:
    stream = Stream(peer)
    frames = stream.frames()
    assert [kind for kind, _ in stream.told(frames)] == [WHOLE]
    replayed = "server.serverproxy.message_replayed"
    assert stream.problem(frames) == replayed
    assert peer.problem(peer.sealed(stream.closing, body=BODY)) == replayed
    assert peer.problem(peer.sealed(stream.opening, body=b"")) == INVALID


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 40, frame(PIECE, b"x"), frame(OPENING, b"x")])
def test_what_is_no_stream_is_a_bad_request(peer: Peer, data: bytes) -> None:
    got = peer.browser.post(peer.url.replace("/exchange", "/stream"), content=data)
    assert (got.status_code, "no stream" in got.json()["error"]) == (400, True)


def test_a_large_answer_is_fetched_once_and_not_without_end(exchange: Exchange, peer: Peer) -> None:
    ways: list[str] = []
    asked = [peer.question(target=f"/pour?size={3 << 20}", method="GET", body=b"") for _ in range(2)]
    for question in asked:
        status, token = peer.send(sealed_encode(peer.sealed(question, body=b"")))
        assert status == 202
        ways.append(peer.url.replace("/exchange", f"/stream/{token.decode()}"))
    got = peer.browser.post(ways[0])
    kinds = [kind for kind, _ in read([got.content])]
    assert (kinds[0], set(kinds[1:-1]), kinds[-1]) == (OPENING, {PIECE}, CLOSING)
    assert peer.browser.post(ways[0]).status_code == 404
    wait_until(lambda: len(exchange.logged(TWO, asked[1].id)) == 1, seconds=10)
    problems = [exchange.logged(TWO, question.id)[0]["problem"] for question in asked]
    assert problems == ["", "server.serverproxy.network_error"]
    assert peer.browser.post(ways[1]).status_code == 404


def test_frames_are_read_from_whatever_parts_they_come_in() -> None:
    whole = frame(OPENING, b"head") + frame(PIECE, b"x" * PIECE_MAX) + frame(CLOSING, b"end")
    expected = [(OPENING, b"head"), (PIECE, b"x" * PIECE_MAX), (CLOSING, b"end")]
    for step in (1, 7, 4096, len(whole)):
        assert read([whole[at : at + step] for at in range(0, len(whole), step)]) == expected
    assert read([whole[:-1]]) == expected[:-1]


@pytest.mark.parametrize(
    "data",
    [
        frame(PIECE, b""),
        frame(PIECE, b"x" * (PIECE_MAX + 1)),
        frame(0, b"x"),
        frame(5, b"x"),
        b"\x02\xff\xff\xff\xff",
    ],
)
def test_a_frame_that_is_none_is_refused_by_its_head(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read([data[:5]])


def test_a_body_is_held_to_what_was_announced() -> None:
    for counted in (Counted(most=10), Counted(most=100, announced=10)):
        counted.add(b"x" * 10)
        with pytest.raises(TooMuchError):
            counted.add(b"x")


def test_a_byte_now_and_then_uses_patience_up_and_other_waiting_does_not() -> None:
    async def waited(came: int, pause_s: float, between_s: float) -> bool:
        patience = Patience(0.2)
        for _ in range(10):
            try:
                async with patience.waiting():
                    await asyncio.sleep(pause_s)
            except TimeoutError:
                return False
            patience.came(came)
            await asyncio.sleep(between_s)
        return True

    async def all_of_them() -> list[bool]:
        cases = ((1, 0.05, 0.0), (64 * 1024, 0.05, 0.0), (1, 0.0, 0.05), (64 * 1024, 0.5, 0.0))
        return await asyncio.gather(*(waited(*case) for case in cases))

    assert asyncio.run(all_of_them()) == [False, True, True, False]
