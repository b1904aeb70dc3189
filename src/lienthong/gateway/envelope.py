"""One exchange between two gateways as bytes: a signed head, its signature, and the body as it came.

The head is canonical JSON that holds all the headers and the body's digest, so one signature covers the whole
message, whatever the body's format. Layout: 4 bytes of length, head, 4 bytes of length, signature, body.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import msgspec

from lienthong.blocks.trust.wire import sha256_hex

HEAD_MAX: Final = 128 * 1024
_LENGTH: Final = struct.Struct(">I")

Headers = Sequence[tuple[bytes, bytes]]
H = TypeVar("H", "Question", "Reply")
T = TypeVar("T")


class EnvelopeError(ValueError):
    """The bytes are no envelope: why, for the log and the peer."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the consumer's gateway signs in its member's name.

    id: X-Road-Id; request_id: this try's UUID; target: raw path and query behind the service; headers: kept
    ones, name and value in their order; request_hash: as X-Road computes it; server: the asking gateway.
    """

    id: str
    request_id: str
    client: str
    provider: str
    code: str
    method: str
    target: str
    purpose: str
    case: str
    user: str
    headers: list[tuple[str, str]]
    body_hash: str
    body_size: int
    request_hash: str
    server: str
    sent_at: str


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider's gateway signs; bound to its question by question_hash."""

    id: str
    request_id: str
    question_hash: str
    status: int
    problem: str
    headers: list[tuple[str, str]]
    body_hash: str
    body_size: int
    server: str
    answered_at: str


class MessageSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """value: base64; certificate: the signer's, by its fingerprint; at: XAdES' signing time, ISO 8601.

    proof: the message's way to the root of the batch that was signed (`signing`); empty where it was signed alone.
    """

    value: str
    certificate: str
    at: str
    proof: str = ""

    def text(self) -> str:
        """As it travels and as it is logged."""
        return _encode(self).decode()

    @staticmethod
    def parse(data: bytes | str) -> MessageSignature:
        """EnvelopeError where it is none."""
        return _decoded(_signature, data)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head as it was signed, its signature, and the body."""

    head: bytes
    signature: MessageSignature
    body: bytes

    def head_hash(self) -> str:
        return sha256_hex(self.head)


_encode: Final = msgspec.json.Encoder(order="sorted").encode
_signature: Final = msgspec.json.Decoder(MessageSignature)
_heads: Final = {kind: msgspec.json.Decoder(kind) for kind in (Question, Reply)}


def head_bytes(head: Question | Reply) -> bytes:
    """Canonical JSON, as `wire.canonical_json` writes it."""
    return _encode(head)


def headers_text(headers: Headers) -> list[tuple[str, str]]:
    """Header bytes as text that keeps every byte (ISO 8859-1)."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def headers_raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def sealed_parts(sealed: Sealed) -> tuple[bytes, bytes]:
    """The envelope in two parts, so that a large body need not be copied."""
    signature = sealed.signature.text().encode()
    heads = (_LENGTH.pack(len(sealed.head)), sealed.head, _LENGTH.pack(len(signature)), signature)
    return b"".join(heads), sealed.body


def sealed_encode(sealed: Sealed) -> bytes:
    return b"".join(sealed_parts(sealed))


def sealed_decode(data: bytes) -> Sealed:
    """EnvelopeError where the bytes are cut short, too long in the head, or not of this form."""
    head, rest = _part(data, 0)
    signature, rest = _part(data, rest)
    return Sealed(head, MessageSignature.parse(signature), data[rest:])


def head_parse(kind: type[H], head: bytes) -> H:
    """EnvelopeError unless the head has exactly this kind's fields, each of its type."""
    return _decoded(cast("msgspec.json.Decoder[H]", _heads[kind]), head)


def _decoded(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EnvelopeError(str(error)) from error


def _part(data: bytes, start: int) -> tuple[bytes, int]:
    if len(data) < start + 4:
        raise EnvelopeError("cut short")
    (length,) = _LENGTH.unpack_from(data, start)
    if length > HEAD_MAX:
        raise EnvelopeError(f"a head of {length} bytes, {HEAD_MAX} at most")
    end = start + 4 + length
    if len(data) < end:
        raise EnvelopeError("cut short")
    return data[start + 4 : end], end
