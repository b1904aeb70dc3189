"""Who may register permanent residence where."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import units
from lienthong.systems.residence import rules
from lienthong.systems.residence.rules import Home, Wanted

TODAY = date(2026, 11, 23)
HOAN_KIEM, BA_DINH = "00070", "00004"
MOTHERS = Home(HOAN_KIEM, "HG-1")
GOOD = Wanted(HOAN_KIEM, "12 phố Hàng Trống", "HG-1", consents=False, parents=(MOTHERS,))
COMMUNES = [unit.code for unit in units.communes(TODAY)]
HOMES = st.builds(Home, st.sampled_from([HOAN_KIEM, BA_DINH]), st.sampled_from(["HG-1", "HG-2"]))
WANTED = st.builds(
    Wanted,
    st.sampled_from([HOAN_KIEM, BA_DINH]),
    st.just("12 phố Hàng Trống"),
    st.sampled_from(["HG-1", "HG-2"]),
    st.booleans(),
    st.lists(HOMES, max_size=2).map(tuple),
    st.none() | HOMES,
)


def codes(wanted: Wanted) -> set[str]:
    return {problem.code for problem in rules.registration_check(wanted, on=TODAY)}


def test_a_newborn_joins_its_mothers_household_without_further_ado() -> None:
    assert codes(GOOD) == set()


@given(WANTED)
def test_a_child_lives_in_the_commune_of_one_of_its_parents(wanted: Wanted) -> None:
    """Law on Residence, art. 12(1)."""
    elsewhere = bool(wanted.parents) and all(home.unit != wanted.unit for home in wanted.parents)
    assert ("not-where-parents-live" in codes(wanted)) == elsewhere


@given(WANTED)
def test_joining_anothers_household_needs_consent(wanted: Wanted) -> None:
    """Law on Residence, art. 20."""
    own = Home(wanted.unit, wanted.household) in wanted.parents
    assert ("consent-missing" in codes(wanted)) == (not own and not wanted.consents)


@given(WANTED)
def test_only_the_very_same_home_is_registered_already(wanted: Wanted) -> None:
    same = wanted.current == Home(wanted.unit, wanted.household)
    assert ("residence-registered-already" in codes(wanted)) == same


@given(st.sampled_from(COMMUNES))
def test_every_commune_of_today_is_known(unit: str) -> None:
    assert "unit.unknown" not in codes(replace(GOOD, unit=unit))


@given(st.text("0123456789", max_size=6))
def test_a_commune_that_does_not_exist_is_said_at_its_field(unit: str) -> None:
    found = rules.registration_check(replace(GOOD, unit=unit, parents=()), on=TODAY)
    unknown = [problem for problem in found if problem.code == "unit.unknown"]
    assert bool(unknown) == (unit not in COMMUNES)
    assert all(problem.field == "unit" for problem in unknown)


@given(st.integers(0, 300), st.sampled_from(["a", " "]))
def test_an_address_says_something_and_fits_the_register(length: int, letter: str) -> None:
    wanted = replace(GOOD, address=letter * length)
    assert ("address-incomplete" in codes(wanted)) == (letter == " " or length == 0 or length > 200)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_numbers_differ_as_their_serials_do(one: int, other: int) -> None:
    first, second = (
        rules.registration_number(serial=serial, year=2026, unit=HOAN_KIEM) for serial in (one, other)
    )
    assert (first == second) == (one == other)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_residence_is_cancelled_for_a_death_and_not_before_its_day(ended: date) -> None:
    """Law on Residence, art. 24(1)(a)."""
    today = date(2026, 11, 23)
    found = rules.ending_check(ground="death", ended_on=ended, on=today)
    assert [problem.code for problem in found] == (["ending-without-ground"] if ended > today else [])
    assert rules.ending_check(ground="holiday", ended_on=today, on=today)
