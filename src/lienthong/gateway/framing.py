"""Lienthong's own frames for clients that do not know them: plain JSON in, plain JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from lienthong.blocks.exchange.wire import Request, Signature, SignedRequest, body_hash
from lienthong.blocks.trust.wire import canonical_json
from lienthong.gateway import refusals
from lienthong.gateway.frames import MEDIA_TYPE, FrameError, answer_decode, request_encode
from lienthong.gateway.xroad.headers import Headers, RequestMeta
from lienthong.ground.ids import derived

PURPOSE: Final = b"lienthong-purpose"
"""The header with which a client says for which purpose it asks, where it has agreements for more than one."""
JSON: Final = (b"Content-Type", b"application/json;charset=utf-8")
OK: Final = 200


def is_frame(headers: Headers) -> bool:
    return any(name.lower() == b"content-type" and value == MEDIA_TYPE.encode() for name, value in headers)


def frame_of(
    *,
    body: bytes,
    client: str,
    provider: str,
    service: str,
    purpose: str,
    meta: RequestMeta,
    at: datetime,
    sign: Callable[[bytes], Signature],
) -> bytes:
    """The JSON object of `body` (none: an empty one) as a signed frame. XRoadError where it is no object."""
    given = _object(body)
    head = Request(
        message_id=str(_message_id(client, meta.id)),
        client=client,
        provider=provider,
        service=service,
        purpose=purpose,
        case=meta.issue or "",
        officer=meta.user_id or "",
        sent_at=at.isoformat(),
        body_hash=body_hash(given),
    )
    return request_encode(SignedRequest(head, given, sign(head.signed_bytes())))


def unframed(status: int, body: bytes, provider: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and JSON of the system's answer. XRoadError where the system answered no frame."""
    try:
        answer = answer_decode(body)
    except FrameError as error:
        raise refusals.service_failed(provider, status) from error
    return answer.head.status, [JSON], canonical_json(answer.body)


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise refusals.no_json(str(error)) from error
    if not isinstance(found, dict):
        raise refusals.no_json("an object belongs here")
    return found  # pyright: ignore[reportUnknownVariableType]


def _message_id(client: str, given: str) -> UUID:
    """A UUID as it is; any other X-Road-Id becomes one, the same for the same client and id."""
    try:
        return UUID(given)
    except ValueError:
        return derived(client, given)
