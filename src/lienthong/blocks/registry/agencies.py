"""Agencies: who serves which place, by which name. Read often, so kept in memory for a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from psycopg.types.range import DateRange

from lienthong.blocks.registry.models import Agency
from lienthong.ground import clock, units
from lienthong.ground.agencies import AgencyId
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text

KEEP_S = 60


@dataclass(frozen=True, slots=True)
class AgencyCard:
    code: str
    kind: str
    name: Text
    short: Text
    unit: str
    parent: str
    valid_to: date | None = None

    def serves(self, on: date) -> bool:
        return self.valid_to is None or on < self.valid_to


class _Cache:
    rows: ClassVar[dict[str, AgencyCard]] = {}
    read_at: ClassVar[float] = 0.0


def forget() -> None:
    """Read the agencies afresh at the next question."""
    _Cache.read_at = 0.0


def _rows() -> dict[str, AgencyCard]:
    if time.monotonic() - _Cache.read_at > KEEP_S or not _Cache.rows:
        _Cache.rows = {row.code: _card(row) for row in Agency.objects.all()}
        _Cache.read_at = time.monotonic()
    return _Cache.rows


def _card(row: Agency) -> AgencyCard:
    return AgencyCard(
        row.code,
        row.kind,
        Text(row.name_vi, row.name_en),
        Text(row.short_vi, row.short_en),
        row.unit,
        row.parent,
        row.valid.upper,
    )


def agency_get(code: str) -> AgencyCard:
    """Errors: agency-unknown (404)."""
    card = _rows().get(code)
    if card is None:
        raise NotFound(
            "agency-unknown",
            Text(f"Không có cơ quan «{code}».", f"There is no agency «{code}»."),
            Text("Mã định danh không có trong danh mục.", "The identifier is not in the list of agencies."),
            Text("Kiểm tra lại mã định danh của cơ quan.", "Check the agency's identifier."),
        )
    return card


def agencies_all() -> list[AgencyCard]:
    """Every agency, by code."""
    return [card for _, card in sorted(_rows().items())]


def agency_serving(*, kind: str, unit: str) -> AgencyCard:
    """The agency of a kind that serves a commune, or its province. Errors: agency-not-serving (404)."""
    today = clock.today()
    rows = [card for card in _rows().values() if card.kind == kind and card.serves(today)]
    for wanted in (unit, _province_of(unit)):
        for card in rows:
            if card.unit == wanted:
                return card
    raise NotFound(
        "agency-not-serving",
        Text("Nơi này chưa có cơ quan trên hệ thống.", "No agency serves this place on the system."),
        Text(
            f"Không có cơ quan loại «{kind}» cho đơn vị {unit}.",
            f"No agency of kind «{kind}» for unit {unit}.",
        ),
        Text("Hãy nộp tại Trung tâm phục vụ hành chính công.", "Please apply at the public service centre."),
    )


def _province_of(unit: str) -> str:
    """The province of a commune; what a merged province became part of; a code unknown today stays as it is."""
    try:
        (found, *_) = units.successors(unit, clock.today())
    except NotFound:
        return unit
    return found.province_code if isinstance(found, units.Commune) else found.code


def agency_enter(
    *, code: str, kind: str, name: Text, short: Text, unit: str = "", parent: str = "", valid_from: date
) -> None:
    """Errors: agency.id (422) where the code has neither style."""
    Agency.objects.update_or_create(
        code=str(AgencyId.parse(code)),
        defaults={
            "kind": kind,
            "name_vi": name.vi,
            "name_en": name.en,
            "short_vi": short.vi,
            "short_en": short.en,
            "unit": unit,
            "parent": parent,
            "valid": DateRange(valid_from, None),
        },
    )
    forget()


def agency_end(*, code: str, valid_to: date) -> None:
    """The agency serves no place from that day on; its dossiers stay with it until they are settled.

    Errors: agency-unknown (404).
    """
    agency_get(code)
    row = Agency.objects.get(code=code)
    row.valid = DateRange(row.valid.lower, valid_to)
    row.save(update_fields=["valid"])
    forget()
