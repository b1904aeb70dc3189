"""The seam to other instances: a signed question goes out through a gateway, a signed answer comes back.

The process that has a gateway registers it here; without one, other instances are out of reach.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from lienthong.blocks.exchange.wire import SignedAnswer, SignedRequest
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text


class Transport(Protocol):
    def send(self, request: SignedRequest) -> SignedAnswer:
        """Errors: out-of-reach (503), which the caller may retry with the same message id."""
        ...


class Transports:
    """The one of this process."""

    current: ClassVar[Transport | None] = None


def remote(request: SignedRequest) -> SignedAnswer:
    """Errors: as `Transport.send`."""
    if Transports.current is None:
        raise out_of_reach(request.head.provider, Text("chưa có cổng kết nối", "there is no gateway here"))
    return Transports.current.send(request)


def out_of_reach(provider: str, why: Text) -> Problem:
    return Problem(
        "out-of-reach",
        Text("Chưa kết nối được tới cơ quan cung cấp.", "The providing agency is out of reach."),
        Text(f"Không tới được {provider}: {why.vi}.", f"{provider} was not reached: {why.en}."),
        Text(
            "Hệ thống sẽ tự thử lại; không cần gửi lại.",
            "It is tried again by itself; no need to resend.",
        ),
        status=503,
    )
