"""The desk's intake: choose the procedure, say who applies, answer, check, send, print the receipt."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.access.principals import ActingFor, Role
from lienthong.blocks.access.selectors import officer_get
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import finding
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.forms import form_of
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.personal_number import PersonalNumber
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, RadioField, problem_add, words
from lienthong.systems.lifeevents import acting, asking, intake, mandates, parcels, scans, selectors
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.components import KINDS
from lienthong.systems.lifeevents.models import Draft

INTAKE: Final = officer(Role.INTAKE)
SELF: Final = "self"
OTHER: Final = "other"
SEARCH: Final = {
    "label": {"text": Text("Người dân cần làm việc gì?", "What does the applicant need?")},
    "hint": {"text": Text("Ví dụ: sinh con, kết hôn, 1.001193", "For example: birth, marriage, 1.001193")},
}


class ApplicantForm(Form):
    number = forms.CharField(
        label=words("Số định danh cá nhân của người nộp", "The applicant's personal number"),
        help_text=words(
            "12 chữ số trên thẻ căn cước. Người nộp sẽ thấy lần tra cứu này.",
            "12 digits of the identity card. The applicant will see this look-up.",
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "spellcheck": "false"}),
    )
    channel = RadioField(
        label=words("Hình thức nộp", "How it came"), choices=list(intake.CHANNELS.items()), initial="counter"
    )
    party = RadioField(
        label=words("Người nộp làm cho ai?", "For whom do they apply?"),
        choices=[
            (SELF, Text("Cho bản thân", "For themselves")),
            (OTHER, Text("Thay cho tổ chức hoặc người khác", "For an organisation or another person")),
        ],
        initial=SELF,
        required=False,
    )

    @classmethod
    def of(cls, package: dict[str, Any], data: Any = None) -> ApplicantForm:
        """The form for a procedure; where only one answer is admitted, it is not asked for whom."""
        form = cls(data)
        if not (mandates.for_oneself(package) and mandates.for_another(package)):
            del form.fields["party"]
        return form


class PartyForm(Form):
    """For whom; the choices are what the registers answered just now."""

    chosen = RadioField(label=words("Người nộp làm cho ai?", "For whom do they apply?"))

    @classmethod
    def among(cls, found: list[ActingFor], data: Any = None) -> PartyForm:
        form = cls(data)
        field: Any = form.fields["chosen"]
        field.choices = [(each.source, Text(each.name, each.name)) for each in found]
        field.hints = {each.source: acting.hint_of(each) for each in found}
        return form


def _who(row: Draft) -> dict[str, Any]:
    return {
        "draft": row,
        "applicant": row.known["person"],
        "acted_by": mandates.acting_said(row.acting) if row.acting else None,
        "acting_role": row.acting.get("role"),
        "channel_said": intake.CHANNELS[row.channel],
    }


DOOR: Final = asking.Door(
    page="officer:intake-page",
    check="officer:intake-check",
    before=lambda row: reverse("officer:intake-person", args=[row.pk]),
    sent=lambda row: reverse("officer:intake-receipt", args=[row.pk]),
    submit=intake.intake_submit,
    problems=intake.intake_problems,
    context=_who,
    classed=True,
    question_template="lifeevents/intake_question.html",
    check_template="lifeevents/intake_check.html",
)


@require_safe
@demand(INTAKE)
def home(request: HttpRequest) -> HttpResponse:
    """Find the procedure; go on with what was begun; print a receipt again."""
    by = principal_of(request)
    query = request.GET.get("q", "").strip()[:100]
    found = finding.packages_found(query=query, on=clock.today()) if query else []
    context = {
        "query": query,
        "search": SEARCH,
        "found": [package for package in found if package.get("form")],
        "drafts": [_row(draft) for draft in intake.drafts_open(by=by)],
        "sent": [_row(draft) for draft in intake.drafts_sent(by=by)],
        "agency": agency_get(by.agency),
    }
    return render(request, "lifeevents/intake.html", context)


def _row(draft: Draft) -> tuple[Draft, str, Text, Text]:
    name = Text(**selectors.package_of(draft.procedure)["name"])
    return draft, draft.known["person"]["full_name"], name, intake.CHANNELS[draft.channel]


@reads_and_posts
@demand(INTAKE)
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Who applies, and how it came; POST asks the registers for this procedure's purpose."""
    package = selectors.package_of(code)
    form = ApplicantForm.of(package, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _begun(request, package, form.cleaned_data)
        except Problem as problem:
            if problem.status != 404 and not isinstance(problem, Invalid):  # noqa: PLR2004 - not in the register
                raise
            problem_add(form, problem, problem.field if problem.field in form.fields else "number")
    context = {"package": package, "form": form}
    return render(request, "lifeevents/intake_start.html", context, status=422 if form.errors else 200)


def _begun(request: HttpRequest, package: dict[str, Any], given: dict[str, Any]) -> HttpResponse:
    """The draft; before it, for another, the question for which of those whom the registers name."""
    by, number = principal_of(request), PersonalNumber(given["number"])
    party = given.get("party") or (SELF if mandates.for_oneself(package) else OTHER)
    chosen = None
    if party == OTHER:
        found = intake.mandates_at_counter(person=number, procedure=package["code"], by=by)
        form = PartyForm.among(found, request.POST if "chosen_asked" in request.POST else None)
        if not form.is_valid():
            context = {"package": package, "form": form, "given": {**given, "party": party}}
            status = 422 if form.errors else 200
            return render(request, "lifeevents/intake_party.html", context, status=status)
        chosen = next(each for each in found if each.source == form.cleaned_data["chosen"])
    draft = intake.intake_start(
        by=by, applicant=number, procedure=package["code"], channel=given["channel"], chosen=chosen
    )
    return HttpResponseRedirect(reverse("officer:intake-person", args=[draft.pk]))


@require_safe
@demand(INTAKE)
def applicant(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The person as the register knows them, to compare with who stands there."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    if row.case_number:
        return HttpResponseRedirect(DOOR.sent(row))
    package = selectors.package_of(row.procedure)
    stands_there = row.known.get("present") or row.known["person"]
    context = {
        "package": package,
        "first": DOOR.page_url(row, form_of(package).pages[0]),
        "present": stands_there,
        "born": date.fromisoformat(stands_there["birth_date"]),
        "scans": bool(scans.documents_of(package)),
        "papers": [(file["name"], KINDS[file["kind"]]) for file in row.files],
        **_who(row),
    }
    return render(request, "lifeevents/intake_person.html", context)


@require_POST
@demand(INTAKE)
def drop(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Forget what was begun, as for a wrong number."""
    intake.draft_drop(draft=intake.draft_taken_in(draft_id=draft, by=principal_of(request)))
    return HttpResponseRedirect(reverse("officer:intake"))


@reads_and_posts
@demand(INTAKE)
def page(request: HttpRequest, draft: UUID, page: str) -> HttpResponse:
    """One question, as on the portal; each scan gets its kind of component."""
    return asking.question(
        request, intake.draft_taken_in(draft_id=draft, by=principal_of(request)), page, DOOR
    )


@reads_and_posts
@demand(INTAKE)
def check(request: HttpRequest, draft: UUID) -> HttpResponse:
    by = principal_of(request)
    return asking.check(request, intake.draft_taken_in(draft_id=draft, by=by), by, DOOR)


@require_safe
@demand(INTAKE)
def receipt(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The paper of receipt and appointment (Decree 118/2025), to print; before it is sent, the check page."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    if not row.case_number:
        return HttpResponseRedirect(DOOR.check_url(row))
    card = cases.case_get(number=row.case_number)
    taken_by = officer_get(code=row.taken_in_by)
    context = {
        "card": card,
        "package": selectors.package_of(row.procedure),
        "agency": agency_get(row.taken_in_at),
        "officer": taken_by.name if taken_by else row.taken_in_by,
        "expected": intake.expected_at(draft=row, card=card),
        "parts": [part for part in selectors.tracking_parts(card) if part.number],
        "post_offered": parcels.is_offered(card),
        "papers": [(file["name"], KINDS[file["kind"]]) for file in row.files],
        "address": f"{settings.LIENTHONG_URL}/dossiers/{row.case_number}/",
        "qr": qr_picture(f"{settings.LIENTHONG_URL}/dossiers/{row.case_number}/"),
        **_who(row),
    }
    return render(request, "lifeevents/intake_receipt.html", context)


def qr_picture(text: str, *, scale: int = 4) -> SafeString:
    """The text as a QR code, to be printed."""
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", border=2, scale=scale, xmldecl=False, svgns=True, title=text
    )
    return mark_safe(picture.getvalue().decode())  # noqa: S308 - drawn here; the title is escaped by segno
