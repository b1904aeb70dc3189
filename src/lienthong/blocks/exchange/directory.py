"""Reads of the control plane for those who manage it: who joined, what they offer, who may ask what.

`agency`: only what concerns this agency; None means everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from lienthong.blocks.exchange import refusals
from lienthong.blocks.exchange.models import (
    Agreement,
    AgreementRequest,
    AgreementUse,
    ContractService,
    Document,
    Gateway,
    GatewayHealth,
    Group,
    Member,
    PublishedService,
    Subsystem,
)
from lienthong.blocks.exchange.wire import GROUP
from lienthong.blocks.exchange.wire import Subsystem as Name
from lienthong.ground.text import Text

PAGE = 50


@dataclass(frozen=True, slots=True)
class MemberRow:
    name: str
    code: str
    title: Text
    joined_at: datetime
    systems: int


@dataclass(frozen=True, slots=True)
class SubsystemRow:
    name: str
    member: str
    agency: str
    system: str
    gateway: str
    framed: bool
    described: bool
    national: bool
    connection: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """code: as agreements and addresses have it, without version; versions: of a SOAP service or a contract."""

    code: str
    type: str
    title: Text
    path: str
    endpoints: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    document: str


def members_page(*, agency: str | None, after: str = "", limit: int = PAGE) -> list[MemberRow]:
    """By name; `after`: the last name of the page before."""
    rows = Member.objects.filter(name__gt=after).annotate(systems=Count("subsystem")).order_by("name")
    if agency is not None:
        rows = rows.filter(code=agency)
    return [_member(row, row.systems) for row in rows[:limit]]  # type: ignore[attr-defined]


def member_get(*, name: str, agency: str | None) -> MemberRow:
    """NotFound also for a member that is another agency's."""
    rows = Member.objects.annotate(systems=Count("subsystem")).filter(name=name)
    row = (rows if agency is None else rows.filter(code=agency)).first()
    if row is None:
        raise refusals.no_such_member(name)
    return _member(row, row.systems)  # type: ignore[attr-defined]


def _member(row: Member, systems: int) -> MemberRow:
    return MemberRow(row.name, row.code, Text(row.title_vi, row.title_en), row.joined_at, systems)


def member_titles(names: Sequence[str]) -> dict[str, Text]:
    rows = Member.objects.filter(name__in=set(names)).values_list("name", "title_vi", "title_en")
    return {name: Text(vi, en) for name, vi, en in rows}


def agency_titles(codes: Sequence[str]) -> dict[str, Text]:
    rows = Member.objects.filter(code__in=set(codes)).values_list("code", "title_vi", "title_en")
    return {code: Text(vi, en) for code, vi, en in rows}


def subsystems_of(*, member: str, after: str = "", limit: int = PAGE) -> list[SubsystemRow]:
    return _subsystems(Subsystem.objects.filter(member_id=member, name__gt=after), limit)


def subsystems_of_agency(*, agency: str, limit: int = 200) -> list[SubsystemRow]:
    return _subsystems(Subsystem.objects.filter(member__code=agency), limit)


def subsystem_get(*, name: str, agency: str | None) -> SubsystemRow:
    """NotFound also for a system that is another agency's."""
    rows = Subsystem.objects.filter(name=name)
    found = _subsystems(rows if agency is None else rows.filter(member__code=agency), 1)
    if not found:
        raise refusals.no_such_subsystem(name)
    return found[0]


def _subsystems(rows: QuerySet[Subsystem], limit: int) -> list[SubsystemRow]:
    return [
        SubsystemRow(
            row.name,
            row.member_id,  # type: ignore[attr-defined]
            row.member.code,
            row.system,
            row.gateway_id or "",  # type: ignore[attr-defined]
            row.framed,
            row.described,
            row.national,
            row.connection,
        )
        for row in rows.select_related("member").order_by("name")[:limit]
    ]


