"""The pages on which a person complains of a dossier of theirs, or sends feedback on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.casework import appeal_rules
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.kit.forms import Form, problem_add
from lienthong.kit.language import active
from lienthong.systems.lifeevents import appeal_words, appeals, second_complaints, selectors
from lienthong.systems.lifeevents.appeal_forms import AgainForm, ComplaintForm, FeedbackForm
from lienthong.systems.lifeevents.appeals import Filing
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.follow import acting_now

_ON_THE_PAGE = frozenset({409, 422})


@reads_and_posts
@demand(person)
def complain(request: HttpRequest, number: str, child: str) -> HttpResponse:
    """Complain of a dossier to the agency whose decision it is; what was typed stays, whatever is wrong."""
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    row, now = selectors.child_of(card, child), clock.now()
    rights = appeals.rights_of(row, now=now)
    post = request.method == "POST"
    form = ComplaintForm.about(
        rights.grounds,
        late=rights.late,
        data=request.POST if post else None,
        files=request.FILES if post else None,
    )
    limits = appeal_rules.limits_on(now.date())
    context = {
        **_about(card, child),
        "rights": rights,
        "accept_days": limits.accept,
        "settle_days": limits.settle_first[appeal_rules.Difficulty.PLAIN],
    }
    return _filed(
        request,
        "lifeevents/complain.html",
        context,
        form,
        lambda filing: appeals.complaint_file(
            parent=number, number=child, by=by, filing=filing, language=active()
        ),
    )


@reads_and_posts
@demand(person)
def feedback(request: HttpRequest, number: str, child: str) -> HttpResponse:
    """Tell the agency how a dossier is dealt with."""
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    selectors.child_of(card, child)
    form = FeedbackForm(request.POST or None, request.FILES or None)
    context = {**_about(card, child), "days": appeal_rules.FEEDBACK_WORKING_DAYS}
    return _filed(
        request,
        "lifeevents/feedback.html",
        context,
        form,
        lambda filing: appeals.feedback_file(
            parent=number, number=child, by=by, filing=filing, language=active()
        ),
    )


@reads_and_posts
@demand(person)
def complain_again(request: HttpRequest, number: str) -> HttpResponse:
    """Complain a second time, to the superior of the agency that settled the first complaint."""
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    again = second_complaints.again_of(card)
    if again is None:
        raise appeal_words.second_not_open()
    post = request.method == "POST"
    form = AgainForm.late(
        late=again.late, data=request.POST if post else None, files=request.FILES if post else None
    )
    return _filed(
        request,
        "lifeevents/complain_again.html",
        {"card": card, "again": again, "answered": second_complaints.answered_of(card)},
        form,
        lambda filing: second_complaints.again_file(number=number, by=by, filing=filing, language=active()),
    )


def _about(card: Any, child: str) -> dict[str, Any]:
    part = next(part for part in selectors.tracking_parts(card) if part.number == child)
    return {"card": card, "part": part}


def _filed(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: Form,
    file: Callable[[Filing], str],
) -> HttpResponse:
    """The page with its form; sent, the page of what was filed."""
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        uploads = [(upload.name, upload.read()) for upload in given.pop("files")]
        try:
            number = file(Filing(uploads=uploads, **given))
            return HttpResponseRedirect(reverse("citizen:dossier", args=[number]) + "?sent=1")
        except Problem as problem:
            if problem.status not in _ON_THE_PAGE:
                raise
            problem_add(form, problem, "files" if problem.field == "file" else None)
            status = problem.status
    return render(request, template, {**context, "form": form}, status=status)
