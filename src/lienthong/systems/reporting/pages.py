"""The console's report: the month, each figure's definition, query and rows."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import Role
from lienthong.blocks.insight import compute, selectors
from lienthong.blocks.insight.definitions import indicator_get, indicators
from lienthong.blocks.insight.rules import SECTIONS, month_parse, span_of
from lienthong.blocks.insight.sources import known_at
from lienthong.ground import clock, formats
from lienthong.ground.errors import Invalid, NotFound
from lienthong.ground.text import Text
from lienthong.systems.reporting import services

COMMITTEE = officer(Role.COMMITTEE, Role.OPERATOR)


def _month(request: HttpRequest) -> str:
    return request.GET.get("month") or f"{clock.today():%Y-%m}"


def _as_of(request: HttpRequest) -> datetime | None:
    given = request.GET.get("as_of")
    try:
        return datetime.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid(
            "as-of-invalid",
            Text("Thời điểm chốt số liệu chưa đúng.", "The moment of the figures is not valid."),
            Text(f"«{given}» không phải thời điểm ISO.", f"«{given}» is no ISO moment."),
            Text("Ví dụ: 2026-11-30T17:00:00+07:00.", "For example: 2026-11-30T17:00:00+07:00."),
            field="as_of",
        ) from error


@require_GET
@demand(COMMITTEE)
def report(request: HttpRequest) -> HttpResponse:
    made = services.report_make(month=_month(request), as_of=_as_of(request))
    language = request.language  # type: ignore[attr-defined]
    wanted = request.GET.get("format")
    if wanted == "json":
        return HttpResponse(made.as_json(), content_type="application/json; charset=utf-8")
    if wanted == "pdf":
        response = HttpResponse(services.report_pdf(made, language), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="report-{made.month:%Y-%m}-{language}.pdf"'
        return response
    return render(request, "reporting/report.html", services.page_context(made, language))


@require_GET
@demand(COMMITTEE)
def indicator_list(request: HttpRequest) -> HttpResponse:
    rows = [
        (title, [row for row in indicators().values() if row.section == number])
        for number, title in SECTIONS.items()
    ]
    return render(
        request, "reporting/indicators.html", {"sections": rows, "made": selectors.reports_newest()}
    )


@require_GET
@demand(COMMITTEE)
def figure(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The definition, and for a connected figure its query and value now."""
    found = indicator_get(indicator_id)
    now, query, value, lacks = clock.now(), None, None, ""
    if found.formula is not None:
        month = month_parse(_month(request))
        span = span_of(found.formula.window, month=month, as_of=now)
        query = compute.value_query(found.formula, span, now).text()
        value = compute.value_of(found.formula, month=month, as_of=now)
        lacks = ", ".join(known_at(now).lacking(found.formula))
    language = request.language  # type: ignore[attr-defined]
    said = formats.number(value, language) if value is not None else None
    context = {
        "indicator": found,
        "query": query,
        "value": said,
        "lacks": lacks,
        "month": _month(request),
    }
    return render(request, "reporting/figure.html", context)


@require_GET
@demand(COMMITTEE)
def figure_rows(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The rows behind a figure, a page at a time, as a table or as JSON."""
    found = indicator_get(indicator_id)
    if found.formula is None:
        raise NotFound(
            "figure-without-rows",
            Text("Chỉ số này chưa có dữ liệu.", "This figure has no rows."),
            Text("Hệ thống cung cấp chưa kết nối.", "The system that would give it is not connected."),
            Text("Xem các chỉ số đã kết nối.", "See the connected figures."),
        )
    offset = int(request.GET.get("offset", "0")) if request.GET.get("offset", "0").isdigit() else 0
    month, as_of = month_parse(_month(request)), _as_of(request) or clock.now()
    columns, rows = compute.rows_page(found.formula, month=month, as_of=as_of, offset=offset)
    total = compute.rows_count(found.formula, month=month, as_of=as_of)
    if request.GET.get("format") == "json":
        listed = [dict(zip(columns, row, strict=True)) for row in rows]
        return JsonResponse(
            {"id": found.id, "count": total, "offset": offset, "rows": listed},
            json_dumps_params={"default": str, "ensure_ascii": False},
        )
    more = offset + compute.ROWS_PAGE if offset + compute.ROWS_PAGE < total else None
    context = {
        "indicator": found,
        "columns": columns,
        "rows": rows,
        "total": total,
        "next": more,
        "month": _month(request),
        "as_of": as_of.isoformat(),
    }
    return render(request, "reporting/rows.html", context)
