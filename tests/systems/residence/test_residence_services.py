"""Permanent residence registered over the exchange, and what population hears of it."""

from datetime import date
from typing import Any

import pytest

from lienthong.blocks.exchange.services import call
from lienthong.ground.errors import Conflict, NotFound, Problem
from lienthong.systems.population import selectors as population
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.residence import selectors
from tests.jobs import run_jobs
from tests.systems.country import BA_DINH, HOAN_KIEM, ONESTOP_POLICE, Family

pytestmark = pytest.mark.django_db


def ask(service: str, body: dict[str, Any], **more: str) -> dict[str, Any]:
    given = {"client": ONESTOP_POLICE, "purpose": "permanent-residence", "case": "G01.26.12-261123-0001"}
    return call(f"residence/{service}/v1", body, **{**given, **more})


def entry(family: Family, **more: Any) -> dict[str, Any]:
    return {
        "person_number": family.mother,
        "full_name": "Nguyễn Thị Ánh",
        "unit": BA_DINH,
        "address": "3 phố Đội Cấn",
        "household": "HG-00004-0009",
        "relation": "head",
        "head_number": family.mother,
        "registered_on": "2026-11-23",
        "signer": {"code": "ca01", "name": "Phạm Văn Đức", "title": {"vi": "Trưởng Công an", "en": "Chief"}},
        **more,
    }


def test_a_child_in_its_parents_household_needs_nobodys_consent(family: Family) -> None:
    home = {"unit": HOAN_KIEM, "household": family.household}
    body = {
        "person_number": "001326000001",
        "address": family.address,
        "consents": False,
        "parents": [{"number": family.mother, **home}],
        **home,
    }
    assert ask("registrations-check", body) == {"problems": []}


def test_what_stands_against_a_registration_comes_back_with_its_field(family: Family) -> None:
    body = {
        "person_number": "001326000001",
        "unit": "99999",
        "address": " ",
        "household": "HG-9",
        "consents": False,
        "parents": [{"number": family.mother, "unit": HOAN_KIEM, "household": family.household}],
    }
    found = ask("registrations-check", body)["problems"]
    assert {row["code"]: row["field"] for row in found} == {
        "unit.unknown": "unit",
        "address-incomplete": "address",
        "not-where-parents-live": "unit",
        "consent-missing": "consents",
    }


def test_a_registration_has_a_number_and_moves_the_person_in_population(family: Family) -> None:
    answer = ask("registrations-enter", entry(family), officer="ca01")
    assert answer == {"registration_number": f"TT-01/2026/{BA_DINH}"}
    run_jobs()
    person = population.person_get(number=family.mother, on=date(2026, 11, 23))
    assert (person.unit, person.household, person.officer) == (BA_DINH, "HG-00004-0009", "ca01")
    before = population.person_get(number=family.mother, on=date(2026, 11, 22))
    assert before.unit == HOAN_KIEM


def test_the_same_place_is_not_registered_twice_and_takes_no_number(family: Family) -> None:
    ask("registrations-enter", entry(family))
    with pytest.raises(Conflict) as raised:
        ask("registrations-enter", entry(family))
    assert raised.value.code == "residence-registered-already"
    moved = ask("registrations-enter", entry(family, household="HG-00004-0010"))
    assert moved == {"registration_number": f"TT-02/2026/{BA_DINH}"}


def test_a_further_registration_takes_the_place_of_the_last_from_its_day_on(family: Family) -> None:
    ask("registrations-enter", entry(family))
    ask("registrations-enter", entry(family, unit=HOAN_KIEM, registered_on="2026-12-01"))
    homes = [
        selectors.registration_get(person_number=family.mother, on=day).unit
        for day in (date(2026, 11, 30), date(2026, 12, 1))
    ]
    assert homes == [BA_DINH, HOAN_KIEM]


def test_looking_up_a_residence_shows_up_for_the_person(family: Family) -> None:
    ask("registrations-enter", entry(family))
    seen = ask("registrations-get", {"person_number": family.mother})
    assert (seen["registration_number"], seen["address"]) == (f"TT-01/2026/{BA_DINH}", "3 phố Đội Cấn")
    run_jobs()
    [row] = AccessEntry.objects.filter(subject=family.mother)
    assert (row.holder, row.purpose) == ("VN/GOV/G01/residence", "permanent-residence")


def test_a_person_who_is_not_registered_is_said_to_be_unknown(family: Family) -> None:
    with pytest.raises(NotFound) as raised:
        ask("registrations-get", {"person_number": family.father})
    assert raised.value.code == "residence-unknown"


def ending(family: Family, **more: Any) -> dict[str, Any]:
    return {
        "person_number": family.mother,
        "full_name": "Nguyễn Thị Ánh",
        "unit": HOAN_KIEM,
        "address": family.address,
        "household": family.household,
        "ground": "death",
        "ended_on": "2026-11-23",
        "signer": {"code": "ca01", "name": "Phạm Văn Đức", "title": {"vi": "Trưởng Công an", "en": "Chief"}},
        **more,
    }


def test_a_cancelled_residence_ends_and_stays_readable_for_the_time_before(family: Family) -> None:
    ask("registrations-enter", entry(family, registered_on="2026-11-20"))
    answer = ask("registrations-end", ending(family), officer="ca01")
    assert answer == {"ending_number": f"XT-01/2026/{HOAN_KIEM}", "ended_on": "2026-11-23"}
    assert selectors.registration_find(person_number=family.mother, on=date(2026, 11, 23)) is None
    before = selectors.registration_get(person_number=family.mother, on=date(2026, 11, 22))
    assert before.unit == BA_DINH
    with pytest.raises(NotFound):
        ask("registrations-get", {"person_number": family.mother})


def test_a_home_from_before_this_database_is_cancelled_once(family: Family) -> None:
    assert ask("registrations-end", ending(family))["ending_number"].startswith("XT-01/")
    with pytest.raises(Conflict) as raised:
        ask("registrations-end", ending(family))
    assert raised.value.code == "residence-ended-already"
    other = ending(family, person_number=family.father)
    assert ask("registrations-end", other)["ending_number"].startswith("XT-02/")


def test_a_residence_does_not_end_in_the_future(family: Family) -> None:
    with pytest.raises(Problem) as raised:
        ask("registrations-end", ending(family, ended_on="2026-12-01"))
    assert raised.value.code == "ending-without-ground"
