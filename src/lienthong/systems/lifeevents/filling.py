"""A whole application at once, for those who do not type page by page: a file that is brought in, an example."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.casework.forms import FieldKind, form_of
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import services
from lienthong.systems.lifeevents.forms import page_incomplete
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.selectors import package_of

ANSWERS_MISSING = "answers-missing"

Paper = tuple[str, bytes]
"""Name and bytes of a file."""


def draft_fill(*, draft: Draft, answers: dict[str, Any], papers: dict[str, Paper]) -> None:
    """Answer all pages in their order, with the papers by their codes.

    Errors: what a page or a register says against an answer, and answers-missing (422), at the field.
    """
    spec = form_of(package_of(draft.procedure))
    for page in spec.pages:
        for field in page.fields:
            if field.kind is FieldKind.FILE and field.document in papers:
                name, content = papers[field.document]
                services.draft_file_add(draft=draft, code=field.document, name=name, content=content)
        typed = {
            field.name: answers[field.name]
            for field in page.fields
            if field.kind is not FieldKind.FILE and field.name in answers
        }
        if typed:
            for problem in services.answers_problems(draft=draft, answers=typed):
                raise problem
            services.draft_answer(draft=draft, answers=typed)
    application = services.application_for(draft)
    missing = page_incomplete(application, spec, draft.answers, draft.known)
    if missing is None:
        return
    for field in missing.fields:
        said = field.mistake(draft.answers.get(field.name)) if field.is_asked(draft.answers) else None
        if said and field.kind is not FieldKind.FILE:
            raise _missing(field.name, said)
    raise _missing(missing.key, missing.title or Text("Trang chưa đủ.", "The page is not complete."))


def _missing(field: str, said: Text) -> Invalid:
    return Invalid(
        ANSWERS_MISSING,
        Text("Tờ khai chưa đủ.", "The application is not complete."),
        said,
        Text("Bổ sung câu trả lời này.", "Give this answer."),
        field=field,
    )
