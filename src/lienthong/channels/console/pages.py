"""What operators and the committee see of the blocks themselves: stuck work, the exchange."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import selectors as casework
from lienthong.blocks.casework import services as casework_services
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

CONSOLE = officer(Role.OPERATOR, Role.COMMITTEE)
OPERATORS = officer(Role.OPERATOR)
PAGE = 50


@require_safe
@demand(officer(Role.OPERATOR, Role.COMMITTEE, Role.ENGINEER))
def home(request: HttpRequest) -> HttpResponse:
    """The report; for an engineer the connections; where this instance makes no report, the exchange."""
    reads = principal_of(request).holds(Role.OPERATOR, Role.COMMITTEE)
    try:
        return HttpResponseRedirect(reverse("console:report" if reads else "console:connections"))
    except NoReverseMatch:
        return HttpResponseRedirect(reverse("console:exchange"))


@require_safe
@demand(OPERATORS)
def stuck(request: HttpRequest) -> HttpResponse:
    """Steps that do not go on by themselves, each with its reason and a way to run it again."""
    rows = [
        (row, Problem.from_dict(row.problem) if row.problem else None, _agency(row.agency))
        for row in casework.work_stuck()
    ]
    return render(request, "console/stuck.html", {"rows": rows})


def _agency(code: str) -> Text:
    try:
        return agency_get(code).short
    except Problem:
        return Text(code, code)


@require_POST
@demand(OPERATORS)
def stuck_retry(request: HttpRequest, step: UUID) -> HttpResponse:
    casework_services.step_retry(step_id=step, by=principal_of(request).subject)
    return HttpResponseRedirect(reverse("console:stuck"))


@require_safe
@demand(CONSOLE)
def exchange_overview(request: HttpRequest) -> HttpResponse:
    """Health of the log and the outbox, who may ask what, and the newest exchanges."""
    before = request.GET.get("before", "")
    rows = exchange.messages_page(before=int(before) if before.isdecimal() else None, limit=PAGE + 1)
    context = {
        "health": exchange.health(),
        "members": exchange.members_count(),
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].id if len(rows) > PAGE else None,
        "first_page": not before,
        "agreements": exchange.agreements_all() if not before else [],
    }
    return render(request, "console/exchange.html", context)
