"""What a description would publish, shown before it is: kept under its digest until it is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lienthong.blocks.exchange import problems
from lienthong.blocks.exchange.descriptions import code_check, is_xml
from lienthong.blocks.exchange.models import PublishedService, Subsystem
from lienthong.blocks.exchange.openapi import openapi_read
from lienthong.blocks.exchange.publishing import document_keep
from lienthong.blocks.exchange.wsdl import wsdl_read
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Planned:
    """One service as it would stand; before: its endpoints or versions as they stand now, None for a new one."""

    code: str
    type: str
    title: Text
    path: str
    endpoints: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    before: tuple[tuple[str, str], ...] | None

    @property
    def gone(self) -> tuple[tuple[str, str], ...]:
        """Endpoints that are offered now and would be no longer."""
        return tuple(pair for pair in self.before or () if pair not in self.endpoints)


@dataclass(frozen=True, slots=True)
class Preview:
    """digest: under which the file is kept; withdrawn: operations of the same WSDL that would go."""

    digest: str
    services: tuple[Planned, ...]
    withdrawn: tuple[str, ...]


def description_keep(*, content: bytes, at: datetime) -> str:
    """The digest of a readable description. Invalid with the place of the first mistake."""
    kept = content if is_xml(content) else openapi_read(content).content
    if is_xml(content):
        wsdl_read(content)
    return document_keep(kept, at=at).digest


def description_preview(*, subsystem: str, digest: str, content: bytes, code: str) -> Preview:
    """What publishing this would change. Invalid for a code, Conflict for a system that follows contracts."""
    row = Subsystem.objects.filter(name=subsystem).first()
    if row is None:
        raise problems.unknown_provider(subsystem)
    if row.framed:
        raise problems.under_contract(subsystem)
    now = {one.code: one for one in PublishedService.objects.filter(subsystem=row)[:1000]}
    if not is_xml(content):
        read = openapi_read(content)
        title = Text(read.title, read.title)
        planned = Planned(
            code_check(code), "OPENAPI", title, read.path, read.endpoints, (), _pairs(now.get(code))
        )
        return Preview(digest, (planned,), ())
    operations = wsdl_read(content)
    codes = {one.code for one in operations}
    editions = {now[one].document_id for one in codes if one in now and now[one].type == "SOAP"}  # type: ignore[attr-defined]
    gone = [
        one.code
        for one in now.values()
        if one.type == "SOAP" and one.code not in codes and one.document_id in editions  # type: ignore[attr-defined]
    ]
    services = tuple(
        Planned(one.code, "SOAP", one.title, one.path, (), one.versions, _pairs(now.get(one.code)))
        for one in operations
    )
    return Preview(digest, services, tuple(sorted(gone)))


def _pairs(row: PublishedService | None) -> tuple[tuple[str, str], ...] | None:
    return None if row is None else tuple((method, path) for method, path in row.endpoints)
