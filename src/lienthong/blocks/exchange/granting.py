"""One agency asks another for a right to its service; the other grants it, grants less, or refuses with a reason.

Nobody grants for another agency: who decides acts for the provider's owner, who asks for the client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.exchange import dispatch, refusals
from lienthong.blocks.exchange.descriptions import endpoint_check
from lienthong.blocks.exchange.globs import ANY, glob_within
from lienthong.blocks.exchange.models import (
    Agreement,
    AgreementRequest,
    ContractService,
    PublishedService,
    Subsystem,
)
from lienthong.blocks.exchange.services import agreement_grant
from lienthong.blocks.exchange.wire import GROUP

Endpoints = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """endpoints: none means the whole service; valid_to None: without end; daily_quota None: without limit."""

    legal_basis: str
    valid_from: date
    valid_to: date | None = None
    daily_quota: int | None = None
    endpoints: Endpoints = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for which agency."""

    officer: str
    agency: str


def terms_make(
    *,
    legal_basis: str,
    valid_from: date,
    valid_to: date | None,
    daily_quota: int | None,
    endpoints: Iterable[Sequence[str]],
) -> Terms:
    """Checked terms. Invalid for an endpoint, a period that ends before it begins, or a quota of none."""
    if valid_to is not None and valid_to < valid_from:
        raise refusals.period_backwards()
    if daily_quota is not None and daily_quota < 1:
        raise refusals.quota_empty()
    pairs = tuple(dict.fromkeys(endpoint_check(method, path) for method, path in endpoints))
    return Terms(legal_basis.strip(), valid_from, valid_to, daily_quota, pairs)


def request_send(
    *,
    by: Actor,
    client: str,
    provider: str,
    service: str,
    purpose: str,
    terms: Terms,
    reason: str,
    at: datetime,
) -> int:
    """The request's number. service: as agreements name it, `data/persons` or `population/persons-get/v1`.

    Errors: Forbidden for another agency's client or an undeclared purpose, NotFound for a system or a service
    that is not offered, Conflict where the same request waits already or the system's contract decides.
    """
    purpose_get(purpose)
    asker = _owned(client, by)
    offered = Subsystem.objects.select_related("member").filter(name=provider).first()
    if offered is None or not _offers(offered, service):
        raise refusals.not_offered(provider, service)
    if offered.framed and not offered.national:
        raise refusals.decided_by_contract(provider)
    if offered.member_id == asker.member_id:  # type: ignore[attr-defined]
        raise refusals.own_service(provider)
    if terms.valid_to is not None and terms.valid_to < at.date():
        raise refusals.period_past()
    try:
        with transaction.atomic():
            row = AgreementRequest.objects.create(
                client=client,
                provider=provider,
                service=service,
                asker=by.agency,
                grantor=offered.member.code,
                endpoints=[list(pair) for pair in terms.endpoints],
                purpose=purpose,
                legal_basis=terms.legal_basis,
                reason=reason.strip(),
                valid_from=terms.valid_from,
                valid_to=terms.valid_to,
                daily_quota=terms.daily_quota,
                asked_by=by.officer,
                asked_at=at,
            )
    except IntegrityError as error:
        raise refusals.waits_already() from error
    return row.pk


def request_grant(*, by: Actor, number: int, terms: Terms, answer: str, at: datetime) -> None:
    """Grant what was asked, or less of it. Invalid where the terms give more than was asked."""
    with transaction.atomic():
        row = _waiting(number)
        if row.grantor != by.agency:
            raise refusals.not_grantor(row.grantor)
        asked = asked_terms(row)
        _within_check(asked, terms)
        if terms.valid_to is not None and terms.valid_to < at.date():
            raise refusals.period_past()
        agreement = agreement_grant(
            client=row.client,
            service=row.service,
            purpose=row.purpose,
            legal_basis=terms.legal_basis,
            granted_by=by.agency,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            daily_quota=terms.daily_quota,
            endpoints=terms.endpoints,
        )
        row.agreement = agreement
        row.narrowed = _limits(terms) != _limits(asked)
        _decide(row, "granted", by, answer, at)


