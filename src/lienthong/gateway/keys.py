"""The signing keys of a gateway's members, and the trust anchor: files that the authority laid down.

A key's file is named by its member and its certificate's serial, as `blocks/trust/authority.py` names it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509

from lienthong.blocks.exchange.wire import Signature
from lienthong.blocks.trust import wire, xades
from lienthong.gateway.envelope import MessageSignature
from lienthong.gateway.snapshot import Holder, Snapshot


class NoKeyError(LookupError):
    """This gateway holds no key with a valid certificate for the member."""


class Keys:
    """Read once, kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.anchor: x509.Certificate = wire.certificate_load((folder / "issuing.pem").read_bytes())
        self._kept: dict[str, wire.PrivateKey | None] = {}

    def sign(self, *, member: str, data: bytes, snapshot: Snapshot, at: datetime) -> Signature:
        """Bytes, with the member's newest certificate that is valid and whose key is here. NoKeyError otherwise."""
        key, fingerprint, _ = self._signer(member, snapshot, at)
        return Signature(wire.sign(key, data), fingerprint)

    def sign_parts(
        self, *, member: str, parts: Mapping[str, bytes], snapshot: Snapshot, at: datetime
    ) -> MessageSignature:
        """XAdES, so that a container of the message can be made at any time (`evidence`). NoKeyError as above."""
        key, fingerprint, certificate = self._signer(member, snapshot, at)
        moment = at.replace(microsecond=0)
        made = xades.signature_make(parts, key=key, certificate=certificate, at=moment)
        return MessageSignature(base64.b64encode(made.value).decode(), fingerprint, moment.isoformat())

    def held(self, snapshot: Snapshot) -> list[Holder]:
        """Certificates whose key is here, also those that hold no more. It looks for a file for each: slow."""
        return [one for one in snapshot.holders.values() if self._path(one.member, one.certificate).exists()]

    def _signer(
        self, member: str, snapshot: Snapshot, at: datetime
    ) -> tuple[wire.PrivateKey, str, x509.Certificate]:
        for fingerprint in snapshot.fingerprints_of(member):
            holder = snapshot.holders[fingerprint]
            key = self._key(fingerprint, member, holder.certificate)
            if key is not None and not holder.refusal(at):
                return key, fingerprint, holder.certificate
        raise NoKeyError(member)

    def _key(self, fingerprint: str, member: str, certificate: x509.Certificate) -> wire.PrivateKey | None:
        if fingerprint not in self._kept:
            path = self._path(member, certificate)
            self._kept[fingerprint] = wire.key_load(path.read_bytes()) if path.exists() else None
        return self._kept[fingerprint]

    def _path(self, member: str, certificate: x509.Certificate) -> Path:
        digest = sha256(member.encode()).hexdigest()
        return self.folder / "signers" / digest[:2] / f"{digest[:32]}-{certificate.serial_number:x}.key"
