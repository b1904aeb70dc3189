"""The development certificate authority: a root, an issuing authority under it, and the keys of every signer.

Made at first use under one folder (directories 0700, files 0600). Production brings the Government Cipher
Committee's and public authorities' certificates with keys in PKCS#11; the house then only reads them.
Certificate content after Decree 23/2025/NĐ-CP art. 6: who, for which organisation, from when until when.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lienthong.blocks.trust import wire

# Wide on purpose: the house's clock can be set, and papers of a simulated past or future must verify.
AUTHORITY_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
AUTHORITY_UNTIL: Final = datetime(2049, 12, 31, tzinfo=UTC)
SIGNER_VALIDITY: Final = timedelta(days=5 * 365)

_FULL_NAME: Final = x509.ObjectIdentifier("2.5.4.41")
_COMMON_NAME_BYTES: Final = 64
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 '()+,\-./:?]")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who signs: `kind` member (an agency's seal), officer (a person's) or authority (the house's own)."""

    subject_id: str
    kind: str
    name: str
    organisation: str | None


class Authority:
    """One folder of keys; safe to open from many processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def root(self) -> x509.Certificate:
        return self._root[1]

    @cached_property
    def issuing(self) -> x509.Certificate:
        return self._issuer[1]

    @cached_property
    def _issuer(self) -> tuple[wire.PrivateKey, x509.Certificate]:
        return self._pair("issuing", "Lienthong development issuing authority", self._root)

    @cached_property
    def _root(self) -> tuple[wire.PrivateKey, x509.Certificate]:
        return self._pair("root", "Lienthong development root", None)

    def issue(self, subject: Subject, *, at: datetime) -> x509.Certificate:
        """With a key of its own, valid from `at` for five years. ValueError outside 2020 to 2049."""
        if not AUTHORITY_FROM <= at < AUTHORITY_UNTIL:
            raise ValueError("the development authority signs from 2020 to 2049")
        issuer_key, issuer = self._issuer
        key = wire.key_generate()
        usage = _usage(signs_documents=True)
        certificate = (
            _builder(_subject_name(subject), issuer.subject, key, issuer_key)
            .not_valid_before(at)
            .not_valid_after(min(at + SIGNER_VALIDITY, AUTHORITY_UNTIL))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(issuer_key, hashes.SHA256())
        )
        self._write(self._key_path(subject.subject_id, certificate), wire.key_pem(key))
        return certificate

    def tls_issue(
        self, server: str, *, hosts: list[str], until: datetime = AUTHORITY_UNTIL
    ) -> tuple[bytes, bytes]:
        """PEM of certificate and key of a gateway's connections, both as server and as client (RFC 5280, RFC 6125).

        hosts: the names and IP addresses at which other gateways reach it. Valid as long as the authority unless
        told otherwise: TLS asks the machine's clock, which a sandbox's may be years away from.
        """
        issuer_key, issuer = self._issuer
        key = wire.key_generate()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, server[-_COMMON_NAME_BYTES:])])
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _builder(name, issuer.subject, key, issuer_key)
            .not_valid_before(AUTHORITY_FROM)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_documents=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage(both), critical=False)
            .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )
        return wire.certificate_pem(certificate).encode(), wire.key_pem(key)

    def tsa_issue(self, name: str) -> tuple[x509.Certificate, wire.PrivateKey]:
        """Certificate and key of a time-stamp authority: for that and nothing else (RFC 3161 §2.3)."""
        issuer_key, issuer = self._issuer
        key = wire.key_generate()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _builder(subject, issuer.subject, key, issuer_key)
            .not_valid_before(AUTHORITY_FROM)
            .not_valid_after(AUTHORITY_UNTIL)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_documents=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(issuer_key, hashes.SHA256())
        )
        return certificate, key

    def tls_folder_write(self, folder: Path, server: str, *, hosts: list[str]) -> None:
        """What a gateway's setting `tls` names: certificate.pem, key.pem, and trust.pem for its peers' certificates."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificate, key = self.tls_issue(server, hosts=hosts)
        trusted = wire.certificate_pem(self.issuing) + wire.certificate_pem(self.root)
        for name, content in (
            ("certificate.pem", certificate),
            ("key.pem", key),
            ("trust.pem", trusted.encode()),
        ):
            self._put(folder / name, content)

    def key(self, subject_id: str, certificate: x509.Certificate) -> wire.PrivateKey | None:
        """The private key of this certificate, or None where its file is not on this machine."""
        try:
            return wire.key_load(self._key_path(subject_id, certificate).read_bytes())
        except FileNotFoundError:
            return None

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether our issuing authority signed this certificate."""
        try:
            certificate.verify_directly_issued_by(self.issuing)
        except (InvalidSignature, TypeError, ValueError):
            return False
        return True

    def _key_path(self, subject_id: str, certificate: x509.Certificate) -> Path:
        # A renewed certificate has a new key, so a key's file is named by both.
        digest = sha256(subject_id.encode()).hexdigest()
        return self.folder / "signers" / digest[:2] / f"{digest[:32]}-{certificate.serial_number:x}.key"

    def _pair(
        self, name: str, title: str, parent: tuple[wire.PrivateKey, x509.Certificate] | None
    ) -> tuple[wire.PrivateKey, x509.Certificate]:
        key_path, certificate_path = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        with self._locked():
            # Piece by piece, each only when missing: a process killed half-way is continued by the next.
            if not key_path.exists():
                self._write(key_path, wire.key_pem(wire.key_generate()))
            key = wire.key_load(key_path.read_bytes())
            if not certificate_path.exists():
                made = _authority_certificate(title, key, parent)
                self._write(certificate_path, wire.certificate_pem(made).encode())
            return key, wire.certificate_load(certificate_path.read_bytes())

    @contextmanager
    def _locked(self) -> Generator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all: readers never meet half a file."""
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        self._put(path, content)

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        draft.rename(path)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def subject_of(certificate: x509.Certificate) -> Subject:
    """Who a certificate of this authority names. ValueError for a stranger's certificate."""
    name = certificate.subject
    common, full = _first(name, NameOID.COMMON_NAME), _first(name, _FULL_NAME)
    unit = _first(name, NameOID.ORGANIZATIONAL_UNIT_NAME)
    organisation = _first(name, NameOID.ORGANIZATION_NAME)
    identifier = _first(name, NameOID.ORGANIZATION_IDENTIFIER) or _first(name, NameOID.SERIAL_NUMBER)
    if not (common and unit and identifier):
        raise ValueError("not a signer's certificate of this authority")
    return Subject(_unescaped(identifier), unit, full or common, organisation)


