"""Applying: what you will need, one question a page, check your answers, send."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework.forms import FieldKind, FormSpec, PageSpec, form_of
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.lifeevents import selectors, services
from lienthong.systems.lifeevents.applications import Application
from lienthong.systems.lifeevents.forms import PageForm, answer_said, page_form, page_incomplete
from lienthong.systems.lifeevents.models import Draft

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_and_posts
@demand(person)
def apply_start(request: HttpRequest, code: str) -> HttpResponse:
    """What you will need; POST asks the registers and begins a draft."""
    package = selectors.package_of(code)
    by = principal_of(request)
    if request.method == "POST":
        draft = services.draft_start(by=by, procedure=code)
        return HttpResponseRedirect(_page_url(draft, form_of(package).pages[0]))
    drafts = [draft for draft in selectors.drafts_of(owner=by.subject) if draft.procedure == code]
    return render(request, "lifeevents/start.html", {"package": package, "drafts": drafts})


@reads_and_posts
@demand(person)
def apply_page(request: HttpRequest, draft: UUID, page: str) -> HttpResponse:
    """One question; what was typed stays, whatever is wrong with it."""
    row = selectors.draft_get(draft_id=draft, owner=principal_of(request).subject)
    if row.case_number:
        return _sent(row)
    package = selectors.package_of(row.procedure)
    spec = form_of(package)
    here = spec.page(page)
    if here is None:
        raise _no_such_page()
    if request.method != "POST":
        return _question(request, row, package, here, page_form(here, answers=row.answers, known=row.known))
    form = page_form(here, answers=row.answers, known=row.known, data=request.POST, files=request.FILES)
    if form.is_valid():
        _keep(row, here, form, remove=request.POST.get("remove", ""))
    if form.errors:
        return _question(request, row, package, here, form, status=422)
    if "remove" in request.POST:
        return HttpResponseRedirect(_page_url(row, here))
    after = None if request.GET.get("change") else spec.after(page, row.answers)
    return HttpResponseRedirect(_page_url(row, after) if after else _check_url(row))


def _keep(row: Draft, here: PageSpec, form: PageForm, *, remove: str) -> None:
    """Store the answers and files of a page; what speaks against them is put at their fields."""
    for problem in services.answers_problems(draft=row, answers=form.answers()):
        problem_add(form, problem)
    if form.errors:
        return
    try:
        if form.answers():
            services.draft_answer(draft=row, answers=form.answers())
    except Invalid as problem:
        problem_add(form, problem)
    for field in here.fields:
        if field.kind is not FieldKind.FILE:
            continue
        upload = form.cleaned_data.get(field.name)
        try:
            if remove == field.document:
                services.draft_file_remove(draft=row, code=field.document)
            elif upload:
                services.draft_file_add(
                    draft=row, code=field.document, name=upload.name, content=upload.read()
                )
        except Invalid as problem:
            problem_add(form, problem, field.name)


def _question(
    request: HttpRequest,
    row: Draft,
    package: dict[str, Any],
    here: PageSpec,
    form: PageForm,
    *,
    status: int = 200,
) -> HttpResponse:
    spec = form_of(package)
    pages = spec.asked(row.answers)
    before = spec.before(here.key, row.answers)
    back = _page_url(row, before) if before else reverse("citizen:apply-start", args=[row.procedure])
    revealed = {name for item in form for name in getattr(item.field, "reveals", {}).values()}
    context = {
        "form": form,
        "fields": [bound for bound in form if bound.name not in revealed],
        "single": len(form.fields) - len(revealed) == 1,
        "package": package,
        "place": next((index for index, page in enumerate(pages, 1) if page.key == here.key), 1),
        "total": len(pages),
        "has_file": here.has_file,
        "kept": _kept_files(row, here),
        "back": _check_url(row) if request.GET.get("change") else back,
    }
    return render(request, "lifeevents/question.html", context, status=status)


def _kept_files(row: Draft, here: PageSpec) -> list[dict[str, Any]]:
    wanted = {field.document for field in here.fields if field.kind is FieldKind.FILE}
    return [file for file in row.files if file["code"] in wanted]


@reads_and_posts
@demand(person)
def apply_check(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Everything before it is sent: what you answered, what is known already, what it costs."""
    by = principal_of(request)
    row = selectors.draft_get(draft_id=draft, owner=by.subject)
    if row.case_number:
        return _sent(row)
    package = selectors.package_of(row.procedure)
    spec = form_of(package)
    application = services.application_for(row)
    if missing := page_incomplete(application, spec, row.answers, row.known):
        return HttpResponseRedirect(_page_url(row, missing))
    language = request.language  # type: ignore[attr-defined]
    declaration = services.declaration_of(row, language=language)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            number = services.draft_submit(draft_id=row.pk, by=by, language=language)
            return HttpResponseRedirect(reverse("citizen:dossier", args=[number]) + "?sent=1")
        except Problem as problem:
            if problem.status >= 500:  # noqa: PLR2004 - HTTP's class: nothing that the applicant can mend
                raise
            problems = [problem]
    found = services.problems_before_sending(draft=row, declaration=declaration)
    problems = _all_problems(problems, found)
    context = {
        "package": package,
        "errors": [
            _error(row, spec, problem, application.field_of(problem, declaration)) for problem in problems
        ],
        "answered": _answered(row, spec),
        "known": application.known_rows(declaration),
        "asked_at": datetime.fromisoformat(row.known["asked_at"]),
        "quote": _quote(application, declaration, row.channel),
        "back": _page_url(row, spec.asked(row.answers)[-1]),
    }
    status = (problems[0].status if problems else 200) if request.method == "POST" else 200
    return render(request, "lifeevents/check.html", context, status=status)


