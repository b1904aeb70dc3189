"""The signing keys of a gateway's members, and the trust anchor: files that the authority laid down.

A key's file is named by its member and its certificate's serial, as `blocks/trust/authority.py` names it.
"""

from __future__ import annotations

import base64
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509

from lienthong.blocks.exchange.wire import Signature
from lienthong.blocks.trust import wire, xades
from lienthong.blocks.trust.hashchain import MESSAGE
from lienthong.gateway.snapshot import Snapshot


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

    def sign_message(self, *, member: str, message: bytes, snapshot: Snapshot, at: datetime) -> Signature:
        """XAdES, so that a container of the message can be made at any time (`evidence`). NoKeyError as above."""
        key, fingerprint, certificate = self._signer(member, snapshot, at)
        made = xades.signature_make({MESSAGE: message}, key=key, certificate=certificate, at=at)
        return Signature(base64.b64encode(made.value).decode(), fingerprint)

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
