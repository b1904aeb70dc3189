"""The second signer's page: the whole application as it was sent, then agree or decline."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import files
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.forms import form_of
from lienthong.ground import clock
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.lifeevents import selectors, signing
from lienthong.systems.lifeevents.applications import application_of
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.forms import SigningForm, answers_said
from lienthong.systems.lifeevents.models import Draft, Signing
from lienthong.systems.lifeevents.tracking import sentence


@reads_and_posts
@demand(person)
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """All that was declared, who signed, by when; what was typed stays, whatever is wrong with it."""
    by = principal_of(request)
    row = signing.signing_get(number=number, by=by)
    form = SigningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agrees = form.cleaned_data["answer"] == "sign"
        try:
            signing.sign(number=number, by=by, agrees=agrees, reason=form.cleaned_data["reason"])
            return HttpResponseRedirect(f"{reverse('citizen:sign', args=[number])}?done=1")
        except Problem as problem:
            if problem.status not in {403, 409, 422}:
                raise
            problem_add(form, problem)
            return _page(request, row, form, problem.status)
    return _page(request, row, form, 422 if form.errors else 200)


def _page(request: HttpRequest, row: Signing, form: SigningForm, status: int) -> HttpResponse:
    card = cases.case_get(number=row.case_number)
    draft = Draft.objects.get(case_number=row.case_number)
    package = selectors.package_of(draft.procedure)
    parts = selectors.tracking_parts(card)
    rows = signing.signatures_of(row.case_number)
    open_ = row.state == signing.ASKED and card.closed_at is None and clock.now() <= row.due_at
    context = {
        "card": card,
        "mine": row,
        "package": package,
        "form": form,
        "may_sign": open_ and not any(each.state == signing.DECLINED for each in rows),
        "signatures": rows,
        "answered": [
            (label, text)
            for label, text, _ in answers_said(form_of(package), draft.answers, draft.known, draft.files)
        ],
        "known": application_of(package).known_rows(card.data["declaration"]),
        "files": draft.files,
        "said": sentence(parts, outcome=card.outcome, due_at=card.due_at),
    }
    return render(request, "lifeevents/sign.html", context, status=status)


@require_safe
@demand(person)
def sign_file(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """A paper that came with what is to be signed."""
    signing.signing_get(number=number, by=principal_of(request))
    draft = Draft.objects.get(case_number=number)
    found = next((row for row in draft.files if row["sha256"] == sha256), None)
    if found is None:
        raise NotFound(
            "file-unknown",
            Text("Hồ sơ không có tệp này.", "The application has no such file."),
            Text("Địa chỉ không đúng.", "The address is wrong."),
            Text("Mở lại trang ký và chọn từ đó.", "Open the page again and choose from there."),
        )
    disposition = f"attachment; filename*=UTF-8''{quote(found['name'])}"
    return HttpResponse(
        files.file_read(sha256),
        content_type=found["media_type"],
        headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
    )
