"""For whom you act: choose it; authorise somebody, see what they did, take it back."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand, person
from lienthong.blocks.access.services import acting_choose, principal_of
from lienthong.blocks.casework import following
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, RadioField, problem_add, words
from lienthong.systems.lifeevents import acting, authorisations
from lienthong.systems.lifeevents.asking import reads_and_posts

MYSELF: Final = "self"


class ActingForm(Form):
    """For whom; the choices are what the registers answered just now."""

    chosen = RadioField(label=words("Bạn muốn làm cho ai?", "For whom do you want to act?"))


class AuthorisationForm(Form):
    agent_number = forms.CharField(
        label=words("Số định danh của người được ủy quyền", "Identification number of whom you authorise"),
        help_text=words(
            "12 chữ số trên thẻ căn cước. Người đó sẽ thấy lần tra cứu này.",
            "12 digits of the identity card. They will see this look-up.",
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "spellcheck": "false"}),
    )
    agent_name = forms.CharField(
        label=words("Họ và tên người đó", "Their full name"),
        help_text=words("Viết như trên thẻ căn cước.", "As on the identity card."),
        max_length=120,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    scope = RadioField(
        label=words("Ủy quyền làm những việc gì?", "What may they do for you?"),
        choices=[
            ("all", Text("Mọi thủ tục cho phép nộp thay", "Every procedure that admits it")),
            ("some", Text("Chỉ những thủ tục tôi ghi", "Only the procedures that I name")),
        ],
        reveals={"some": "procedures"},
    )
    procedures = forms.CharField(
        label=words("Mã thủ tục, cách nhau bằng dấu phẩy", "Codes of procedures, with commas between"),
        help_text=words("Ví dụ: 1.004222, 1.115970", "For example: 1.004222, 1.115970"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    until = DateField(
        label=words("Đến hết ngày nào?", "Until which day?"),
        help_text=words("Bắt buộc. Ví dụ: 31 12 2026", "Required. For example: 31 12 2026"),
    )


@reads_and_posts
@demand(person)
def acting_for(request: HttpRequest) -> HttpResponse:
    """Yourself, or one of those whom the registers say you act for; chosen until you choose again."""
    by = principal_of(request)
    found = {each.source: each for each in acting.mandates_of(by.subject)}
    form = ActingForm(
        request.POST or None, initial={"chosen": by.acting_for.source if by.acting_for else MYSELF}
    )
    field: Any = form.fields["chosen"]
    field.choices = [
        (MYSELF, Text(f"Bản thân: {by.name}", f"Myself: {by.name}")),
        *((source, Text(each.name, each.name)) for source, each in found.items()),
    ]
    field.hints = {source: acting.hint_of(each) for source, each in found.items()}
    if request.method == "POST" and form.is_valid():
        acting_choose(session=request.session, acting_for=found.get(form.cleaned_data["chosen"]))
        return HttpResponseRedirect(_next(request) or reverse("citizen:home"))
    context = {"form": form, "alone": not found}
    return render(request, "lifeevents/acting.html", context, status=422 if form.errors else 200)


def _next(request: HttpRequest) -> str:
    """Only an address of this site is gone back to."""
    target = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else ""


@require_safe
@demand(person)
def granted(request: HttpRequest) -> HttpResponse:
    """Whom you authorised, until when, for what; and everything they did in your name."""
    me = principal_of(request).subject
    context = {
        "rows": authorisations.granted_by(me),
        "acts": following.acts_for(applicant=me, system="lifeevents"),
        "withdrawn": bool(request.GET.get("withdrawn")),
        "done": bool(request.GET.get("granted")),
    }
    return render(request, "lifeevents/authorisations.html", context)


@reads_and_posts
@demand(person)
def grant(request: HttpRequest) -> HttpResponse:
    """Whom, for what, until when; what was typed stays, whatever is wrong with it."""
    form = AuthorisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authorisations.grant(by=principal_of(request), wanted=_wanted(form.cleaned_data))
            return HttpResponseRedirect(reverse("citizen:authorisations") + "?granted=1")
        except Problem as problem:
            if problem.status not in {404, 409, 422}:
                raise
            problem_add(form, problem, "agent_number" if problem.status == 404 else None)  # noqa: PLR2004 - not found
    fields = [bound for bound in form if bound.name != "procedures"]
    context = {"form": form, "fields": fields}
    return render(request, "lifeevents/authorisation.html", context, status=422 if form.errors else 200)


def _wanted(given: dict[str, Any]) -> authorisations.Wanted:
    until: date = given["until"]
    codes = given["procedures"].replace(";", ",").split(",") if given["scope"] == "some" else []
    named = tuple(dict.fromkeys(code.strip() for code in codes if code.strip()))
    return authorisations.Wanted(
        given["agent_number"], given["agent_name"], named, until, some=given["scope"] == "some"
    )


@require_POST
@demand(person)
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """At once: the next thing that they try is refused."""
    authorisations.withdraw(by=principal_of(request), key=key, on=clock.today())
    return HttpResponseRedirect(reverse("citizen:authorisations") + "?withdrawn=1")
