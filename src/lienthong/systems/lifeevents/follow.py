"""Following: my dossiers, one dossier with its parts, answering a supplement, withdrawing, rating."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.principals import Principal
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import disposed, following
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.forms import form_of
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.lifeevents import (
    acting,
    appeal_words,
    appeals,
    mandates,
    parcels,
    second_complaints,
    selectors,
    services,
    signing,
)
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.forms import RatingForm, SupplementForm, page_incomplete
from lienthong.systems.lifeevents.models import Draft, Signing
from lienthong.systems.lifeevents.tracking import Part, Phase, sentence

REFRESH_S = 2
OPEN_AT_MOST = 10
"""So many open dossiers are told in full on the list; nobody has more children at once."""


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A sent dossier in the list of a person's dossiers."""

    row: cases.CaseRow
    word: Text
    colour: str
    said: Text


def acting_now(request: HttpRequest) -> Principal:
    """An act counts only by a right that holds now; a page that is only read may be some minutes old."""
    check = acting.checked_now if request.method == "POST" else acting.session_renew
    return check(session=request.session, by=principal_of(request))


@require_safe
@demand(person)
def dossiers(request: HttpRequest) -> HttpResponse:
    """Drafts to go on with, and what was sent, the newest first."""
    by = acting.session_renew(session=request.session, by=principal_of(request))
    rows = selectors.cases_of(by)
    told = [row for row in rows[:OPEN_AT_MOST] if not row.disposed]
    cards = following.cases_followed(applicant=by.party, numbers=[row.number for row in told])
    parts = dict(zip((card.number for card in cards), selectors.parts_of(cards), strict=True))
    lines = [_line(row, parts[row.number]) if row.number in parts else _short_line(row) for row in rows]
    drafts = [(draft, *_resume(draft)) for draft in selectors.drafts_of(by)]
    to_sign = [] if by.acting_for else _to_sign(signing.waiting_for(by.subject))
    context = {"drafts": drafts, "lines": lines, "to_sign": to_sign}
    return render(request, "lifeevents/dossiers.html", context)


def _to_sign(rows: list[Signing]) -> list[tuple[Signing, str, Text]]:
    """What waits for a signature: what it is called, and which procedure it is."""
    told = following.titles_of(row.case_number for row in rows)
    return [
        (row, told[row.case_number][0], Text(**told[row.case_number][1]["procedure_name"])) for row in rows
    ]


def _line(row: cases.CaseRow, parts: list[Part]) -> DossierLine:
    said = _said(parts, row)
    if parts and parts[0].appeal:
        return DossierLine(row, parts[0].word, parts[0].colour, said)
    if any(part.phase is Phase.WAITS_FOR_YOU for part in parts):
        return DossierLine(row, Text("Chờ bạn", "Waits for you"), "yellow", said)
    return DossierLine(row, *_state(row), said)


def _said(parts: list[Part], row: cases.CaseRow | cases.CaseCard) -> Text:
    """What is done, what waits, and by when; of a complaint, who has it and how it ended."""
    if not parts or not parts[0].appeal:
        return sentence(parts, outcome=row.outcome, due_at=row.due_at)
    first, renewed = parts[0], next((part.number for part in parts[1:]), "")
    return appeal_words.state_said(
        kind=first.appeal,
        outcome=first.outcome or row.outcome,
        agency=first.agency,
        received_on=clock.in_vietnam(row.opened_at).date(),
        due_at=first.due_at,
        renewed=renewed,
    )


def _short_line(row: cases.CaseRow) -> DossierLine:
    return DossierLine(row, *_state(row), Text("", ""))


def _state(row: cases.CaseRow) -> tuple[Text, str]:
    if row.disposed:
        return Text("Đã hủy dữ liệu", "Data disposed of"), "grey"
    states = {
        "": (Text("Đang xử lý", "In progress"), "blue"),
        "granted": (Text("Đã xong", "Done"), "green"),
        "partly": (Text("Xong một phần", "Partly done"), "orange"),
        "withdrawn": (Text("Đã rút", "Withdrawn"), "grey"),
    }
    return states.get(row.outcome, (Text("Chưa chấp nhận", "Not accepted"), "red"))


