"""The officer's desk: queue, dossier with its evidence, decision, supplement, staff."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lienthong.blocks.access import selectors as access
from lienthong.blocks.access import services as access_services
from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import (
    apologies,
    appeal_rules,
    appeals,
    assigning,
    disposed,
    files,
    opinions,
    parcels,
    selectors,
)
from lienthong.blocks.casework.rules import STATUS_TEXT, Status
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.onestop import evidence
from lienthong.systems.onestop.forms import GRANTABLE, ROLE_TEXT, DecisionForm, OpinionForm, RoleForm

DESK = officer(Role.INTAKE, Role.CASE, Role.SIGN)
SEARCH = {
    "label": {"text": Text("Tìm hồ sơ của cơ quan", "Search the agency's dossiers")},
    "hint": {
        "text": Text(
            "Mã hồ sơ, số định danh của người nộp, hoặc tên", "Number, the applicant's number, or a name"
        )
    },
}
STATUS_COLOUR = {
    Status.SUPPLEMENT: "yellow",
    Status.FINANCIAL_DUTY: "yellow",
    Status.DELIVERED: "green",
    Status.SETTLED: "green",
    Status.NOT_ACCEPTED: "red",
    Status.WITHDRAWN: "grey",
    Status.STOPPED: "red",
}

OPINION_COLOUR = {"agree": "green", "conditions": "yellow", "disagree": "red"}


@require_GET
@demand(DESK)
def queue(request: HttpRequest) -> HttpResponse:
    by = principal_of(request)
    mine = {by.subject, *assigning.standing_in_for(by=by)} if request.GET.get("mine") else set[str]()
    rows = selectors.queue_page(
        agency=by.agency,
        roles=by.roles,
        after=request.GET.get("after"),
        limit=selectors.PAGE + 1,
        mine=frozenset(mine),
    )
    page, more = rows[: selectors.PAGE], len(rows) > selectors.PAGE
    return render(
        request,
        "onestop/queue.html",
        {
            "rows": page,
            "next": page[-1].cursor if more else None,
            "counts": selectors.queue_counts(agency=by.agency),
            "agency": agency_get(by.agency),
            "now": clock.now(),
            "mine": bool(mine),
        },
    )


@require_GET
@demand(DESK)
def search(request: HttpRequest) -> HttpResponse:
    by = principal_of(request)
    query = request.GET.get("q", "").strip()[:100]
    rows = selectors.cases_search(agency=by.agency, query=query) if query else []
    return render(
        request,
        "onestop/search.html",
        {"query": query, "rows": rows, "agency": agency_get(by.agency), "search": SEARCH},
    )


@require_GET
@demand(DESK)
def dossier(request: HttpRequest, number: str) -> HttpResponse:
    return _dossier_page(request, number)


def _dossier_page(
    request: HttpRequest,
    number: str,
    form: DecisionForm | None = None,
    problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    by = principal_of(request)
    card = selectors.case_of_agency(number=number, agency=by.agency)
    gone = disposed.disposed_of(number=number) if card.closed_at else None
    if gone is not None:
        shown = {
            "card": card,
            "gone": gone,
            "status_colour": STATUS_COLOUR.get(card.status, "blue"),
            "messages": evidence.message_lines(case=number),
        }
        return render(request, "onestop/disposed.html", shown, status=status)
    form = form or (OpinionForm() if card.asked else DecisionForm())
    task = card.open_task
    config: dict[str, Any] = card.task_config(task) if task else {}
    asked = opinions.opinions_of(case_id=card.id, steps=card.steps)
    context = {
        "card": card,
        "status_colour": STATUS_COLOUR.get(card.status, "blue"),
        "claim_key": {"accesskey": "n"},
        "task": task,
        "choices": _choices(config),
        "grounds": _grounds(form, config),
        "barred": task is not None and assigning.is_barred(step=task, by=by),
        "about": _about(card),
        "renews": card.data.get("renews"),
        "filed": _filed(card),
        "task_title": Text(**config["title"]) if task else None,
        "role": ROLE_TEXT.get(task.role) if task else None,
        "may_decide": task is not None and assigning.may_decide(step=task, by=by),
        "may_lead": by.holds(Role.SIGN, Role.ADMINISTRATOR),
        "officers": assigning.loads(agency=by.agency)
        if task and by.holds(Role.SIGN, Role.ADMINISTRATOR)
        else [],
        "apology": apologies.apology_of(number=number) if not card.closed_at else None,
        "decided": bool(request.GET.get("decided")),
        "following": _following(by, number),
        "parcel": parcels.parcel_of(number=number) if card.results else None,
        "rows": evidence.declared(card),
        "opinions": [(row, OPINION_COLOUR.get(row.code, "")) for row in asked],
        "may_supplement": config.get("supplement_working_days") != 0,
        "messages": evidence.message_lines(case=number, besides=[row.number for row in asked if row.number]),
        "form": form,
        "typed": form.data.get("reason", "") if not task else "",
        "problem": problem,
        "stuck": evidence.problem_of(card),
        "agency": agency_get(by.agency),
        "now": clock.now(),
    }
    return render(request, "onestop/dossier.html", context, status=status)


def _following(by: Principal, number: str) -> str:
    """The next dossier of the queue, whose deadline is nearest."""
    rows = selectors.queue_page(agency=by.agency, roles=by.roles, limit=2)
    return next((row.number for row in rows if row.number != number), "")


def _choices(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a decision: value, words, whether a reason must be given, key and kind."""
    given = [
        (name, choice) for name, choice in config.get("outcomes", {}).items() if isinstance(choice, dict)
    ]
    given.sort(key=lambda row: bool(row[1].get("reason")))
    return [
        {
            "value": name,
            "label": Text(**choice["label"]),
            "reason": bool(choice.get("reason")),
            "key": str(place),
            "kind": "warning" if choice.get("reason") else "",
        }
        for place, (name, choice) in enumerate(given, start=1)
    ]


