"""Several messages in one HTTP request between gateways, and their answers in the order in which they are ready.

Request: for each message 4 bytes of length and its envelope. Response: for each answer 4 bytes with the message's
place in the request, 2 with an HTTP status, 4 of length, and the signed envelope (200) or the error as JSON.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lienthong.gateway.envelope import EnvelopeError

MEDIA_TYPE: Final = "application/vnd.lienthong.bundle"
MESSAGES_MAX: Final = 128
LARGE: Final = 16 * 1024
_LENGTH: Final = struct.Struct(">I")
_HEAD: Final = struct.Struct(">IHI")


@dataclass(frozen=True, slots=True)
class Frame:
    """place: of the message in its request; content: None where it is larger than the reader takes."""

    place: int
    status: int
    content: bytes | None


def bundle_encode(messages: Iterable[bytes]) -> bytes:
    parts: list[bytes] = []
    for message in messages:
        parts += (_LENGTH.pack(len(message)), message)
    return b"".join(parts)


def bundle_decode(data: bytes) -> list[bytes]:
    """EnvelopeError where it is empty, cut short, or of more messages than are taken."""
    messages: list[bytes] = []
    at = 0
    while at < len(data):
        if len(data) < at + _LENGTH.size:
            raise EnvelopeError("cut short")
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if len(data) < at + length:
            raise EnvelopeError("cut short")
        if len(messages) == MESSAGES_MAX:
            raise EnvelopeError(f"more than {MESSAGES_MAX} messages")
        messages.append(data[at : at + length])
        at += length
    if not messages:
        raise EnvelopeError("no message")
    return messages


def frames_encode(frames: Iterable[tuple[int, int, Sequence[bytes]]]) -> Iterator[bytes]:
    """Place, status and content (in parts) of each, as parts of a response.

    Small parts are put together, a large one is not copied.
    """
    small: list[bytes] = []
    for place, status, content in frames:
        small.append(_HEAD.pack(place, status, sum(map(len, content))))
        for part in content:
            if len(part) < LARGE:
                small.append(part)
            else:
                yield b"".join(small)
                yield part
                small = []
    if small:
        yield b"".join(small)


class FrameReader:
    """Puts frames together from whatever parts they arrive in."""

    def __init__(self, content_max: int) -> None:
        self.content_max = content_max
        self._kept = bytearray()
        self._skip = 0

    @property
    def kept(self) -> int:
        """Bytes of frames that are not whole yet."""
        return len(self._kept)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now; one that is too large is told of at once and never kept."""
        found: list[Frame] = []
        self._kept += data
        while True:
            if self._skip:
                gone = min(self._skip, len(self._kept))
                del self._kept[:gone]
                self._skip -= gone
            if len(self._kept) < _HEAD.size:
                return found
            place, status, length = _HEAD.unpack_from(self._kept)
            if length > self.content_max:
                found.append(Frame(place, status, None))
                self._skip = _HEAD.size + length
                continue
            if len(self._kept) < _HEAD.size + length:
                return found
            end = _HEAD.size + length
            with memoryview(self._kept) as kept:
                found.append(Frame(place, status, bytes(kept[_HEAD.size : end])))
            del self._kept[:end]
