"""The pages of an application, whoever types it: the applicant on the portal, or an officer at the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework.forms import FieldKind, FieldSpec, FormSpec, PageSpec, form_of
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.lifeevents import components, own_papers, repeats, selectors, services
from lienthong.systems.lifeevents.applications import Application
from lienthong.systems.lifeevents.forms import PageForm, answers_said, page_form, page_incomplete
from lienthong.systems.lifeevents.models import Draft

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


class Submit(Protocol):
    """Sends a draft; the number of its case."""

    def __call__(self, *, draft_id: Any, by: Principal, language: str) -> str: ...


class Problems(Protocol):
    """What speaks against sending a draft."""

    def __call__(self, *, draft: Draft, declaration: dict[str, Any]) -> list[Problem]: ...


@dataclass(frozen=True, slots=True)
class Door:
    """Where an application is typed. page, check: names of routes; before, sent: what lies around them.

    classed: whoever types says of each file which kind of component it is; context: what its pages show besides.
    """

    page: str
    check: str
    before: Callable[[Draft], str]
    sent: Callable[[Draft], str]
    submit: Submit
    problems: Problems
    context: Callable[[Draft], dict[str, Any]]
    classed: bool = False
    question_template: str = "lifeevents/question.html"
    check_template: str = "lifeevents/check.html"

    def page_url(self, row: Draft, page: PageSpec) -> str:
        return reverse(self.page, args=[row.pk, page.key])

    def change_url(self, row: Draft, page: PageSpec) -> str:
        return f"{self.page_url(row, page)}?change=1"

    def check_url(self, row: Draft) -> str:
        return reverse(self.check, args=[row.pk])


def question(request: HttpRequest, row: Draft, page: str, door: Door) -> HttpResponse:
    """One question; what was typed stays, whatever is wrong with it."""
    if row.case_number:
        return HttpResponseRedirect(door.sent(row))
    package = selectors.package_of(row.procedure)
    spec = form_of(package)
    here = spec.page(page)
    if here is None:
        raise _no_such_page()
    if request.method != "POST":
        return _question(request, row, here, _form(row, here, door), door)
    if (changed := repeats.turned(here, request.POST)) is not None:
        form = _form(row, here, door, data=changed)
        form.unchecked()
        return _question(request, row, here, form, door)
    form = _form(row, here, door, data=request.POST, files=request.FILES)
    if form.is_valid():
        _keep(row, here, form, remove=request.POST.get("remove", ""), paper=request.POST.get("paper", ""))
    if form.errors:
        return _question(request, row, here, form, door, status=422)
    if {"remove", "paper"} & request.POST.keys():
        return HttpResponseRedirect(door.page_url(row, here))
    after = None if request.GET.get("change") else spec.after(page, row.answers)
    return HttpResponseRedirect(door.page_url(row, after) if after else door.check_url(row))


def _form(row: Draft, here: PageSpec, door: Door, **typed: Any) -> PageForm:
    form = page_form(here, answers=row.answers, known=row.known, **typed)
    if door.classed:
        components.ask_kinds(form, here, row.files)
    return form


def _keep(row: Draft, here: PageSpec, form: PageForm, *, remove: str, paper: str) -> None:
    """Store the answers and files of a page; what speaks against them is put at their fields.

    remove: the document whose file goes; paper: `document:id` of the applicant's own paper that stands for it.
    """
    for problem in services.answers_problems(draft=row, answers=form.answers()):
        problem_add(form, problem, form.box_of(problem.field or ""))
    if form.errors:
        return
    try:
        if form.answers():
            services.draft_answer(draft=row, answers=form.answers())
    except Invalid as problem:
        problem_add(form, problem, form.box_of(problem.field or ""))
    for field in here.fields:
        if field.kind is FieldKind.FILE:
            try:
                if paper.startswith(f"{field.document}:"):
                    _use_paper(row, field, paper.partition(":")[2])
                else:
                    _keep_file(row, field, form, remove=remove == field.document)
            except Invalid as problem:
                problem_add(form, problem, field.name)


def _use_paper(row: Draft, field: FieldSpec, paper: str) -> None:
    """Whatever its holder answers, the question stays, and a file can be uploaded. Errors: Invalid."""
    try:
        own_papers.paper_use(draft=row, document=field.document, paper=paper)
    except Problem as problem:
        raise Invalid(problem.code, problem.what, problem.why, problem.next_step) from problem


def _keep_file(row: Draft, field: FieldSpec, form: PageForm, *, remove: bool) -> None:
    upload, kind = form.cleaned_data.get(field.name), components.kind_given(form, field)
    if remove:
        services.draft_file_remove(draft=row, code=field.document)
    elif upload:
        services.draft_file_add(
            draft=row,
            code=field.document,
            name=upload.name,
            content=upload.read(),
            kind=kind or components.DEFAULT,
        )
    elif kind and kind != components.kind_of(row.files, field.document):
        services.draft_file_class(draft=row, code=field.document, kind=kind)


def _question(
    request: HttpRequest, row: Draft, here: PageSpec, form: PageForm, door: Door, *, status: int = 200
) -> HttpResponse:
    package = selectors.package_of(row.procedure)
    spec = form_of(package)
    pages = spec.asked(row.answers)
    before = spec.before(here.key, row.answers)
    back = door.page_url(row, before) if before else door.before(row)
    groups = [_groups(form, field) for field in here.fields if field.kind is FieldKind.REPEAT]
    grouped = {bound.name for group in groups for _, _, boxes in group["rows"] for bound in boxes}
    revealed = {name for item in form for name in getattr(item.field, "reveals", {}).values()}
    context = {
        "form": form,
        "fields": [bound for bound in form if bound.name not in revealed | grouped],
        "groups": groups,
        "single": len(here.fields) - len(revealed) == 1,
        "name": here.fields[0].label,
        "page_heading": here.title or Text(package["name"]["vi"], package["name"]["en"]),
        "package": package,
        "place": next((index for index, page in enumerate(pages, 1) if page.key == here.key), 1),
        "total": len(pages),
        "has_file": here.has_file,
        "kept": _kept_files(row, here),
        "own": _own_papers(row, here),
        "back": door.check_url(row) if request.GET.get("change") else back,
        **door.context(row),
    }
    return render(request, door.question_template, context, status=status)


def _groups(form: PageForm, field: FieldSpec) -> dict[str, Any]:
    """A repeated question as its page shows it: each group with its boxes, and what may be added or removed."""
    count = repeats.shown(field, form.kept, form.data if form.is_bound else None)
    return {
        "field": field,
        "count_box": repeats.count_box(field),
        "count": count,
        "rows": [
            (index, index + 1, [form[repeats.box(field, index, item)] for item in field.items])
            for index in range(count)
        ],
        "may_add": count < field.most,
        "may_drop": count > max(field.least, 1),
    }


def _own_papers(row: Draft, here: PageSpec) -> list[tuple[FieldSpec, own_papers.Paper]]:
    """The applicant's own papers that stand for a document of the page which has no file yet."""
    had = {file["code"] for file in row.files}
    wanted = {
        field.document: field
        for field in here.fields
        if field.kind is FieldKind.FILE and field.document not in had
    }
    found = own_papers.papers_for(draft=row, documents=wanted.keys())
    return [(wanted[document], paper) for document, papers in found.items() for paper in papers]


