"""Applying on the portal: what you will need, one question a page, check your answers, send."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework.forms import form_of
from lienthong.systems.lifeevents import acting, asking, mandates, selectors, services
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.models import Draft


def _start_url(row: Draft) -> str:
    return reverse("citizen:apply-start", args=[row.procedure])


def _sent_url(row: Draft) -> str:
    return reverse("citizen:dossier", args=[row.case_number])


def _no_more(_row: Draft) -> dict[str, Any]:
    return {}


DOOR: Final = asking.Door(
    page="citizen:apply-page",
    check="citizen:apply-check",
    before=_start_url,
    sent=_sent_url,
    submit=services.draft_submit,
    problems=services.problems_before_sending,
    context=_no_more,
)


@reads_and_posts
@demand(person)
def apply_start(request: HttpRequest, code: str) -> HttpResponse:
    """What you will need; POST asks the registers and begins a draft."""
    package = selectors.package_of(code)
    check = acting.checked_now if request.method == "POST" else acting.session_renew
    by = check(session=request.session, by=principal_of(request))
    if request.method == "POST":
        draft = services.draft_start(by=by, procedure=code)
        return HttpResponseRedirect(DOOR.page_url(draft, form_of(package).pages[0]))
    drafts = [draft for draft in selectors.drafts_of(by) if draft.procedure == code]
    context = {
        "package": package,
        "drafts": drafts,
        "refused": mandates.package_problem(package, by.acting_for),
        "organisations": mandates.ORGANISATION in package.get("applicants", ()),
    }
    return render(request, "lifeevents/start.html", context)


@reads_and_posts
@demand(person)
def apply_page(request: HttpRequest, draft: UUID, page: str) -> HttpResponse:
    """One question; what was typed stays, whatever is wrong with it."""
    by = acting.session_renew(session=request.session, by=principal_of(request))
    row = selectors.draft_get(draft_id=draft, by=by)
    return asking.question(request, row, page, DOOR)


@reads_and_posts
@demand(person)
def apply_check(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Everything before it is sent: what you answered, what is known already, what it costs."""
    by = acting.session_renew(session=request.session, by=principal_of(request))
    return asking.check(request, selectors.draft_get(draft_id=draft, by=by), by, DOOR)
