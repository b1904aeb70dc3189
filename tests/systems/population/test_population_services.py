"""Persons, households and numbers, asked over the exchange."""

from datetime import date, datetime

import pytest
from django.db import ProgrammingError, transaction

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.registry.selectors import record_is_intact
from lienthong.ground import personal_number
from lienthong.ground.errors import Forbidden, NotFound, Problem
from lienthong.systems.population import selectors, services
from lienthong.systems.population.models import AccessEntry, NumberAllocation
from tests.jobs import run_jobs
from tests.systems.country import LIFEEVENTS, ONESTOP, Family

pytestmark = pytest.mark.django_db

BORN = date(2026, 11, 20)
WANTED = {"birth_date": "2026-11-20", "sex": "female", "province": "01", "full_name": "Trần Bảo An"}
OFFICE = Provenance("H26.12", "H26.12-261123-0001", "m1", "cb01")


def ask(service: str, body: dict[str, object], **more: str) -> dict[str, object]:
    given = {"client": ONESTOP, "purpose": "birth-registration", "case": "H26.12-261123-0001", **more}
    return call(f"population/{service}/v1", body, **given)


def test_a_person_is_looked_up_with_all_that_the_register_knows(family: Family) -> None:
    answer = ask("persons-get", {"number": family.mother})
    assert answer["full_name"] == "Nguyễn Thị Ánh"
    assert answer["birth_date"] == "1995-03-08"
    assert (answer["unit"], answer["household"], answer["alive"]) == ("00070", family.household, True)


def test_an_unknown_number_is_said_to_be_unknown_in_both_languages(family: Family) -> None:
    with pytest.raises(NotFound) as raised:
        ask("persons-get", {"number": "001195999999"})
    assert raised.value.code == "person-unknown"
    assert raised.value.field == "number"
    assert "12 số" in raised.value.next_step.vi
    assert "12 digits" in raised.value.next_step.en


def test_each_reading_shows_up_for_the_person_with_purpose_and_case_and_only_once(family: Family) -> None:
    ask("persons-get", {"number": family.mother}, officer="cb01")
    run_jobs()
    run_jobs()
    [entry] = AccessEntry.objects.filter(subject=family.mother)
    assert (entry.reader, entry.service) == (ONESTOP, "population/persons-get/v1")
    assert (entry.purpose, entry.case, entry.officer) == ("birth-registration", "H26.12-261123-0001", "cb01")
    assert "ngày sinh" in entry.what_vi
    assert "date of birth" in entry.what_en


def test_a_household_lists_its_head_first_and_every_member_sees_the_reading(family: Family) -> None:
    answer = ask("households-get", {"member": family.mother})
    assert answer["head"] == family.father
    assert [member["relation"] for member in answer["members"]] == ["head", "spouse"]
    run_jobs()
    assert AccessEntry.objects.filter(subject=family.father).count() == 1


def test_a_person_without_residence_has_no_household(family: Family, country: datetime) -> None:
    child = newborn(country)
    with pytest.raises(NotFound) as raised:
        ask("households-get", {"member": child})
    assert raised.value.code == "household-unknown"


@pytest.mark.parametrize(
    ("claim", "matches"),
    [
        ({}, True),
        ({"full_name": "nguyễn thị ánh"}, True),
        ({"full_name": "Nguyễn Thị Anh"}, False),
        ({"full_name": "Nguyễn Thị Ánh", "birth_date": "1995-03-08", "sex": "female"}, True),
        ({"birth_date": "1995-03-09"}, False),
        ({"sex": "male"}, False),
    ],
)
def test_verify_says_yes_or_no_and_nothing_more(
    family: Family, claim: dict[str, object], matches: bool
) -> None:
    answer = ask("persons-verify", {"number": family.mother, **claim})
    assert answer == {"exists": True, "alive": True, "matches": matches}


def test_verifying_nobody_tells_nobody(family: Family) -> None:
    answer = ask("persons-verify", {"number": "001195999999"})
    assert answer == {"exists": False, "alive": False, "matches": False}
    assert run_jobs() == 0


def test_nobody_reads_without_an_agreement_for_the_purpose(family: Family) -> None:
    with pytest.raises(Forbidden) as raised:
        ask("persons-get", {"number": family.mother}, purpose="fee-collection")
    assert raised.value.code == "no-agreement"
    assert run_jobs() == 0


def test_a_number_agrees_with_birth_date_sex_and_place_and_keeps_case_message_and_officer(
    country: datetime,
) -> None:
    answer = ask("numbers-allocate", dict(WANTED), officer="cb01")
    number = str(answer["number"])
    assert not personal_number.check(number, birth_date=BORN, sex="female", province_code="001")
    row = NumberAllocation.objects.get(number=number)
    assert (row.case, row.officer, row.agency) == ("H26.12-261123-0001", "cb01", "H26.12")
    assert row.message_id


