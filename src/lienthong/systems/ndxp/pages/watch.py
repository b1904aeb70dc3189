"""What runs: an overview, quotas, certificates, gateways, one message, who called whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import demand
from lienthong.blocks.exchange import directory, lookup
from lienthong.blocks.insight import traffic as facts
from lienthong.blocks.trust.renewal import holdings_page, rule_on
from lienthong.ground import clock, formats
from lienthong.ground.text import Text
from lienthong.kit.language import active
from lienthong.systems.ndxp import charts, forms, who
from lienthong.systems.ndxp.cells import Page, Table, code, following, link, numeric, tag
from lienthong.systems.ndxp.pages.members import HOME, page_render, until_said
from lienthong.systems.ndxp.pages.rights import purpose_said

DAYS: Final = 30
SILENT_AFTER: Final = timedelta(minutes=3)


@require_safe
@demand(who.READERS)
def hub(request: HttpRequest) -> HttpResponse:
    """Everything that is managed here, what waits for an answer first."""
    own = who.scope(request)
    waiting = directory.requests_waiting(agency=own)
    down = sum(not _alive(row, clock.now()) for row in directory.gateways_page(agency=own))
    named = [
        ("requests", Text("Yêu cầu quyền gọi", "Requests for rights"), _count(waiting, "yellow", _WAITING)),
        ("agreements", Text("Thỏa thuận", "Agreements"), {}),
        ("quotas", Text("Hạn mức trong ngày", "Quotas of the day"), {}),
        ("members", Text("Thành viên và hệ thống", "Members and systems"), {}),
        ("groups", Text("Nhóm", "Groups"), {}),
        ("certificates", Text("Chứng thư", "Certificates"), {}),
        ("gateways", Text("Cổng kết nối", "Gateways"), _count(down, "red", _DOWN)),
        ("messages", Text("Tìm một thông điệp", "Find a message"), {}),
        ("traffic", Text("Ai đã gọi ai", "Who called whom"), {}),
    ]
    items = [{"title": title, "href": reverse(f"console:{name}"), **state} for name, title, state in named]
    return render(request, "ndxp/hub.html", {"items": items})


_WAITING: Final = Text("chờ trả lời", "waiting")
_DOWN: Final = Text("không trả lời", "not answering")


def _count(count: int, colour: str, label: Text) -> dict[str, Any]:
    if not count:
        return {}
    return {"status": Text(f"{count} {label.vi}", f"{count} {label.en}"), "colour": colour}


@require_safe
@demand(who.READERS)
def quotas(request: HttpRequest) -> HttpResponse:
    """Of each agreement with a quota: how much of today's is used."""
    given = request.GET.get("before", "")
    before = int(given) if given.isdecimal() and len(given) < 18 else None  # noqa: PLR2004 - a bigint
    rows = directory.agreements_page(
        agency=who.scope(request),
        on=clock.today(),
        before=before,
        quota_only=True,
        limit=directory.PAGE + 1,
    )
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    table = Table(
        Text("Hạn mức", "Quotas"),
        [
            Text("Thỏa thuận", "Agreement"),
            Text("Bên gọi", "Client"),
            Text("Dịch vụ", "Service"),
            numeric(Text("Đã dùng hôm nay", "Used today")),
            numeric(Text("Hạn mức", "Quota")),
            numeric(Text("Còn lại", "Left")),
        ],
        [
            [
                link(reverse("console:agreement", args=[row.id]), row.id),
                code(row.client),
                code(row.service),
                row.used,
                row.quota,
                max(0, (row.quota or 0) - row.used),
            ]
            for row in shown
        ],
        Text("Không thỏa thuận nào có hạn mức.", "No agreement has a quota."),
        note=Text(
            "Đếm các lượt gọi tới hệ thống của bản cài đặt này; mỗi cổng còn đếm phần của riêng nó.",
            "Counted are calls to systems of this instance; each gateway also counts its own.",
        ),
        next_page=following("before", shown[-1].id) if more else "",
    )
    page = Page(
        Text("Hạn mức trong ngày", "Quotas of the day"),
        back=(reverse("console:connections"), HOME),
        tables=[table],
    )
    return page_render(request, page)


