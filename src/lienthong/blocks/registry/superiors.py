"""Who stands above an agency: settles a complaint against it a second time (Law on Complaints, art. 7, 33)."""

from __future__ import annotations

from lienthong.blocks.registry.agencies import AgencyCard, agency_get, agency_serving
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text


def superior_of(code: str) -> AgencyCard | None:
    """The agency above: its recorded parent, else the one of the superior kind for its place.

    None where the superior has no desk here. Errors: agency-unknown (404).
    """
    card = agency_get(code)
    if card.parent:
        return agency_get(card.parent)
    kind = agency_kinds().get(card.kind)
    if kind is None or not kind.superior_kind:
        return None
    try:
        return agency_serving(kind=kind.superior_kind, unit=card.unit)
    except NotFound:
        return None


def superior_said(code: str) -> Text | None:
    """Who that is, in words, whether or not it has a desk here. Errors: agency-unknown (404)."""
    above = superior_of(code)
    if above is not None:
        return above.name
    kind = agency_kinds().get(agency_get(code).kind)
    return kind.superior if kind else None