def _grounds(form: DecisionForm, config: dict[str, Any]) -> bool:
    """Give the form the closed list of grounds that a decision of this step has; whether there is one."""
    rows = [
        row
        for choice in config.get("outcomes", {}).values()
        if isinstance(choice, dict)
        for row in choice.get("grounds", ())
    ]
    widget: Any = form.fields["ground"].widget
    widget.choices = [("", Text("Chọn căn cứ", "Choose a ground"))]
    widget.choices += [(row["code"], Text(row["vi"], row["en"])) for row in rows]
    return bool(rows)


def _about(card: selectors.CaseCard) -> str:
    """The dossier of this agency that a complaint or feedback is about; a second complaint's lies with another."""
    here = card.package.get("appeal") in {appeal_rules.FIRST, appeal_rules.FEEDBACK}
    return str(card.data["about"]["number"]) if here else ""


def _filed(card: selectors.CaseCard) -> list[tuple[appeals.AppealRow, Text]]:
    """Complaints and feedback about a dossier, each with its status in words."""
    rows = appeals.appeals_about(number=card.number, agency=card.agency, applicant=card.applicant)
    return [(row, STATUS_TEXT[Status(row.status)]) for row in rows]


@require_POST
@demand(DESK)
def claim(request: HttpRequest, number: str, step: UUID) -> HttpResponse:
    assigning.task_claim(number=number, step_id=step, by=principal_of(request))
    return HttpResponseRedirect(reverse("officer:dossier", args=[number]))


