"""Administrative units on each side of 1 July 2025."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import personal_number, units
from lienthong.ground.errors import NotFound
from lienthong.ground.units import TWO_TIERS_FROM, Kind

NOW = date(2026, 11, 22)
BEFORE = TWO_TIERS_FROM - timedelta(days=1)
OLD_CODES = st.sampled_from([unit.code for unit in units.provinces(BEFORE)])


def test_today_has_34_provinces_and_3321_communes() -> None:
    assert len(units.provinces(NOW)) == 34
    assert sum(unit.kind is Kind.CITY for unit in units.provinces(NOW)) >= 6
    assert len(units.communes(NOW)) == 3321
    assert sum(unit.kind is Kind.SPECIAL_ZONE for unit in units.communes(NOW)) == 13


def test_the_day_before_had_63_provinces_of_which_six_were_cities() -> None:
    assert len(units.provinces(BEFORE)) == 63
    assert sum(unit.kind is Kind.CITY for unit in units.provinces(BEFORE)) == 6
    assert len({unit.short.vi for unit in units.provinces(BEFORE)}) == 63
    assert units.communes(BEFORE) == ()


def test_every_province_of_today_came_from_one_or_more_of_the_63() -> None:
    assert {unit.successor for unit in units.provinces(BEFORE)} == {
        unit.code for unit in units.provinces(NOW)
    }


@pytest.mark.parametrize(
    ("code", "was", "became"),
    [
        ("02", "Tỉnh Hà Giang", "Tỉnh Tuyên Quang"),
        ("10", "Tỉnh Lào Cai", "Tỉnh Lào Cai"),
        ("27", "Tỉnh Bắc Ninh", "Bắc Ninh"),
        ("64", "Tỉnh Gia Lai", "Tỉnh Gia Lai"),
        ("77", "Tỉnh Bà Rịa - Vũng Tàu", "Thành phố Hồ Chí Minh"),
        ("87", "Tỉnh Đồng Tháp", "Tỉnh Đồng Tháp"),
        ("95", "Tỉnh Bạc Liêu", "Tỉnh Cà Mau"),
    ],
)
def test_an_old_province_leads_to_what_it_became(code: str, was: str, became: str) -> None:
    assert [unit.name.vi for unit in units.successors(code, BEFORE)] == [was]
    (now,) = units.successors(code, NOW)
    assert now.name.vi.endswith(became)


def test_hue_became_a_city_half_a_year_earlier() -> None:
    assert units.province("46", date(2024, 12, 31)).name.vi == "Tỉnh Thừa Thiên Huế"
    assert units.province("46", date(2025, 1, 1)).name.en == "Hue City"
    assert len(units.provinces(date(2025, 1, 1))) == len(units.provinces(date(2024, 12, 31))) == 63


def test_a_commune_is_named_in_both_languages_and_knows_its_province() -> None:
    ward = units.commune("00070", NOW)
    assert (ward.name.vi, ward.name.en) == ("Phường Hoàn Kiếm", "Hoan Kiem Ward")
    assert ward.kind.label.vi == "Phường"
    assert units.province(ward.province_code, NOW).name.vi == "Thành phố Hà Nội"
    assert units.successors("00070", NOW) == (ward,)


def test_the_communes_of_the_provinces_are_all_communes() -> None:
    by_province = [unit for above in units.provinces(NOW) for unit in units.communes(NOW, above.code)]
    assert sorted(unit.code for unit in by_province) == [unit.code for unit in units.communes(NOW)]
    assert units.communes(NOW, "99") == ()


def test_a_unit_that_did_not_exist_that_day_is_not_found() -> None:
    for code, on in [("02", NOW), ("99", BEFORE), ("01", date(2008, 7, 31))]:
        with pytest.raises(NotFound) as caught:
            units.province(code, on)
        assert caught.value.status == 404
    for code, on in [("00070", BEFORE), ("99999", NOW)]:
        with pytest.raises(NotFound):
            units.commune(code, on)
    with pytest.raises(NotFound):
        units.successors("03", NOW)


@given(OLD_CODES, st.dates(TWO_TIERS_FROM, date(2040, 1, 1)))
def test_every_old_province_has_one_successor_that_exists(code: str, on: date) -> None:
    (unit,) = units.successors(code, on)
    assert unit.exists(on)
    assert unit in units.provinces(on)
    assert units.successors(unit.code, on) == (unit,)


@given(OLD_CODES)
def test_every_province_begins_its_own_personal_numbers(code: str) -> None:
    assert units.province(code, BEFORE).number_code in personal_number.province_codes()


@given(st.dates(date(2008, 8, 1), date(2040, 1, 1)))
def test_no_code_stands_for_two_provinces_on_one_day(on: date) -> None:
    codes = [unit.code for unit in units.provinces(on)]
    assert len(codes) == len(set(codes)) == (34 if on >= TWO_TIERS_FROM else 63)
