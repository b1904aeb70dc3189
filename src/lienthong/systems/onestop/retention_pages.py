"""The agency's records: what is due, the decision to dispose of it, and dossiers that are held back."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import Principal
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import disposing, due, holds
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, problem_add, words

RECORDS: Final = officer(*disposing.WHO)


class DecisionForm(Form):
    """What the decision to dispose of records says (quyết định hủy tài liệu hết giá trị)."""

    number = forms.CharField(label=words("Số quyết định", "Number of the decision"), max_length=60)
    decided_on = DateField(label=words("Ngày quyết định", "Day of the decision"))
    signed_by = forms.CharField(label=words("Người ký quyết định", "Who signed it"), max_length=120)
    minutes = forms.CharField(
        label=words("Biên bản của hội đồng xét hủy", "Minutes of the council"),
        help_text=words("Số và ngày của biên bản.", "Their number and day."),
        max_length=200,
    )


class HoldForm(Form):
    """A dossier that must not be disposed of, and why."""

    dossier = forms.CharField(label=words("Mã hồ sơ", "Dossier number"), max_length=60)
    reason = forms.ChoiceField(
        label=words("Lý do", "Reason"),
        choices=[("", Text("Chọn lý do", "Choose a reason")), *holds.HOLD_TEXT.items()],
    )
    note = forms.CharField(
        label=words("Vụ việc", "The matter"),
        help_text=words(
            "Số đơn, số thụ lý hoặc quyết định thanh tra.", "Its number at the authority or court."
        ),
        max_length=300,
    )
    until = DateField(
        label=words(
            "Giữ đến hết ngày (để trống: đến khi thôi giữ)", "Until the end of (empty: until lifted)"
        ),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@demand(RECORDS)
def retention(request: HttpRequest) -> HttpResponse:
    """What is due; enter a decision, hold a dossier or lift a hold. What was typed stays where it cannot be done."""
    by, act = principal_of(request), request.POST.get("act", "")
    decision = DecisionForm(request.POST if act == "decide" else None)
    hold = HoldForm(request.POST if act == "hold" else None)
    problem = None
    try:
        if done := _done(request, by, act, decision, hold):
            return HttpResponseRedirect(reverse("officer:retention") + f"?done={done}")
    except Problem as found:
        form = {"decide": decision, "hold": hold}.get(act)
        if form is not None and found.field in form.fields:
            problem_add(form, found)
        else:
            problem = found
    wrong = decision.errors or hold.errors
    context = {
        "rows": due.due_counts(on=clock.today(), agency=by.agency),
        "decisions": disposing.decisions_of(agency=by.agency),
        "holds": holds.holds_of(agency=by.agency, on=clock.today()),
        "decision": decision,
        "hold": hold,
        "shown": hold if act == "hold" else decision,
        "done": request.GET.get("done", ""),
        "problem": problem,
        "agency": agency_get(by.agency),
    }
    status = problem.status if problem else 422 if wrong else 200
    return render(request, "onestop/retention.html", context, status=status)


def _done(request: HttpRequest, by: Principal, act: str, decision: DecisionForm, hold: HoldForm) -> str:
    """Which act was done; empty where there was none, or its form is not filled in well."""
    if act == "decide" and decision.is_valid():
        disposing.decision_enter(decided=disposing.Decided(**decision.cleaned_data), by=by, at=clock.now())
        return "decided"
    if act == "hold" and hold.is_valid():
        given = dict(hold.cleaned_data)
        holds.hold_place(number=given.pop("dossier").strip(), by=by, **given)
        return "held"
    if act == "lift" and request.POST.get("hold", "").isdigit():
        holds.hold_lift(hold_id=int(request.POST["hold"][:18]), by=by)
        return "lifted"
    return ""


@require_GET
@demand(RECORDS)
def record(request: HttpRequest, decision: int) -> HttpResponse:
    """The signed record of a decision with its list. Errors: decision-unknown (404), decision-running (409)."""
    by = principal_of(request)
    found = next((row for row in disposing.decisions_of(agency=by.agency) if row.pk == decision), None)
    if found is None:
        raise NotFound(
            "decision-unknown",
            Text("Không có quyết định hủy này.", "There is no such disposal decision."),
            Text(
                "Quyết định của cơ quan khác, hoặc địa chỉ sai.",
                "It is another agency's, or the address is wrong.",
            ),
            Text("Mở lại trang lưu trữ.", "Open the page of retention again."),
        )
    shown = disposing.record_of(agency=by.agency, number=found.number)
    answer = JsonResponse(
        {
            "record": shown.record,
            "signature": shown.signature,
            "certificate": shown.certificate,
            "verifies": shown.wrong is None,
            "list": shown.listed,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer["Content-Disposition"] = f'attachment; filename="disposal-{decision}.json"'
    return answer
