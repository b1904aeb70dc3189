"""Signed papers: PAdES B-B signatures in PDF files (ETSI EN 319 142-1), made and checked without any network.

A check shows what Circular 15/2025/TT-BKHCN asks of verifying software: signer, time, integrity, trust.
The time is the signer's own; time stamps of an authority are not in level B-B. The work is done in `pades`, which
is read at the first paper: most processes that start never see one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class SignerRef:
    """Who signs, why (/Reason) and under which shown name (/Name)."""

    subject_id: str
    reason: str
    name: str


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """`whole_document`: nothing but further signatures was added after this one."""

    signer: str
    subject_id: str | None
    organisation: str | None
    signed_at: datetime | None
    intact: bool
    trusted: bool
    whole_document: bool
    problem: Text | None


@dataclass(frozen=True, slots=True)
class PdfCheck:
    """`valid` only when there is a signature, all are good, and they cover the file to its last byte."""

    signatures: tuple[PdfSignature, ...]
    valid: bool
    problem: Text | None


def pdf_sign(*, pdf: bytes, signers: Sequence[SignerRef], at: datetime) -> bytes:
    """The PDF with one invisible signature for each signer, in order. Invalid when it cannot take one."""
    from lienthong.blocks.trust import pades  # noqa: PLC0415 - as said above

    return pades.pdf_sign(pdf=pdf, signers=signers, at=at)


def pdf_verify(*, pdf: bytes, at: datetime) -> PdfCheck:
    """Checks every signature against our authority; whatever the bytes are, the answer is a PdfCheck."""
    from lienthong.blocks.trust import pades  # noqa: PLC0415 - as said above

    return pades.pdf_verify(pdf=pdf, at=at)
