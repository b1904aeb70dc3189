"""The simulated nation: the same seed makes the same people, whose numbers, ages and homes hold together."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.blocks.registry import declared
from lienthong.ground import personal_number, units
from lienthong.nation import agencies
from lienthong.nation.organisations import SEEDS, enterprise_code
from lienthong.nation.people import Maker, communes, places

TODAY = date(2026, 11, 22)


def made(seed: int, people: int = 300) -> list:
    return list(Maker(seed=seed, today=TODAY).households(people))


def test_the_same_seed_makes_the_same_people_and_another_others() -> None:
    assert made(7) == made(7)
    assert made(7) != made(8)


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.integers(2, 200))
def test_people_are_as_many_as_asked_and_nobody_twice(seed: int, people: int) -> None:
    numbers = [member.number for household in made(seed, people) for member in household.members]
    assert len(numbers) == people
    assert len(set(numbers)) == people


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_every_number_agrees_with_birth_date_sex_and_place(seed: int) -> None:
    for household in made(seed, 100):
        for member in household.members:
            province = f"0{member.birth_province}"
            assert not personal_number.check(
                member.number, birth_date=member.birth_date, sex=member.sex, province_code=province
            )
            assert member.birth_date < TODAY


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_children_are_younger_than_their_parents_and_know_them(seed: int) -> None:
    for household in made(seed, 200):
        by_number = {member.number: member for member in household.members}
        for member in household.members:
            if member.relation == "child":
                for parent in (member.mother_number, member.father_number):
                    assert (member.birth_date - by_number[parent].birth_date).days > 20 * 365


def test_every_home_is_a_real_commune_of_today() -> None:
    for place in communes():
        commune = units.commune(place.commune, TODAY)
        assert commune.province_code == place.province


def test_the_first_household_is_a_couple_that_can_have_a_child() -> None:
    father, mother, *_ = made(2026)[0].members
    assert (father.sex, mother.sex) == ("male", "female")
    assert TODAY.year - mother.birth_date.year < 40


def test_each_commune_has_its_committee_and_police_and_each_province_its_social_security() -> None:
    seeds = list(agencies.agency_seeds())
    kinds = Counter(seed.kind for seed in seeds)
    assert kinds["commune-committee"] == kinds["commune-police"] == len(communes())
    assert kinds["social-security"] == len(places()["provinces"])
    assert len({seed.code for seed in seeds}) == len(seeds)


@pytest.mark.django_db
def test_a_whole_small_nation_is_made_once_and_can_sign_in() -> None:
    import contextlib

    from django.db import connection

    from lienthong.nation import build

    class Bar:
        def update(self, _count: int) -> None:
            """Nothing to show."""

    with connection.cursor() as cursor:  # the prepared country is not this nation
        cursor.execute("delete from registry_declaredrecord")
    assert not build.nation_exists()
    build.nation_make(people=60, seed=3, progress=lambda *_: contextlib.nullcontext(Bar()))
    assert build.nation_exists()
    text = build.sign_ins_text()
    assert build.cast().mother in text
    assert "H26.01-S01" in text
    claims = {"representatives": [{"number": build.cast().father}]}
    (headed,) = declared.declared_find(register="organisation", claims=claims, on=date(2026, 11, 26))
    assert headed.data["name"] == SEEDS[0][0]


@given(st.integers(0, 10**7 - 100))
def test_a_codes_last_digit_is_the_check_digit_of_the_first_nine(serial: int) -> None:
    code = enterprise_code(serial, "01")
    weighted = sum(int(a) * w for a, w in zip(code, (31, 29, 23, 19, 17, 13, 7, 5, 3), strict=False))
    assert len(code) == 10
    assert int(code[9]) == 10 - weighted % 11
