"""The expression language of packages: what its own functions say, and what it refuses."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground.expressions import LENGTH_MAX, compiled, expressions_in, fill, holds, value

days = st.dates(date(1900, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("age('2008-02-29', '2026-02-28')", 17),
        ("age('2008-02-29', '2026-03-01')", 18),
        ("age(null, '2026-03-01')", None),
        ("days('2026-11-01', '2026-12-01')", 30),
        ("add_months('2026-01-31', `1`)", "2026-02-28"),
        ("add_months('2026-12-31', `-1`)", "2026-11-30"),
        ("add_years('2024-02-29', `1`)", "2025-02-28"),
        ("add_days('2026-12-31', `1`)", "2027-01-01"),
        ("add_working_days('2026-04-29', `1`)", "2026-05-04"),
        ("share(`1000001`, `1`, `2`)", 500001),
        ("times(add(`2`, `3`), `4`)", 20),
        ("pad(`7`, `5`)", "00007"),
        ("part('29A-12345', `0`, `3`)", "29A"),
        ("same_words('Nguyễn  Thị ánh', 'NGUYEN THI ANH')", True),
        ("search_key('Nguyễn  Thị ánh')", "anh nguyen thi"),
        ("said_date('2026-11-25T10:00:00+07:00')", "25/11/2026"),
        ("place_name('00070', '2026-11-25')", "Phường Hoàn Kiếm, Thành phố Hà Nội"),
        ("place_name('', '2026-11-25')", ""),
        ("before('2026-11-24', '2026-11-25')", True),
        ("before(null, '2026-11-25')", False),
    ],
)
def test_functions(expression: str, expected: Any) -> None:
    assert value(expression, {}) == expected


@given(days, days)
def test_age_grows_by_one_on_each_birthday(born: date, on: date) -> None:
    age = value("age(a, b)", {"a": born.isoformat(), "b": on.isoformat()})
    birthday = value("add_years(a, b)", {"a": born.isoformat(), "b": age})
    following = value("add_years(a, b)", {"a": born.isoformat(), "b": age + 1})
    leap = born.month == 2 and born.day == 29  # who is born on 29 February is a year older on 1 March
    assert birthday <= on.isoformat() or leap
    assert on.isoformat() < following or leap


@given(days, st.integers(-400, 400))
def test_months_there_and_back_lose_only_days_of_shorter_months(day: date, months: int) -> None:
    there = value("add_months(a, b)", {"a": day.isoformat(), "b": months})
    back = value("add_months(a, b)", {"a": there, "b": -months})
    assert back[:7] == day.isoformat()[:7]
    assert int(back[8:]) <= day.day


@pytest.mark.parametrize("wrong", ["a ==", "a[", "f(", "a" * (LENGTH_MAX + 1)])
def test_what_is_no_expression_is_refused_with_its_text(wrong: str) -> None:
    with pytest.raises(ValueError, match="expression"):
        compiled(wrong)


@pytest.mark.parametrize("wrong", ["!a.b", "x[?!c.d]", "merge(a, {b: !c.d})"])
def test_a_part_of_a_negation_is_refused_for_it_is_nothing(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"write !\(a\.b\)"):
        compiled(wrong)
    assert holds("!(a.b)", {"a": {"b": None}})


@pytest.mark.parametrize("wrong", ["age(`1`, `2`)", "open('x')", "add('1', `2`)"])
def test_a_function_says_what_it_does_not_take(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"open|age|add|Unknown|invalid"):
        value(wrong, {})


def test_a_template_is_filled_where_it_has_expressions_and_nowhere_else() -> None:
    template = {"a": "=x.y", "b": ["==kept", "plain", {"c": "=length(z)"}], "d": 7}
    assert fill(template, {"x": {"y": 1}, "z": [1, 2]}) == {"a": 1, "b": ["=kept", "plain", {"c": 2}], "d": 7}
    assert expressions_in(template) == ["x.y", "length(z)"]


def test_nothing_is_false() -> None:
    assert not holds("missing", {})
