"""My documents, one of them, its file; and the public check of a paper or an evidence container."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lienthong.blocks.access.demands import anyone, demand, person
from lienthong.blocks.access.services import principal_of
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.kit.forms import problem_add
from lienthong.systems.warehouse import checks, evidence, rules, selectors
from lienthong.systems.warehouse.forms import CodeForm, FileForm

WHO_HOLDS_A_PAPER = anyone("whoever holds a paper may check it; the page shows what the paper shows")


@demand(person)
def documents(request: HttpRequest) -> HttpResponse:
    rows = selectors.documents_of(owner=principal_of(request).owner)
    return render(request, "warehouse/documents.html", {"documents": rows})


@demand(person)
def document(request: HttpRequest, document: UUID) -> HttpResponse:
    row = selectors.document_of(document=document, owner=principal_of(request).owner)
    shown = {"document": row, "changes": selectors.changes_of(row), "uses": selectors.uses_of(row)}
    return render(request, "warehouse/document.html", shown)


@demand(person)
def document_file(request: HttpRequest, document: UUID) -> HttpResponse:
    """The file from the agency that keeps it; it passes through and is not kept."""
    row = selectors.document_of(document=document, owner=principal_of(request).owner)
    content = selectors.document_file(document=row, purpose="own-data")
    name = f"{row.result_code}-{row.number}.pdf".replace("/", "-").replace('"', "")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@demand(WHO_HOLDS_A_PAPER)
def check(request: HttpRequest) -> HttpResponse:
    """By code (GET, so that it can be linked) or by file (POST)."""
    by_code = CodeForm(request.GET if "code" in request.GET else None)
    by_file = FileForm()
    if request.method == "POST":
        by_file = FileForm(request.POST, request.FILES)
        if by_file.is_valid():
            content = by_file.cleaned_data["file"].read()
            if evidence.is_container(content):
                shown = {"found": evidence.check_container(content=content, at=clock.now())}
                return render(request, "warehouse/evidence.html", shown)
            found = checks.check_by_file(content=content, at=clock.now())
            return render(request, "warehouse/result.html", {"check": found, "by_file": True})
    elif by_code.is_bound and by_code.is_valid():
        try:
            row = selectors.document_by_code(typed=by_code.cleaned_data["code"])
            return HttpResponseRedirect(reverse("citizen:check-code", args=[row.check_code]))
        except Problem as problem:
            problem_add(by_code, problem)
    wrong = bool(by_file.errors or by_code.errors)
    shown = {"form": by_file if by_file.errors else by_code, "by_code": by_code, "by_file": by_file}
    return render(request, "warehouse/check.html", shown, status=422 if wrong else 200)


@demand(WHO_HOLDS_A_PAPER)
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR of a paper leads to."""
    row = selectors.document_by_code(typed=code)
    if code != row.check_code and rules.check_code(code) == row.check_code:
        return HttpResponseRedirect(reverse("citizen:check-code", args=[row.check_code]))
    found = checks.check_by_code(document=row, at=clock.now())
    return render(request, "warehouse/result.html", {"check": found, "by_file": False})
