"""The desk's pages of a scanned stack: print the sheets, scan, look at the split and mend it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import files
from lienthong.ground.errors import Invalid, NotFound
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, RadioField, problem_add, words
from lienthong.systems.lifeevents import components, intake, scan_rules, scans, selectors
from lienthong.systems.lifeevents.asking import reads_and_posts
from lienthong.systems.lifeevents.intake_pages import INTAKE, qr_picture
from lienthong.systems.lifeevents.models import Draft, Scan


class StackForm(Form):
    stack = forms.FileField(
        label=words("Tệp PDF của cả tập", "The whole stack as one PDF"),
        help_text=words(
            "Đặt tờ phân cách trước mỗi giấy tờ rồi quét một lượt. Tối đa 20 MB, 200 trang.",
            "Lay the separating sheet before each document and scan once. 20 MB and 200 pages at most.",
        ),
    )


class SplitForm(Form):
    """Which pages each document has, as the sheets say or as the officer mends it."""

    leave_out = forms.BooleanField(
        label=words("Bỏ những trang không thuộc giấy tờ nào", "Leave out the pages of no document"),
        required=False,
    )

    def __init__(self, scan: Scan, documents: dict[str, Text], data: Any = None) -> None:
        self.scan, self.codes = scan, list(documents)
        self.read: dict[int, list[int]] = {}
        super().__init__(data)
        parts = scan_rules.parts_by_sheets(scan.pages, documents)
        for place, (code, label) in enumerate(documents.items()):
            said: Any = label
            self.fields[_pages(place)] = forms.CharField(
                label=said,
                help_text=words(
                    "Các trang, ví dụ 2-4, 7. Để trống nếu không có.",
                    "Its pages, for example 2-4, 7. Leave empty if there is none.",
                ),
                initial=scan_rules.pages_said(parts.get(code, [])),
                required=False,
                max_length=200,
            )
            self.fields[_kind(place)] = RadioField(
                label=words("Loại thành phần hồ sơ", "Kind of component"),
                choices=list(components.KINDS.items()),
                initial=components.DEFAULT,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        total = len(self.scan.pages)
        read = {
            place: scan_rules.pages_read(given.get(_pages(place), ""), total) for place in self.places(given)
        }
        for place in (place for place, pages in read.items() if pages is None):
            self._wrong(
                _pages(place),
                f"Hãy nhập các trang từ 1 đến {total}, ví dụ 2-4, 7.",
                f"Enter pages from 1 to {total}, for example 2-4, 7.",
            )
        self.read = {place: pages for place, pages in read.items() if pages}
        for place, pages in scan_rules.twice(self.read).items():
            said = scan_rules.pages_said(pages)
            self._wrong(
                _pages(place),
                f"Trang {said} đã thuộc giấy tờ khác.",
                f"Page {said} has a document already.",
            )
        left = scan_rules.papers_of(self.scan.pages) - {
            page for pages in self.read.values() for page in pages
        }
        if left and not self.errors and not given.get("leave_out"):
            said = scan_rules.pages_said(sorted(left))
            self._wrong(
                "leave_out",
                f"Trang {said} chưa thuộc giấy tờ nào: ghi vào giấy tờ, hoặc chọn bỏ.",
                f"Page {said} has no document: give it one, or choose to leave it out.",
            )
        return given

    def places(self, given: dict[str, Any]) -> list[int]:
        """Of the documents, those for which pages were typed."""
        return [place for place in range(len(self.codes)) if given.get(_pages(place), "").strip()]

    def pieces(self) -> dict[str, scans.Piece]:
        """The split, once it is valid."""
        return {
            self.codes[place]: scans.Piece(pages, self.cleaned_data[_kind(place)] or components.DEFAULT)
            for place, pages in self.read.items()
        }

    def groups(self) -> list[tuple[Any, Any]]:
        """Of each document, the box of its pages and the choice of its kind."""
        return [(self[_pages(place)], self[_kind(place)]) for place in range(len(self.codes))]

    def _wrong(self, name: str, vi: str, en: str) -> None:
        self.add_error(name, ValidationError(words(vi, en)))


def _pages(place: int) -> str:
    return f"pages-{place}"


def _kind(place: int) -> str:
    return f"kind-{place}"


@reads_and_posts
@demand(INTAKE)
def stack(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Scan a stack; then the split, with what each page is, until it is as it should be."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    if row.case_number:
        return HttpResponseRedirect(reverse("officer:intake-receipt", args=[row.pk]))
    documents = scans.documents_of(selectors.package_of(row.procedure))
    scan = scans.scan_of(row)
    if scan is None or "stack" in request.FILES:
        return _scanned(request, row, documents)
    form = SplitForm(scan, documents, request.POST or None)
    if request.method == "POST" and form.is_valid():
        scans.scan_split(draft=row, pieces=form.pieces())
        return HttpResponseRedirect(reverse("officer:intake-person", args=[row.pk]))
    blank = [place for place, page in enumerate(scan.pages, 1) if page["blank"]]
    context = {
        **_about(row),
        "form": form,
        "scan": scan,
        "sheets": scan_rules.sheets_found(scan.pages),
        "blank": scan_rules.pages_said(blank),
    }
    return render(request, "lifeevents/scan_split.html", context, status=422 if form.errors else 200)


def _scanned(request: HttpRequest, row: Draft, documents: dict[str, Text]) -> HttpResponse:
    form = StackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["stack"]
        try:
            scans.scan_keep(draft=row, name=given.name, content=given.read())
            return HttpResponseRedirect(reverse("officer:intake-scan", args=[row.pk]))
        except Invalid as problem:
            problem_add(form, problem, "stack")
    context = {**_about(row), "form": form, "documents": documents}
    return render(request, "lifeevents/scan.html", context, status=422 if form.errors else 200)


@require_POST
@demand(INTAKE)
def drop(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Forget the stack: it was another's, or it is to be scanned again."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    scans.scan_drop(draft=row)
    return HttpResponseRedirect(reverse("officer:intake-scan", args=[row.pk]))


@require_safe
@demand(INTAKE)
def stack_file(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The stack as it was scanned, to look at beside the split."""
    row = intake.draft_taken_in(draft_id=draft, by=principal_of(request))
    scan = scans.scan_of(row)
    if scan is None:
        raise NotFound(
            "scan-unknown",
            Text("Tờ khai không có tập quét nào.", "The application has no scanned stack."),
            Text("Tập quét đã được tách hoặc bỏ.", "It was split or dropped."),
            Text("Mở lại tờ khai từ trang Tiếp nhận.", "Open the application again from the intake page."),
        )
    return HttpResponse(
        files.file_read(scan.sha256),
        content_type=scans.PDF,
        headers={"Content-Disposition": 'inline; filename="scan.pdf"', "X-Content-Type-Options": "nosniff"},
    )


@require_safe
@demand(INTAKE)
def sheets(request: HttpRequest, code: str) -> HttpResponse:
    """The separating sheets of a procedure, one a page, to print once and lay before each document."""
    package = selectors.package_of(code)
    rows = [
        (label, qr_picture(scan_rules.sheet_of(document), scale=10))
        for document, label in scans.documents_of(package).items()
    ]
    return render(request, "lifeevents/scan_sheets.html", {"package": package, "sheets": rows})


def _about(row: Draft) -> dict[str, Any]:
    return {
        "draft": row,
        "package": selectors.package_of(row.procedure),
        "applicant": row.known["person"],
        "kept": [(file["name"], components.KINDS[file["kind"]]) for file in row.files],
    }