@require_safe
@demand(who.READERS)
def certificates(request: HttpRequest) -> HttpResponse:
    """Until when each member's signature and each gateway's connection hold, and when they are renewed."""
    own, now = who.scope(request), clock.now()
    rule = rule_on(now.date())
    names = None if own is None else [row.name for row in directory.members_page(agency=own)]
    rows = holdings_page(subjects=names, after=request.GET.get("after", ""), limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    signing = Table(
        Text("Chứng thư ký", "Signing certificates"),
        [Text("Thành viên", "Member"), Text("Hiệu lực đến", "Valid until"), Text("Trạng thái", "State")],
        [
            [code(row.subject_id), until_said(row.not_after, now), validity(row.not_after, now, rule.before)]
            for row in shown
        ],
        Text("Chưa có chứng thư nào.", "No certificate yet."),
        heading=Text("Ký thông điệp", "Signatures"),
        next_page=following("after", shown[-1].subject_id) if more else "",
    )
    connections = Table(
        Text("Chứng thư kết nối", "Connection certificates"),
        [
            Text("Cổng kết nối", "Gateway"),
            Text("Hiệu lực đến", "Valid until"),
            Text("Trạng thái", "State"),
            Text("Ai gia hạn", "Renewed by"),
        ],
        [
            [
                code(row.server),
                until_said(row.tls_until, now) if row.tls_until else Text("chưa biết", "not known"),
                validity(row.tls_until, now, rule.before) if row.tls_until else {"text": ""},
                Text("hệ thống tự gia hạn", "the worker")
                if row.renewed
                else Text("người vận hành cổng", "its operator"),
            ]
            for row in directory.gateways_page(agency=own)
        ],
        Text("Chưa có cổng kết nối nào.", "No gateway yet."),
        heading=Text("Kết nối giữa các cổng", "Connections between gateways"),
    )
    days = rule.before.days
    page = Page(
        Text("Chứng thư", "Certificates"),
        back=(reverse("console:connections"), HOME),
        lead=Text(
            f"Mỗi chứng thư được gia hạn {days} ngày trước khi hết hạn. Căn cứ: {rule.legal_basis}.",
            f"Each is renewed {days} days before it ends. Legal basis: {rule.legal_basis}.",
        ),
        tables=[signing, connections],
    )
    return page_render(request, page)


def validity(until: datetime, now: datetime, before: timedelta) -> dict[str, Any]:
    """A tag; before: for how long ahead of its end a certificate is said to end soon."""
    if until < now:
        return tag(Text("hết hạn", "expired"), "red")
    if until < now + before:
        return tag(Text("sắp hết hạn", "ends soon"), "yellow")
    return tag(Text("còn hiệu lực", "valid"), "green")


@require_safe
@demand(who.READERS)
def gateways(request: HttpRequest) -> HttpResponse:
    """What each gateway said when the worker last asked it."""
    now = clock.now()
    after = request.GET.get("after", "")
    rows = directory.gateways_page(agency=who.scope(request), after=after, limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    table = Table(
        Text("Cổng kết nối", "Gateways"),
        [
            Text("Cổng kết nối", "Gateway"),
            Text("Trạng thái", "State"),
            Text("Trả lời gần nhất", "Last answer"),
            Text("Cấu hình", "Configuration"),
            Text("Đang xử lý", "Under way"),
            Text("Chưa đóng dấu thời gian", "Without a time stamp"),
        ],
        [[_named(row), _state(row, now), _last(row), *_told(row.told)] for row in shown],
        Text("Chưa có cổng kết nối nào.", "No gateway yet."),
        next_page=following("after", shown[-1].server) if more else "",
    )
    page = Page(Text("Cổng kết nối", "Gateways"), back=(reverse("console:connections"), HOME), tables=[table])
    return page_render(request, page)


def _alive(row: directory.GatewayRow, now: datetime) -> bool:
    return row.answered_at is not None and not row.problem and row.answered_at >= now - SILENT_AFTER


def _named(row: directory.GatewayRow) -> dict[str, Any]:
    return code(f"{row.server} · {row.address}")


def _state(row: directory.GatewayRow, now: datetime) -> dict[str, Any]:
    if row.asked_at is None:
        return tag(Text("chưa hỏi", "not asked yet"), "grey")
    if not _alive(row, now):
        return tag(Text("không trả lời", "not answering"), "red")
    if row.status != 200:  # noqa: PLR2004 - HTTP's OK
        return tag(Text("chưa phục vụ được", "cannot serve"), "red")
    return tag(Text("đang chạy", "running"), "green")


def _last(row: directory.GatewayRow) -> str:
    said = formats.datetime(row.answered_at, active()) if row.answered_at else ""
    return f"{said} ({row.problem})" if row.problem else said


def _told(told: dict[str, Any]) -> list[Any]:
    """Cells of its answer; one that it did not give stays empty."""
    configuration, late = told.get("configuration"), told.get("without_time_stamp")
    version = configuration.get("version", "") if isinstance(configuration, dict) else ""
    return [
        {"text": str(version)},
        {"text": str(told.get("in_flight", ""))},
        {"text": str(late.get("messages", "")) if isinstance(late, dict) else ""},
    ]


@require_safe
@demand(who.READERS)
def messages(request: HttpRequest) -> HttpResponse:
    """One exchange by its id: both sides, signatures, seal, and where the containers are."""
    asked = "id" in request.GET
    form = forms.MessageForm(request.GET if asked else None)
    context: dict[str, Any] = {"form": form, "asked": asked}
    if asked and form.is_valid():
        sides = lookup.message_sides(message_id=form.cleaned_data["id"], agency=who.scope(request))
        context |= {"sides": [(side, purpose_said(side.purpose)) for side in sides]}
        context |= {"id": str(form.cleaned_data["id"])}
        if sides:
            names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
            parts = zip(names, sides[0].client.split("/"), strict=True)
            query = "&".join(f"{name}={value}" for name, value in parts)
            context["asic"] = f"/asic?queryId={context['id']}&{query}"
    return render(request, "ndxp/messages.html", context, status=422 if form.errors else 200)


@require_safe
@demand(who.READERS)
def traffic(request: HttpRequest) -> HttpResponse:
    """Who called whom and how much each day, of the last days: a chart, and its numbers under it."""
    language, own = active(), who.scope(request)
    until = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    since = until - timedelta(days=DAYS)
    pairs = facts.pairs(since=since, until=until, agency=own)
    days = facts.days(since=since, until=until, agency=own)
    by_pair = Text("Số lượt gọi theo cặp", "Calls by pair")
    by_day = Text("Số lượt gọi mỗi ngày", "Calls a day")
    called, refused = numeric(Text("Lượt gọi", "Calls")), numeric(Text("Không thành công", "Not successful"))
    context = {
        "map": charts.who_called_whom(pairs, title=by_pair.say(language), language=language),
        "bars": charts.calls_a_day(days, title=by_day.say(language), language=language),
        "pairs": Table(
            by_pair,
            [Text("Bên gọi", "Client"), Text("Bên trả lời", "Provider"), called, refused],
            [[code(pair.client), code(pair.provider), pair.calls, pair.refused] for pair in pairs],
            Text("Chưa có lượt gọi nào trong 30 ngày qua.", "No call within the last 30 days."),
        ),
        "days": Table(
            by_day,
            [Text("Ngày", "Day"), called, refused],
            [[formats.date(day.day, language), day.calls, day.refused] for day in reversed(days)],
            Text("", ""),
            narrow=True,
        ),
        "shown": charts.PAIRS_MAX if len(pairs) > charts.PAIRS_MAX else 0,
    }
    return render(request, "ndxp/traffic.html", context)
