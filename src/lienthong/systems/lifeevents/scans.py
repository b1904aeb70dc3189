"""A stack of papers scanned at once at the counter, split at its separating sheets into the documents of a draft."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from django.db import transaction

from lienthong.blocks.casework import files
from lienthong.blocks.casework.forms import FieldKind, form_of
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import scan_reader, services
from lienthong.systems.lifeevents.models import Draft, Scan
from lienthong.systems.lifeevents.selectors import package_of

READ_WITHIN_S: Final = 90.0
PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Piece:
    """The pages (from 1) of a stack that are one document, and which kind of component it is."""

    pages: list[int]
    kind: str


def documents_of(package: Mapping[str, Any]) -> dict[str, Text]:
    """The documents that a procedure's form asks for: code and question."""
    fields = [field for page in form_of(package).pages for field in page.fields]
    return {field.document: field.label for field in fields if field.kind is FieldKind.FILE}


def scan_of(draft: Draft) -> Scan | None:
    """The stack that waits to be split."""
    return Scan.objects.filter(draft=draft).first()


def scan_keep(*, draft: Draft, name: str, content: bytes) -> Scan:
    """Keep a stack with the draft, in the place of an earlier one, with what each page is.

    Errors (422): those of `files.upload_check`; scan-kind; scan-unreadable; scan-too-long.
    """
    if files.upload_check(name=name, content=content) != PDF:
        raise _not_a_stack(name)
    pages = _read(name, content)
    sha256 = files.file_keep(content)
    with transaction.atomic():
        _forget(draft, but=sha256)
        given = {"sha256": sha256, "name": name[:200], "pages": pages, "scanned_at": clock.now()}
        scan, _ = Scan.objects.update_or_create(draft=draft, defaults=given)
    return scan


def scan_split(*, draft: Draft, pieces: Mapping[str, Piece]) -> None:
    """Make each piece a document of the draft, as a PDF with just its pages; the stack itself goes."""
    scan = Scan.objects.get(draft=draft)
    names = documents_of(package_of(draft.procedure))
    stack = files.file_read(scan.sha256)
    cut = {code: _cut(stack, piece.pages) for code, piece in pieces.items()}
    with transaction.atomic():
        for code, content in cut.items():
            services.draft_file_add(
                draft=draft,
                code=code,
                name=f"{names[code].vi[:190]}.pdf",
                content=content,
                kind=pieces[code].kind,
            )
        _forget(draft)


def scan_drop(*, draft: Draft) -> None:
    """Forget a stack that is not to be split."""
    with transaction.atomic():
        _forget(draft)


def waiting(draft: Draft) -> list[Problem]:
    """A stack that was scanned and never split is told of before the application is sent."""
    if scan_of(draft) is None:
        return []
    return [
        Invalid(
            "scan-waiting",
            Text("Tập quét chưa được tách.", "The scanned stack was not split."),
            Text(
                "Các giấy tờ trong tập chưa thành thành phần hồ sơ.",
                "Its papers are not yet documents of the application.",
            ),
            Text("Mở «Quét cả tập» để tách hoặc bỏ tập quét.", "Open “Scan a stack” to split or drop it."),
        )
    ]


def _forget(draft: Draft, *, but: str = "") -> None:
    gone = list(Scan.objects.filter(draft=draft).exclude(sha256=but).values_list("sha256", flat=True))
    Scan.objects.filter(draft=draft, sha256__in=gone).delete()
    files.files_condemn(gone, decision=None, at=clock.now())


def _read(name: str, content: bytes) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", scan_reader.__name__],
            input=content,
            capture_output=True,
            timeout=READ_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(name) from error
    if done.returncode == scan_reader.TOO_MANY:
        raise _too_long(name)
    if done.returncode != 0:
        raise _unreadable(name)
    pages: list[dict[str, Any]] = json.loads(done.stdout)
    return pages


def _cut(stack: bytes, pages: list[int]) -> bytes:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - half a second to read, for the counters alone

    reader, writer = PdfReader(BytesIO(stack)), PdfWriter()
    for page in pages:
        writer.add_page(reader.pages[page - 1])
    content = BytesIO()
    writer.write(content)
    return content.getvalue()


_KEEP: Final = Text(
    f"Quét tối đa {scan_reader.PAGES} trang, lưu thành một tệp PDF.",
    f"Scan {scan_reader.PAGES} pages at most, into one PDF file.",
)


def _not_a_stack(name: str) -> Invalid:
    return _refused(
        "scan-kind",
        Text(f"«{name}» không phải tập quét.", f"«{name}» is no scanned stack."),
        Text("Một ảnh chỉ có một trang.", "A picture has one page only."),
    )


def _unreadable(name: str) -> Invalid:
    return _refused(
        "scan-unreadable",
        Text(f"Không đọc được tập quét «{name}».", f"The scanned stack «{name}» cannot be read."),
        Text("Tệp hỏng, hoặc các trang quá lớn.", "The file is broken, or its pages are too large."),
    )


def _too_long(name: str) -> Invalid:
    return _refused(
        "scan-too-long",
        Text(f"Tập quét «{name}» quá dài.", f"The scanned stack «{name}» is too long."),
        Text(f"Tập có hơn {scan_reader.PAGES} trang.", f"It has more than {scan_reader.PAGES} pages."),
    )


def _refused(code: str, what: Text, why: Text) -> Invalid:
    return Invalid(code, what, why, _KEEP, field="stack")
