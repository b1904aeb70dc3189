"""How an agency's information systems connect to its gateway, and the certificates with which they may.

As in X-Road a certificate is compared as a whole: it may be self-signed, or issued by whomever, and who issued it says
nothing. What is withdrawn stays on record, with who did it and when.
"""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.db import transaction
from django.db.models import QuerySet

from lienthong.blocks.exchange import client_refusals, refusals
from lienthong.blocks.exchange.granting import Actor
from lienthong.blocks.exchange.models import ClientCertificate, ConnectionChange, Subsystem
from lienthong.blocks.exchange.wire import CONNECTIONS
from lienthong.blocks.trust import wire

CERTIFICATES_MAX: Final = 20
"""Of one subsystem; every gateway's configuration holds them all."""
FILE_MAX: Final = 64 * 1024
"""Bytes; a certificate has one or two thousand."""
RSA_BITS_MIN: Final = 2048
_BEGIN: Final = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One that is registered, or was: withdrawn_at None while it is. subject, issuer: RFC 4514."""

    fingerprint: str
    subject: str
    issuer: str
    since: datetime
    until: datetime
    added_by: str
    added_at: datetime
    withdrawn_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    connection: str
    changed_by: str
    changed_at: datetime


def connection_set(*, subsystem: str, connection: str, by: Actor, at: datetime) -> bool:
    """Say how the subsystem's information systems connect, one of `wire.CONNECTIONS`; whether that changed anything.

    Errors: Invalid for another value, NotFound for the subsystem.
    """
    if connection not in CONNECTIONS:
        raise client_refusals.connection_unknown(connection)
    with transaction.atomic():
        row = _locked(subsystem)
        if row.connection == connection:
            return False
        row.connection = connection
        row.save(update_fields=["connection"])
        ConnectionChange.objects.create(
            subsystem=row, connection=connection, changed_by=by.officer, changed_at=at
        )
    return True


def certificate_register(*, subsystem: str, content: bytes, by: Actor, at: datetime) -> str:
    """Accept a certificate, PEM or DER, of an information system of this subsystem; its SHA-256, hex.

    One that is not valid yet is taken, so that a renewal can be prepared. Errors: Invalid with why the file cannot be
    used, Conflict where it is registered already or there are CERTIFICATES_MAX, NotFound for the subsystem.
    """
    certificate = _usable(certificate_read(content), at)
    fingerprint = wire.fingerprint(certificate)
    with transaction.atomic():
        row = _locked(subsystem)
        known = set(_registered(row.name).values_list("fingerprint", flat=True))
        if fingerprint in known:
            raise client_refusals.certificate_there(fingerprint)
        if len(known) >= CERTIFICATES_MAX:
            raise client_refusals.certificates_full(CERTIFICATES_MAX)
        ClientCertificate.objects.create(
            subsystem=row,
            fingerprint=fingerprint,
            content=certificate.public_bytes(Encoding.DER),
            added_by=by.officer,
            added_at=at,
        )
    return fingerprint


def certificate_withdraw(*, subsystem: str, fingerprint: str, by: Actor, at: datetime) -> bool:
    """Accept it no longer; whether it was accepted until now."""
    rows = _registered(subsystem).filter(fingerprint=fingerprint)
    return bool(rows.update(withdrawn_by=by.officer, withdrawn_at=at))


def certificate_read(content: bytes) -> x509.Certificate:
    """The one certificate in a file, PEM or DER. Invalid where it has none, several, or a private key with it."""
    if b"PRIVATE KEY-----" in content:
        raise client_refusals.certificate_wrong("certificate-with-key")
    if len(content) > FILE_MAX:
        raise client_refusals.certificate_wrong("certificate-unreadable")
    try:
        if _BEGIN not in content:
            return x509.load_der_x509_certificate(content)
        found = x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise client_refusals.certificate_wrong("certificate-unreadable") from error
    if len(found) > 1:
        raise client_refusals.certificate_wrong("certificate-several")
    return found[0]


def _usable(certificate: x509.Certificate, at: datetime) -> x509.Certificate:
    """The same; Invalid where no TLS connection could be opened with it."""
    if certificate.not_valid_after_utc < at:
        raise client_refusals.certificate_wrong("certificate-expired")
    try:
        key = certificate.public_key()
        usage = certificate.extensions
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(
            cadata=certificate.public_bytes(Encoding.DER)
        )
    except (ValueError, x509.DuplicateExtension, ssl.SSLError) as error:
        raise client_refusals.certificate_wrong("certificate-unreadable") from error
    strong = (
        key.key_size >= RSA_BITS_MIN
        if isinstance(key, rsa.RSAPublicKey)
        else isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
    )
    if not strong:
        raise client_refusals.certificate_wrong("certificate-weak")
    uses = [one.value for one in usage if isinstance(one.value, x509.ExtendedKeyUsage)]
    if uses and ExtendedKeyUsageOID.CLIENT_AUTH not in uses[0]:
        raise client_refusals.certificate_wrong("certificate-not-for-clients")
    return certificate


def certificates_of(*, subsystem: str, limit: int = 100) -> list[CertificateRow]:
    """Those that are accepted, the newest first, then those that were withdrawn."""
    rows = ClientCertificate.objects.filter(subsystem_id=subsystem).order_by("-added_at", "-id")[:limit]
    found = [_row(row) for row in rows]
    return sorted(found, key=lambda one: one.withdrawn_at is not None)


def connection_of(*, subsystem: str) -> tuple[str, list[ChangeRow]]:
    """How it connects, and the last changes of that, the newest first. NotFound for the subsystem."""
    row = Subsystem.objects.filter(name=subsystem).first()
    if row is None:
        raise refusals.no_such_subsystem(subsystem)
    changes = ConnectionChange.objects.filter(subsystem=row).order_by("-id")[:20]
    return row.connection, [ChangeRow(one.connection, one.changed_by, one.changed_at) for one in changes]


def certificates_by_subsystem() -> dict[str, list[str]]:
    """What is accepted, DER in base64, for the configuration."""
    found: dict[str, list[str]] = {}
    rows = ClientCertificate.objects.filter(withdrawn_at=None).order_by("subsystem_id", "fingerprint")
    for name, content in rows.values_list("subsystem_id", "content"):
        found.setdefault(name, []).append(base64.b64encode(content).decode())
    return found


def _locked(subsystem: str) -> Subsystem:
    row = Subsystem.objects.select_for_update().filter(name=subsystem).first()
    if row is None:
        raise refusals.no_such_subsystem(subsystem)
    return row


def _registered(subsystem: str) -> QuerySet[ClientCertificate]:
    return ClientCertificate.objects.filter(subsystem_id=subsystem, withdrawn_at=None)


def _row(row: ClientCertificate) -> CertificateRow:
    certificate = x509.load_der_x509_certificate(bytes(row.content))
    return CertificateRow(
        row.fingerprint,
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        row.added_by,
        row.added_at,
        row.withdrawn_by,
        row.withdrawn_at,
    )
