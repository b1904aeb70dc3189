"""Checking a paper: by its code, or by the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from lienthong.blocks.trust import pdf
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.systems.warehouse import rules, selectors
from lienthong.systems.warehouse.models import Document, DocumentChange

PURPOSE = "result-delivery"
PAGES_READ = 3


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    document: the paper as noted here, if it is known; change: its last correction or revocation; signed: the
    check of the file's signatures, if there was a file to check; changed: which part is not as it was signed;
    original: the code that a changed file names as its original; unreachable: why the holder gave no file.
    """

    on: date
    document: Document | None = None
    change: DocumentChange | None = None
    initials: str = ""
    signed: pdf.PdfCheck | None = None
    changed: Text | None = None
    original: str = ""
    unreachable: Text | None = None

    @property
    def verdict(self) -> str:
        """valid, expired, corrected, revoked: a known paper; foreign: signed, not noted; refused: neither."""
        if self.signed is not None and not self.signed.valid:
            return "refused"
        if self.document is None:
            return "foreign" if self.signed is not None else "refused"
        ended = self.document.valid_to is not None and self.document.valid_to < self.on
        return "expired" if ended and self.document.state == "valid" else self.document.state


def check_by_code(*, document: Document, at: datetime) -> Check:
    """The paper's state, and the signatures of the file at its holder. The person's reads are logged."""
    signed = unreachable = changed = None
    try:
        signed = pdf.pdf_verify(pdf=selectors.document_file(document=document, purpose=PURPOSE), at=at)
        changed = _changed(signed)
    except Problem as problem:
        unreachable = problem.what
    return Check(
        on=clock.in_vietnam(at).date(),
        document=document,
        change=_last(document),
        initials=selectors.owner_initials(document),
        signed=signed,
        changed=changed,
        unreachable=unreachable,
    )


def check_by_file(*, content: bytes, at: datetime) -> Check:
    """Whoever has the file sees what it says anyway, so nothing is disclosed and nobody's data read."""
    signed = pdf.pdf_verify(pdf=content, at=at)
    document = selectors.document_by_hash(sha256=sha256_hex(content))
    return Check(
        on=clock.in_vietnam(at).date(),
        document=document,
        change=_last(document) if document else None,
        signed=signed,
        changed=_changed(signed),
        original="" if signed.valid else _original(content),
    )


def _last(document: Document) -> DocumentChange | None:
    return next(iter(selectors.changes_of(document)), None)


def _changed(signed: pdf.PdfCheck) -> Text | None:
    if signed.valid:
        return None
    parts = [
        rules.Signed(one.signer, one.intact, one.trusted, one.whole_document) for one in signed.signatures
    ]
    found = rules.changed_part(parts)
    if found is None and parts and all(one.trusted for one in parts):
        # Every signature holds for what it covers, and still the file does not end where the last one does.
        return rules.changed_part(
            [rules.Signed(one.signer, one.intact, one.trusted, last=False) for one in parts]
        )
    return found


def _original(content: bytes) -> str:
    """The code printed on a file that does not hold, when a paper of that code exists."""
    from pypdf import PdfReader  # noqa: PLC0415 - half a second to read, for files that do not hold alone

    try:
        reader = PdfReader(BytesIO(content))
        text = "".join(page.extract_text() for page in reader.pages[:PAGES_READ])
    except Exception:  # noqa: BLE001 - the bytes are anyone's, and parsers fail in many ways
        return ""
    code = rules.code_in_text(text)
    if code is None:
        return ""
    try:
        return selectors.document_by_code(typed=code).check_code
    except Problem:
        return ""
