"""How a system's programs connect to its gateway: the connection type, and the certificates that are accepted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange import clients as rows
from lienthong.blocks.exchange import directory
from lienthong.blocks.trust.renewal import rule_on
from lienthong.ground import clock, formats
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, problem_add
from lienthong.kit.language import active
from lienthong.systems.ndxp import forms, who
from lienthong.systems.ndxp.cells import Table, code
from lienthong.systems.ndxp.pages.members import until_said
from lienthong.systems.ndxp.pages.watch import validity

DONE = {
    "connection": Text("Đã đổi kiểu kết nối.", "The connection type was changed."),
    "certificate": Text("Đã đăng ký chứng thư.", "The certificate was registered."),
    "withdrawn": Text("Đã rút chứng thư.", "The certificate was withdrawn."),
}


@demand(who.READERS)
def clients(request: HttpRequest, name: str) -> HttpResponse:
    """What connects for the system; who manages the system changes it here, three forms on one page."""
    found = directory.subsystem_get(name=name, agency=who.scope(request))
    by = principal_of(request)
    connection, changes = rows.connection_of(subsystem=name)
    act = request.POST.get("act", "")
    choice = forms.ConnectionForm(
        request.POST if act == "connection" else None, initial={"connection": connection}
    )
    upload = forms.CertificateForm(*((request.POST, request.FILES) if act == "certificate" else ()))
    if request.method == "POST":
        who.manage_check(by, found.agency)
        if done := _acted(request, name, act, choice if act == "connection" else upload):
            return HttpResponseRedirect(f"{reverse('console:clients', args=[name])}?done={done}")
    now = clock.now()
    listed = rows.certificates_of(subsystem=name)
    before = rule_on(now.date()).before
    wrong = next((one for one in (choice, upload) if one.errors), None)
    context = {
        "found": found,
        "connection": forms.CONNECTION_TEXT[connection],
        "manages": who.may_manage(by, found.agency),
        "choice": choice,
        "upload": upload,
        "wrong": wrong,
        "certificates": [
            (one, until_said(one.until, now), validity(one.until, now, before))
            for one in listed
            if one.withdrawn_at is None
        ],
        "past": _past(changes, listed),
        "done": DONE.get(request.GET.get("done", "")),
    }
    return render(request, "ndxp/clients.html", context, status=422 if wrong else 200)


def _acted(request: HttpRequest, name: str, act: str, form: Form) -> str:
    """What was done, or nothing where the form says why not."""
    by, at = who.actor(request), clock.now()
    if act == "withdraw":
        given = request.POST.get("fingerprint", "")
        rows.certificate_withdraw(subsystem=name, fingerprint=given, by=by, at=at)
        return "withdrawn"
    if not form.is_valid():
        return ""
    try:
        if act == "connection":
            rows.connection_set(subsystem=name, connection=form.cleaned_data["connection"], by=by, at=at)
        else:
            content = form.cleaned_data["certificate"].read(rows.FILE_MAX + 1)
            rows.certificate_register(subsystem=name, content=content, by=by, at=at)
    except Problem as problem:
        problem_add(form, problem)
        return ""
    return act


def _past(changes: list[rows.ChangeRow], listed: list[rows.CertificateRow]) -> Table:
    """Who changed what and when, the newest first."""
    language = active()
    told: list[tuple[Any, Text, Any, str]] = [
        (
            one.changed_at,
            Text("Kiểu kết nối", "Connection type"),
            forms.CONNECTION_TEXT[one.connection],
            one.changed_by,
        )
        for one in changes
    ]
    for one in listed:
        named = code(f"{one.fingerprint[:16]}…")
        told.append((one.added_at, Text("Đăng ký chứng thư", "Certificate registered"), named, one.added_by))
        if one.withdrawn_at is not None:
            told.append(
                (one.withdrawn_at, Text("Rút chứng thư", "Certificate withdrawn"), named, one.withdrawn_by)
            )
    told.sort(key=lambda row: row[0], reverse=True)
    return Table(
        Text("Nhật ký thay đổi", "Changes"),
        [Text("Lúc", "When"), Text("Việc", "What"), Text("Cụ thể", "Which"), Text("Bởi", "By")],
        [[formats.datetime(at, language), what, which, by] for at, what, which, by in told],
        Text("Chưa có thay đổi nào.", "Nothing was changed yet."),
        heading=Text("Nhật ký thay đổi", "Changes"),
        narrow=True,
    )
