"""The XAdES signature that stands behind a sealed head: made for its moment, and the same for whoever rebuilds it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime

from cryptography import x509

from lienthong.blocks.trust import xades
from lienthong.blocks.trust.hashchain import MESSAGE
from lienthong.gateway.envelope import Question, Reply, Sealed
from lienthong.gateway.snapshot import Holder


def moment_of(head: Question | Reply) -> datetime:
    """When the head says that it was signed. ValueError where it says no moment with a zone."""
    moment = datetime.fromisoformat(head.sent_at if isinstance(head, Question) else head.answered_at)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {moment}")
    return moment


def signature_of(
    sealed: Sealed,
    head: Question | Reply,
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...] = (),
) -> xades.Signature:
    """The XAdES signature that a sealed head stands for; chain: carried along for whoever checks it offline.

    ValueError where it is none.
    """
    value = base64.b64decode(sealed.signature.value, validate=True)
    at = moment_of(head)
    return xades.signature_of(
        {MESSAGE: sealed.head}, certificate=certificate, at=at, chain=chain, value=value
    )


def document_of(
    sealed: Sealed, head: Question | Reply, holders: Mapping[str, Holder], anchor: x509.Certificate
) -> bytes | None:
    """`signatures.xml`; None where the signature is of nobody known, or none at all: such a message was refused."""
    holder = holders.get(sealed.signature.certificate)
    if holder is None:
        return None
    try:
        return signature_of(sealed, head, holder.certificate, chain=(anchor,)).document()
    except ValueError:
        return None


def leaf_of(
    sealed: Sealed, head: Question | Reply, holders: Mapping[str, Holder], anchor: x509.Certificate
) -> bytes:
    """What the time stamp covers: the digest of `signatures.xml`, or of a refused message itself."""
    document = document_of(sealed, head, holders, anchor)
    return hashlib.sha256(sealed.head if document is None else document).digest()
