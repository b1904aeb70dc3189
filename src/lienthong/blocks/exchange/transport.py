"""The seam to other instances: a signed question goes out, a signed answer comes back.

A gateway registers itself here for the addresses that it reaches; without one, the provider is out of reach.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from lienthong.blocks.exchange.wire import SignedAnswer, SignedRequest
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text


class Transport(Protocol):
    def send(self, address: str, request: SignedRequest) -> SignedAnswer: ...


class Transports:
    """By the scheme of the address: `https`, `xroad` ..."""

    by_scheme: ClassVar[dict[str, Transport]] = {}


def remote(address: str, request: SignedRequest) -> SignedAnswer:
    """Errors: out-of-reach (503), which the caller may retry with the same message id."""
    transport = Transports.by_scheme.get(address.split(":", maxsplit=1)[0])
    if transport is None:
        raise Problem(
            "out-of-reach",
            Text("Chưa kết nối được tới cơ quan cung cấp.", "The providing agency is out of reach."),
            Text(
                f"Chưa có cổng kết nối cho {request.head.provider}.",
                f"No gateway leads to {request.head.provider}.",
            ),
            Text(
                "Hệ thống sẽ tự thử lại; không cần gửi lại.",
                "It is tried again by itself; no need to resend.",
            ),
            status=503,
        )
    return transport.send(address, request)
