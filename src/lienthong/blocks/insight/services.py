"""Making a report: every indicator, computed from fact views as they were known at one moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lienthong.blocks.insight import compute
from lienthong.blocks.insight.definitions import indicators
from lienthong.blocks.insight.models import Report
from lienthong.blocks.insight.rules import Indicator, month_before, month_parse, span_of
from lienthong.blocks.insight.sources import Known, known_at
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground import clock
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

TREND_MONTHS = 5


@dataclass(frozen=True, slots=True)
class ReportMade:
    """figures: as JSON, in the order of the sections; sources: the same of other instances' subsystems."""

    month: date
    as_of: datetime
    figures: list[dict[str, Any]]
    sources: list[dict[str, Any]]

    def as_json(self) -> str:
        """The same bytes whenever it is made again with the same `as_of`, once its sources are complete."""
        content = {
            "month": f"{self.month:%Y-%m}",
            "as_of": self.as_of.isoformat(),
            "sources": self.sources,
            "figures": self.figures,
        }
        return json.dumps(content, ensure_ascii=False, indent=1)


def report_build(*, month: str, as_of: datetime | None = None) -> ReportMade:
    """Compute every indicator for a month, as known at `as_of` (now by default), and store the report.

    Errors: month-invalid (422).
    """
    try:
        first = month_parse(month)
    except ValueError as error:
        raise Invalid(
            "month-invalid",
            Text(f"«{month}» không phải là một tháng.", f"«{month}» is no month."),
            Text("Tháng viết dạng năm-tháng.", "A month is written year-month."),
            Text("Ví dụ: 2026-11.", "For example: 2026-11."),
            field="month",
        ) from error
    moment = clock.in_vietnam(as_of or clock.now())
    with transaction.atomic():
        known = known_at(moment)
        figures = [figure_of(indicator, first, moment, known) for indicator in indicators().values()]
        made = ReportMade(first, moment, figures, [source.as_dict() for source in known.sources])
        _keep(made)
    return made


def _keep(made: ReportMade) -> None:
    """Store the report; one that lacked facts of others gives way to one that knows more."""
    values = {
        "figures": made.figures,
        "sources": made.sources,
        "hash": sha256_hex(made.as_json().encode()),
        "made_at": clock.now(),
    }
    row, new = Report.objects.get_or_create(month=made.month, as_of=made.as_of, defaults=values)
    if not new and not all(source["complete"] for source in row.sources):
        Report.objects.filter(pk=row.pk).update(**values)


def figure_of(indicator: Indicator, month: date, as_of: datetime, known: Known) -> dict[str, Any]:
    """One figure, its trend and what it opens to; value None where its system is not connected.

    lacks: subsystems elsewhere of which rows may be missing in it.
    """
    formula = indicator.formula
    address = f"/console/figures/{indicator.id}/"
    common = {
        "id": indicator.id,
        "section": indicator.section,
        "title": indicator.title.as_dict(),
        "unit": indicator.unit.as_dict(),
        "target": indicator.target,
        "definition": address,
    }
    if formula is None:
        return {
            **common,
            "value": None,
            "period": None,
            "rows": None,
            "lacks": [],
            "trend": [],
            "connected": False,
        }
    span = span_of(formula.window, month=month, as_of=as_of)
    earlier = [month_before(month, count) for count in range(TREND_MONTHS, 0, -1)]
    trend = [
        {"month": f"{past:%Y-%m}", "value": compute.value_of(formula, month=past, as_of=as_of)}
        for past in earlier
    ]
    query = f"?month={month:%Y-%m}&as_of={as_of.isoformat()}".replace("+", "%2B")
    return {
        **common,
        "value": compute.value_of(formula, month=month, as_of=as_of),
        "period": span.label(),
        "rows": {
            "count": compute.rows_count(formula, month=month, as_of=as_of),
            "address": f"{address}rows/{query}",
        },
        "lacks": known.lacking(formula),
        "trend": trend,
        "connected": True,
    }
