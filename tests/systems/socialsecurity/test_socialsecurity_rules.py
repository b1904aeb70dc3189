"""Cards of children under six: what holds for every birth date."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.systems.socialsecurity import rules

DATES = st.dates(date(2010, 1, 1), date(2040, 12, 31))
AGES = st.integers(-400, 3000)


@pytest.mark.parametrize(
    ("born", "until"),
    [
        (date(2020, 1, 31), date(2026, 9, 30)),
        (date(2020, 9, 30), date(2026, 9, 30)),
        (date(2020, 10, 1), date(2026, 10, 31)),
        (date(2020, 12, 31), date(2026, 12, 31)),
        (date(2020, 2, 29), date(2026, 9, 30)),
    ],
)
def test_a_card_ends_with_september_or_with_the_month_of_the_sixth_birthday(born: date, until: date) -> None:
    """Law on Health Insurance, art. 16(3); Decree 146/2018, art. 13(5)."""
    assert rules.card_of(birth_date=born, on=born).valid_to == until


@given(DATES)
def test_a_card_covers_every_day_until_the_child_is_six_and_at_most_until_school(born: date) -> None:
    card = rules.card_of(birth_date=born, on=born)
    six = rules.turns(born, 72)
    assert card.valid_from == born
    assert six <= card.valid_to <= date(six.year, 12, 31)
    assert card.valid_to >= date(six.year, 9, 30)
    assert card.valid_to.day == calendar.monthrange(card.valid_to.year, card.valid_to.month)[1]


@given(DATES, AGES)
def test_exactly_children_under_six_get_one(born: date, days: int) -> None:
    on = born + timedelta(days=days)
    found = {problem.code for problem in rules.cards_check(birth_date=born, on=on)}
    assert ("birth-in-future" in found) == (days < 0)
    assert ("not-under-six" in found) == (on >= rules.turns(born, 72))


@given(DATES, st.integers(0, 200), st.integers(0, 200))
def test_months_add_up_and_never_leave_the_month_that_they_reach(born: date, some: int, more: int) -> None:
    reached = rules.turns(born, some + more)
    months = (reached.year - born.year) * 12 + reached.month - born.month
    assert months == some + more
    assert reached.day <= born.day
    assert (reached.year, reached.month) == (
        (step := rules.turns(rules.turns(born, some), more)).year,
        step.month,
    )


def test_a_card_in_force_is_named() -> None:
    [problem] = rules.cards_check(birth_date=date(2026, 1, 1), on=date(2026, 2, 1), held="0123456789")
    assert problem.code == "card-issued-already"
    assert "0123456789" in problem.why.vi
    assert "0123456789" in problem.why.en


@given(st.integers(0, 10**10 - 1))
def test_a_card_number_has_ten_digits_and_says_its_serial(serial: int) -> None:
    number = rules.card_number(serial)
    assert len(number) == 10
    assert int(number) == serial


@pytest.mark.parametrize("serial", [-1, 10**10])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        rules.card_number(serial)


@given(DATES)
def test_every_day_has_its_rule(on: date) -> None:
    assert rules.child_cover(on) in rules.CHILD_COVER