@require_POST
@demand(officer(Role.SIGN, Role.CASE))
def decide(request: HttpRequest, number: str, step: UUID) -> HttpResponse:
    """Approve, refuse or ask for a supplement; what was typed stays on the page when it cannot be done."""
    by = principal_of(request)
    card = selectors.case_of_agency(number=number, agency=by.agency)
    form = OpinionForm(request.POST) if card.asked else DecisionForm(request.POST)
    if not form.is_valid():
        return _dossier_page(request, number, form, status=422)
    try:
        decision_make(by, number, step, form.cleaned_data)
    except Problem as problem:
        if problem.status == 404:  # noqa: PLR2004 - not this agency's: nothing to show
            raise
        if problem.field in {"reason", "ground"}:
            problem_add(form, problem)
            return _dossier_page(request, number, form, status=problem.status)
        return _dossier_page(request, number, form, problem, status=problem.status)
    return HttpResponseRedirect(reverse("officer:dossier", args=[number]) + "?decided=1")


def decision_make(by: Principal, number: str, step: UUID, data: dict[str, Any]) -> None:
    """One decision, under the officer's title of today."""
    if data["outcome"] == "supplement":
        assigning.supplement_ask(
            number=number, step_id=step, by=by, reason=data["reason"], revision=data["revision"]
        )
        return
    card = access.officer_get(code=by.subject)
    assigning.task_decide(
        number=number,
        step_id=step,
        outcome=data["outcome"],
        by=by,
        title=card.title if card else Text("", ""),
        revision=data["revision"],
        reason=data["reason"],
        ground=data.get("ground", ""),
    )


@require_GET
@demand(DESK)
def file(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """A component or a result of one of the agency's own dossiers. Errors: file-unknown (404), file-disposed (410)."""
    card = selectors.case_of_agency(number=number, agency=principal_of(request).agency)
    gone = disposed.disposed_of(number=number) if card.closed_at else None
    if gone is not None and any(item.sha256 == sha256 for item in card.files):
        raise files.file_disposed(gone.number, gone.decided_on)
    known = {item.sha256: item.media_type for item in card.files}
    known |= {item.sha256: "application/pdf" for item in card.results}
    if sha256 not in known:
        raise NotFound(
            "file-unknown",
            Text("Hồ sơ không có tệp này.", "The dossier has no such file."),
            Text("Đường dẫn không đúng.", "The address is wrong."),
            Text("Mở lại hồ sơ.", "Open the dossier again."),
        )
    response = HttpResponse(_content(card, sha256), content_type=known[sha256])
    response["Content-Disposition"] = f'inline; filename="{sha256[:12]}"'
    return response


def _content(card: selectors.CaseCard, sha256: str) -> bytes:
    """From here, or from the system that sent the dossier."""
    try:
        return files.file_read(sha256)
    except NotFound:
        holder = exchange.national_subsystem("lifeevents")
        own = exchange.subsystem_of(member=card.agency, system="onestop")
        if holder is None or own is None:
            raise
        answer = call(
            "lifeevents/files-get/v1",
            {"sha256": sha256},
            client=own,
            provider=holder,
            purpose=str(card.package["purpose"]),
            case=card.number,
        )
        return base64.b64decode(answer["content_base64"])


@demand(officer(Role.ADMINISTRATOR))
def staff(request: HttpRequest) -> HttpResponse:
    """Officers of the agency, their roles, and who gave or took which."""
    by = principal_of(request)
    form = RoleForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        act = (
            access_services.role_grant if form.cleaned_data["act"] == "grant" else access_services.role_revoke
        )
        try:
            act(
                by=by,
                officer=form.cleaned_data["officer"],
                role=Role(form.cleaned_data["role"]),
                at=clock.now(),
            )
            return HttpResponseRedirect(reverse("officer:staff"))
        except Problem as found:
            problem = found
    return render(
        request,
        "onestop/staff.html",
        {
            "officers": access.officers_of(agency=by.agency),
            "trail": [(row, ROLE_TEXT[row.role]) for row in access.role_trail(agency=by.agency)],
            "agency": agency_get(by.agency),
            "roles": [(role, ROLE_TEXT[role]) for role in Role],
            "grantable": GRANTABLE,
            "problem": problem,
        },
        status=problem.status if problem else 422 if form.errors else 200,
    )
