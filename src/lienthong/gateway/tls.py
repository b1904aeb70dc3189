"""Mutual TLS between gateways: both sides show a certificate of the exchange's authority, and trust no other."""

from __future__ import annotations

import ssl
from pathlib import Path


def tls_context(folder: Path, *, server: bool) -> ssl.SSLContext:
    """TLS 1.3 with the folder's certificate.pem and key.pem; peers are trusted by trust.pem alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.load_verify_locations(folder / "trust.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = not server
    return context
