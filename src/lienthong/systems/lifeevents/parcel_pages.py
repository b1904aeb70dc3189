"""Where the paper is to be sent: asked by the applicant on the portal, or by the officer who took the dossier in."""

from __future__ import annotations

import re
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lienthong.blocks.access.demands import demand, officer, person
from lienthong.blocks.access.principals import Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import selectors as cases
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, problem_add, words
from lienthong.systems.lifeevents import intake, parcels, selectors
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.follow import acting_now
from lienthong.systems.lifeevents.models import Draft

_PHONE = re.compile(r"0\d{9}")


class RecipientForm(Form):
    """As it is written on the post's slip."""

    name = forms.CharField(label=words("Họ tên người nhận", "Who receives it"), min_length=2, max_length=120)
    phone = forms.CharField(
        label=words("Số điện thoại người nhận", "Their telephone number"),
        help_text=words(
            "Bưu tá gọi số này trước khi phát. 10 chữ số.", "The postman calls before coming. 10 digits."
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "spellcheck": "false"}),
    )
    address = forms.CharField(
        label=words("Địa chỉ nhận", "Address"),
        help_text=words(
            "Số nhà, đường hoặc thôn, xã hoặc phường, tỉnh hoặc thành phố.",
            "House and street or village, commune or ward, province or city.",
        ),
        min_length=10,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )

    def clean_phone(self) -> str:
        typed = re.sub(r"[\s.()-]+", "", self.cleaned_data["phone"])
        number = "0" + typed.removeprefix("+84") if typed.startswith("+84") else typed
        if not _PHONE.fullmatch(number):
            said = Text(
                "Nhập số điện thoại Việt Nam gồm 10 chữ số, bắt đầu bằng 0, ví dụ 0912 345 678.",
                "Enter a Vietnamese number of 10 digits that begins with 0, as 0912 345 678.",
            )
            raise ValidationError(said, code="phone")  # type: ignore[arg-type] - Django's types know strings only
        return number

    def clean_address(self) -> str:
        return " ".join(self.cleaned_data["address"].split())


@reads_and_posts
@demand(person)
def post(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant asks for the paper, changes where it goes, or wants it no more."""
    by = acting_now(request)
    card = selectors.case_of(number=number, by=by)
    draft = parcels.draft_of(number=number)
    if draft is None:
        raise parcels.not_offered(number)
    return _asked(request, card, draft, back=reverse("citizen:dossier", args=[number]))


@reads_and_posts
@demand(officer(Role.INTAKE))
def intake_post(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The same at the counter, for a dossier that this agency took in and sent."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    back = reverse("officer:intake-receipt", args=[row.pk])
    if not row.case_number:
        return HttpResponseRedirect(back)
    return _asked(request, cases.case_get(number=row.case_number), row, back=back)


def _asked(request: HttpRequest, card: cases.CaseCard, draft: Draft, *, back: str) -> HttpResponse:
    sent = request.method == "POST"
    form = RecipientForm(request.POST if sent else None, initial=parcels.proposed(draft))
    dropped = request.POST.get("act") == "drop"
    if dropped or (sent and form.is_valid()):
        try:
            parcels.wish_keep(card=card, recipient=None if dropped else dict(form.cleaned_data))
            return HttpResponseRedirect(back)
        except Problem as problem:
            problem_add(form, problem)
    context = {
        "card": card,
        "form": form,
        "asked": bool(draft.post_to),
        "offered": parcels.is_offered(card),
        "back": back,
    }
    return render(request, "lifeevents/post.html", context, status=422 if form.errors else 200)
