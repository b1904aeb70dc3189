"""One exchange between two gateways as bytes: a signed head, its signature, and the body as it came.

The head is canonical JSON that holds all the headers and the body's digest, so one signature covers the whole
message, whatever the body's format. Layout: 4 bytes of length, head, 4 bytes of length, signature, body.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar, cast

from lienthong.blocks.trust.wire import canonical_json, sha256_hex

HEAD_MAX: Final = 128 * 1024
_LENGTH: Final = struct.Struct(">I")

Headers = Sequence[tuple[bytes, bytes]]
H = TypeVar("H", "Question", "Reply")


class EnvelopeError(ValueError):
    """The bytes are no envelope: why, for the log and the peer."""


@dataclass(frozen=True, slots=True)
class Question:
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
    headers: list[list[str]]
    body_hash: str
    body_size: int
    request_hash: str
    server: str
    sent_at: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider's gateway signs; bound to its question by question_hash."""

    id: str
    request_id: str
    question_hash: str
    status: int
    problem: str
    headers: list[list[str]]
    body_hash: str
    body_size: int
    server: str
    answered_at: str


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """value: base64; certificate: the signer's, by its fingerprint; at: XAdES' signing time, ISO 8601.

    proof: the message's way to the root of the batch that was signed (`signing`); empty where it was signed alone.
    """

    value: str
    certificate: str
    at: str
    proof: str = ""

    def text(self) -> str:
        """As it travels and as it is logged."""
        return canonical_json({name: getattr(self, name) for name in _SIGNATURE}).decode()

    @staticmethod
    def parse(data: bytes | str) -> MessageSignature:
        """EnvelopeError where it is none."""
        found = _object(data)
        if found.keys() != _SIGNATURE or not all(isinstance(value, str) for value in found.values()):
            raise EnvelopeError(f"a signature has the fields {', '.join(sorted(_SIGNATURE))}")
        return MessageSignature(**found)


_SIGNATURE: Final = {one.name for one in fields(MessageSignature)}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head as it was signed, its signature, and the body."""

    head: bytes
    signature: MessageSignature
    body: bytes

    def head_hash(self) -> str:
        return sha256_hex(self.head)


def head_bytes(head: Question | Reply) -> bytes:
    return canonical_json({name: getattr(head, name) for name in head.__dataclass_fields__})


def headers_text(headers: Headers) -> list[list[str]]:
    """Header bytes as text that keeps every byte (ISO 8859-1)."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def headers_raw(headers: list[list[str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


_EXPECTED: Final = {
    kind: {field.name: str(field.type) for field in fields(kind)} for kind in (Question, Reply)
}


def sealed_encode(sealed: Sealed) -> bytes:
    signature = sealed.signature.text().encode()
    parts = [
        _LENGTH.pack(len(sealed.head)),
        sealed.head,
        _LENGTH.pack(len(signature)),
        signature,
        sealed.body,
    ]
    return b"".join(parts)


def sealed_decode(data: bytes) -> Sealed:
    """EnvelopeError where the bytes are cut short, too long in the head, or not of this form."""
    head, rest = _part(data, 0)
    signature, rest = _part(data, rest)
    return Sealed(head, MessageSignature.parse(signature), data[rest:])


def head_parse(kind: type[H], head: bytes) -> H:
    """EnvelopeError unless the head has exactly this kind's fields, each of its type."""
    found = _object(head)
    expected = _EXPECTED[kind]
    if found.keys() != expected.keys():
        raise EnvelopeError(f"a {kind.__name__} has the fields {', '.join(sorted(expected))}")
    for name, wanted in expected.items():
        if not _fits(found[name], wanted):
            raise EnvelopeError(f"{name}: {wanted} belongs here")
    return kind(**found)


def _fits(value: Any, wanted: str) -> bool:
    if wanted == "str":
        return isinstance(value, str)
    if wanted == "int":
        return type(value) is int
    pairs = cast("list[Any]", value) if isinstance(value, list) else [None]
    return all(isinstance(pair, list) and _is_pair(cast("list[Any]", pair)) for pair in pairs)


def _is_pair(pair: list[Any]) -> bool:
    return len(pair) == 2 and all(isinstance(part, str) for part in pair)  # noqa: PLR2004 - name and value


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


def _object(data: bytes | str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EnvelopeError(f"no JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise EnvelopeError("an object belongs here")
    return cast("dict[str, Any]", found)
