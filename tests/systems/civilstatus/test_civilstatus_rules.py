"""When a birth may be registered: what holds for every declaration."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.systems.civilstatus import rules
from lienthong.systems.civilstatus.rules import Declaration, Parent

TODAY = date(2026, 11, 23)
BORN = date(2026, 11, 20)
MOTHER = Parent("001195000001", "Nguyễn Thị Ánh", date(1995, 3, 8), "female")
FATHER = Parent("001093000002", "Trần Quốc Bảo", date(1993, 5, 20), "male")
GOOD = Declaration("Trần Bảo An", BORN, MOTHER.number, "mother", MOTHER, FATHER)
DAYS = st.integers(-2000, 2000).map(lambda days: BORN + timedelta(days=days))


def codes(declared: Declaration, on: date = TODAY) -> list[str]:
    return [problem.code for problem in rules.births_check(declared, on=on)]


def test_a_declaration_in_order_has_no_problem() -> None:
    assert codes(GOOD) == []


@given(DAYS)
def test_a_birth_lies_in_the_future_exactly_after_the_day_of_registration(born: date) -> None:
    assert ("birth-in-future" in codes(replace(GOOD, birth_date=born))) == (born > TODAY)


@given(st.integers(-100, 200))
def test_sixty_days_from_the_birth_are_in_time(days: int) -> None:
    """Law on Civil Status, art. 15(1)."""
    assert rules.is_on_time(birth_date=BORN, on=BORN + timedelta(days=days)) == (0 <= days <= 60)


@given(DAYS)
def test_a_mother_lives_at_the_birth(died: date) -> None:
    dead = replace(MOTHER, alive=False, death_date=died)
    assert ("mother-dead" in codes(replace(GOOD, mother=dead))) == (died < BORN)


@given(DAYS)
def test_a_father_may_have_died_three_hundred_days_before(died: date) -> None:
    """Law on Marriage and Family, art. 88(1)."""
    dead = replace(FATHER, alive=False, death_date=died)
    assert ("father-dead" in codes(replace(GOOD, father=dead))) == (died < BORN - timedelta(days=300))


@pytest.mark.parametrize("role", ["mother", "father"])
def test_a_parent_who_died_nobody_knows_when_is_asked_about(role: str) -> None:
    parent = replace(getattr(GOOD, role), alive=False)
    [problem] = rules.births_check(replace(GOOD, **{role: parent}), on=TODAY)
    assert (problem.code, problem.field) == (f"{role}-dead", f"{role}.number")
    assert problem.status == 422


@pytest.mark.parametrize("role", ["mother", "father"])
def test_a_parent_whom_population_does_not_know_is_named_with_the_number(role: str) -> None:
    unknown = replace(GOOD, **{role: Parent(getattr(GOOD, role).number)})
    [problem] = rules.births_check(unknown, on=TODAY)
    assert problem.code == f"{role}-unknown"
    assert getattr(GOOD, role).number in problem.why.vi


@given(st.dates(date(1950, 1, 1), date(2026, 11, 20)))
def test_a_parent_is_at_least_twelve_at_the_birth(born: date) -> None:
    found = codes(replace(GOOD, mother=replace(MOTHER, birth_date=born)))
    assert ("mother-age" in found) == (born > date(2014, 11, 20))


def test_a_parent_has_the_sex_of_its_role() -> None:
    assert codes(replace(GOOD, mother=replace(MOTHER, sex="male"))) == ["mother-sex"]
    assert codes(replace(GOOD, father=replace(FATHER, sex="female"))) == ["father-sex"]


def test_a_birth_names_at_least_one_parent() -> None:
    alone = Declaration("Trần Bảo An", BORN, "001160000003", "guardian")
    assert codes(alone) == ["parents-missing"]
    assert codes(replace(alone, father=FATHER)) == []


@given(st.sampled_from(["mother", "father", "grandparent", "relative", "guardian", "other", "neighbour"]))
def test_relatives_declare_and_others_do_not(relation: str) -> None:
    """Law on Civil Status, art. 15(1)."""
    found = codes(replace(GOOD, relation=relation))
    assert ("declarant-no-right" in found) == (relation in {"other", "neighbour"})


@given(st.sampled_from(["mother", "father"]), st.sampled_from([MOTHER.number, FATHER.number, "001160000003"]))
def test_who_says_to_be_a_parent_is_that_parent(relation: str, number: str) -> None:
    found = codes(replace(GOOD, relation=relation, declarant=number))
    assert ("declarant-not-parent" in found) == (getattr(GOOD, relation).number != number)


@pytest.mark.parametrize("name", ["Trần 3", "", "Trần @n", "A" * 61])
def test_a_name_without_letters_only_is_refused_at_its_field(name: str) -> None:
    """Civil Code 2015, art. 26."""
    found = rules.births_check(replace(GOOD, full_name=name), on=TODAY)
    assert {problem.field for problem in found} == {"child.full_name"}


@given(st.sampled_from(["Trần Bảo An", "trần  bảo AN", "Trần Bảo Ân", "Trần An Bảo", "Trần Hoà", "Trần Hòa"]))
def test_only_case_spaces_and_the_place_of_a_tone_mark_leave_a_child_the_same(name: str) -> None:
    same = rules.child_guard(replace(GOOD, full_name=name)) == rules.child_guard(GOOD)
    assert same == (name.lower().split() == ["trần", "bảo", "an"])
    hoa = [rules.child_guard(replace(GOOD, full_name=each)) for each in ("Trần Hoà", "Trần Hòa")]
    assert hoa[0] == hoa[1]


def test_a_child_is_the_same_whichever_parent_declares_and_another_of_another_mother() -> None:
    by_father = replace(GOOD, declarant=FATHER.number, relation="father")
    assert rules.child_guard(by_father) == rules.child_guard(GOOD)
    other = replace(GOOD, mother=replace(MOTHER, number="001195000009"))
    assert rules.child_guard(other) != rules.child_guard(GOOD)
    nobody = replace(GOOD, mother=None, father=None)
    assert rules.child_guard(nobody) != rules.child_guard(replace(nobody, declarant=FATHER.number))


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(2016, 2100))
def test_certificate_numbers_differ_by_serial_year_and_commune(one: int, other: int, year: int) -> None:
    first = rules.certificate_number(serial=one, year=year, unit="00070")
    assert (first == rules.certificate_number(serial=other, year=year, unit="00070")) == (one == other)
    assert first != rules.certificate_number(serial=one, year=year + 1, unit="00070")
    assert first != rules.certificate_number(serial=one, year=year, unit="00004")


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_day_has_its_limits(on: date) -> None:
    assert rules.limits(on) in rules.LIMITS


FOREIGN = Parent(
    "", "Emma Louise Schmidt", date(1992, 4, 17), "female", True, None, "Đức", "Hộ chiếu số C01X00T47"
)


def test_a_foreign_mother_is_named_by_her_passport_beside_a_vietnamese_father() -> None:
    """Law on Civil Status, art. 35-36; at the commune since 1 July 2025 (Decree 120/2025/NĐ-CP)."""
    declared = replace(GOOD, mother=FOREIGN, declarant=FATHER.number, relation="father")
    assert codes(declared) == []
    assert FOREIGN.document in rules.child_guard(declared)


@pytest.mark.parametrize("missing", ["full_name", "nationality", "document"])
def test_a_foreign_mother_without_name_nationality_or_passport_is_asked_for_it(missing: str) -> None:
    declared = replace(
        GOOD, mother=replace(FOREIGN, **{missing: ""}), declarant=FATHER.number, relation="father"
    )
    assert codes(declared) == ["mother-document-missing"]


def test_two_foreign_parents_go_to_their_commune() -> None:
    """Law on Nationality 24/2008/QH12, art. 16(2) speaks of one Vietnamese parent."""
    father = replace(FOREIGN, sex="male", document="Hộ chiếu số C01X00T48")
    assert "parents-both-foreign" in codes(replace(GOOD, mother=FOREIGN, father=father))
