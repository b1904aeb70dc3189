"""Writes of the warehouse: deposit, correct, revoke, note a use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lienthong.ground import clock
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text
from lienthong.systems.warehouse import problems
from lienthong.systems.warehouse.models import Document, DocumentChange, DocumentOwner, DocumentUse


@dataclass(frozen=True, slots=True)
class Paper:
    result_code: str
    number: str
    title: Text
    issued_on: date
    valid_to: date | None
    sha256: str
    size: int
    check_code: str


@dataclass(frozen=True, slots=True)
class Origin:
    """issuer: an agency's code; holder: the subsystem that keeps the file."""

    issuer: str
    issuer_name: Text
    holder: str
    case: str


def documents_deposit(
    *, origin: Origin, owners: Sequence[str], papers: Sequence[Paper], at: datetime
) -> list[Document]:
    """Note papers and whose they are, all or none; what is here stays. Errors: document-differs (409)."""
    with transaction.atomic():
        return [_deposited(origin, list(dict.fromkeys(owners)), paper, at) for paper in papers]


def _deposited(origin: Origin, owners: list[str], paper: Paper, at: datetime) -> Document:
    document, fresh = Document.objects.get_or_create(
        result_code=paper.result_code,
        number=paper.number,
        issuer=origin.issuer,
        defaults={
            "id": uuid7(at),
            "issuer_name_vi": origin.issuer_name.vi,
            "issuer_name_en": origin.issuer_name.en,
            "holder": origin.holder,
            "case": origin.case,
            "title_vi": paper.title.vi,
            "title_en": paper.title.en,
            "issued_on": paper.issued_on,
            "valid_to": paper.valid_to,
            "sha256": paper.sha256,
            "size": paper.size,
            "check_code": paper.check_code,
            "deposited_at": at,
            "recorded_at": clock.now(),
        },
    )
    if not fresh and document.sha256 != paper.sha256:
        raise problems.document_differs(paper.number)
    for position, owner in enumerate(owners, start=1):
        DocumentOwner.objects.get_or_create(document=document, owner=owner, defaults={"position": position})
    return document


@dataclass(frozen=True, slots=True)
class Change:
    """state: corrected or revoked; replaced_by: the number of the paper in its place, if any."""

    result_code: str
    number: str
    state: str
    reason: Text
    replaced_by: str = ""


def document_change(
    *, change: Change, issuer: str | None, changed_by: str, case: str, at: datetime
) -> Document:
    """Correct or revoke a paper; its history keeps the reason. The same change told again does nothing.

    `issuer`: whose papers may be changed; None for a national register, which may change any issuer's.
    Errors: document-unknown (404), document-ambiguous, document-revoked (409).
    """
    with transaction.atomic():
        rows = Document.objects.select_for_update(no_key=True).filter(
            result_code=change.result_code, number=change.number
        )
        found = list(rows.filter(issuer=issuer) if issuer is not None else rows)
        if not found:
            raise problems.document_unknown()
        if len(found) > 1:
            raise problems.document_ambiguous()
        document = found[0]
        last = DocumentChange.objects.filter(document=document).order_by("-id").first()
        if last is not None and _same(last, change):
            return document
        if document.state == "revoked":
            raise problems.state_final()
        DocumentChange.objects.create(
            document=document,
            state=change.state,
            reason_vi=change.reason.vi,
            reason_en=change.reason.en,
            replaced_by=change.replaced_by,
            changed_by=changed_by,
            case=case,
            happened_at=at,
            recorded_at=clock.now(),
        )
        document.state = change.state
        document.save(update_fields=["state"])
        return document


def _same(row: DocumentChange, change: Change) -> bool:
    return (row.state, row.reason_vi, row.replaced_by) == (change.state, change.reason.vi, change.replaced_by)


def use_note(*, document: Document, used_by: str, purpose: str, case: str, at: datetime) -> None:
    """A dossier found the paper here; a search without a dossier is no use."""
    if case:
        DocumentUse.objects.get_or_create(
            document=document,
            used_by=used_by,
            case=case,
            defaults={"purpose": purpose, "used_at": at, "recorded_at": clock.now()},
        )
