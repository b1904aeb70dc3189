"""How a scanned stack falls into documents: whatever the pages are, and whatever is typed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lienthong.systems.lifeevents.scan_rules import (
    pages_read,
    pages_said,
    papers_of,
    parts_by_sheets,
    sheet_of,
    twice,
)

TOTAL = 40
CODES = ["home", "business"]
SHEETS = st.sampled_from(
    ["", *(sheet_of(code) for code in [*CODES, "another"]), "https://lienthong.example/x"]
)
STACKS = st.lists(st.fixed_dictionaries({"sheet": SHEETS, "blank": st.booleans()}), max_size=TOTAL)


def page(sheet: str = "", *, blank: bool = False) -> dict[str, Any]:
    return {"sheet": sheet, "blank": blank}


def test_pages_go_to_the_sheet_before_them() -> None:
    home, business, other = (sheet_of(code) for code in [*CODES, "another"])
    stack = [page(), page(home), page(), page(blank=True), page("https://x"), page(other), page()]
    stack += [page(business), page(), page(home), page()]
    assert parts_by_sheets(stack, CODES) == {"home": [3, 5, 11], "business": [9]}
    assert papers_of(stack) == {1, 3, 5, 7, 9, 11}


@given(STACKS)
def test_no_page_has_two_documents_and_none_is_blank_or_a_sheet(stack: list[dict[str, Any]]) -> None:
    parts = parts_by_sheets(stack, CODES)
    pages = [place for part in parts.values() for place in part]
    assert len(pages) == len(set(pages))
    assert set(pages) <= papers_of(stack)
    assert set(parts) <= set(CODES)
    assert not twice(parts)


@given(st.lists(st.integers(1, TOTAL), min_size=1, max_size=TOTAL))
def test_pages_that_are_said_are_read_as_they_were(pages: list[int]) -> None:
    assert pages_read(pages_said(pages), TOTAL) == pages


@given(st.text(alphabet="0123456789-–, ٣x", max_size=20), st.integers(1, TOTAL))
def test_whatever_is_typed_names_pages_that_are_there_or_nothing(said: str, total: int) -> None:
    read = pages_read(said, total)
    assert read is None or (read and all(1 <= place <= total for place in read))


def test_what_cannot_be_pages_is_not_read() -> None:
    for said in ("", "0", "3-2", "1-", "-2", "41", "1;2", "1-2-3", "٣"):
        assert pages_read(said, TOTAL) is None, said
    assert pages_read(" 2 – 4 ,7", TOTAL) == [2, 3, 4, 7]


def test_a_page_of_two_documents_is_told_at_the_second() -> None:
    assert twice({"a": [1, 2], "b": [2, 3], "c": [3, 3]}) == {"b": [2], "c": [3, 3]}
