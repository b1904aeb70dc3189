"""`call`: the one way in which a system asks another, here or anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, overload
from uuid import UUID

from django.db import transaction
from pydantic import BaseModel

from lienthong.blocks.exchange import dispatch, log, problems
from lienthong.blocks.exchange.descriptions import endpoint_check
from lienthong.blocks.exchange.models import Agreement, Gateway, Group, Member, Subscription
from lienthong.blocks.exchange.models import Subsystem as SubsystemRow
from lienthong.blocks.exchange.outbox import event_publish
from lienthong.blocks.exchange.publishing import (
    group_members,
    group_set,
    service_publish,
    service_withdraw,
)
from lienthong.blocks.exchange.selectors import provider_of, subsystems_forget
from lienthong.blocks.exchange.transport import remote
from lienthong.blocks.exchange.wire import (
    GROUP,
    Request,
    Signature,
    SignedAnswer,
    SignedRequest,
    Subsystem,
    body_hash,
)
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text

__all__ = [
    "agreement_grant",
    "call",
    "event_publish",
    "gateway_open",
    "group_members",
    "group_set",
    "member_join",
    "service_publish",
    "service_withdraw",
    "subscribe",
    "subsystem_open",
]

Shape = TypeVar("Shape", bound=BaseModel)


@overload
def call(
    service: str,
    body: BaseModel | dict[str, Any],
    *,
    client: str,
    purpose: str,
    provider: str | None = None,
    case: str = "",
    officer: str = "",
    message_id: str | UUID | None = None,
) -> dict[str, Any]: ...
@overload
def call(
    service: str,
    body: BaseModel | dict[str, Any],
    *,
    client: str,
    purpose: str,
    provider: str | None = None,
    case: str = "",
    officer: str = "",
    message_id: str | UUID | None = None,
    shape: type[Shape],
) -> Shape: ...
def call(
    service: str,
    body: BaseModel | dict[str, Any],
    *,
    client: str,
    purpose: str,
    provider: str | None = None,
    case: str = "",
    officer: str = "",
    message_id: str | UUID | None = None,
    shape: type[BaseModel] | None = None,
) -> Any:
    """Ask `service` (`population/persons-get/v1`) and return the verified answer's body.

    provider: a subsystem's name; without it the national provider of the service's system.
    message_id: the same id with the same body takes effect once, however often it is sent.
    shape: what the caller reads of the answer. Errors: whatever Problem the provider answered.
    Refused inside a transaction: a call must not hold locks, nor be undone after it took effect.
    """
    with transaction.atomic(durable=True):
        receiver = _provider(service, provider)
    now = clock.now()
    payload = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    head = Request(
        message_id=str(message_id or uuid7(now)),
        client=client,
        provider=receiver.name,
        service=service,
        purpose=purpose,
        case=case,
        officer=officer,
        sent_at=now.isoformat(),
        body_hash=body_hash(payload),
    )
    owner = Subsystem.parse(client).owner
    signed = trust.bytes_sign(subject_id=owner, data=head.signed_bytes(), at=now)
    request = SignedRequest(head, payload, Signature(signed.signature, signed.certificate))
    if receiver.hosted:  # both sides' rows are written here, in the provider's transaction
        answer = dispatch.receive(request, sides=("provider", "client"))
        problem = _checked(request, answer)
    else:
        answer = remote(request)
        problem = _checked(request, answer)
        with transaction.atomic(durable=True):
            log.message_record(
                sides=("client",), request=request, answer=answer, problem=problem.code if problem else ""
            )
    if problem is not None:
        raise problem
    return shape.model_validate(answer.body) if shape else answer.body


def _provider(service: str, provider: str | None) -> SubsystemRow:
    system = service.split("/", maxsplit=1)[0]
    row = provider_of(system=system, name=provider)
    if row is None:
        raise problems.unknown_provider(provider or system)
    return row


def _checked(request: SignedRequest, answer: SignedAnswer) -> Problem | None:
    """The provider's Problem, if it answered one. Raises where the answer is not what the provider signed."""
    verified = trust.bytes_verify(
        data=answer.head.signed_bytes(),
        signature=answer.signature.value,
        certificate=answer.signature.certificate,
        at=clock.now(),
    )
    bound = (
        answer.head.request_hash == request.head.hash()
        and answer.head.message_id == request.head.message_id
        and answer.head.body_hash == body_hash(answer.body)
        and verified.subject_id == Subsystem.parse(request.head.provider).owner
    )
    if not verified.valid or not bound:
        raise problems.bad_signature(verified.reason)
    if answer.head.status != 200:  # noqa: PLR2004 - HTTP's OK
        return Problem.from_dict(answer.body, status=answer.head.status)
    return None


def member_join(*, name: str, code: str, title: Text, at: datetime) -> None:
    """A member with its signing key; joining twice changes nothing but the title."""
    Member.objects.update_or_create(
        name=name, defaults={"code": code, "title_vi": title.vi, "title_en": title.en, "joined_at": at}
    )
    trust.signer_ensure(subject_id=name, kind="member", name=title.vi, organisation=code, at=at)


def subsystem_open(
    *,
    name: str,
    national: bool = False,
    hosted: bool = True,
    gateway: str | None = None,
    framed: bool = True,
) -> None:
    """A member's system; where this instance does not run it, the gateway says where it is found."""
    parts = Subsystem.parse(name)
    SubsystemRow.objects.update_or_create(
        name=name,
        defaults={
            "member_id": parts.owner,
            "system": parts.system,
            "national": national,
            "hosted": hosted,
            "gateway_id": gateway,
            "framed": framed,
        },
    )
    subsystems_forget()


def gateway_open(*, server: str, address: str, tls_folder: str | None = None) -> None:
    """tls_folder: where the worker renews its connection's certificate; None leaves it as it is."""
    kept = {} if tls_folder is None else {"tls_folder": tls_folder}
    Gateway.objects.update_or_create(server=server, defaults={"address": address, **kept})


def agreement_grant(
    *,
    client: str,
    service: str,
    purpose: str,
    legal_basis: str,
    granted_by: str,
    valid_from: date,
    valid_to: date | None = None,
    daily_quota: int | None = None,
    endpoints: Iterable[Sequence[str]] = (),
) -> Agreement:
    """Let `client` (or its kind `VN/GOV/*/onestop`, or `group:<code>`) call `service` for `purpose`.

    endpoints: pairs of method (or `*`) and path pattern, to which the right is narrowed; none: the whole service.
    Errors: NotFound for a group that is not there, Invalid for an endpoint.
    """
    if client.startswith(GROUP) and not Group.objects.filter(code=client.removeprefix(GROUP)).exists():
        raise problems.unknown_group(client.removeprefix(GROUP))
    agreement, _ = Agreement.objects.update_or_create(
        client=client,
        service=service,
        purpose=purpose,
        valid_to=valid_to,
        granted_by=granted_by,
        defaults={
            "legal_basis": legal_basis,
            "valid_from": valid_from,
            "daily_quota": daily_quota,
            "endpoints": [list(endpoint_check(method, path)) for method, path in endpoints],
            "ended_by": "",
            "ended_at": None,
        },
    )
    dispatch.agreements_forget()
    return agreement


def subscribe(*, event: str, subscriber: str, service: str) -> None:
    Subscription.objects.get_or_create(event=event, subscriber=subscriber, service=service)
