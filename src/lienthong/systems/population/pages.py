"""Who looked at my data: the person's own access log."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground.errors import Forbidden, NotFound
from lienthong.ground.text import Text
from lienthong.systems.population import selectors


@dataclass(frozen=True, slots=True)
class Looked:
    """A reading in the words of the page."""

    row: selectors.ReadRow
    reader: Text
    holder: Text
    purpose: Text
    legal_basis: str


@demand(person)
def reads(request: HttpRequest) -> HttpResponse:
    """`case`: only this case; `before`: the cursor of an older page."""
    subject = principal_of(request).owner
    case, cursor = request.GET.get("case", ""), request.GET.get("before", "")
    before = int(cursor) if cursor.isdecimal() and len(cursor) < 19 else None  # noqa: PLR2004 - a bigint's digits
    rows, older = selectors.reads_page(subject=subject, case=case, before=before)
    return render(
        request,
        "population/reads.html",
        {
            "reads": [_looked(row) for row in rows],
            "cases": selectors.reads_cases(subject=subject),
            "case": case,
            "older": f"?{urlencode({'case': case, 'before': older})}" if older else "",
            "first_page": before is None,
        },
    )


def _looked(row: selectors.ReadRow) -> Looked:
    """A purpose or an agency that is published no longer is shown by its code."""
    try:
        purpose = purpose_get(row.purpose)
        title, law = purpose.title, purpose.legal_basis
    except Forbidden:
        title, law = Text(row.purpose, row.purpose), row.legal_basis
    return Looked(row, _agency(row.reader), _agency(row.holder), title, law)


def _agency(subsystem: str) -> Text:
    code = Subsystem.parse(subsystem).member
    try:
        return agency_get(code).name
    except NotFound:
        return Text(code, code)
