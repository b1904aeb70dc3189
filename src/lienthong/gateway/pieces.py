"""A message whose body is too large to be held, as bytes between gateways: what is signed, with the body in between.

A stream is a row of frames, each a kind (1 byte), a length (4 bytes) and so much content. OPENING: the sealed head
without the body's digest, so that it can be checked before anything is passed on; PIECE: some of the body; CLOSING: the
sealed head as it stays, with the digest; WHOLE: a whole envelope instead, which is a small answer or a refusal.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from typing import Final, TypeVar

from msgspec import structs

from lienthong.gateway.envelope import HEAD_MAX, EnvelopeError, Question, Reply
from lienthong.gateway.memory import hold

MEDIA_TYPE: Final = "application/vnd.lienthong.stream"
OPENING: Final = 1
PIECE: Final = 2
CLOSING: Final = 3
WHOLE: Final = 4
PIECE_MAX: Final = 64 * 1024
"""Small, so that a slow side is seen to make progress, and that little is held."""
_HEAD: Final = struct.Struct(">BI")

Frame = tuple[int, bytes]
H = TypeVar("H", Question, Reply)


class TooMuchError(ValueError):
    """The body grows beyond what is taken, or beyond what was announced."""


def frame(kind: int, content: bytes) -> bytes:
    return _HEAD.pack(kind, len(content)) + content


def pieces_of(part: bytes) -> Iterator[bytes]:
    """A part of a body as it came, in pieces that a frame takes."""
    if len(part) <= PIECE_MAX:
        yield part
        return
    for at in range(0, len(part), PIECE_MAX):
        yield part[at : at + PIECE_MAX]


async def frames_of(parts: AsyncIterable[bytes], *, whole_max: int) -> AsyncGenerator[Frame]:
    """Frames from whatever parts they come in. EnvelopeError where a frame is none, or larger than is taken.

    whole_max: bytes of the body in a WHOLE frame, which is held (MemoryFullError). What is left of a frame that was
    cut short is dropped.
    """
    most = {OPENING: 2 * HEAD_MAX, PIECE: PIECE_MAX, CLOSING: 2 * HEAD_MAX, WHOLE: whole_max + 2 * HEAD_MAX}
    kept, reserved = bytearray(), False
    async for part in parts:
        kept += part
        while len(kept) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(kept)
            if not 0 < length <= most.get(kind, 0):
                raise EnvelopeError(f"a frame of kind {kind} and {length} bytes")
            if kind == WHOLE and not reserved:
                hold(length)
                reserved = True
            end = _HEAD.size + length
            if len(kept) < end:
                break
            content = bytes(kept[_HEAD.size : end])
            del kept[:end]
            yield kind, content


async def first_of(frames: AsyncIterable[Frame]) -> Frame:
    """Kind 0 where there is none."""
    async for found in frames:
        return found
    return 0, b""


class Counted:
    """Digest and size of a body that streams by. announced: its size where that was said, 0 where it was not."""

    def __init__(self, *, most: int, announced: int = 0) -> None:
        self.size = 0
        self._most = min(most, announced or most)
        self._digest = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        """TooMuchError."""
        self.size += len(piece)
        if self.size > self._most:
            raise TooMuchError
        self._digest.update(piece)

    def closes(self, opening: H, **more: str) -> H:
        """The head as it stays: of the opening, with what is known now."""
        return structs.replace(opening, body_hash=self._digest.hexdigest(), body_size=self.size, **more)

    def fits(self, opening: H, final: H, **may_differ: str) -> bool:
        """Whether `final` closes this body's opening. may_differ: its own values of what was not known before."""
        return final == self.closes(opening, **may_differ) and opening.body_size in {0, self.size}


def opens(head: Question | Reply, most: int) -> bool:
    """Whether a head is an opening: without a digest, so that nobody takes it for a whole message."""
    return not head.body_hash and 0 <= head.body_size <= most
