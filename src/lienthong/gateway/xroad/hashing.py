"""The bytes that stand for a REST message in hashes, signatures and the log, and the request hash over them.

PR-REST 1.0.4 §4.3 (X-Road-Request-Hash), with the head's bytes as X-Road 7 writes them (not the HTTP on the wire).
"""

from __future__ import annotations

import base64
import hashlib

from lienthong.gateway.xroad.headers import ID, REQUEST_ID, Headers, method_check


class BodyDigest:
    """Of a body that streams by; a body without a single byte is no body."""

    def __init__(self) -> None:
        self._hash = hashlib.sha512()
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    def update(self, chunk: bytes | memoryview) -> None:
        self._hash.update(chunk)
        self._size += len(chunk)

    def digest(self) -> bytes | None:
        return self._hash.digest() if self._size else None


def request_head(
    method: str, target: bytes, headers: Headers, request_id: str, *, generated_id: str | None = None
) -> bytes:
    """`target` is the raw path with `?query`, if any; `headers` are those of `request_kept`.

    A message id that the gateway made (`generated_id`) follows the request id, as X-Road appends it.
    """
    method_check(method)
    lines = [method.encode(), target, *(name + b":" + value for name, value in headers)]
    lines.append(REQUEST_ID + b":" + request_id.encode())
    if generated_id is not None:
        lines.append(ID + b":" + generated_id.encode())
    return b"\r\n".join(lines) + b"\r\n"


def response_head(status: int, reason: str, headers: Headers) -> bytes:
    """`headers` are those of `response_headers`."""
    lines = [str(status).encode(), reason.encode(), *(name + b":" + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n"


def request_hash(head: bytes, body_digest: bytes | None) -> str:
    """base64(SHA512(SHA512(head) ‖ SHA512(body))), or base64(SHA512(head)) without a body."""
    digest = hashlib.sha512(head).digest()
    if body_digest is not None:
        digest = hashlib.sha512(digest + body_digest).digest()
    return base64.b64encode(digest).decode()
