"""Pages of questions from a package: what is asked, in which order, and what is wrong with an answer."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.forms import FieldKind, FieldSpec, FormSpec, form_of
from lienthong.blocks.casework.packages import package_read

CONTENT = Path(__file__).resolve().parents[3] / "content" / "procedures"
WORDS = {"vi": "Câu hỏi?", "en": "The question?"}


def spec() -> FormSpec:
    return form_of(package_read(CONTENT / "9.000001").raw)


def field(name: str) -> FieldSpec:
    page = spec().page_of(name)
    assert page is not None
    return next(item for item in page.fields if item.name == name)


def one(**schema: Any) -> FieldSpec:
    form = {
        "schema": {"required": ["x"], "properties": {"x": {"label": WORDS, **schema}}},
        "pages": [{"key": "x", "fields": ["x"]}],
    }
    return form_of({"form": form}).pages[0].fields[0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("child_name", FieldKind.TEXT),
        ("birth_date", FieldKind.DATE),
        ("sex", FieldKind.CHOICE),
        ("hospital", FieldKind.CHOICE),
        ("extracts", FieldKind.INTEGER),
        ("birth_notice", FieldKind.FILE),
    ],
)
def test_the_kind_of_a_question_follows_from_its_schema(name: str, kind: FieldKind) -> None:
    assert field(name).kind is kind


def test_every_question_of_the_birth_is_asked_in_both_languages_on_exactly_one_page() -> None:
    names = [item.name for page in spec().pages for item in page.fields]
    assert len(names) == len(set(names)) == 12
    assert all(item.label.vi and item.label.en for page in spec().pages for item in page.fields)


def test_a_package_without_a_form_has_no_pages() -> None:
    assert form_of({}).pages == ()
    assert form_of(package_read(CONTENT / "9.000000").raw).pages == ()


def test_a_conditional_question_is_asked_only_while_its_condition_holds() -> None:
    number = field("other_parent_number")
    assert number.is_asked({"other_parent": "number"})
    assert not number.is_asked({"other_parent": "none"})
    assert not number.is_asked({})


def test_pages_follow_one_another_and_end() -> None:
    keys = [page.key for page in spec().asked({})]
    walked = [keys[0]]
    while (page := spec().after(walked[-1], {})) is not None:
        walked.append(page.key)
    assert walked == keys
    assert spec().before(keys[0], {}) is None
    assert spec().before(keys[3], {}) == spec().page(keys[2])
    assert spec().after("nowhere", {}) is None


def test_a_page_of_which_nothing_is_asked_is_passed_over() -> None:
    properties = {
        "a": {"label": WORDS},
        "b": {"label": WORDS, "when": "answers.a == 'yes'"},
        "c": {"label": WORDS},
    }
    pages = [{"key": name, "fields": [name]} for name in properties]
    form = form_of({"form": {"schema": {"properties": properties}, "pages": pages}})
    no, yes = form.after("a", {"a": "no"}), form.after("a", {"a": "yes"})
    assert no is not None
    assert yes is not None
    assert (no.key, yes.key) == ("c", "b")


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "string", "minLength": 3}, "ab", "at least 3"),
        ({"type": "string", "maxLength": 3}, "abcd", "3 characters at most"),
        ({"type": "integer", "minimum": 0}, -1, "the least is 0"),
        ({"type": "integer", "maximum": 10}, 11, "the most is 10"),
        ({"type": "integer"}, "ten", "not in the right form"),
        ({"enum": ["a", "b"]}, "c", "one of the given options"),
        ({"type": "string", "format": "date"}, "2026-02-30", "no such date"),
        (
            {"type": "string", "pattern": "^[0-9]{12}$", "hint": {"vi": "12 chữ số", "en": "12 digits"}},
            "1",
            "12 digits",
        ),
    ],
)
def test_a_mistake_says_what_would_be_right(schema: dict[str, Any], value: Any, said: str) -> None:
    mistake = one(**schema).mistake(value)
    assert mistake is not None
    assert said in mistake.en
    assert mistake.vi != mistake.en


def test_a_required_question_must_be_answered_and_zero_is_an_answer() -> None:
    assert one(type="integer", minimum=0).mistake(None) is not None
    assert one(type="integer", minimum=0).mistake(0) is None
    assert field("birth_notice").mistake("") is None


@given(st.integers())
def test_exactly_the_numbers_within_the_limits_pass(value: int) -> None:
    assert (one(type="integer", minimum=0, maximum=10).mistake(value) is None) == (0 <= value <= 10)


@given(st.dates())
def test_every_date_of_the_calendar_passes(day: date) -> None:
    assert one(type="string", format="date").mistake(day.isoformat()) is None


@given(st.text(min_size=1, max_size=80))
def test_a_text_within_its_limits_passes_whatever_its_letters(text: str) -> None:
    assert (one(type="string", minLength=1, maxLength=60).mistake(text) is None) == (len(text) <= 60)
