"""Certificates of agencies' information systems, made at run time: self-signed, or by the agency's own authority."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lienthong.blocks.trust import wire
from lienthong.ground import clock


@dataclass(frozen=True)
class Own:
    """One certificate with its key, and the files in which both stand."""

    certificate: x509.Certificate
    key: wire.PrivateKey
    folder: Path

    @property
    def pem(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def fingerprint(self) -> str:
        return wire.fingerprint(self.certificate)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def context(self, trust: Path) -> ssl.SSLContext:
        """A client's, that shows this certificate."""
        made = ssl.create_default_context(cafile=str(trust))
        made.load_cert_chain(self.pem, self.folder / "key.pem")
        return made


def own_make(
    folder: Path,
    name: str,
    *,
    since: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=365),
    issuer: Own | None = None,
    authority: bool = False,
    usage: x509.ObjectIdentifier | None = None,
    key: wire.PrivateKey | None = None,
) -> Own:
    """since, until: from now; issuer: who signs, else itself; usage: the one extended key usage that it names."""
    now = clock.now().astimezone(UTC).replace(microsecond=0)
    key = key or wire.key_generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    made = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    folder.mkdir(parents=True)
    (folder / "certificate.pem").write_text(wire.certificate_pem(made))
    (folder / "key.pem").write_bytes(wire.key_pem(key))
    return Own(made, key, folder)


SERVERS_ONLY = ExtendedKeyUsageOID.SERVER_AUTH
