"""One exchange in the message log, found by its id: both sides, whether their signatures hold, and their seal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienthong.blocks.exchange.log import row_digest
from lienthong.blocks.exchange.models import Message, Seal
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import chain_link, sha256_hex
from lienthong.ground.text import Text

SIDES_MAX = 10


@dataclass(frozen=True, slots=True)
class Signature:
    """reason: why it does not hold, or None; signer: whom its certificate names."""

    signer: str
    reason: Text | None
    certificate: str

    @property
    def valid(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class SealRow:
    """holds: the chain from the seal before leads to its signed head."""

    number: int
    sealed_at: datetime
    rows: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One side's record of an exchange."""

    side: str
    message_id: str
    client: str
    provider: str
    service: str
    purpose: str
    case: str
    sent_at: datetime
    answered_at: datetime
    status: int
    problem: str
    request: Signature
    answer: Signature
    seal: SealRow | None


def message_sides(*, message_id: UUID, agency: str | None) -> list[Side]:
    """Both sides where both stand in this log. Of an agency: only exchanges in which it took part."""
    rows = list(Message.objects.filter(message_id=message_id).order_by("side", "id")[:SIDES_MAX])
    if agency is not None:
        rows = [row for row in rows if agency in {_agency(row.client), _agency(row.provider)}]
    seals = {seal.pk: _seal(seal) for seal in Seal.objects.filter(pk__in={_seal_id(row) for row in rows})}
    return [_side(row, seals.get(_seal_id(row) or 0)) for row in rows]


def _agency(subsystem: str) -> str:
    return Subsystem.parse(subsystem).member


def _seal_id(row: Message) -> int | None:
    return row.seal_id  # type: ignore[attr-defined]


def _side(row: Message, seal: SealRow | None) -> Side:
    bound = json.loads(row.answer_head).get("request_hash") == sha256_hex(row.request_head.encode())
    answer = _signature(
        row.answer_head, row.answer_signature, row.answer_certificate, row.provider, row.answered_at
    )
    if answer.valid and not bound:
        answer = Signature(answer.signer, _UNBOUND, answer.certificate)
    return Side(
        row.side,
        str(row.message_id),
        row.client,
        row.provider,
        row.service,
        row.purpose,
        row.case,
        row.sent_at,
        row.answered_at,
        row.status,
        row.problem,
        _signature(row.request_head, row.request_signature, row.request_certificate, row.client, row.sent_at),
        answer,
        seal,
    )


_UNBOUND = Text("Câu trả lời không thuộc câu hỏi này.", "The answer does not belong to this question.")
_OTHERS = Text("Chữ ký không phải của bên này.", "The signature is not this side's.")


def _signature(head: str, value: str, certificate: str, subsystem: str, at: datetime) -> Signature:
    found = trust.bytes_verify(data=head.encode(), signature=value, certificate=certificate, at=at)
    reason = found.reason
    if reason is None and found.subject_id != Subsystem.parse(subsystem).owner:
        reason = _OTHERS
    return Signature(found.subject_id or "", reason, certificate)


def _seal(seal: Seal) -> SealRow:
    head = seal.previous
    for row in Message.objects.filter(seal=seal).order_by("seal_position").iterator():
        head = chain_link(head, row_digest(row))
    signed = trust.bytes_verify(
        data=seal.head.encode(), signature=seal.signature, certificate=seal.certificate, at=seal.sealed_at
    )
    return SealRow(seal.pk, seal.sealed_at, seal.rows, head == seal.head and signed.valid)