def services_of(*, subsystem: SubsystemRow, limit: int = 500) -> list[ServiceRow]:
    """What it offers: by its own descriptions, or by its contract."""
    if subsystem.framed:
        rows = ContractService.objects.filter(system=subsystem.system).order_by("code")[:limit]
        return [_contract(row) for row in rows]
    return [
        service_row(row)
        for row in PublishedService.objects.filter(subsystem_id=subsystem.name).order_by("code")[:limit]
    ]


def service_row(row: PublishedService) -> ServiceRow:
    return ServiceRow(
        row.code,
        row.type,
        Text(row.title_vi, row.title_en),
        row.path,
        tuple((method, path) for method, path in row.endpoints),
        tuple(row.versions),
        row.document_id or "",  # type: ignore[attr-defined]
    )


def _contract(row: ContractService) -> ServiceRow:
    pairs = tuple((method, path) for method, path in row.endpoints)
    versions = tuple(path.removeprefix("/") for _, path in pairs)
    title = Text(row.title_vi, row.title_en)
    return ServiceRow(row.code, "CONTRACT", title, "", pairs, versions, row.document_id)  # type: ignore[attr-defined]


def service_names(subsystem: SubsystemRow, service: ServiceRow) -> list[str]:
    """As agreements name it: a contract's service with its version, any other without."""
    if service.type == "CONTRACT":
        return [f"{subsystem.system}/{service.code}/{version}" for version in service.versions]
    return [f"{subsystem.system}/{service.code}"]


def services_of_agency(*, agency: str, limit: int = 500) -> list[tuple[str, Text]]:
    """What its plain systems offer, as agreements name it, with the title."""
    rows = PublishedService.objects.filter(subsystem__member__code=agency, subsystem__framed=False)
    listed = rows.order_by("subsystem_id", "code").values_list(
        "subsystem__system", "code", "title_vi", "title_en"
    )
    return [(f"{system}/{code}", Text(vi, en)) for system, code, vi, en in listed[:limit]]


def document_content(*, digest: str) -> bytes | None:
    found = Document.objects.filter(digest=digest).values_list("content", flat=True).first()
    return None if found is None else bytes(found)


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """used: calls of today under its quota, as this instance counted them."""

    id: int
    client: str
    service: str
    purpose: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    quota: int | None
    endpoints: tuple[tuple[str, str], ...]
    granted_by: str
    ended_by: str
    ended_at: datetime | None
    used: int = 0

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or self.valid_to >= on)


def _concerning(agency: str) -> Q:
    """Granted by the agency, or to one of its systems, by name, kind or group."""
    own = list(Subsystem.objects.filter(member__code=agency).values_list("name", flat=True)[:500])
    groups = Group.objects.filter(members__name__in=own).values_list("code", flat=True).distinct()
    kinds = {f"{name.instance}/{name.member_class}/*/{name.system}" for name in map(Name.parse, own)}
    return Q(granted_by=agency) | Q(client__in=[*own, *kinds, *(f"{GROUP}{code}" for code in groups)])


def agreements_page(
    *, agency: str | None, on: date, before: int | None = None, quota_only: bool = False, limit: int = PAGE
) -> list[AgreementRow]:
    """The newest first, with today's use; `before`: the last id of the page above."""
    rows = Agreement.objects.order_by("-id")
    if agency is not None:
        rows = rows.filter(_concerning(agency))
    if before is not None:
        rows = rows.filter(id__lt=before)
    if quota_only:
        rows = rows.exclude(daily_quota=None).filter(Q(valid_to=None) | Q(valid_to__gte=on))
    return _agreements(rows[:limit], on)


def agreement_get(*, number: int, agency: str | None, on: date) -> AgreementRow:
    rows = Agreement.objects.filter(pk=number)
    found = _agreements(rows if agency is None else rows.filter(_concerning(agency)), on)
    if not found:
        raise refusals.no_such_agreement(number)
    return found[0]