def _resume(draft: Draft) -> tuple[str, Text]:
    """Where to go on with a draft, and what it is called."""
    package = selectors.package_of(draft.procedure)
    application = services.application_for(draft)
    missing = page_incomplete(application, form_of(package), draft.answers, draft.known)
    name = str(draft.answers.get(package.get("draft_title", "")) or "")
    title = Text(name or package["name"]["vi"], name or package["name"]["en"])
    if missing is None:
        return reverse("citizen:apply-check", args=[draft.pk]), title
    return reverse("citizen:apply-page", args=[draft.pk, missing.key]), title


@require_safe
@demand(person)
def dossier(request: HttpRequest, number: str) -> HttpResponse:
    """What is done, who has the rest, by when; what waits for you."""
    by = acting.session_renew(session=request.session, by=principal_of(request))
    card = selectors.case_of(number=number, by=by)
    gone = disposed.disposed_of(number=number) if card.closed_at else None
    if gone is not None:
        return render(request, "lifeevents/disposed.html", {"card": card, "gone": gone})
    beside = appeals.about_parts(card, by)
    parts = [replace(part, beside=beside.get(part.number)) for part in selectors.tracking_parts(card)]
    stuck = next((step.problem for step in card.steps if step.state == "stuck" and step.problem), None)
    signatures = signing.signatures_of(number)
    unsigned = any(row.state == signing.ASKED for row in signatures) and not card.closed_at
    sending = not card.children and not card.closed_at and not stuck and not unsigned
    context = {
        "card": card,
        "parts": parts,
        "signatures": signatures,
        "acted_by": mandates.acting_said(card.acting) if card.acting else None,
        "said": _said(parts, card),
        "appeal": card.data if card.package.get("appeal") else None,
        "answered": second_complaints.answered_of(card) if card.package.get("appeal") else None,
        "again": second_complaints.again_of(card) if card.package.get("appeal") else None,
        "stuck": Problem.from_dict(stuck) if stuck else None,
        "refresh_s": REFRESH_S if sending else None,
        "sent": bool(request.GET.get("sent")),
        "post": parcels.offer(card),
        "may_withdraw": not card.closed_at and not sending,
        "may_rate": card.closed_at is not None
        and card.outcome != "withdrawn"
        and card.rating is None
        and not card.package.get("appeal"),
    }
    return render(request, "lifeevents/track.html", context)


@reads_and_posts
@demand(person)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    if request.method == "POST":
        services.case_withdraw(number=number, by=by)
        return HttpResponseRedirect(reverse("citizen:dossier", args=[number]))
    return render(
        request, "lifeevents/withdraw.html", {"card": card, "parts": selectors.tracking_parts(card)}
    )


@reads_and_posts
@demand(person)
def supplement(request: HttpRequest, number: str, child: str) -> HttpResponse:
    """The agency's reason, and your answer with papers; too late, and what was typed is still there."""
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    selectors.child_of(card, child)
    form = SupplementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploads = [(file.name, file.read()) for file in form.cleaned_data["files"]]
        text = form.cleaned_data["text"]
        try:
            services.supplement_send(parent=number, number=child, by=by, text=text, uploads=uploads)
            return HttpResponseRedirect(reverse("citizen:dossier", args=[number]) + "?answered=1")
        except Problem as problem:
            if problem.status not in {409, 422}:
                raise
            problem_add(form, problem, "files" if problem.field == "file" else None)
            return _supplement_page(request, card, child, form, problem.status)
    return _supplement_page(request, card, child, form, 422 if form.errors else 200)


def _supplement_page(
    request: HttpRequest, card: cases.CaseCard, child: str, form: SupplementForm, status: int
) -> HttpResponse:
    part: Part = next(part for part in selectors.tracking_parts(card) if part.number == child)
    context = {"card": card, "part": part, "form": form}
    return render(request, "lifeevents/supplement.html", context, status=status)


@reads_and_posts
@demand(person)
def rate(request: HttpRequest, number: str) -> HttpResponse:
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.case_rate(
                number=number, by=by, score=int(form.cleaned_data["score"]), text=form.cleaned_data["text"]
            )
            return HttpResponseRedirect(reverse("citizen:dossier", args=[number]) + "?rated=1")
        except Problem as problem:
            if problem.status != 409:  # noqa: PLR2004 - HTTP's conflict: rated already, or not closed
                raise
            problem_add(form, problem)
            return render(request, "lifeevents/rate.html", {"card": card, "form": form}, status=409)
    return render(
        request,
        "lifeevents/rate.html",
        {"card": card, "form": form},
        status=422 if form.errors else 200,
    )
