"""The national report of a month: made once for a moment, written as HTML, PDF and JSON."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lienthong.blocks.casework.papers import font_folders
from lienthong.blocks.exchange.selectors import national_subsystem
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.insight import services as insight
from lienthong.blocks.insight.collect import collect, sources_away
from lienthong.blocks.insight.rules import SECTIONS
from lienthong.blocks.insight.services import ReportMade
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import formats
from lienthong.ground.errors import NotFound
from lienthong.ground.language import ENGLISH
from lienthong.ground.text import Text
from lienthong.systems.reporting.charts import trend

COLLECT: Final = "reporting.collect"
JOB_S: Final = 20.0
"""A job goes on for so long; then another takes over, so that none keeps a worker from its other work."""


def facts_ask() -> int:
    """Have a job take over the facts of each system that another instance runs; how many were asked for."""
    names = sources_away()
    for name in names:
        _collect_later(name)
    return len(names)


def facts_collect(*, source: str) -> None:
    """One job's share of a source's round; the rest is left to the next."""
    client = national_subsystem("reporting")
    if client is not None and not collect(source=source, client=client, seconds=JOB_S):
        _collect_later(source)


def _collect_later(source: str) -> None:
    """One job that waits for each source, and one at a time that runs."""
    job = app.configure_task(COLLECT, queueing_lock=f"facts:{source}", lock=f"facts:{source}")
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(source=source)


def report_make(*, month: str, as_of: datetime | None = None) -> ReportMade:
    """Errors: month-invalid (422)."""
    return insight.report_build(month=month, as_of=as_of)


def value_said(figure: dict[str, Any], language: str) -> str:
    """The figure as a reader sees it; a figure without a source is no number."""
    if not figure["connected"]:
        return Text("chưa kết nối hệ thống", "system not connected").say(language)
    if figure["value"] is None:
        return Text("chưa có dữ liệu trong kỳ", "no data in the period").say(language)
    return formats.number(figure["value"], language)


def report_sections(report: ReportMade, language: str) -> list[dict[str, Any]]:
    """The seven sections with their figures, ready to be shown."""
    rows = [
        {
            **figure,
            "said": value_said(figure, language),
            "title_said": Text(**figure["title"]).say(language),
            "unit_said": Text(**figure["unit"]).say(language),
            "target_said": _number(figure["target"], language),
            "rows_said": _number(figure["rows"]["count"], language) if figure["rows"] else "",
            "lacks_said": _lacks(figure, language),
            "chart": _chart(figure, report, language),
        }
        for figure in report.figures
    ]
    return [
        {"number": number, "title": title, "figures": [row for row in rows if row["section"] == number]}
        for number, title in SECTIONS.items()
    ]


def sources_said(report: ReportMade, language: str) -> list[str]:
    """A sentence for each agency whose facts do not reach the report's moment."""
    return [_source_said(source, language) for source in report.sources if not source["complete"]]


def _source_said(source: dict[str, Any], language: str) -> str:
    who = f"{_agency(source['subsystem']).say(language)} ({source['subsystem']})"
    if source["known_until"] is None:
        told = Text(f"Chưa có số liệu nào của {who}.", f"Nothing is known of the facts of {who}.")
    else:
        moment = formats.datetime(datetime.fromisoformat(source["known_until"]), language)
        told = Text(
            f"Số liệu của {who} mới có đến {moment}.", f"The facts of {who} are known until {moment}."
        )
    why = f" {Text(**source['problem']).say(language)}" if source["problem"] else ""
    return told.say(language) + why


def _agency(subsystem: str) -> Text:
    code = Subsystem.parse(subsystem).member
    try:
        return agency_get(code).name
    except NotFound:
        return Text(code, code)


def _lacks(figure: dict[str, Any], language: str) -> str:
    """Whose rows may be missing in a figure."""
    names = ", ".join(figure["lacks"])
    return Text(f"có thể thiếu dòng của {names}", f"may lack rows of {names}").say(language) if names else ""


def _number(value: float | None, language: str) -> str:
    return "" if value is None else formats.number(value, language)


def _chart(figure: dict[str, Any], report: ReportMade, language: str) -> str:
    points = [(point["month"], point["value"]) for point in figure["trend"]]
    points.append((f"{report.month:%Y-%m}", figure["value"]))
    title = Text(**figure["title"]).say(language)
    return trend(points, title=f"{title}: {points[0][0]} – {points[-1][0]}")


def report_write(*, report: ReportMade, language: str, folder: Path | None = None) -> list[Path]:
    """Write report-<month>.html, .pdf and .json; the paths written."""
    target = folder or settings.LIENTHONG_VAR / "reports"
    target.mkdir(parents=True, exist_ok=True)
    base = target / f"report-{report.month:%Y-%m}-{language}"
    html = render_to_string("reporting/document.html", page_context(report, language))
    base.with_suffix(".html").write_text(html, encoding="utf-8")
    base.with_suffix(".pdf").write_bytes(report_pdf(report, language))
    base.with_suffix(".json").write_text(report.as_json(), encoding="utf-8")
    return [base.with_suffix(ending) for ending in (".html", ".pdf", ".json")]


def page_context(report: ReportMade, language: str) -> dict[str, Any]:
    connected = sum(figure["connected"] for figure in report.figures)
    return {
        "report": report,
        "language": language,
        "month_said": f"{report.month:%m/%Y}" if language != ENGLISH else f"{report.month:%B %Y}",
        "as_of_said": formats.datetime(report.as_of, language),
        "behind": sources_said(report, language),
        "sections": report_sections(report, language),
        "connected": connected,
        "total": len(report.figures),
    }


def report_pdf(report: ReportMade, language: str) -> bytes:
    """A4 by typst, the same content as the page."""
    context = page_context(report, language)
    data = {
        "language": language,
        "month": context["month_said"],
        "as_of": context["as_of_said"],
        "connected": context["connected"],
        "total": context["total"],
        "behind": context["behind"],
        "sections": [
            {
                "number": section["number"],
                "title": section["title"].say(language),
                "figures": [
                    {
                        "title": row["title_said"],
                        "unit": row["unit_said"],
                        "value": row["said"],
                        "connected": row["connected"],
                        "target": formats.number(row["target"], language)
                        if row["target"] is not None
                        else None,
                        "period": row["period"],
                        "lacks": row["lacks_said"],
                        "rows": formats.number(row["rows"]["count"], language) if row["rows"] else None,
                    }
                    for row in section["figures"]
                ],
            }
            for section in context["sections"]
        ],
    }
    return typst.compile(
        str(settings.LIENTHONG_CONTENT / "papers" / "report.typ"),
        root=str(settings.LIENTHONG_CONTENT),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        font_paths=[str(path) for path in font_folders()],
        format="pdf",
    )
