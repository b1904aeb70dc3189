"""The XAdES signature behind a message: of it alone, or of a batch's hash-chain result that it has a proof for.

One signature for all that is signed at the same moment (X-Road's batch signatures) costs as much as one for each.
What is signed is the same for whoever rebuilds it, so `signatures.xml` need neither travel nor be stored.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography import x509

from lienthong.blocks.trust import xades
from lienthong.blocks.trust.asic import SIGNATURE_CHAIN, SIGNATURE_RESULT, ChainFiles
from lienthong.blocks.trust.hashchain import (
    MESSAGE,
    Proof,
    chain_document,
    proof_root,
    proof_steps,
    result_document,
)
from lienthong.gateway.envelope import MessageSignature, Question, Reply, Sealed
from lienthong.gateway.snapshot import Holder

BATCH_MAX: Final = 256
_DEPTH_MAX: Final = 8  # of the tree of such a batch
_STEP: Final = 33  # a side and a SHA-256 digest
_RESULT: Final = f"/{SIGNATURE_RESULT}"
_TOP: Final = f"/{SIGNATURE_CHAIN}#STEP0"


def moment_of(head: Question | Reply) -> datetime:
    """When the head says that it was made. ValueError where it says no moment with a zone."""
    return _moment(head.sent_at if isinstance(head, Question) else head.answered_at)


def signed_at(signature: MessageSignature) -> datetime:
    """ValueError where it says no moment with a zone."""
    return _moment(signature.at)


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {moment}")
    return moment


def proof_encode(proof: Proof) -> str:
    return base64.b64encode(b"".join(bytes([left]) + digest for left, digest in proof)).decode()


def proof_decode(text: str) -> Proof:
    """ValueError where it is none of a batch that may be."""
    data = base64.b64decode(text, validate=True)
    if len(data) % _STEP or len(data) > _DEPTH_MAX * _STEP or max(data[::_STEP], default=0) > 1:
        raise ValueError("no proof of a place in a batch")
    return tuple((bool(data[at]), data[at + 1 : at + _STEP]) for at in range(0, len(data), _STEP))


def batch_result(root: bytes) -> dict[str, bytes]:
    """What is signed for a batch, by its name in the container."""
    return {_RESULT: result_document(root, _TOP)}


@dataclass(frozen=True, slots=True)
class Examined:
    """holds: whether the signature is the certificate's own; leaf: the digest of `signatures.xml`, to be stamped."""

    holds: bool
    leaf: bytes


def examine(sealed: Sealed, certificate: x509.Certificate, anchor: x509.Certificate) -> Examined:
    """ValueError where signature or proof are none at all; messages of one batch are examined together."""
    return _examined(_signed(sealed), certificate, anchor)


@dataclass(frozen=True, slots=True)
class _Signed:
    """The one reference of a signature, the message itself or its batch's result, with what it signs by."""

    uri: str
    digest: bytes
    value: str
    at: str

    def signature(self, certificate: x509.Certificate, anchor: x509.Certificate) -> xades.Signature:
        raw = base64.b64decode(self.value, validate=True)
        return xades.Signature(
            ((self.uri, self.digest),), _moment(self.at).astimezone(UTC), certificate, (anchor,), raw
        )


@lru_cache(maxsize=512)
def _examined(signed: _Signed, certificate: x509.Certificate, anchor: x509.Certificate) -> Examined:
    signature = signed.signature(certificate, anchor)
    leaf = hashlib.sha256(signature.document()).digest()
    try:
        signature.verify()
    except ValueError:
        return Examined(holds=False, leaf=leaf)
    return Examined(holds=True, leaf=leaf)


def _signed(sealed: Sealed) -> _Signed:
    given = sealed.signature
    uri, digest = _reference(hashlib.sha256(sealed.head).digest(), given.proof)
    return _Signed(uri, digest, given.value, given.at)


@lru_cache(maxsize=512)
def _reference(digest: bytes, proof: str) -> tuple[str, bytes]:
    """Asked when a message is checked, and again when it is logged."""
    if not proof:
        return MESSAGE, digest
    [(uri, result)] = batch_result(proof_root(digest, proof_decode(proof))).items()
    return uri, hashlib.sha256(result).digest()


@dataclass(frozen=True, slots=True)
class Documents:
    """`signatures.xml`, and the hash chain from the message to what it signs where it signs a batch."""

    signatures: bytes
    chain: ChainFiles | None


def documents_of(sealed: Sealed, holders: Mapping[str, Holder], anchor: x509.Certificate) -> Documents | None:
    """For a container; None where the signature is of nobody known, or none at all: such a message was refused."""
    given = sealed.signature
    holder = holders.get(given.certificate)
    if holder is None:
        return None
    try:
        signatures = _signed(sealed).signature(holder.certificate, anchor).document()
    except ValueError:
        return None
    if not given.proof:
        return Documents(signatures, None)
    proof, digest = proof_decode(given.proof), hashlib.sha256(sealed.head).digest()
    [result] = batch_result(proof_root(digest, proof)).values()
    return Documents(signatures, ChainFiles(result, chain_document(proof_steps((digest,), proof))))


def leaf_of(sealed: Sealed, holders: Mapping[str, Holder], anchor: x509.Certificate) -> bytes:
    """What the time stamp covers: the digest of `signatures.xml`, or of a refused message itself."""
    holder = holders.get(sealed.signature.certificate)
    if holder is not None:
        try:
            return examine(sealed, holder.certificate, anchor).leaf
        except ValueError:
            pass
    return hashlib.sha256(sealed.head).digest()
