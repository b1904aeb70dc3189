"""Who is at the other end of a connection to the consumer's door, and whether it may speak for the subsystem it names.

X-Road's rule: each subsystem says how its information systems connect. `http`: by any connection, of this machine
alone; `https`: by TLS; `mutual`: by TLS with one of the certificates that are registered for it, compared as a whole,
whoever issued it. A subsystem that says nothing connects `mutual` where the door speaks TLS, and `http` where it does
not. Metaservices about services are asked in a client's name and follow the rule; listClients and
verificationconf name no client and are open to all. The refusal is X-Road's SslAuthenticationFailed.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from cryptography import x509

from lienthong.blocks.exchange.wire import BY_DOOR, HTTP, HTTPS, MUTUAL
from lienthong.blocks.trust import wire
from lienthong.gateway import refusals
from lienthong.gateway.keeper import Keeper, NoConfigurationError
from lienthong.gateway.snapshot import Snapshot
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate that a connection was opened with: its SHA-256 (hex), and from when until when it is valid."""

    fingerprint: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """One connection. secure: by TLS; here: from this machine."""

    secure: bool
    here: bool
    shown: Shown | None = None

    @property
    def plain_here(self) -> bool:
        """Whether whoever is on this machine could have opened it, as at a door without TLS."""
        return self.here and not self.secure


NOBODY: Final = Caller(secure=False, here=False)


def caller_of(transport: asyncio.BaseTransport) -> Caller:
    """Read once for a connection: TLS 1.3 asks no second time, and TLS 1.2 is not let renegotiate."""
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    here = _is_here(transport.get_extra_info("peername"))
    der = secured.getpeercert(binary_form=True) if secured is not None else None
    if der is None:
        return Caller(secured is not None, here)
    certificate = x509.load_der_x509_certificate(der)
    valid = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Caller(secure=True, here=here, shown=Shown(wire.sha256_hex(der), *valid))


def _is_here(peer: Any) -> bool:
    try:
        address = ip_address(peer[0])
    except (TypeError, IndexError, ValueError):  # no address at all
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


class Callers:
    """Compares connections with what the newest configuration says of the subsystems behind this gateway."""

    def __init__(self, keeper: Keeper, server: str, now: Callable[[], datetime]) -> None:
        self.keeper = keeper
        self.server = server
        self.now = now
        self._of: Snapshot | None = None
        self._anchors: frozenset[bytes] = frozenset()

    def anchors(self) -> frozenset[bytes]:
        """The certificates (DER) of all information systems behind this gateway; the same object until they change."""
        try:
            snapshot = self.keeper.snapshot
        except NoConfigurationError:
            return self._anchors
        if snapshot is not self._of:
            ours = (rows for name, rows in snapshot.clients.items() if self._is_ours(snapshot, name))
            found = frozenset(one for rows in ours for one in rows.values())
            self._of, self._anchors = snapshot, self._anchors if found == self._anchors else found
        return self._anchors

    def check(self, client: str, caller: Caller) -> None:
        """XRoadError unless the connection may speak for the client; NoConfigurationError where nothing is known.

        At a door without TLS a client that is not ours is left to what asks for a registered one.
        """
        snapshot = self.keeper.snapshot
        if not self._is_ours(snapshot, client):
            if caller.plain_here:
                return
            raise refusals.not_our_client(client, self.server)
        kind = snapshot.connections.get(client, BY_DOOR)
        if kind == BY_DOOR:
            kind = HTTP if caller.plain_here else MUTUAL
        if kind == HTTP:
            if not caller.here:
                raise refusals.client_not_proven(client, _NOT_HERE, _CHANGE)
        elif not caller.secure:
            raise refusals.client_not_proven(client, _PLAIN, _BY_TLS)
        elif kind != HTTPS:  # also one that only a newer control plane knows
            self._certificate_check(client, caller.shown, snapshot)

    def _is_ours(self, snapshot: Snapshot, client: str) -> bool:
        return snapshot.subsystems.get(client) == self.server

    def _certificate_check(self, client: str, shown: Shown | None, snapshot: Snapshot) -> None:
        if shown is None:
            raise refusals.client_not_proven(client, _NONE)
        named = f"SHA-256 {shown.fingerprint}"
        if shown.fingerprint not in snapshot.clients.get(client, {}):
            why = Text(
                f"Chứng thư đã xuất trình ({named}) không được đăng ký cho hệ thống này.",
                f"The certificate that was shown ({named}) is not registered for this system.",
            )
            raise refusals.client_not_proven(client, why)
        if not shown.since <= self.now() <= shown.until:
            since, until = (moment.isoformat(timespec="seconds") for moment in (shown.since, shown.until))
            why = Text(
                f"Chứng thư đã xuất trình ({named}) chỉ có hiệu lực từ {since} đến {until}.",
                f"The certificate that was shown ({named}) is valid from {since} until {until} only.",
            )
            raise refusals.client_not_proven(client, why)


_NONE: Final = Text(
    "Kết nối không xuất trình chứng thư nào, mà hệ thống này kết nối bằng TLS hai chiều.",
    "The connection showed no certificate, and this system connects by mutual TLS.",
)
_PLAIN: Final = Text(
    "Kết nối không được mã hóa, mà hệ thống này kết nối bằng TLS.",
    "The connection is not encrypted, and this system connects by TLS.",
)
_BY_TLS: Final = Text(
    "Gọi bằng https, hoặc đổi kiểu kết nối của hệ thống tại /console/connections/.",
    "Call by https, or change the system's connection type at /console/connections/.",
)
_NOT_HERE: Final = Text(
    "Kiểu kết nối http chỉ dùng được trên chính máy của cổng.",
    "The connection type http is for the gateway's own machine.",
)
_CHANGE: Final = Text(
    "Kỹ sư kết nối đổi kiểu kết nối và đăng ký chứng thư tại /console/connections/.",
    "An engineer changes the connection type and registers a certificate at /console/connections/.",
)
