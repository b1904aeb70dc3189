"""Numbers and claims: what holds for every person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import units
from lienthong.ground.errors import NotFound
from lienthong.ground.personal_number import PersonalNumber
from lienthong.systems.population import rules

TODAY = date(2026, 11, 23)
PROVINCES = [unit.code for unit in units.provinces(TODAY)]
NAMES = st.sampled_from(["Nguyễn Thị Ánh", "Trần Quốc Bảo", "Lê Hoà", "H'Hen Niê", "Đỗ Ân", "Đỗ An"])
DATES = st.dates(date(1900, 1, 1), TODAY)
SEXES = st.sampled_from(["male", "female"])
IDENTITIES = st.builds(rules.Identity, NAMES, DATES, SEXES)


@given(st.sampled_from(PROVINCES), SEXES, DATES, st.integers(0, 10**6 - 1))
def test_a_built_number_says_province_sex_year_and_serial(
    province: str, sex: str, born: date, serial: int
) -> None:
    number = PersonalNumber(
        rules.number_build(province=province, sex=sex, birth_date=born, serial=serial, on=TODAY)
    )
    assert number.province == f"0{province}"
    assert (number.sex, number.birth_year, number.serial) == (sex, born.year, serial)
    assert rules.newborn_problems(number=number, birth_date=born, sex=sex) == []


@given(st.sampled_from(PROVINCES), SEXES, DATES, DATES)
def test_a_number_of_another_year_or_sex_does_not_belong_to_a_newborn(
    province: str, sex: str, born: date, other: date
) -> None:
    number = rules.number_build(province=province, sex=sex, birth_date=born, serial=1, on=TODAY)
    another = "male" if sex == "female" else "female"
    wrong = {problem.code for problem in rules.newborn_problems(number=number, birth_date=other, sex=another)}
    assert "personal_number.sex" in wrong
    assert ("personal_number.birth_year" in wrong) == (born.year != other.year)


def test_there_are_no_numbers_for_a_province_that_is_gone() -> None:
    with pytest.raises(NotFound):
        rules.number_build(province="02", sex="male", birth_date=TODAY, serial=1, on=TODAY)


@given(IDENTITIES)
def test_what_is_registered_matches_and_so_does_claiming_nothing(known: rules.Identity) -> None:
    assert rules.claim_matches(known, rules.Claimed())
    assert rules.claim_matches(known, rules.Claimed(known.full_name.upper(), known.birth_date, known.sex))


@given(IDENTITIES, IDENTITIES)
def test_a_claim_matches_only_when_each_part_of_it_does(known: rules.Identity, other: rules.Identity) -> None:
    claimed = rules.Claimed(other.full_name, other.birth_date, other.sex)
    assert rules.claim_matches(known, claimed) == (known == other)


def test_the_place_of_a_tone_mark_is_no_difference_and_the_mark_is_one() -> None:
    known = rules.Identity("Lê Hoà", TODAY, "male")
    assert rules.claim_matches(known, rules.Claimed("Lê Hòa"))
    assert not rules.claim_matches(known, rules.Claimed("Lê Hoa"))


@given(st.text(max_size=8))
def test_the_head_is_listed_before_everybody_else(relation: str) -> None:
    assert rules.relation_rank("head") <= rules.relation_rank(relation)
