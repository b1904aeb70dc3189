"""Windows of a month's report, and definitions that are checked whole."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.insight.definitions import indicators
from lienthong.blocks.insight.rules import SECTIONS, Window, month_before, month_parse, rounded, span_of
from lienthong.ground.clock import VIETNAM

months = st.dates(date(2020, 1, 1), date(2040, 12, 31)).map(lambda day: day.replace(day=1))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2041, 1, 1)).map(lambda m: m.replace(tzinfo=VIETNAM))


@given(months, moments, st.sampled_from(Window))
def test_a_window_ends_at_the_months_end_or_when_the_facts_were_closed(
    month: date, as_of: datetime, window: Window
) -> None:
    span = span_of(window, month=month, as_of=as_of)
    following = datetime(*month_before(month, -1).timetuple()[:3], tzinfo=VIETNAM)
    assert span.end <= following or span.end == span.start
    if span.start is not None:
        assert span.start <= span.end
        assert span.start.date() <= month
    assert span.days() >= 1


@given(months, st.integers(0, 200))
def test_months_before_and_after_cancel_out(month: date, count: int) -> None:
    assert month_before(month_before(month, count), -count) == month


def test_a_half_year_starts_in_january_or_july() -> None:
    late = datetime(2026, 12, 31, tzinfo=VIETNAM)
    assert span_of(Window.HALF_YEAR, month=date(2026, 6, 1), as_of=late).label() == "2026-01-01/2026-06-30"
    assert span_of(Window.HALF_YEAR, month=date(2026, 7, 1), as_of=late).label() == "2026-07-01/2026-07-31"
    assert span_of(Window.TO_DATE, month=date(2026, 7, 1), as_of=late).label() == "../2026-07-31"


@pytest.mark.parametrize("month", ["2026", "11-2026", "2026-13", "2026-11-01", "tháng 11"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        month_parse(month)


@given(st.floats(0, 1e12))
def test_a_rounded_figure_is_within_half_a_hundredth(value: float) -> None:
    assert abs(rounded(value) - value) <= 0.005 + value * 1e-12


def test_every_section_has_figures_and_every_figure_both_languages() -> None:
    found = indicators().values()
    assert {row.section for row in found} == set(SECTIONS)
    for row in found:
        assert row.title.vi
        assert row.title.en
        assert row.unit.vi
        assert row.legal_basis


MISTAKES = {
    "a measure that is none": "{view: dossiers, measure: guess, window: month}",
    "a share of what": "{view: dossiers, measure: share, window: month}",
    "a sum of no column": "{view: payments, measure: sum, window: month}",
    "no view": "{measure: count, window: month}",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_definition_names_the_file_and_the_indicator(mistake: str, tmp_path: Path) -> None:
    (tmp_path / "5-x.yaml").write_text(
        "section: 5\nindicators:\n  - id: a.b\n    title: {vi: a, en: a}\n    unit: {vi: a, en: a}\n"
        "    system: onestop\n    owner: G22\n    legal_basis: x\n    formula: " + MISTAKES[mistake] + "\n"
    )
    with pytest.raises(ValueError, match=r"5-x\.yaml: a\.b"):
        indicators(tmp_path)


def test_the_same_indicator_twice_is_refused(tmp_path: Path) -> None:
    row = "  - {id: a.b, title: {vi: a, en: a}, unit: {vi: a, en: a}, system: s, owner: o, legal_basis: x}\n"
    (tmp_path / "1.yaml").write_text(f"section: 1\nindicators:\n{row}{row}")
    with pytest.raises(ValueError, match="twice"):
        indicators(tmp_path)


def test_a_day_is_the_least_that_a_mean_is_taken_over() -> None:
    start = datetime(2026, 11, 1, tzinfo=VIETNAM)
    span = span_of(Window.MONTH, month=date(2026, 11, 1), as_of=start + timedelta(hours=5))
    assert span.days() == 1