def _kept_files(row: Draft, here: PageSpec) -> list[dict[str, Any]]:
    wanted = {field.document for field in here.fields if field.kind is FieldKind.FILE}
    return [file for file in row.files if file["code"] in wanted]


def check(request: HttpRequest, row: Draft, by: Principal, door: Door) -> HttpResponse:
    """Everything before it is sent: what was answered, what is known already, what it costs."""
    if row.case_number:
        return HttpResponseRedirect(door.sent(row))
    package = selectors.package_of(row.procedure)
    spec = form_of(package)
    application = services.application_for(row)
    if missing := page_incomplete(application, spec, row.answers, row.known):
        return HttpResponseRedirect(door.page_url(row, missing))
    language = request.language  # type: ignore[attr-defined]
    declaration = services.declaration_of(row, language=language)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            row.case_number = door.submit(draft_id=row.pk, by=by, language=language)
            return HttpResponseRedirect(f"{door.sent(row)}?sent=1")
        except Problem as problem:
            if problem.unanswered:  # nothing that the applicant can mend
                raise
            problems = [problem]
    problems = _all_problems(problems, door.problems(draft=row, declaration=declaration))
    context = {
        "package": package,
        "errors": [
            _error(door, row, spec, problem, application.field_of(problem, declaration))
            for problem in problems
        ],
        "answered": _answered(door, row, spec),
        "known": application.known_rows(declaration),
        "asked_at": datetime.fromisoformat(row.known["asked_at"]),
        "quote": _quote(application, declaration, row.channel),
        "back": door.page_url(row, spec.asked(row.answers)[-1]),
        **door.context(row),
    }
    status = (problems[0].status if problems else 200) if request.method == "POST" else 200
    return render(request, door.check_template, context, status=status)


def _all_problems(first: list[Problem], found: list[Problem]) -> list[Problem]:
    seen = {problem.code for problem in first}
    return [*first, *(problem for problem in found if problem.code not in seen)]


def _error(door: Door, row: Draft, spec: FormSpec, problem: Problem, field: str) -> dict[str, Any]:
    """A line of the error summary that leads to the question to change."""
    page = spec.page_of(field)
    parts = (problem.what, problem.why, problem.next_step)
    text = Text(" ".join(part.vi for part in parts), " ".join(part.en for part in parts))
    return {"text": text, "href": door.change_url(row, page) if page else None}


def _answered(door: Door, row: Draft, spec: FormSpec) -> list[tuple[Text, Text, str]]:
    said = answers_said(spec, row.answers, row.known, row.files)
    return [(label, text, door.change_url(row, page)) for label, text, page in said]


def _quote(application: Application, declaration: dict[str, Any], channel: str) -> dict[str, Any] | None:
    """The fee, or nothing while the fee system does not answer: it is worked out again when it is due."""
    wanted = application.quote_wanted(declaration, on=clock.today(), channel=channel)
    if not wanted["items"]:
        return {"lines": [], "total": 0}
    try:
        return services.fee_quote(wanted=wanted)
    except Problem:
        return None


def _no_such_page() -> NotFound:
    return NotFound(
        "question-unknown",
        Text("Tờ khai không có câu hỏi này.", "The application has no such question."),
        Text("Địa chỉ không đúng.", "The address is wrong."),
        Text("Mở lại tờ khai từ «Hồ sơ của tôi».", "Open it again from “My dossiers”."),
    )
