"""Deaths registered over the exchange: one death per person, and what a death closes."""

import threading
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.selectors import record_is_intact
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lienthong.nation.examples import Example, example_begin, example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.civilstatus.models import BookSerial, Death
from lienthong.systems.eid import services as eid
from lienthong.systems.population import selectors as population
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.procedures.services import packages_publish
from lienthong.systems.residence.models import Ending
from tests.jobs import run_jobs
from tests.systems.civilstatus.test_civilstatus_services import registration
from tests.systems.country import (
    BA_DINH,
    HOAN_KIEM,
    ONESTOP,
    OTHER_COMMITTEE,
    Family,
    country_join,
    family_enter,
    subsystem,
)
from tests.systems.procedures.test_examples import PROCEDURES

pytestmark = pytest.mark.django_db

CASE = "H26.12-261123-0002"
TODAY = date(2026, 11, 23)


def ask(service: str, body: dict[str, Any], **more: str) -> dict[str, Any]:
    given = {"client": ONESTOP, "purpose": "death-registration", "case": CASE, "officer": "cb01", **more}
    return call(service if "/" in service else f"civilstatus/{service}/v1", body, **given)


def declaration(family: Family, **more: Any) -> dict[str, Any]:
    return {
        "deceased": ask("population/persons-get/v1", {"number": family.mother}),
        "death_date": "2026-11-20",
        "death_place": "Bệnh viện Bạch Mai",
        "cause": "Bệnh",
        "declarant": {"number": family.father, "relation": "spouse"},
        **more,
    }


def death(family: Family, unit: str = HOAN_KIEM, **more: Any) -> dict[str, Any]:
    signer = {"code": "cb09", "name": "Lê Minh Châu", "title": {"vi": "Phó Chủ tịch", "en": "Vice Chair"}}
    return {**declaration(family, **more), "registered_on": "2026-11-23", "unit": unit, "signer": signer}


def test_a_death_in_order_has_no_problem_and_is_on_time(family: Family) -> None:
    assert ask("deaths-check", declaration(family)) == {"problems": [], "on_time": True}


def test_problems_come_back_whole_with_the_field_that_they_are_about(family: Family) -> None:
    wrong = declaration(family, death_date="2026-11-24", deceased={"number": "001195999999"})
    answer = ask("deaths-check", wrong)
    assert {row["code"]: row["field"] for row in answer["problems"]} == {
        "death-in-future": "death_date",
        "deceased-unknown": "deceased.number",
    }
    said = [row[part] for row in answer["problems"] for part in ("what", "why", "next")]
    assert all(words["vi"] and words["en"] for words in said)


def test_a_registered_death_has_a_number_and_its_provenance_and_is_seen(family: Family) -> None:
    answer = ask("deaths-register", death(family))
    assert answer == {
        "certificate_number": f"01/2026/{HOAN_KIEM}",
        "book": f"TP/KT-2026/{HOAN_KIEM}",
        "registered_on": "2026-11-23",
    }
    row = Death.objects.get()
    assert (row.agency, row.case, row.officer, row.on_time) == ("H26.12", CASE, "cb01", True)
    assert record_is_intact(row)
    view = ask("deaths-get", {"person_number": family.mother})
    assert (view["full_name"], view["death_date"], view["state"]) == (
        "Nguyễn Thị Ánh",
        "2026-11-20",
        "in-force",
    )
    run_jobs()
    assert AccessEntry.objects.filter(service="civilstatus/deaths-get/v1").get().subject == family.mother


def test_deaths_and_births_are_counted_apart(family: Family) -> None:
    call(
        "civilstatus/births-register/v1",
        registration(family),
        client=ONESTOP,
        purpose="birth-registration",
        case=CASE,
        officer="cb01",
    )
    assert ask("deaths-register", death(family))["certificate_number"].startswith("01/")


def test_a_death_that_nobody_registered_is_not_found(family: Family) -> None:
    with pytest.raises(NotFound):
        ask("deaths-get", {"person_number": family.mother})


def test_population_has_the_person_as_dead_from_that_day_and_alive_before(family: Family) -> None:
    ask("deaths-register", death(family))
    run_jobs()
    dead = population.person_get(number=family.mother, on=TODAY)
    assert (dead.alive, dead.death_date, dead.case) == (False, date(2026, 11, 20), CASE)
    assert population.person_get(number=family.mother, on=date(2026, 11, 19)).alive
    household = ask("population/households-get/v1", {"member": family.father})
    assert [row["number"] for row in household["members"]] == [family.father]


