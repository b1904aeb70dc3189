"""The message log and its sealer: rows are chained in batches within a second, so calls wait for no chain."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from lienthong.blocks.exchange.models import Message, Seal
from lienthong.blocks.exchange.wire import Answer, Request, SignedAnswer, SignedRequest
from lienthong.blocks.registry.bulk import NewRow, rows_insert
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import CHAIN_START, chain_link, sha256_hex
from lienthong.ground import clock

BATCH_MAX = 5000
_SEALER_LOCK = 0x5EA1


def message_record(
    *,
    sides: tuple[str, ...],
    request: SignedRequest,
    answer: SignedAnswer,
    problem: str = "",
    repeats: bool = False,
    claimed: int | None = None,
) -> None:
    """A row for each side that keeps its log here. The heads are kept as signed, so that they can be checked later.

    repeats: the provider had answered this before, and the answer was lost on its way or asked for again.
    claimed: the row of the inbox that gets this answer.
    """
    head, now = request.head, clock.now()
    rows_insert(
        [
            NewRow(
                Message,
                side=side,
                message_id=head.message_id,
                client=head.client,
                provider=head.provider,
                service=head.service,
                purpose=head.purpose,
                case=head.case,
                officer=head.officer,
                sent_at=datetime.fromisoformat(head.sent_at),
                answered_at=datetime.fromisoformat(answer.head.answered_at),
                recorded_at=now,
                status=answer.head.status,
                problem=problem,
                repeats=repeats,
                request_head=head.signed_bytes().decode(),
                request_signature=request.signature.value,
                request_certificate=request.signature.certificate,
                answer_head=answer.head.signed_bytes().decode(),
                answer_signature=answer.signature.value,
                answer_certificate=answer.signature.certificate,
            )
            for side in sides
        ],
        besides=None
        if claimed is None
        else (_ANSWERED, [json.dumps(answer.body, ensure_ascii=False), claimed]),
    )


_ANSWERED = "update exchange_inbox set answer = %s::jsonb where id = %s"


def row_digest(row: Message) -> str:
    """What the chain binds: both heads and both signatures of the row."""
    parts = [row.side, row.request_head, row.request_signature, row.answer_head, row.answer_signature]
    return sha256_hex("\n".join(parts).encode())


def instance_signer() -> str:
    """The subject that signs seals for this instance."""
    return f"{settings.LIENTHONG_INSTANCE}/EXCHANGE"


def signer_here(at: datetime) -> trust.SignerInfo:
    """The certificate of `instance_signer`, issued at its first use."""
    return trust.signer_ensure(
        subject_id=instance_signer(),
        kind="authority",
        name="Lienthong exchange",
        organisation=settings.LIENTHONG_INSTANCE,
        at=at,
    )


def seal_pending() -> int:
    """Chain and sign the rows that no seal binds yet; the number of rows sealed. One sealer at a time."""
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        rows = list(Message.objects.filter(seal=None).order_by("id")[:BATCH_MAX])
        if not rows:
            return 0
        last = Seal.objects.order_by("-id").first()
        previous = head = last.head if last else CHAIN_START
        for row in rows:
            head = chain_link(head, row_digest(row))
        signer_here(now)
        signed = trust.bytes_sign(subject_id=instance_signer(), data=head.encode(), at=now)
        seal = Seal.objects.create(
            sealed_at=now,
            rows=len(rows),
            previous=previous,
            head=head,
            signature=signed.signature,
            certificate=signed.certificate,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "update exchange_message m set seal_id = %s, seal_position = n.position"
                " from unnest(%s::bigint[]) with ordinality as n(id, position) where m.id = n.id",
                [seal.pk, [row.pk for row in rows]],
            )
        return len(rows)


@dataclass(frozen=True, slots=True)
class LogCheck:
    """seals, rows: what was checked; broken: the first row or seal that does not hold, or None."""

    seals: int
    rows: int
    signatures: int
    broken: str | None


def log_check() -> LogCheck:
    """Re-compute every chain and check every signature of the log."""
    previous, rows, seals, signatures = CHAIN_START, 0, 0, 0
    for seal in Seal.objects.order_by("id").iterator():
        if seal.previous != previous:
            return LogCheck(seals, rows, signatures, f"seal {seal.pk}: does not follow the one before it")
        head = previous
        for row in Message.objects.filter(seal=seal).order_by("seal_position").iterator():
            head = chain_link(head, row_digest(row))
            rows += 1
            if not _signatures_hold(row):
                return LogCheck(seals, rows, signatures, f"row {row.pk}: a signature does not verify")
            signatures += 2
        signed = trust.bytes_verify(
            data=seal.head.encode(), signature=seal.signature, certificate=seal.certificate, at=seal.sealed_at
        )
        if head != seal.head:
            return LogCheck(seals, rows, signatures, f"seal {seal.pk}: rows were changed, added or removed")
        if signed.reason:
            return LogCheck(seals, rows, signatures, f"seal {seal.pk}: {signed.reason.en}")
        previous, seals = head, seals + 1
    return LogCheck(seals, rows, signatures, None)


def _signatures_hold(row: Message) -> bool:
    pairs = [
        (row.request_head, row.request_signature, row.request_certificate, row.sent_at),
        (row.answer_head, row.answer_signature, row.answer_certificate, row.answered_at),
    ]
    return all(
        trust.bytes_verify(data=head.encode(), signature=value, certificate=certificate, at=moment).valid
        for head, value, certificate, moment in pairs
    )


def heads_of(row: Message) -> tuple[Request, Answer]:
    """The two signed heads of a row."""
    return Request(**json.loads(row.request_head)), Answer(**json.loads(row.answer_head))


def as_evidence(row: Message) -> dict[str, object]:
    """A row as an auditor reads it."""
    request, answer = heads_of(row)
    return {
        "request": asdict(request),
        "answer": asdict(answer),
        "seal": row.seal_id,  # type: ignore[attr-defined]
        "position": row.seal_position,
    }
