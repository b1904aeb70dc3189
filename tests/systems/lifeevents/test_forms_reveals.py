"""Which question of a page opens another: found by playing the packages' examples at the pages."""

from pathlib import Path

import pytest

from lienthong.blocks.casework.forms import form_of
from lienthong.blocks.casework.packages import package_read
from lienthong.systems.lifeevents.forms import page_form

PROCEDURES = Path(__file__).resolve().parents[3] / "content" / "procedures"
NOBODY = {"person": {}, "household": {"members": []}, "asked": {}}


def reveals(code: str, page: str, answers: dict[str, str]) -> dict[str, dict[str, str]]:
    """By question: which of its options opens which other."""
    spec = form_of(package_read(PROCEDURES / code).raw).page(page)
    assert spec is not None
    form = page_form(spec, answers=answers, known=NOBODY)
    return {name: getattr(field, "reveals", {}) for name, field in form.fields.items()}


@pytest.mark.parametrize("answers", [{}, {"case": "exchange"}, {"case": "exchange", "group": "car"}])
def test_a_question_that_hangs_on_an_earlier_page_is_not_hidden_below_itself(answers: dict[str, str]) -> None:
    """3.000346: which kind of licence is asked of whoever has one already."""
    assert reveals("3.000346", "group", answers) == {"group": {}}


def test_a_question_that_hangs_on_one_option_lies_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from lienthong.ground.text import Text
    from lienthong.systems.lifeevents import forms
    from lienthong.systems.lifeevents.rules import Option

    options = [Option(value, Text(value, value)) for value in ("number", "none")]
    monkeypatch.setitem(forms.SOURCES, "other_parents_or_foreign", lambda _answers, _known: options)
    expected = {"other_parent": {"number": "other_parent_number"}, "other_parent_number": {}}
    assert reveals("1.001193", "other-parent", {}) == expected
    assert reveals("1.001193", "other-parent", {"other_parent": "number"}) == expected
