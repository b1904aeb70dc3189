"""Which services stand behind a subsystem's gateway, under which description, and the groups that are given rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from lienthong.blocks.exchange import dispatch, problems
from lienthong.blocks.exchange.contract_openapi import described
from lienthong.blocks.exchange.descriptions import (
    CODE_MAX,
    TITLE_MAX,
    address_path,
    code_check,
    endpoint_check,
    is_xml,
)
from lienthong.blocks.exchange.models import ContractService, Document, Group, PublishedService, Subsystem
from lienthong.blocks.exchange.openapi import openapi_read
from lienthong.blocks.exchange.provide import Offers
from lienthong.blocks.exchange.wsdl import wsdl_read
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground.text import Text

UNUSED_KEPT = timedelta(days=7)
"""A description that no service has any more may still be asked for by a gateway with an older configuration."""
EVERYTHING = [["*", "/**"]]


def service_publish(
    *,
    subsystem: str,
    at: datetime,
    code: str = "",
    title: Text | None = None,
    path: str | None = None,
    endpoints: Iterable[tuple[str, str]] = (),
    description: bytes | None = None,
) -> list[str]:
    """Offer services of a plain subsystem; the codes that are offered now. Again with the same code: its new edition.

    description: an OpenAPI file (with a code: one service of type OPENAPI) or a WSDL (one of type SOAP for each
    operation; a new edition takes the place of the one that described them). Without it: type REST, with the
    endpoints that are given, or any. path: where it begins on the system's address, if not as the description says.
    Errors: Invalid with the place of a mistake, NotFound for the subsystem, Conflict where it follows contracts.
    """
    with transaction.atomic():
        row = Subsystem.objects.select_for_update().filter(name=subsystem).first()
        if row is None:
            raise problems.unknown_provider(subsystem)
        if row.framed:
            raise problems.under_contract(subsystem)
        Subsystem.objects.filter(pk=row.pk, described=False).update(described=True)
        if description is not None and is_xml(description):
            return _wsdl_publish(row, description, path=path, at=at)
        return _rest_publish(
            row, code_check(code), description, title=title, path=path, endpoints=endpoints, at=at
        )


def service_withdraw(*, subsystem: str, code: str) -> bool:
    """Offer it no longer; whether it was offered. Agreements on it stay, and serve again when it comes back.

    A subsystem that has published services once offers what it publishes and nothing else.
    """
    return bool(PublishedService.objects.filter(subsystem=subsystem, code=code).delete()[0])


def _rest_publish(
    row: Subsystem,
    code: str,
    description: bytes | None,
    *,
    title: Text | None,
    path: str | None,
    endpoints: Iterable[tuple[str, str]],
    at: datetime,
) -> list[str]:
    given = [endpoint_check(method, pattern) for method, pattern in endpoints]
    kind, begins, document = "REST", "", None
    if description is not None:
        read = openapi_read(description)
        kind, begins, document = "OPENAPI", read.path, document_keep(read.content, at=at)
        title = title or Text(read.title, read.title)
        # Endpoints may be added to those that the description knows, as in X-Road.
        given = [*read.endpoints, *given]
    title = title or Text(code, code)
    PublishedService.objects.update_or_create(
        subsystem=row,
        code=code,
        defaults={
            "type": kind,
            "title_vi": title.vi[:TITLE_MAX],
            "title_en": title.en[:TITLE_MAX],
            "path": begins if path is None else address_path(path, "path"),
            "endpoints": [list(pair) for pair in dict.fromkeys(given)] or EVERYTHING,
            "versions": [],
            "document": document,
        },
    )
    return [code]


def _wsdl_publish(row: Subsystem, description: bytes, *, path: str | None, at: datetime) -> list[str]:
    operations = wsdl_read(description)
    codes = [operation.code for operation in operations]
    own = PublishedService.objects.filter(subsystem=row)
    editions = list(own.filter(code__in=codes, type="SOAP").values_list("document_id", flat=True))
    own.filter(type="SOAP", document_id__in=editions).exclude(code__in=codes).delete()
    document = document_keep(description, at=at)
    for operation in operations:
        PublishedService.objects.update_or_create(
            subsystem=row,
            code=operation.code,
            defaults={
                "type": "SOAP",
                "title_vi": operation.title.vi,
                "title_en": operation.title.en,
                "path": operation.path if path is None else address_path(path, "path"),
                "endpoints": [],
                "versions": list(operation.versions),
                "document": document,
            },
        )
    return codes


def document_keep(content: bytes, *, at: datetime) -> Document:
    """The row of these bytes; descriptions that nobody has used for a while are let go."""
    digest = sha256_hex(content)
    document, _ = Document.objects.update_or_create(
        digest=digest, defaults={"content": content, "uploaded_at": at}
    )
    Document.objects.filter(
        publishedservice=None, contractservice=None, uploaded_at__lt=at - UNUSED_KEPT
    ).delete()
    return document


def contracts_publish(*, at: datetime) -> int:
    """Bring the rows of what the systems here offer under contract in line with their code; how many changed.

    Rows of systems that this instance does not host stay: another one runs them, and its contract is the same.
    """
    offered = frozenset(service for service, _ in Offers.services.values())
    found = {(one.system, one.code): one for one in described(offered)}
    hosted = {system for system, _ in found}
    known = {(row.system, row.code): row for row in ContractService.objects.filter(system__in=hosted)}
    changed = 0
    for key, one in found.items():
        row = known.get(key)
        if row is None or row.document_id != sha256_hex(one.document):  # type: ignore[attr-defined]
            changed += 1
            ContractService.objects.update_or_create(
                system=one.system,
                code=one.code,
                defaults={
                    "title_vi": one.title.vi,
                    "title_en": one.title.en,
                    "endpoints": [list(pair) for pair in one.endpoints],
                    "document": document_keep(one.document, at=at),
                },
            )
    gone = [row.pk for key, row in known.items() if key not in found]
    return changed + ContractService.objects.filter(pk__in=gone).delete()[0]


def group_set(*, code: str, title: Text) -> None:
    """A group of subsystems that are given rights together; again with the same code: its new title."""
    if not code or len(code) > CODE_MAX // 2 or "/" in code or not code.isprintable():
        raise problems.bad_group(code)
    Group.objects.update_or_create(code=code, defaults={"title_vi": title.vi, "title_en": title.en})


def group_members(*, code: str, members: Iterable[str]) -> None:
    """Let exactly these subsystems be in the group. NotFound for a group or a subsystem that is not there."""
    names = set(members)
    with transaction.atomic():
        group = Group.objects.select_for_update().filter(code=code).first()
        if group is None:
            raise problems.unknown_group(code)
        known = set(Subsystem.objects.filter(name__in=names).values_list("name", flat=True))
        if missing := sorted(names - known):
            raise problems.unknown_provider(missing[0])
        group.members.set(known)
    dispatch.agreements_forget()
