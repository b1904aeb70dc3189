"""The national report of a month: made once for a moment, written as HTML, PDF and JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.template.loader import render_to_string

from lienthong.blocks.casework.papers import font_folders
from lienthong.blocks.insight import services as insight
from lienthong.blocks.insight.rules import SECTIONS
from lienthong.blocks.insight.services import ReportMade
from lienthong.ground import formats
from lienthong.ground.language import ENGLISH
from lienthong.ground.text import Text
from lienthong.systems.reporting.charts import trend


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
            "chart": _chart(figure, report, language),
        }
        for figure in report.figures
    ]
    return [
        {"number": number, "title": title, "figures": [row for row in rows if row["section"] == number]}
        for number, title in SECTIONS.items()
    ]


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