def agreements_on(*, subsystem: SubsystemRow, on: date, limit: int = 200) -> list[AgreementRow]:
    """The rights that its own agency granted to it, and those that others hold by contract."""
    rows = Agreement.objects.filter(service__startswith=f"{subsystem.system}/").order_by(
        "service", "client", "id"
    )
    if not subsystem.framed:
        rows = rows.filter(granted_by=subsystem.agency)
    return _agreements(rows[:limit], on)


def _agreements(rows: QuerySet[Agreement], on: date) -> list[AgreementRow]:
    listed = list(rows)
    uses = AgreementUse.objects.filter(day=on, agreement_id__in=[row.pk for row in listed])
    used: Mapping[int, int] = dict(uses.values_list("agreement_id", "calls"))
    return [
        AgreementRow(
            row.pk,
            row.client,
            row.service,
            row.purpose,
            row.legal_basis,
            row.valid_from,
            row.valid_to,
            row.daily_quota,
            tuple((method, path) for method, path in row.endpoints),
            row.granted_by,
            row.ended_by,
            row.ended_at,
            used.get(row.pk, 0),
        )
        for row in listed
    ]


def requests_page(
    *, agency: str | None, before: int | None = None, limit: int = PAGE
) -> list[AgreementRequest]:
    """Those that the agency asked or is asked, the newest first."""
    rows = AgreementRequest.objects.order_by("-id")
    if agency is not None:
        rows = rows.filter(Q(asker=agency) | Q(grantor=agency))
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[:limit])


def request_get(*, number: int, agency: str | None) -> AgreementRequest:
    rows = AgreementRequest.objects.filter(pk=number)
    row = (rows if agency is None else rows.filter(Q(asker=agency) | Q(grantor=agency))).first()
    if row is None:
        raise refusals.no_such_request(number)
    return row


def requests_waiting(*, agency: str | None) -> int:
    """How many wait for the agency's answer; for None, for anybody's."""
    rows = AgreementRequest.objects.filter(state="waiting")
    return (rows if agency is None else rows.filter(grantor=agency)).count()


@dataclass(frozen=True, slots=True)
class GroupRow:
    code: str
    title: Text
    members: int


def groups_page(*, after: str = "", limit: int = PAGE) -> list[GroupRow]:
    rows = Group.objects.filter(code__gt=after).annotate(size=Count("members")).order_by("code")[:limit]
    return [GroupRow(row.code, Text(row.title_vi, row.title_en), row.size) for row in rows]  # type: ignore[attr-defined]


def group_get(*, code: str, limit: int = 500) -> tuple[GroupRow, list[str]]:
    """The group and its members' names."""
    row = Group.objects.filter(code=code).annotate(size=Count("members")).first()
    if row is None:
        raise refusals.no_such_group(code)
    names = list(row.members.order_by("name").values_list("name", flat=True)[:limit])
    return GroupRow(row.code, Text(row.title_vi, row.title_en), row.size), names  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class GatewayRow:
    server: str
    address: str
    renewed: bool
    asked_at: datetime | None
    answered_at: datetime | None
    status: int
    told: dict[str, Any]
    problem: str
    tls_until: datetime | None


def gateways_page(*, agency: str | None, after: str = "", limit: int = PAGE) -> list[GatewayRow]:
    """With what each said when it was last asked. Of an agency: those that its systems stand behind."""
    rows = Gateway.objects.filter(server__gt=after).order_by("server")
    if agency is not None:
        rows = rows.filter(subsystem__member__code=agency).distinct()
    listed = list(rows[:limit])
    known = GatewayHealth.objects.in_bulk([row.pk for row in listed])
    return [_gateway(row, known.get(row.pk)) for row in listed]


def _gateway(row: Gateway, seen: GatewayHealth | None) -> GatewayRow:
    said = (
        (None, None, 0, {}, "", None)
        if seen is None
        else (seen.asked_at, seen.answered_at, seen.status, seen.told, seen.problem, seen.tls_until)
    )
    return GatewayRow(row.server, row.address, bool(row.tls_folder), *said)


def gateway_names(limit: int = 500) -> list[str]:
    return list(Gateway.objects.order_by("server").values_list("server", flat=True)[:limit])
