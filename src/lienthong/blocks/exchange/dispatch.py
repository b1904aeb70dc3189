"""The provider's side: verify, check the right, act once, log, answer signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from pydantic import BaseModel, ValidationError

from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.exchange import log, outbox, problems
from lienthong.blocks.exchange.contract import Action, Service
from lienthong.blocks.exchange.globs import endpoints_cover
from lienthong.blocks.exchange.models import Agreement, AgreementUse, Group, Inbox
from lienthong.blocks.exchange.provide import CallContext, Handler, Offers
from lienthong.blocks.exchange.wire import (
    GROUP,
    Answer,
    Signature,
    SignedAnswer,
    SignedRequest,
    Subsystem,
    body_hash,
)
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.kept import Kept


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int
    body: dict[str, Any]
    problem: str = ""
    repeats: bool = False
    """The answer was given before: this question was asked once more."""
    claimed: int | None = None
    """The row of the inbox that holds the question; it gets the answer as the log does."""


def receive(request: SignedRequest, *, sides: tuple[str, ...] = ("provider",)) -> SignedAnswer:
    """Answer a signed question. A Problem of the handler is an answer too: it undoes what the handler did.

    sides: whose log is kept here; the client's too, where the client is of this instance.
    """
    try:
        with transaction.atomic():
            outcome = _answered(request)
            return _log_and_sign(request, outcome, sides)
    except Problem as problem:
        with transaction.atomic():
            outcome = _Outcome(problem.status, problem.as_dict(), problem.code)
            return _log_and_sign(request, outcome, sides)


def _answered(request: SignedRequest) -> _Outcome:
    head = request.head
    client = Subsystem.parse(head.client)
    now = clock.now()
    if body_hash(request.body) != head.body_hash:
        raise problems.bad_signature(None)
    verified = trust.bytes_verify(
        data=head.signed_bytes(),
        signature=request.signature.value,
        certificate=request.signature.certificate,
        at=now,
    )
    if not verified.valid or verified.subject_id != client.owner:
        raise problems.bad_signature(verified.reason)
    offer = Offers.services.get(head.service)
    if offer is None:
        raise problems.unknown_service(head.service)
    service, handler = offer
    _check_right(request, service, now.date())
    context = CallContext(
        head.message_id, client, Subsystem.parse(head.provider), head.purpose, head.case, head.officer, now
    )
    if service.action is Action.WRITE:
        return _once(request, service, handler, context)
    return _Outcome(200, _handled(request.body, service, handler, context))


def _once(request: SignedRequest, service: Service, handler: Handler, context: CallContext) -> _Outcome:
    """The inbox row is claimed first: of two equal messages at once, the second waits here for the first."""
    head = request.head
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into exchange_inbox (client, message_id, service, body_hash, answer, recorded_at)"
            " values (%s, %s, %s, %s, '{}', %s) on conflict (client, message_id) do nothing returning id",
            [head.client, head.message_id, head.service, head.body_hash, context.at],
        )
        claimed = cursor.fetchone()
    if claimed is not None:
        return _Outcome(200, _handled(request.body, service, handler, context), claimed=claimed[0])
    before = Inbox.objects.get(client=head.client, message_id=head.message_id)
    if before.body_hash != head.body_hash or before.service != head.service:
        raise problems.same_id_other_body()
    return _Outcome(200, before.answer, repeats=True)


def _handled(
    body: dict[str, Any], service: Service, handler: Handler, context: CallContext
) -> dict[str, Any]:
    try:
        asked: BaseModel = service.request.model_validate(body)
    except ValidationError as error:
        raise problems.body_invalid(error) from error
    answer = handler(asked, context).model_dump(mode="json")
    if context.reads:
        outbox.read_notices_add(service=service, context=context)
    return answer


def _check_right(request: SignedRequest, service: Service, today: date) -> None:
    head = request.head
    purpose_get(head.purpose)
    agreement = agreement_for(client=head.client, service=service.name, purpose=head.purpose, on=today)
    if agreement is None:
        raise problems.no_agreement(head.client, service.name, head.purpose, head.provider)
    if agreement.daily_quota is not None:
        use, _ = AgreementUse.objects.get_or_create(agreement=agreement, day=today)
        used = AgreementUse.objects.filter(pk=use.pk, calls__lt=agreement.daily_quota).update(
            calls=F("calls") + 1
        )
        if not used:
            raise problems.quota_used(service.name, agreement.daily_quota)


_agreements: Kept[tuple[str, str, date], list[Agreement]] = Kept()


def agreement_for(*, client: str, service: str, purpose: str, on: date) -> Agreement | None:
    """The agreement in force that covers the client, its own, its kind's (`VN/GOV/*/onestop`) or its group's.

    Those of a service are kept for five seconds, whoever asks, so that a right that was taken away ends within them;
    one that is missing is looked for at once.
    """
    kept = _agreements.get((service, purpose, on), lambda: _agreements_read(service, purpose, on))
    return _covering(client, kept or []) or _covering(client, _agreements_read(service, purpose, on))


def agreements_forget() -> None:
    """Read every agreement afresh at the next call."""
    _agreements.forget()


def _agreements_read(service: str, purpose: str, on: date) -> list[Agreement]:
    """All in force for a service and purpose. A right to endpoints must cover `POST /v<version>`."""
    rows = Agreement.objects.filter(service=service, purpose=purpose, valid_from__lte=on)
    path = "/" + service.rsplit("/", 1)[-1]
    return [
        row
        for row in rows.exclude(valid_to__lt=on)
        if not row.endpoints or endpoints_cover(map(tuple, row.endpoints), "POST", path)
    ]


def _covering(client: str, agreements: list[Agreement]) -> Agreement | None:
    """The client's own before its kind's before its groups'."""
    parts = Subsystem.parse(client)
    kinds = [client, f"{parts.instance}/{parts.member_class}/*/{parts.system}"]
    groups = [row.client.removeprefix(GROUP) for row in agreements if row.client.startswith(GROUP)]
    of_groups: set[str] = set()
    if groups:
        rows = Group.objects.filter(code__in=groups, members=client).values_list("code", flat=True)
        of_groups = {GROUP + code for code in rows}
    place = {name: place for place, name in enumerate(kinds)}
    return min(
        (row for row in agreements if row.client in place or row.client in of_groups),
        key=lambda row: (place.get(row.client, len(kinds)), row.client, row.pk),
        default=None,
    )


def _log_and_sign(request: SignedRequest, outcome: _Outcome, sides: tuple[str, ...]) -> SignedAnswer:
    now = clock.now()
    head = Answer(
        request.head.message_id,
        request.head.provider,
        request.head.hash(),
        outcome.status,
        now.isoformat(),
        body_hash(outcome.body),
    )
    owner = Subsystem.parse(request.head.provider).owner
    signed = trust.bytes_sign(subject_id=owner, data=head.signed_bytes(), at=now)
    answer = SignedAnswer(head, outcome.body, Signature(signed.signature, signed.certificate))
    log.message_record(
        sides=sides,
        request=request,
        answer=answer,
        problem=outcome.problem,
        repeats=outcome.repeats,
        claimed=outcome.claimed,
    )
    return answer
