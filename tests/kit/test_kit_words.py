"""Tags and filters with words: both languages, escaping, short forms of options."""

from datetime import date, datetime
from typing import Any

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground.clock import VIETNAM
from lienthong.ground.text import Text
from lienthong.kit.components import render
from lienthong.kit.html import attributes, content
from lienthong.kit.language import speaking
from lienthong.kit.options import Options
from tests.kit.markup import normalised


def _said(source: str, language: str = "vi", **values: Any) -> str:
    with speaking(language):
        return engines["django"].from_string(source).render(values).strip()


def test_words_stand_in_place_in_both_languages() -> None:
    assert _said('{% t "Tiếp tục" "Continue" %}') == "Tiếp tục"
    assert _said('{% t "Tiếp tục" "Continue" %}', "en") == "Continue"
    assert _said("{% t x %}{{ x|say }}", "en", x=Text("Có", "Yes")) == "YesYes"
    assert _said("{{ x|say }}", "en", x={"vi": "Có", "en": "Yes"}) == "Yes"
    assert _said('{{ x|say:"en" }}', x=Text("Có", "Yes")) == "Yes"


def test_values_in_words_are_escaped() -> None:
    assert _said('{% t "Chào {name}" "Hello {name}" name=n %}', n="<An>") == "Chào &lt;An&gt;"
    assert _said("{% t x %}", x=Text("<b>", "<i>")) == "&lt;b&gt;"


def test_dates_and_money_are_written_as_the_language_does() -> None:
    moment = datetime(2026, 11, 22, 15, 0, tzinfo=VIETNAM)
    source = "{{ d|vn_date }} | {{ m|vn_datetime }} | {{ a|dong }}"
    values = {"d": date(2026, 11, 22), "m": moment, "a": 50_000}
    assert _said(source, **values) == "22/11/2026 | 15:00 ngày 22/11/2026 | 50.000 đồng"
    assert _said(source, "en", **values) == "22 November 2026 | 22 November 2026, 15:00 | VND 50,000"
    assert _said(source, d=None, m=None, a=None) == "|  |"


def test_a_context_with_its_own_language_speaks_it() -> None:
    letter = engines["django"].from_string('{% t "Thư" "Letter" %}')
    assert letter.render({"language": "en"}) == "Letter"
    with speaking("en"):
        assert letter.render({"language": "vi"}) == "Thư"


def test_block_tags_take_words_and_what_stands_between() -> None:
    html = _said('{% details "Vì sao?" "Why?" %}<p>{{ x }}</p>{% enddetails %}', "en", x="a&b")
    assert "Why?" in html
    assert "<p>a&amp;b</p>" in html
    legend = _said('{% fieldset "Con" "Child" heading=True %}x{% endfieldset %}')
    assert '<h1 class="govuk-fieldset__heading">Con</h1>' in legend


def test_a_button_may_be_a_link_or_secondary_and_sends_once() -> None:
    assert 'href="/x"' in _said('{% button "Đi" "Go" href="/x" kind="start" %}')
    secondary = _said('{% button "Lưu" "Save" kind="secondary" name="action" value="save" %}')
    assert "govuk-button govuk-button--secondary" in secondary
    assert 'data-prevent-double-click="true"' in secondary


def test_a_summary_row_offers_a_change_that_says_of_what() -> None:
    html = _said("{% summary_list rows %}", "en", rows=[(Text("Tên", "Name"), "An", "/name")])
    assert 'href="/name"' in html
    assert 'Change<span class="govuk-visually-hidden"> Name</span>' in html


def test_components_speak_vietnamese_where_their_own_words_are_used() -> None:
    assert "Quay lại" in render("back-link", {"href": "/"})
    assert "Lỗi:" in render("error-message", {"text": "sai"})
    assert "Lưu ý" in render("warning-text", {"text": "x"})
    assert "Trang sau" in render("pagination", {"next": {"href": "/2"}})
    assert "Đã xong" in render("notification-banner", {"type": "success", "text": "x"})


@given(st.text(), st.text(), st.text())
def test_no_text_that_is_given_becomes_markup(label: str, value: str, name: str) -> None:
    html = render("input", {"label": {"text": label}, "value": value, "name": name, "id": "x"})
    lines = normalised(html)
    assert sum(line.strip().startswith("<") for line in lines) == (3 if label else 2)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True), st.text(), max_size=4))
def test_attributes_are_read_back_as_they_were_given(given_attributes: dict[str, str]) -> None:
    (line,) = normalised(f"<br{attributes(given_attributes)}>")
    assert line == normalised(f"<br{attributes(dict(sorted(given_attributes.items())))}>")[0]
    assert line.count("=") >= len(given_attributes)


def test_an_option_that_is_not_given_is_none_even_under_a_methods_name() -> None:
    options = Options.of({"rows": [{"text": Text("Có", "Yes")}]}, "en")
    assert options["items"] is None
    assert options["rows"][0]["text"] == "Yes"
    assert content({"text": "<b>"}) == "&lt;b&gt;"
    assert content({"html": " <b>x</b> "}) == "<b>x</b>"


def test_an_unknown_component_is_an_error_of_the_programmer() -> None:
    from django.template import TemplateDoesNotExist

    with pytest.raises(TemplateDoesNotExist):
        render("carousel")
