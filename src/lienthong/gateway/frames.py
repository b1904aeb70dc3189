"""Signed questions and answers as bytes between instances: canonical JSON."""

from __future__ import annotations

import json
from typing import Any

from lienthong.blocks.exchange.wire import (
    Answer,
    Request,
    Signature,
    SignedAnswer,
    SignedRequest,
    fields_of,
)
from lienthong.blocks.trust.wire import canonical_json

MEDIA_TYPE = "application/vnd.lienthong.exchange+json"
SIZE_MAX = 10 * 1024 * 1024


class FrameError(ValueError):
    """The bytes are no frame: why, for the log."""


def request_encode(request: SignedRequest) -> bytes:
    return _encoded(request)


def answer_encode(answer: SignedAnswer) -> bytes:
    return _encoded(answer)


def _encoded(frame: SignedRequest | SignedAnswer) -> bytes:
    head, signature = fields_of(frame.head), fields_of(frame.signature)
    return canonical_json({"head": head, "body": frame.body, "signature": signature})


def request_decode(data: bytes) -> SignedRequest:
    """Raise FrameError where the bytes are too many, no JSON, or not of this form."""
    head, body, signature = _parts(data)
    return SignedRequest(_made(Request, head), body, _made(Signature, signature))


def answer_decode(data: bytes) -> SignedAnswer:
    """Raise FrameError as `request_decode`."""
    head, body, signature = _parts(data)
    return SignedAnswer(_made(Answer, head), body, _made(Signature, signature))


def _parts(data: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    if len(data) > SIZE_MAX:
        raise FrameError(f"{len(data)} bytes, {SIZE_MAX} at most")
    try:
        frame = json.loads(data)
        parts = frame["head"], frame["body"], frame["signature"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FrameError(f"not a frame: {type(error).__name__}") from error
    if not all(isinstance(part, dict) for part in parts):
        raise FrameError("head, body and signature are objects")
    return parts


def _made(kind: Any, fields: dict[str, Any]) -> Any:
    expected = kind.__dataclass_fields__
    if set(fields) != set(expected):
        raise FrameError(f"{kind.__name__} has the fields {sorted(expected)}")
    for name, field in expected.items():
        wanted = int if field.type == "int" else str
        if type(fields[name]) is not wanted:
            raise FrameError(f"{name} is {wanted.__name__}")
    return kind(**fields)
