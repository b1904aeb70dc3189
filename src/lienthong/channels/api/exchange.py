"""The machines' door: a signed question comes in, a signed answer goes out. The signature says who asks."""

from __future__ import annotations

from typing import Final

from lienthong.blocks.exchange.dispatch import receive
from lienthong.gateway.frames import FrameError, answer_encode, request_decode
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

PATH: Final = "/api/exchange/"


def exchange(frame: bytes) -> bytes:
    """The signed answer to a signed question, both as frames. Problem (400) where the bytes are none.

    Anyone may knock: every message is signed by its sender and checked against an agreement.
    """
    try:
        request = request_decode(frame)
    except FrameError as error:
        raise malformed(str(error)) from error
    return answer_encode(receive(request))


def malformed(why: str) -> Problem:
    """frame-malformed (400), and why it cannot be read."""
    return Problem(
        "frame-malformed",
        Text("Không đọc được thông điệp.", "The message cannot be read."),
        Text(f"Lý do: {why}.", f"Because: {why}."),
        Text("Gửi lại theo docs/reference/exchange.md.", "Send it again as docs/reference/exchange.md says."),
        status=400,
    )
