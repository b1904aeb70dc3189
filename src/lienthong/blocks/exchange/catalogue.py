"""The public catalogue: every service that somebody offers, found by everyday words, by agency, by kind."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.blocks.exchange.directory import ServiceRow, agency_titles, service_row
from lienthong.blocks.exchange.models import Agreement, ContractService, PublishedService, Subsystem
from lienthong.ground import names
from lienthong.ground.text import Text

READ_MAX = 5_000
KINDS = ("CONTRACT", "OPENAPI", "REST", "SOAP")
ALL = "all"
"""Stands for the agency where many agencies run the system."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One service. agency: of its one provider, or `all`; system and code: as the address has them."""

    agency: str
    agency_title: Text
    system: str
    code: str
    kind: str
    title: Text


@dataclass(frozen=True, slots=True)
class Offered:
    """An entry with all that its page says. provider: a subsystem to call it at; purposes: of agreements on it."""

    entry: Entry
    provider: str
    providers: int
    service: ServiceRow
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """agencies: code and title of each that offers something, for the choice."""

    entries: list[Entry]
    agencies: list[tuple[str, Text]]


_MANY = Text("Nhiều cơ quan", "Many agencies")


def search(*, query: str = "", agency: str = "", kind: str = "") -> Found:
    """Entries that have every word of the query, marks and case aside; those that begin with it first."""
    entries = _entries()
    offering = sorted(
        {(one.agency, one.agency_title) for one in entries}, key=lambda row: names.sort_key(row[1].vi)
    )
    found = [
        (_rank(one, query), one)
        for one in entries
        if (not agency or one.agency == agency) and (not kind or one.kind == kind)
    ]
    ranked = [(rank, one) for rank, one in found if rank >= 0]
    ranked.sort(key=lambda row: (row[0], names.search_key(row[1].title.vi), row[1].agency, row[1].code))
    return Found([one for _, one in ranked], offering)


def offered_get(*, agency: str, system: str, code: str) -> Offered | None:
    """One service, or None where nobody offers it."""
    entry = next(
        (
            one
            for one in _entries(system=system, code=code)
            if (one.agency, one.system, one.code) == (agency, system, code)
        ),
        None,
    )
    if entry is None:
        return None
    rows = Subsystem.objects.filter(system=system)
    if agency != ALL:
        rows = rows.filter(member__code=agency)
    providers = list(rows.order_by("-national", "name").values_list("name", flat=True)[:READ_MAX])
    agreements = Agreement.objects.filter(service__startswith=f"{system}/{code}")
    if entry.kind == "CONTRACT":
        row = ContractService.objects.get(system=system, code=code)
        service = ServiceRow(
            code,
            "CONTRACT",
            entry.title,
            "",
            tuple((method, path) for method, path in row.endpoints),
            tuple(path.removeprefix("/") for _, path in row.endpoints),
            row.document_id,  # type: ignore[attr-defined]
        )
    else:
        service = service_row(PublishedService.objects.get(subsystem_id=providers[0], code=code))
        agreements = agreements.filter(granted_by=agency)
    named = agreements.values_list("service", "purpose").distinct()[:100]
    own = (f"{system}/{code}", f"{system}/{code}/")
    purposes = sorted({purpose for name, purpose in named if name == own[0] or name.startswith(own[1])})
    return Offered(entry, providers[0], len(providers), service, tuple(purposes))


def _entries(*, system: str = "", code: str = "") -> list[Entry]:
    """In three queries, whatever is offered."""
    published = PublishedService.objects.select_related("subsystem__member").order_by("subsystem_id", "code")
    contracts = ContractService.objects.defer("document", "endpoints").order_by("system", "code")
    if system:
        published = published.filter(subsystem__system=system, code=code)
        contracts = contracts.filter(system=system, code=code)
    found = [
        Entry(
            row.subsystem.member.code,
            Text(row.subsystem.member.title_vi, row.subsystem.member.title_en),
            row.subsystem.system,
            row.code,
            row.type,
            Text(row.title_vi, row.title_en),
        )
        for row in published.filter(subsystem__framed=False)[:READ_MAX]
    ]
    known = list(contracts[:READ_MAX])
    homes = Subsystem.objects.filter(system__in={row.system for row in known}, framed=True)
    owner: dict[str, str] = {}
    for name, national, member in homes.order_by("national", "name").values_list(
        "system", "national", "member__code"
    ):
        owner[name] = member if national else ALL
    titles = agency_titles([code for code in owner.values() if code != ALL])
    found += [
        Entry(
            owner[row.system],
            titles.get(owner[row.system], _MANY),
            row.system,
            row.code,
            "CONTRACT",
            Text(row.title_vi, row.title_en),
        )
        for row in known
        if row.system in owner
    ]
    return found


def _rank(entry: Entry, query: str) -> int:
    """0: the title has all words; 1: title, agency and code together; -1: not found. Words may be begun only."""
    words = query.strip()
    if not words:
        return 0
    if names.matches(words, entry.title.vi) or names.matches(words, entry.title.en):
        return 0
    said = f"{entry.title.vi} {entry.title.en} {entry.agency_title.vi} {entry.agency_title.en}"
    codes = f"{entry.system} {entry.code} {entry.agency}".replace("-", " ").replace("_", " ")
    return 1 if names.matches(words, f"{said} {codes}") else -1