def test_the_same_message_gets_the_same_number(country: datetime) -> None:
    asked = {"message_id": "0193534f-3c00-7000-8000-000000000001"}
    first = ask("numbers-allocate", dict(WANTED), **asked)
    assert ask("numbers-allocate", dict(WANTED), **asked) == first
    assert NumberAllocation.objects.count() == 1


def allocate(at: datetime, draws: list[int]) -> str:
    waiting = iter(draws)
    return services.number_allocate(
        birth_date=BORN,
        sex="female",
        province="01",
        provenance=OFFICE,
        at=at,
        draw=lambda _: next(waiting, 7),
    )


def test_a_number_that_was_given_is_not_given_again(country: datetime) -> None:
    first = allocate(country, [42])
    second = allocate(country, [42, 42, 43])
    assert (first[-6:], second[-6:]) == ("000042", "000043")


def test_a_number_that_a_person_has_is_not_given(country: datetime) -> None:
    taken = newborn(country)
    serial = int(taken[-6:])
    assert int(allocate(country, [serial, serial + 1])[-6:]) == serial + 1


def test_numbers_that_run_out_are_a_problem_and_not_a_loop(country: datetime) -> None:
    allocate(country, [7])
    with pytest.raises(Problem) as raised:
        allocate(country, [])
    assert (raised.value.code, raised.value.status) == ("numbers-exhausted", 503)


def newborn(at: datetime, number: str = "001326000123") -> str:
    services.person_enter_newborn(
        number=number,
        full_name="Trần  Bảo An",
        sex="female",
        birth_date=BORN,
        birth_province="01",
        nationality="Việt Nam",
        ethnicity="Kinh",
        mother_number="001195000001",
        father_number="",
        provenance=OFFICE,
        at=at,
    )
    return number


def test_a_newborn_enters_with_its_birth_as_provenance(country: datetime) -> None:
    [version] = selectors.person_history(number=newborn(country))
    assert version.full_name == "Trần Bảo An"
    assert version.provenance() == OFFICE
    assert version.valid.lower == BORN
    assert record_is_intact(version)


def test_a_number_that_says_another_sex_is_refused(country: datetime) -> None:
    with pytest.raises(Problem) as raised:
        newborn(country, "001226000123")
    assert raised.value.code == "personal_number.sex"
    assert raised.value.field == "child_number"


def test_a_move_keeps_the_former_home_readable_and_opens_an_unknown_household(country: datetime) -> None:
    number = newborn(country)
    for unit, household, day in (("00070", "HG-1", 23), ("00004", "HG-2", 25)):
        services.person_move(
            number=number,
            unit=unit,
            address="12 phố Hàng Trống",
            household=household,
            relation="head",
            from_date=date(2026, 11, day),
            provenance=OFFICE,
            at=country,
        )
    homes = {
        day: selectors.person_get(number=number, on=date(2026, 11, day)).unit for day in (20, 22, 23, 24, 25)
    }
    assert homes == {20: "", 22: "", 23: "00070", 24: "00070", 25: "00004"}
    card = selectors.household_of(member=number, on=date(2026, 11, 25))
    assert (card.household, card.head, [m.key for m in card.members]) == ("HG-2", number, [number])
    assert all(record_is_intact(version) for version in selectors.person_history(number=number))


def test_the_access_log_cannot_be_changed_or_shortened(family: Family) -> None:
    ask("persons-get", {"number": family.mother}, client=LIFEEVENTS, purpose="own-data")
    run_jobs()
    entries = AccessEntry.objects.all()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        entries.update(purpose="sign-in")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        entries.delete()
    assert entries.count() == 1


def test_a_death_told_after_a_move_marks_the_home_that_is_in_force(family: Family, country: datetime) -> None:
    services.person_move(
        number=family.mother,
        unit="00004",
        address="3 phố Đội Cấn",
        household="HG-00004-0009",
        relation="head",
        from_date=date(2026, 11, 22),
        provenance=OFFICE,
        at=country,
    )
    services.person_die(number=family.mother, death_date=date(2026, 11, 20), provenance=OFFICE, at=country)
    dead = selectors.person_get(number=family.mother, on=date(2026, 11, 23))
    assert (dead.alive, dead.death_date, dead.unit) == (False, date(2026, 11, 20), "00004")
    assert all(record_is_intact(row) for row in selectors.person_history(number=family.mother))
