"""Mutual TLS. Between gateways both sides show a certificate of the exchange's authority, and trust no other.

At the consumer's door information systems show certificates that were registered for them, whoever issued them.
A certificate that was renewed in its folder is shown by the next connection; the process need not start again.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from lienthong.gateway.config import ConfigError

NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name."""
log = structlog.get_logger("lienthong.gateway")


@dataclass(slots=True)
class _Made:
    """A context of this process, and the certificate's bytes that it shows."""

    folder: Path
    context: ssl.SSLContext
    shown: bytes


_made: list[_Made] = []


def tls_context(folder: Path, *, server: bool) -> ssl.SSLContext:
    """TLS 1.3 with the folder's certificate.pem and key.pem; peers are trusted by trust.pem alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.load_verify_locations(folder / "trust.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = not server
    _made.append(_Made(folder, context, (folder / "certificate.pem").read_bytes()))
    return context


def tls_follow() -> int:
    """Take over the certificates that were renewed since; in how many contexts. What is half written waits."""
    renewed = 0
    for one in _made:
        certificate, key = one.folder / "certificate.pem", one.folder / "key.pem"
        try:
            now = certificate.read_bytes()
            if now == one.shown:
                continue
            # Tried beside it first: a context whose key does not fit its certificate serves nobody.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
            one.context.load_cert_chain(certificate, key)
        except OSError:  # also what OpenSSL says
            continue
        one.shown, renewed = now, renewed + 1
    return renewed


class _Greeted(ssl.SSLObject):
    """One connection to the consumer's door, which tells both sides why a certificate was not taken.

    The event loop drops a failed handshake with the alert unsent: its client would learn nothing, and nobody here.
    """

    _failed: ssl.SSLCertVerificationError | None = None

    def do_handshake(self) -> None:
        if self._failed is not None:
            raise self._failed
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            self._failed = error
            why = "a certificate that is registered for no system behind this gateway"
            log.warning("client refused", why=why, openssl=error.verify_message)
            raise ssl.SSLWantReadError from error  # the loop sends the alert, and comes again when the client has left


class DoorTls:
    """TLS of the consumer's door: a caller may show one of `anchors()`, certificates in DER, or none.

    Whose it is and whether it is valid by now is asked by `callers`, which can say so in words. A handshake that began
    after the anchors changed, or the door's own certificate did, goes by the new ones.
    """

    def __init__(self, folder: Path, anchors: Callable[[], frozenset[bytes]]) -> None:
        """ConfigError where the folder's two files cannot be used."""
        self._folder = folder
        self._anchors = anchors
        try:
            self.context = self._make(frozenset())
        except OSError as error:  # also what OpenSSL says
            raise ConfigError(f"consumer_tls: {folder} has no certificate with its key: {error}") from error
        self._own = _Made(folder, self.context, (folder / "certificate.pem").read_bytes())
        _made.append(self._own)
        self._known: frozenset[bytes] = frozenset()
        self._shown = self._own.shown
        self._newest = self.context
        self.context.sni_callback = self._choose

    def _choose(self, connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
        """OpenSSL calls it with every greeting, also one that names no host."""
        anchors, shown = self._anchors(), self._own.shown
        if anchors is not self._known or shown is not self._shown:
            with suppress(OSError):  # what is half written waits: the next greeting tries again
                self._newest, self._known, self._shown = self._make(anchors), anchors, shown
        connection.context = self._newest

    def _make(self, anchors: frozenset[bytes]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._folder / "certificate.pem", self._folder / "key.pem")
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
        context.num_tickets = 0  # a certificate that was withdrawn does not come back in a ticket
        context.sslobject_class = _Greeted
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(NO_CHECK_TIME)
        for anchor in anchors:
            with suppress(ssl.SSLError):  # one that OpenSSL does not take keeps nobody else out
                context.load_verify_locations(cadata=anchor)
        return context