def _all_problems(first: list[Problem], found: list[Problem]) -> list[Problem]:
    seen = {problem.code for problem in first}
    return [*first, *(problem for problem in found if problem.code not in seen)]


def _error(row: Draft, spec: FormSpec, problem: Problem, field: str) -> dict[str, Any]:
    """A line of the error summary that leads to the question to change."""
    page = spec.page_of(field)
    parts = (problem.what, problem.why, problem.next_step)
    text = Text(" ".join(part.vi for part in parts), " ".join(part.en for part in parts))
    return {"text": text, "href": _change_url(row, page) if page else None}


def _answered(row: Draft, spec: FormSpec) -> list[tuple[Text, Text, str]]:
    return [
        (field.label, answer_said(field, row.answers, row.known, row.files), _change_url(row, page))
        for page in spec.asked(row.answers)
        for field in page.fields
        if field.is_asked(row.answers)
    ]


def _quote(application: Application, declaration: dict[str, Any], channel: str) -> dict[str, Any] | None:
    """The fee, or nothing while the fee system does not answer: it is worked out again when it is due."""
    wanted = application.quote_wanted(declaration, on=clock.today(), channel=channel)
    if not wanted["items"]:
        return {"lines": [], "total": 0}
    try:
        return services.fee_quote(wanted=wanted)
    except Problem:
        return None


def _sent(row: Draft) -> HttpResponse:
    return HttpResponseRedirect(reverse("citizen:dossier", args=[row.case_number]))


def _page_url(row: Draft, page: PageSpec) -> str:
    return reverse("citizen:apply-page", args=[row.pk, page.key])


def _change_url(row: Draft, page: PageSpec) -> str:
    return f"{_page_url(row, page)}?change=1"


def _check_url(row: Draft) -> str:
    return reverse("citizen:apply-check", args=[row.pk])


def _no_such_page() -> NotFound:
    return NotFound(
        "question-unknown",
        Text("Tờ khai không có câu hỏi này.", "The application has no such question."),
        Text("Địa chỉ không đúng.", "The address is wrong."),
        Text("Mở lại tờ khai từ «Hồ sơ của tôi».", "Open it again from “My dossiers”."),
    )