def test_the_account_of_who_died_is_closed(family: Family, country: datetime) -> None:
    for number, name in ((family.mother, "Nguyễn Thị Ánh"), (family.father, "Trần Quốc Bảo")):
        new = eid.NewAccount(number, "person", name)
        eid.account_create(new=new, password="mot-mat-khau", totp="JBSWY3DPEHPK3PXP", at=country)
    ask("deaths-register", death(family))
    run_jobs()
    given = {"password": "mot-mat-khau", "kind": "person", "at": country}
    with pytest.raises(Forbidden) as raised:
        eid.password_check(subject=family.mother, **given)
    assert raised.value.code == "account-closed"
    with pytest.raises(Problem) as raised_wrong:
        eid.password_check(subject=family.mother, **{**given, "password": "sai"})
    assert raised_wrong.value.code == "sign-in-wrong"
    assert eid.password_check(subject=family.father, **given)


def test_a_second_death_is_refused_whatever_the_other_commune_knows(family: Family) -> None:
    before = death(family, unit=BA_DINH)  # asked while the person was alive
    ask("deaths-register", death(family))
    with pytest.raises(Conflict) as raised:
        ask("deaths-register", before, client=subsystem(OTHER_COMMITTEE))
    assert raised.value.code == "death-registered-already"
    assert f"01/2026/{HOAN_KIEM}" in raised.value.why.vi
    run_jobs()
    found = ask("deaths-check", declaration(family))["problems"]
    assert [row["code"] for row in found] == ["death-registered-already", "deceased-dead-already"]


def test_a_refused_registration_uses_up_no_number_and_tells_nobody(family: Family) -> None:
    with pytest.raises(Invalid):
        ask("deaths-register", death(family, death_date="2026-12-01"))
    run_jobs()
    assert population.person_get(number=family.mother, on=TODAY).alive
    assert ask("deaths-register", death(family))["certificate_number"].startswith("01/")


@pytest.mark.django_db(transaction=True)
def test_of_two_communes_at_once_one_registers_and_the_other_is_told(at: datetime) -> None:
    with transaction.atomic():
        country_join(at)
        family = family_enter(at)
    asked = [(ONESTOP, death(family)), (subsystem(OTHER_COMMITTEE), death(family, unit=BA_DINH))]
    start, results = threading.Barrier(2), []

    def declare(client: str, body: dict[str, Any]) -> None:
        start.wait()
        try:
            results.append(ask("deaths-register", body, client=client)["certificate_number"][:8])
        except Problem as problem:
            results.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=declare, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["01/2026/", "death-registered-already"]
    assert Death.objects.count() == 1
    assert sum(BookSerial.objects.values_list("last", flat=True)) == 1


def test_a_death_applied_for_closes_what_it_must_and_is_not_applied_for_again(country: datetime) -> None:
    packages_publish()
    examples = {example.name: example for example in examples_of(PROCEDURES / "9.000002")}
    stage = Stage(HOAN_KIEM, BA_DINH)
    played = example_play(examples["two"], stage)
    assert played.card
    who = Death.objects.get()
    person = ask("population/persons-get/v1", {"number": who.person_number})
    assert (person["alive"], person["death_date"]) == (False, "2026-11-20")
    assert Ending.objects.get().person_number == who.person_number
    answers = examples["two"].raw["answers"] | {"deceased": "number", "deceased_number": who.person_number}
    for procedure in ("9.000002", "1.000656"):
        fit = {name: value for name, value in answers.items() if procedure == "9.000002" or name != "further"}
        again, _ = example_begin(Example(procedure, "again", {"answers": fit}), stage)
        assert again.problem == "deceased-dead-already"


def test_one_death_has_one_open_application(country: datetime) -> None:
    packages_publish()
    examples = {example.name: example for example in examples_of(PROCEDURES / "9.000002")}
    stage = Stage(HOAN_KIEM, BA_DINH)
    played, context = example_begin(examples["two"], stage)
    assert played.number
    mother = context["mother"]["number"]
    answers = examples["two"].raw["answers"] | {"deceased": "number", "deceased_number": mother}
    again, _ = example_begin(Example("9.000002", "again", {"answers": answers}), stage)
    assert again.problem == "declared-already"
