"""Personal identification numbers: their parts, and whether they agree with the person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import personal_number
from lienthong.ground.errors import Invalid
from lienthong.ground.personal_number import PersonalNumber

PROVINCES = st.sampled_from(sorted(personal_number.province_codes()))
SEXES = st.sampled_from(["male", "female"])
DAYS = st.dates(date(1900, 1, 1), date(2399, 12, 31))
SERIALS = st.integers(0, 999_999)


@pytest.mark.parametrize(
    ("number", "sex", "year"),
    [
        ("001099000001", "male", 1999),
        ("001199000001", "female", 1999),
        ("079226000001", "male", 2026),
        ("079326000001", "female", 2026),
        ("096905000001", "female", 2305),
    ],
)
def test_century_sex_and_year_are_read_from_the_number(number: str, sex: str, year: int) -> None:
    known = PersonalNumber.parse(number)
    assert (known.sex, known.birth_year) == (sex, year)


def test_a_number_is_written_into_json_and_tables_as_its_digits() -> None:
    number = personal_number.build("001", "female", date(2026, 11, 20), 42)
    assert number == "001326000042"
    assert isinstance(number, str)
    assert number.province_code == number.province == "001"


def test_spaces_as_on_a_card_are_read_over() -> None:
    assert personal_number.parse(" 001 326 000 042 ") == "001326000042"


def test_a_number_of_a_country_is_a_birth_registered_abroad() -> None:
    assert PersonalNumber("124326000042").born_abroad
    assert not PersonalNumber("001326000042").born_abroad


@pytest.mark.parametrize(
    "number", ["", "123456789", "00132600004", "0013260000421", "00132600004x", "٠٠١٣٢٦٠٠٠٠٤٢"]
)
def test_anything_but_twelve_digits_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as caught:
        PersonalNumber(number)
    assert caught.value.code == "personal_number.form"


@pytest.mark.parametrize("number", ["000099000001", "003099000001", "097099000001"])
def test_a_code_that_no_province_ever_had_is_refused(number: str) -> None:
    (problem,) = personal_number.check(number, field="mother_number")
    assert problem.code == "personal_number.province"
    assert problem.field == "mother_number"


def test_each_disagreement_with_the_person_is_named() -> None:
    problems = personal_number.check(
        "001326000042", birth_date=date(2025, 1, 1), sex="male", province_code="079"
    )
    assert [problem.code for problem in problems] == [
        "personal_number.birth_year",
        "personal_number.sex",
        "personal_number.place",
    ]


def test_the_same_year_of_another_century_disagrees() -> None:
    (problem,) = personal_number.check("001126000042", birth_date=date(2026, 1, 1))
    assert "1926" in problem.why.vi


@pytest.mark.parametrize(
    ("sex", "born", "serial"),
    [("other", date(2026, 1, 1), 0), ("male", date(1899, 1, 1), 0), ("male", date(2026, 1, 1), 10**6)],
)
def test_a_number_is_not_built_of_impossible_parts(sex: str, born: date, serial: int) -> None:
    with pytest.raises(ValueError, match=r"no number|six digits"):
        personal_number.build("001", sex, born, serial)


@given(PROVINCES, SEXES, DAYS, SERIALS)
def test_a_built_number_says_what_it_was_built_of(province: str, sex: str, born: date, serial: int) -> None:
    number = personal_number.build(province, sex, born, serial)
    assert (number.province, number.sex, number.birth_year, number.serial) == (
        province,
        sex,
        born.year,
        serial,
    )
    assert PersonalNumber(str(number)) == number
    assert personal_number.check(number, birth_date=born, sex=sex, province_code=province) == []


@given(st.text(max_size=14) | st.integers(0, 10**13).map(str))
def test_any_text_is_a_number_or_a_problem_never_a_crash(text: str) -> None:
    problems = personal_number.check(text)
    assert len(problems) <= 1
    if not problems:
        assert len(PersonalNumber(text)) == 12
