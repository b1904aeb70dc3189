"""When a death may be registered: what holds for every declaration."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.systems.civilstatus import rules
from lienthong.systems.civilstatus.rules import DeathDeclaration, Deceased

TODAY = date(2026, 11, 23)
BORN = date(1995, 3, 8)
DECEASED = Deceased("001195000001", "Nguyễn Thị Ánh", BORN)
GOOD = DeathDeclaration(DECEASED, date(2026, 11, 20), "Tại nhà", "Bệnh", "001093000002", "spouse")
DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))


def codes(declared: DeathDeclaration) -> list[str]:
    return [problem.code for problem in rules.death_check(declared, on=TODAY)]


def test_a_declaration_in_order_has_no_problem() -> None:
    assert codes(GOOD) == []


@given(DAYS)
def test_a_death_lies_between_birth_and_the_day_of_registration(died: date) -> None:
    found = codes(replace(GOOD, death_date=died))
    assert ("death-in-future" in found) == (died > TODAY)
    assert ("death-before-birth" in found) == (died < BORN)
    assert (found == []) == (BORN <= died <= TODAY)


@given(st.integers(-30, 60))
def test_fifteen_days_from_the_death_are_in_time(days: int) -> None:
    """Law on Civil Status, art. 33(1)."""
    died = date(2026, 11, 1)
    assert rules.death_is_on_time(death_date=died, on=died + timedelta(days=days)) == (0 <= days <= 15)


@given(st.none() | DAYS)
def test_who_is_dead_already_does_not_die_again(died: date | None) -> None:
    assert codes(replace(GOOD, deceased=replace(DECEASED, alive=False, death_date=died))) == [
        "deceased-dead-already"
    ]


def test_a_number_that_population_does_not_know_is_told_at_its_field() -> None:
    [problem] = rules.death_check(replace(GOOD, deceased=Deceased("001195999999")), on=TODAY)
    assert (problem.code, problem.field) == ("deceased-unknown", "deceased.number")


@pytest.mark.parametrize("relation", sorted(rules.DEATH_RELATIONS))
def test_relatives_and_representatives_declare(relation: str) -> None:
    assert codes(replace(GOOD, relation=relation)) == []


def test_others_do_not_and_nobody_declares_their_own_death() -> None:
    assert codes(replace(GOOD, relation="friend")) == ["declarant-no-right"]
    assert codes(replace(GOOD, declarant=DECEASED.number)) == ["declarant-is-deceased"]


def test_deaths_have_a_book_of_their_own() -> None:
    assert rules.book(year=2026, unit="00070", kind="KT") == "TP/KT-2026/00070"
    assert rules.book(year=2026, unit="00070") == "TP/KS-2026/00070"