def group_grant(*, by: Actor, group: str, service: str, purpose: str, terms: Terms, at: datetime) -> int:
    """A provider lets every system of a group call one of its services; the agreement's number.

    Errors: Forbidden for an undeclared purpose, NotFound for a group, or a service that is not the agency's.
    """
    purpose_get(purpose)
    system, _, code = service.partition("/")
    own = Subsystem.objects.filter(member__code=by.agency, system=system, framed=False)
    if not PublishedService.objects.filter(subsystem__in=own, code=code).exists():
        raise refusals.not_offered(by.agency, service)
    if terms.valid_to is not None and terms.valid_to < at.date():
        raise refusals.period_past()
    agreement = agreement_grant(
        client=f"{GROUP}{group}",
        service=service,
        purpose=purpose,
        legal_basis=terms.legal_basis,
        granted_by=by.agency,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        daily_quota=terms.daily_quota,
        endpoints=terms.endpoints,
    )
    return agreement.pk


def request_refuse(*, by: Actor, number: int, answer: str, at: datetime) -> None:
    """Invalid without a reason: the asker must learn what would make it a yes."""
    with transaction.atomic():
        row = _waiting(number)
        if row.grantor != by.agency:
            raise refusals.not_grantor(row.grantor)
        if not answer.strip():
            raise refusals.reason_missing()
        _decide(row, "refused", by, answer, at)


def request_withdraw(*, by: Actor, number: int, at: datetime) -> None:
    with transaction.atomic():
        row = _waiting(number)
        if row.asker != by.agency:
            raise refusals.not_asker(row.asker)
        _decide(row, "withdrawn", by, "", at)


def agreement_end(*, by: Actor, number: int, on: date, at: datetime) -> None:
    """Let the right end with that day, by who granted it or who has it. It may be ended earlier, never later."""
    with transaction.atomic():
        row = Agreement.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise refusals.no_such_agreement(number)
        if (
            row.granted_by != by.agency
            and not Subsystem.objects.filter(name=row.client, member__code=by.agency).exists()
        ):
            raise refusals.not_grantor(row.granted_by)
        if on < at.date():
            raise refusals.end_past()
        if row.valid_to is not None and on > row.valid_to:
            raise refusals.end_later(row.valid_to)
        row.valid_to, row.ended_by, row.ended_at = on, by.officer, at
        row.save(update_fields=["valid_to", "ended_by", "ended_at"])
    dispatch.agreements_forget()


def asked_terms(row: AgreementRequest) -> Terms:
    """What the request asks for."""
    pairs = tuple((method, path) for method, path in row.endpoints)
    return Terms(row.legal_basis, row.valid_from, row.valid_to, row.daily_quota, pairs)


def _limits(terms: Terms) -> tuple[object, ...]:
    return terms.valid_from, terms.valid_to, terms.daily_quota, terms.endpoints


def _within_check(asked: Terms, given: Terms) -> None:
    if given.valid_from < asked.valid_from:
        raise refusals.wider("valid_from")
    if asked.valid_to is not None and (given.valid_to is None or given.valid_to > asked.valid_to):
        raise refusals.wider("valid_to")
    if asked.daily_quota is not None and (given.daily_quota is None or given.daily_quota > asked.daily_quota):
        raise refusals.wider("daily_quota")
    if asked.endpoints and not (
        given.endpoints and all(_covered(pair, asked.endpoints) for pair in given.endpoints)
    ):
        raise refusals.wider("endpoints")


def _covered(pair: tuple[str, str], asked: Endpoints) -> bool:
    method, path = pair
    return any(allowed in {ANY, method} and glob_within(path, pattern) for allowed, pattern in asked)


def _waiting(number: int) -> AgreementRequest:
    row = AgreementRequest.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise refusals.no_such_request(number)
    if row.state != "waiting":
        raise refusals.decided_already()
    return row


def _decide(row: AgreementRequest, state: str, by: Actor, answer: str, at: datetime) -> None:
    row.state, row.decided_by, row.decided_at, row.answer = state, by.officer, at, answer.strip()
    row.save()


def _owned(client: str, by: Actor) -> Subsystem:
    row = Subsystem.objects.filter(name=client, member__code=by.agency).first()
    if row is None:
        raise refusals.not_own(client)
    return row


def _offers(provider: Subsystem, service: str) -> bool:
    system, _, code = service.partition("/")
    if system != provider.system or not code:
        return False
    if not provider.framed:
        if not provider.described:
            return True  # it says nothing of what it offers: its owner knows
        name, _, version = code.partition("/")
        found = PublishedService.objects.filter(subsystem=provider, code=name).first()
        return found is not None and (not version or version in found.versions)
    name, _, version = code.partition("/")
    row = ContractService.objects.filter(system=system, code=name).first()
    return row is not None and ["POST", f"/{version}"] in row.endpoints
