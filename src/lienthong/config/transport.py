"""The way out of an instance: its own gateway, to which a frame goes as an X-Road request."""

from __future__ import annotations

from pathlib import Path

import httpx
from django.conf import settings

from lienthong.blocks.exchange.transport import Transports, out_of_reach
from lienthong.blocks.exchange.wire import SignedAnswer, SignedRequest
from lienthong.gateway.frames import MEDIA_TYPE, FrameError, answer_decode, request_encode
from lienthong.gateway.framing import PURPOSE
from lienthong.gateway.tls import tls_context
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

TIMEOUT_S = 75.0
"""More than a gateway's own patience, so that the gateway's explanation arrives."""

PASSING = frozenset(
    {"network_error", "busy", "logging_failed", "database_error", "internal_error", "global_conf_outdated"}
)
"""X-Road errors that pass by themselves."""


class GatewayTransport:
    """Sends through the gateway at `url`; connections stay open, and threads share them.

    tls: folder with the certificate.pem and key.pem that are shown to it, and trust.pem for its own; empty: plain HTTP.
    """

    def __init__(self, url: str, *, tls: str = "") -> None:
        self.url = url.rstrip("/")
        verify = tls_context(Path(tls), server=False) if tls else True
        self._client = httpx.Client(timeout=TIMEOUT_S, limits=httpx.Limits(max_connections=64), verify=verify)

    def send(self, request: SignedRequest) -> SignedAnswer:
        """Errors: out-of-reach (503), with what the gateway said."""
        head = request.head
        _, code, version = head.service.split("/")
        provider = head.provider
        headers = {
            "X-Road-Client": head.client,
            "X-Road-Id": head.message_id,
            PURPOSE.decode(): head.purpose,
            "Content-Type": MEDIA_TYPE,
            "Accept": "application/json",
        }
        if head.case:
            headers["X-Road-Issue"] = head.case
        if head.officer:
            headers["X-Road-UserId"] = head.officer
        try:
            got = self._client.post(
                f"{self.url}/r1/{provider}/{code}/{version}", headers=headers, content=request_encode(request)
            )
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise out_of_reach(provider, Text(f"cổng kết nối: {name}", f"the gateway: {name}")) from error
        if kind := got.headers.get("X-Road-Error"):
            raise _refused(provider, kind, _said(got))
        try:
            return answer_decode(got.content)
        except FrameError as error:
            raise out_of_reach(provider, Text(str(error), str(error))) from error


def _refused(provider: str, kind: str, said: str) -> Problem:
    """Out of reach where another try may do; else a refusal that a person has to look into."""
    if kind.rsplit(".", 1)[-1] in PASSING:
        return out_of_reach(provider, Text(f"{kind}: {said}", f"{kind}: {said}"))
    return Problem(
        "exchange-refused",
        Text(f"{provider} không nhận yêu cầu.", f"{provider} did not take the request."),
        Text(f"{kind}: {said}", f"{kind}: {said}"),
        Text("Quản trị viên kết nối cần xem lại.", "An administrator of the exchange has to look into it."),
        status=403,
    )


def _said(got: httpx.Response) -> str:
    try:
        return str(got.json()["message"])
    except (ValueError, KeyError, TypeError):
        return got.text[:300]


def register() -> None:
    """Use the gateway of the settings, where there is one."""
    if settings.LIENTHONG_GATEWAY:
        Transports.current = GatewayTransport(settings.LIENTHONG_GATEWAY, tls=settings.LIENTHONG_GATEWAY_TLS)
