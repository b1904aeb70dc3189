"""How a scanned stack falls into documents, and how pages are said and read. Pure: no Django, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

Document = TypeVar("Document", str, int)
"""A document, by its code or its place in a form."""
DIGITS: Final = 4
"""No stack has pages with longer numbers."""
SHEET: Final = "lienthong:document:"
"""What the code of a separating sheet begins with; the document's code follows."""


def sheet_of(code: str) -> str:
    """What is printed on the sheet that is laid before a document."""
    return f"{SHEET}{code}"


def parts_by_sheets(pages: Sequence[Mapping[str, Any]], documents: Collection[str]) -> dict[str, list[int]]:
    """The pages (from 1) of each document: those after its sheet and before the next; no sheet, no blank page.

    pages: as `scan_reader` prints them. Pages before the first sheet, or after one of another procedure, are
    nobody's. A document whose sheet comes twice has the pages of both.
    """
    found: dict[str, list[int]] = {}
    document = ""
    for place, page in enumerate(pages, 1):
        if page["sheet"].startswith(SHEET):
            document = page["sheet"].removeprefix(SHEET)
        elif document in documents and not page["blank"]:
            found.setdefault(document, []).append(place)
    return found


def sheets_found(pages: Sequence[Mapping[str, Any]]) -> int:
    """How many of the pages are separating sheets."""
    return sum(page["sheet"].startswith(SHEET) for page in pages)


def papers_of(pages: Sequence[Mapping[str, Any]]) -> set[int]:
    """The pages that carry something: no sheet, not blank."""
    return {
        place
        for place, page in enumerate(pages, 1)
        if not page["blank"] and not page["sheet"].startswith(SHEET)
    }


def pages_said(pages: Sequence[int]) -> str:
    """`1-3, 5` for 1, 2, 3, 5, in the order given; a run is told by its ends."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def pages_read(said: str, total: int) -> list[int] | None:
    """The pages that `1-3, 5` names, in that order; None where it cannot be read or names one that is not there."""
    found: list[int] = []
    for part in said.replace("–", "-").split(","):
        first, dash, last = part.strip().partition("-")
        first, last = first.strip(), last.strip() if dash else first.strip()
        if not (_is_number(first) and _is_number(last)) or not 1 <= int(first) <= int(last) <= total:
            return None
        found += range(int(first), int(last) + 1)
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def twice(parts: Mapping[Document, Sequence[int]]) -> dict[Document, list[int]]:
    """Of each document, the pages that it or an earlier one has already."""
    seen: set[int] = set()
    found: dict[Document, list[int]] = {}
    for code, pages in parts.items():
        for page in pages:
            if page in seen:
                found.setdefault(code, []).append(page)
            seen.add(page)
    return found
