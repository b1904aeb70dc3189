"""Sign-in in two steps, sign-out, and the provider's delivery reports."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lienthong.blocks.access.demands import anyone, demand
from lienthong.blocks.access.principals import Kind, Role
from lienthong.blocks.access.selectors import officer_get
from lienthong.blocks.access.services import session_begin
from lienthong.blocks.trust.secrets import text_verify
from lienthong.ground import clock
from lienthong.ground.errors import Forbidden, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.eid import rules, services
from lienthong.systems.eid.forms import CodeForm, OfficerPasswordForm, PasswordForm

WHO_SIGNS_IN = anyone("who signs in is not signed in yet")
AT_A_DESK = frozenset({Role.INTAKE, Role.CASE, Role.SIGN})
NAMESPACE = {Kind.PERSON: "citizen", Kind.OFFICER: "officer"}


@demand(WHO_SIGNS_IN)
def sign_in(request: HttpRequest, kind: Kind = Kind.PERSON) -> HttpResponse:
    """The first step: user name and password."""
    form_class = PasswordForm if kind is Kind.PERSON else OfficerPasswordForm
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            account = services.password_check(**form.cleaned_data, kind=kind.value, at=now)
        except Problem as problem:
            problem_add(form, problem)
            return render(request, "eid/sign_in.html", {"form": form, "kind": kind}, status=problem.status)
        request.session["pending"] = {
            "subject": account.subject,
            "kind": kind.value,
            "at": now.isoformat(),
            "next": request.GET.get("next", ""),
        }
        return HttpResponseRedirect(reverse(f"{NAMESPACE[kind]}:sign-in-code"))
    return render(
        request, "eid/sign_in.html", {"form": form, "kind": kind}, status=422 if form.errors else 200
    )


@demand(WHO_SIGNS_IN)
def sign_in_code(request: HttpRequest, kind: Kind = Kind.PERSON) -> HttpResponse:
    """The second step: the one-time code, within five minutes of the password."""
    pending = request.session.get("pending")
    now = clock.now()
    late = pending and now - datetime.fromisoformat(pending["at"]) >= rules.SECOND_STEP_WITHIN
    if not pending or late or pending["kind"] != kind:
        return HttpResponseRedirect(reverse(f"{NAMESPACE[kind]}:sign-in"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = services.code_check(subject=pending["subject"], code=form.cleaned_data["code"], at=now)
        except Problem as problem:
            problem_add(form, problem)
            return render(request, "eid/code.html", {"form": form}, status=problem.status)
        session_begin(session=request.session, kind=kind, subject=account.subject, name=account.name)
        return HttpResponseRedirect(_safe(request, pending["next"]) or reverse(_home(kind, account.subject)))
    return render(request, "eid/code.html", {"form": form}, status=422 if form.errors else 200)


def _home(kind: Kind, subject: str) -> str:
    """A person's is the portal, an officer's the desk, or the console for who decides nothing."""
    if kind is Kind.PERSON:
        return "citizen:home"
    card = officer_get(code=subject)
    return "officer:queue" if card is None or card.roles & AT_A_DESK else "console:home"


def _safe(request: HttpRequest, target: str) -> str:
    """Only an address of this site is gone back to."""
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else ""


@demand(anyone("signing out twice does no harm"))
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        language = request.session.get("language")
        request.session.flush()
        if language:
            request.session["language"] = language
        return HttpResponseRedirect("/")
    return render(request, "eid/sign_out.html")


@csrf_exempt
@require_POST
@demand(anyone("a provider's report carries its signature instead of a session"))
def delivery_report(request: HttpRequest) -> HttpResponse:
    """{"id", "state": "delivered"|"failed"} with X-Signature over both."""
    try:
        body = json.loads(request.body)
        delivery_id, state = str(body["id"]), str(body["state"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "send {id, state}"}, status=400)
    if not text_verify("notices", delivery_id + state, request.headers.get("X-Signature", "")):
        raise Forbidden(
            "signature-invalid",
            Text("Không nhận báo cáo này.", "This report is not taken."),
            Text("Chữ ký không đúng.", "Its signature is wrong."),
            Text("Ký lại bằng khóa đã thỏa thuận.", "Sign it with the agreed secret."),
        )
    if state not in {"delivered", "failed"}:
        return JsonResponse({"error": "state is delivered or failed"}, status=400)
    services.delivery_reported(delivery_id=delivery_id, state=state, at=clock.now())
    return JsonResponse({"ok": True})
