"""A sandbox key in two minutes: a name and a code in, a system with rights and calls to copy out."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import anyone, demand
from lienthong.blocks.exchange import refusals, samples, sandbox
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.ndxp import forms
from lienthong.systems.ndxp.pages.catalogue import call_of, calls_said

NEWCOMER: Final = anyone("a newcomer has no account yet; only where the sandbox is on, and so many an hour")
HELD: Final = "sandbox_system"


def _open_check() -> None:
    if not sandbox.is_open():
        raise refusals.sandbox_closed()


@demand(NEWCOMER)
def join(request: HttpRequest) -> HttpResponse:
    _open_check()
    form = forms.SandboxForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            request.session[HELD] = sandbox.sandbox_join(
                agency_title=form.cleaned_data["agency"],
                system=form.cleaned_data["system"],
                asked_from=request.META.get("REMOTE_ADDR", ""),
                at=clock.now(),
            )
            return HttpResponseRedirect(reverse("citizen:sandbox-ready"))
        except Problem as problem:
            problem_add(form, problem)
            status = problem.status
    context = {
        "form": form,
        "title": Text("Nhận hệ thống thử", "Get a sandbox system"),
        "lead": Text(
            "Hai ô, và bạn gọi được dịch vụ thử ngay. Chỉ có dữ liệu thử; hệ thống thử không gọi được hệ thống thật.",
            "Two boxes, and you can call trial services at once. There is trial data only; no real system is reached.",
        ),
        "back": (reverse("citizen:catalogue"), Text("Danh mục dịch vụ", "Catalogue of services")),
        "submit": Text("Nhận hệ thống thử", "Get the system"),
    }
    shown = 422 if form.errors and status == 200 else status  # noqa: PLR2004 - HTTP's OK
    return render(request, "ndxp/form.html", context, status=shown)


@require_safe
@demand(NEWCOMER)
def ready(request: HttpRequest) -> HttpResponse:
    """The system's identifiers and calls, with its own name in them."""
    _open_check()
    name = request.session.get(HELD, "")
    if not name:
        return HttpResponseRedirect(reverse("citizen:sandbox"))
    opened = sandbox.sandbox_system(name=name)
    offered = sandbox.sandbox_services(at=clock.now())
    context = {
        "opened": opened,
        "gateway": settings.LIENTHONG_SANDBOX_URL,
        "secured": samples.is_secured(settings.LIENTHONG_SANDBOX_URL),
        "services": [
            (
                one,
                calls_said(
                    call_of(
                        gateway=settings.LIENTHONG_SANDBOX_URL,
                        client=name,
                        provider=one.provider,
                        code=one.code.split("/")[0],
                        kind=one.kind,
                        versions=tuple(one.code.split("/")[1:]) or one.versions,
                        endpoints=one.endpoints,
                        document=one.document,
                    )
                ),
            )
            for one in offered
        ],
    }
    return render(request, "ndxp/sandbox.html", context)


@require_POST
@demand(NEWCOMER)
def key(request: HttpRequest) -> HttpResponse:
    """The key of the session's own system, made now, given once."""
    _open_check()
    name = request.session.get(HELD, "")
    if not name:
        return HttpResponseRedirect(reverse("citizen:sandbox"))
    content = sandbox.key_make(name=name, at=clock.now())
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name.replace("/", "-")}.zip"',
            "Cache-Control": "no-store",
        },
    )
