"""Reads of the warehouse; what needs another agency goes over the exchange."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground.errors import Problem
from lienthong.systems.warehouse import problems, rules
from lienthong.systems.warehouse.models import Document, DocumentChange, DocumentOwner, DocumentUse

FILE = "onestop/results-file/v1"
PERSON = "population/persons-get/v1"
LIST_MAX = 200


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    pdf_base64: str


class _Person(BaseModel):
    model_config = ConfigDict(extra="ignore")
    full_name: str


def subsystem() -> str:
    """This room's own name on the exchange."""
    name = exchange.national_subsystem("warehouse")
    if name is None:
        raise RuntimeError("the warehouse is not open on the exchange")
    return name


def files_referred(hashes: Collection[str]) -> set[str]:
    """Of these, those that a document of a person names: whoever issued it keeps the file for them."""
    return set(Document.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))


def documents_of(*, owner: str, result_codes: Sequence[str] = ()) -> list[Document]:
    """The person's documents, the newest first, of some result codes or all."""
    rows = Document.objects.filter(owners__owner=owner)
    if result_codes:
        rows = rows.filter(result_code__in=result_codes)
    return list(rows.order_by("-issued_on", "-deposited_at", "number")[:LIST_MAX])


def document_of(*, document: UUID, owner: str) -> Document:
    """Errors: document-unknown (404), also where it is another person's."""
    row = Document.objects.filter(pk=document, owners__owner=owner).first()
    if row is None:
        raise problems.document_unknown()
    return row


def document_by_code(*, typed: str) -> Document:
    """Errors: check-code-invalid (422), check-code-unknown (404)."""
    code = rules.check_code(typed)
    if code is None:
        raise problems.code_invalid()
    row = Document.objects.filter(check_code=code).first()
    if row is None:
        raise problems.code_unknown()
    return row


def document_by_hash(*, sha256: str) -> Document | None:
    return Document.objects.filter(sha256=sha256).first()


def changes_of(document: Document) -> list[DocumentChange]:
    """The newest first."""
    return list(DocumentChange.objects.filter(document=document).order_by("-id"))


def uses_of(document: Document) -> list[DocumentUse]:
    return list(DocumentUse.objects.filter(document=document).order_by("-used_at")[:LIST_MAX])


def document_file(*, document: Document, purpose: str) -> bytes:
    """The file from its holder; nothing of it is kept here. Errors: the holder's, file-differs (409)."""
    answer = call(
        FILE,
        {"number": document.number, "result_code": document.result_code},
        client=subsystem(),
        provider=document.holder,
        purpose=purpose,
        case=document.case,
        shape=_File,
    )
    content = base64.b64decode(answer.pdf_base64)
    if sha256_hex(content) != document.sha256:
        raise problems.file_unavailable()
    return content


def owner_initials(document: Document) -> str:
    """Of the person whom the paper is about; empty where the population system does not answer."""
    owner = DocumentOwner.objects.filter(document=document).order_by("position").first()
    if owner is None:
        return ""
    try:
        person = call(
            PERSON,
            {"number": owner.owner},
            client=subsystem(),
            purpose="own-data",
            case=document.case,
            shape=_Person,
        )
    except Problem:
        return ""
    return rules.initials(person.full_name)
