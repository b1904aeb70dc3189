"""Mutual TLS between gateways: both sides show a certificate of the exchange's authority, and trust no other.

A certificate that was renewed in its folder is shown by the next connection; the process need not start again.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path


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
