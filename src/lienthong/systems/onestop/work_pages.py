"""The head's work: who has which task, who is away; and acts on several dossiers of the queue at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import apologies, assigning, selectors
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, problem_add, words
from lienthong.systems.onestop.forms import RedateForm
from lienthong.systems.onestop.pages import DESK, decision_make

HEAD: Final = officer(Role.SIGN, Role.ADMINISTRATOR)
AT_ONCE: Final = 50
_PARTS: Final = 3


class AbsenceForm(Form):
    officer = forms.ChoiceField(label=words("Người vắng", "Who is away"))
    substitute = forms.ChoiceField(
        label=words("Người thay", "Substitute"),
        help_text=words("Giữ cùng vai trò với người vắng.", "Holds the same roles."),
    )
    from_day = DateField(label=words("Vắng từ ngày", "Away from"))
    to_day = DateField(label=words("Đến hết ngày", "Until the end of"))

    @classmethod
    def over(cls, loads: list[assigning.Load], data: object = None) -> AbsenceForm:
        """The form with the agency's officers to choose from."""
        form = cls(data)  # type: ignore[arg-type]
        choices = [("", Text("Chọn cán bộ", "Choose an officer"))]
        choices += [
            (row.officer.code, Text(*[f"{row.officer.name} ({row.officer.code})"] * 2)) for row in loads
        ]
        for name in ("officer", "substitute"):
            form.fields[name].choices = choices  # type: ignore[attr-defined]
        return form


@require_http_methods(["GET", "HEAD", "POST"])
@demand(HEAD)
def work(request: HttpRequest) -> HttpResponse:
    """Who has how much in hand; spread what nobody has; record who is away and who acts in their place."""
    by = principal_of(request)
    loads, act = assigning.loads(agency=by.agency), request.POST.get("act")
    if act == "spread":
        given = assigning.tasks_spread(by=by)
        return HttpResponseRedirect(reverse("officer:work") + f"?given={given}")
    if act == "back" and request.POST.get("absence", "").isdigit():
        assigning.absence_remove(by=by, absence_id=int(request.POST["absence"]))
        return HttpResponseRedirect(reverse("officer:work"))
    form = AbsenceForm.over(loads, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            assigning.absence_record(by=by, **form.cleaned_data)
            return HttpResponseRedirect(reverse("officer:work"))
        except Problem as problem:
            problem_add(form, problem)
    names = {row.officer.code: row.officer.name for row in loads}
    context = {
        "loads": [(row, names.get(row.substitute, row.substitute)) for row in loads],
        "absences": [
            (row, names.get(row.officer, row.officer), names.get(row.substitute, row.substitute))
            for row in assigning.absences_of(agency=by.agency)
        ],
        "given": request.GET.get("given", "") if request.GET.get("given", "").isdigit() else "",
        "form": form,
        "agency": agency_get(by.agency),
    }
    return render(request, "onestop/work.html", context, status=422 if form.errors else 200)


@require_POST
@demand(HEAD)
def assign(request: HttpRequest, number: str, step: UUID) -> HttpResponse:
    """Give a dossier's task to an officer of the agency."""
    by = principal_of(request)
    assigning.task_assign(number=number, step_id=step, by=by, officer=request.POST.get("assignee", "")[:32])
    reads = by.holds(Role.INTAKE, Role.CASE, Role.SIGN)
    return HttpResponseRedirect(
        reverse("officer:dossier", args=[number]) if reads else reverse("officer:work")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@demand(officer(Role.CASE, Role.SIGN))
def redate(request: HttpRequest, number: str) -> HttpResponse:
    """Another day for a dossier that is late, with the reason that the applicant reads."""
    by = principal_of(request)
    card = selectors.case_of_agency(number=number, agency=by.agency)
    form = RedateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            apologies.apology_redate(number=number, by=by, **form.cleaned_data)
            return HttpResponseRedirect(reverse("officer:dossier", args=[number]))
        except Problem as problem:
            problem_add(form, problem)
    context = {"card": card, "form": form}
    return render(request, "onestop/redate.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one dossier of several."""

    number: str
    problem: Problem | None


@require_POST
@demand(DESK)
def several(request: HttpRequest) -> HttpResponse:
    """Take in hand, or approve, what was ticked: each by itself, so that one that fails stops no other."""
    by, act = principal_of(request), request.POST.get("act", "")
    chosen = [row for row in map(_chosen, request.POST.getlist("chosen")[:AT_ONCE]) if row]
    if act != "approve":
        told = [
            _one(number, partial(assigning.task_claim, number=number, step_id=step, by=by))
            for number, step, _ in chosen
        ]
        return _told(request, told, None if chosen else nothing_chosen())
    waiting = selectors.tasks_open(agency=by.agency, steps=[step for _, step, _ in chosen])
    if len({row.procedure for row in waiting.values()}) > 1:
        return _told(request, [], mixed())
    told = [
        _one(number, partial(_approve, by, number, step, revision, waiting.get(step)))
        for number, step, revision in chosen
    ]
    return _told(request, told, None if chosen else nothing_chosen())


def _chosen(value: str) -> tuple[str, UUID, int] | None:
    """number|step|revision, as the queue's page gave it."""
    parts = value.split("|")
    if len(parts) != _PARTS or not parts[2].isdigit():
        return None
    try:
        return parts[0], UUID(parts[1]), int(parts[2])
    except ValueError:
        return None


def _approve(by: Principal, number: str, step: UUID, revision: int, task: selectors.OpenTask | None) -> None:
    """By the one decision of the step that needs no reason."""
    given = [
        name
        for name, choice in (task.config.get("outcomes", {}) if task else {}).items()
        if isinstance(choice, dict) and not choice.get("reason")
    ]
    outcome = given[0] if len(given) == 1 else ""
    decision_make(by, number, step, {"outcome": outcome, "revision": revision, "reason": ""})


def _one(number: str, act: Callable[[], None]) -> Told:
    try:
        act()
    except Problem as problem:
        return Told(number, problem)
    return Told(number, None)


def _told(request: HttpRequest, told: list[Told], problem: Problem | None) -> HttpResponse:
    context = {
        "told": told,
        "done": sum(row.problem is None for row in told),
        "problem": problem,
        "act": request.POST.get("act", ""),
    }
    return render(request, "onestop/several.html", context, status=422 if problem else 200)


def nothing_chosen() -> Invalid:
    return Invalid(
        "nothing-chosen",
        Text("Chưa chọn hồ sơ nào.", "No dossier was chosen."),
        Text("Việc này làm trên các hồ sơ được đánh dấu.", "This acts on the dossiers that are ticked."),
        Text(
            "Đánh dấu các hồ sơ trong hàng đợi rồi bấm lại.", "Tick dossiers in the queue, then press again."
        ),
    )


def mixed() -> Invalid:
    return Invalid(
        "procedures-mixed",
        Text("Các hồ sơ được chọn thuộc nhiều thủ tục.", "The dossiers are of several procedures."),
        Text(
            "Duyệt cùng lúc chỉ dành cho hồ sơ cùng một thủ tục.", "Approving at once is for one procedure."
        ),
        Text("Chọn lại các hồ sơ cùng thủ tục.", "Choose dossiers of one procedure."),
    )