def _subject_name(subject: Subject) -> x509.Name:
    """ETSI EN 319 412: an organisation carries organizationIdentifier, a person serialNumber."""
    person = subject.kind == "officer"
    identifier = NameOID.SERIAL_NUMBER if person else NameOID.ORGANIZATION_IDENTIFIER
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if organisation := subject.organisation or (None if person else subject.name):
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, subject.kind))
    parts.append(x509.NameAttribute(identifier, _escaped(subject.subject_id)))
    # RFC 5280 bounds the common name; long agency names stand in full beside it.
    common = subject.name
    if len(common.encode()) > _COMMON_NAME_BYTES:
        common = common.encode()[: _COMMON_NAME_BYTES - 3].decode(errors="ignore") + "…"
        parts.append(x509.NameAttribute(_FULL_NAME, subject.name))
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(parts)


def _authority_certificate(
    title: str, key: wire.PrivateKey, parent: tuple[wire.PrivateKey, x509.Certificate] | None
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lienthong development"),
            x509.NameAttribute(NameOID.COMMON_NAME, title),
        ]
    )
    parent_key, issuer = (key, name) if parent is None else (parent[0], parent[1].subject)
    constraints = x509.BasicConstraints(ca=True, path_length=1 if parent is None else 0)
    return (
        _builder(name, issuer, key, parent_key)
        .not_valid_before(AUTHORITY_FROM)
        .not_valid_after(AUTHORITY_UNTIL)
        .add_extension(constraints, critical=True)
        .add_extension(_usage(signs_documents=False), critical=True)
        .sign(parent_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: wire.PrivateKey, issuer_key: wire.PrivateKey
) -> x509.CertificateBuilder:
    public = key.public_key()
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(authority_id, critical=False)
    )


def _usage(*, signs_documents: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else None


def _escaped(subject_id: str) -> str:
    """A serialNumber is a PrintableString: every other octet becomes =XX."""
    return _UNSAFE.sub(lambda match: "".join(f"={octet:02X}" for octet in match[0].encode()), subject_id)


def _unescaped(identifier: str) -> str:
    octets = re.sub(rb"=([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), identifier.encode())
    return octets.decode()
