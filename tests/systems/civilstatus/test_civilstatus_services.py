"""Births registered over the exchange, and what population hears of them."""

import threading
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.selectors import record_is_intact
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.systems.civilstatus import selectors
from lienthong.systems.civilstatus.models import Birth, BookSerial
from lienthong.systems.population import selectors as population
from lienthong.systems.population.models import AccessEntry
from tests.jobs import run_jobs
from tests.systems.country import BA_DINH, HOAN_KIEM, ONESTOP, Family, country_join, family_enter

pytestmark = pytest.mark.django_db

CASE = "H26.12-261123-0001"


def ask(service: str, body: dict[str, Any], **more: str) -> dict[str, Any]:
    given = {"client": ONESTOP, "purpose": "birth-registration", "case": CASE, "officer": "cb01", **more}
    return call(f"civilstatus/{service}/v1", body, **given)


def parent(number: str) -> dict[str, Any]:
    """As the asking office got it from population, with everything that it says."""
    return call(
        "population/persons-get/v1",
        {"number": number},
        client=ONESTOP,
        purpose="birth-registration",
        case=CASE,
    )


def declaration(family: Family, *, name: str = "Trần Bảo An", declarant: str = "mother") -> dict[str, Any]:
    return {
        "child": {
            "full_name": name,
            "sex": "female",
            "birth_date": "2026-11-20",
            "birth_unit": BA_DINH,
            "birth_place": "Bệnh viện Phụ sản Hà Nội",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "mother": parent(family.mother),
        "father": parent(family.father),
        "declarant": {"number": getattr(family, declarant), "relation": declarant},
    }


def registration(family: Family, number: str = "001326000001", **more: Any) -> dict[str, Any]:
    return {
        **declaration(family, **more),
        "child_number": number,
        "registered_on": "2026-11-23",
        "unit": HOAN_KIEM,
        "signer": {
            "code": "cb09",
            "name": "Lê Minh Châu",
            "title": {"vi": "Phó Chủ tịch", "en": "Vice Chair"},
        },
    }


def test_a_birth_in_order_has_no_problem_and_is_on_time(family: Family) -> None:
    assert ask("births-check", declaration(family)) == {"problems": [], "on_time": True}


def test_problems_come_back_whole_with_the_field_that_they_are_about(family: Family) -> None:
    wrong = declaration(family)
    wrong["child"]["birth_date"] = "2026-11-24"
    wrong["mother"] = {"number": "001195999999"}
    answer = ask("births-check", wrong)
    assert {row["code"]: row["field"] for row in answer["problems"]} == {
        "birth-in-future": "child.birth_date",
        "mother-unknown": "mother.number",
        "declarant-not-parent": "declarant.relation",
    }
    said = [row[part] for row in answer["problems"] for part in ("what", "why", "next")]
    assert all(words["vi"] and words["en"] for words in said)
    assert answer["on_time"] is False


def test_a_registered_birth_has_a_number_a_book_and_its_provenance(family: Family) -> None:
    answer = ask("births-register", registration(family))
    assert answer == {
        "certificate_number": f"01/2026/{HOAN_KIEM}",
        "book": f"TP/KS-2026/{HOAN_KIEM}",
        "registered_on": "2026-11-23",
    }
    row = selectors.birth_get(child_number="001326000001")
    assert (row.agency, row.case, row.officer) == ("H26.12", CASE, "cb01")
    assert (row.birth_province, row.on_time, row.mother_name) == ("01", True, "Nguyễn Thị Ánh")
    assert record_is_intact(row)


def test_population_enters_the_child_with_the_birth_as_provenance(family: Family) -> None:
    ask("births-register", registration(family))
    run_jobs()
    child = population.person_get(number="001326000001", on=date(2026, 11, 23))
    assert (child.full_name, child.mother_number, child.household) == ("Trần Bảo An", family.mother, "")
    assert (child.agency, child.case, child.officer) == ("H26.12", CASE, "cb01")
    assert child.message


def test_the_same_child_is_not_registered_twice_by_the_other_parent(family: Family) -> None:
    ask("births-register", registration(family))
    again = registration(family, "001326000002", name="trần bảo AN", declarant="father")
    with pytest.raises(Conflict) as raised:
        ask("births-register", again)
    assert raised.value.code == "birth-registered-already"
    assert f"01/2026/{HOAN_KIEM}" in raised.value.why.vi
    found = ask("births-check", declaration(family, declarant="father"))["problems"]
    assert [row["code"] for row in found] == ["birth-registered-already"]


def test_twins_with_names_that_differ_by_a_mark_get_following_numbers(family: Family) -> None:
    first = ask("births-register", registration(family))
    second = ask("births-register", registration(family, "001326000002", name="Trần Bảo Ân"))
    assert [row["certificate_number"][:2] for row in (first, second)] == ["01", "02"]


def test_a_refused_registration_uses_up_no_number_and_tells_nobody(family: Family) -> None:
    wrong = registration(family, "001226000001")
    with pytest.raises(Invalid) as raised:
        ask("births-register", wrong)
    assert raised.value.field == "child_number"
    with pytest.raises(Invalid):
        ask("births-register", registration(family, name="Trần 3"))
    assert ask("births-register", registration(family))["certificate_number"].startswith("01/")
    run_jobs()
    assert population.person_find(number="001226000001", on=date(2026, 11, 23)) is None


def test_the_same_message_registers_once(family: Family) -> None:
    once = {"message_id": "0193534f-3c00-7000-8000-000000000002"}
    body = registration(family)
    assert ask("births-register", body, **once) == ask("births-register", body, **once)
    assert Birth.objects.count() == 1


def test_a_number_belongs_to_one_birth(family: Family) -> None:
    ask("births-register", registration(family))
    with pytest.raises(Conflict):
        ask("births-register", registration(family, name="Trần Gia Hân"))


def test_a_correction_keeps_the_old_version_and_says_so(family: Family) -> None:
    number = ask("births-register", registration(family))["certificate_number"]
    ask(
        "births-correct",
        {"certificate_number": number, "reason": "Sai chữ đệm", "full_name": "Trần Gia An"},
    )
    seen = ask("births-get", {"certificate_number": number})
    assert (seen["full_name"], seen["state"], seen["reason"]) == ("Trần Gia An", "corrected", "Sai chữ đệm")
    history = selectors.birth_history(certificate_number=number)
    assert [row.full_name for row in history] == ["Trần Bảo An", "Trần Gia An"]
    assert all(record_is_intact(row) for row in history)
    ask("births-register", registration(family, "001326000002"))


def test_a_correction_cannot_make_two_births_of_one_child(family: Family) -> None:
    ask("births-register", registration(family))
    second = ask("births-register", registration(family, "001326000002", name="Trần Bảo Ân"))
    body = {"certificate_number": second["certificate_number"], "reason": "", "full_name": "Trần Bảo An"}
    with pytest.raises(Conflict) as raised:
        ask("births-correct", body)
    assert raised.value.code == "birth-registered-already"


def test_a_revoked_birth_is_shown_as_revoked_and_may_be_registered_anew(family: Family) -> None:
    number = ask("births-register", registration(family))["certificate_number"]
    ask("births-revoke", {"certificate_number": number, "reason": "Cấp nhầm"})
    assert ask("births-get", {"certificate_number": number})["state"] == "revoked"
    again = ask("births-register", registration(family))
    assert again["certificate_number"].startswith("02/")
    assert ask("births-get", {"child_number": "001326000001"})["state"] == "in-force"


@pytest.mark.parametrize("service", ["births-correct", "births-revoke"])
def test_what_is_not_in_the_register_is_not_changed(country: datetime, service: str) -> None:
    body = {"certificate_number": "99/2026/00070", "reason": "?"}
    with pytest.raises(NotFound):
        ask(service, body)


def test_reading_a_birth_shows_up_for_the_child_and_both_parents(family: Family) -> None:
    number = ask("births-register", registration(family))["certificate_number"]
    run_jobs()
    ask("births-get", {"certificate_number": number})
    run_jobs()
    seen = AccessEntry.objects.filter(service="civilstatus/births-get/v1").values_list("subject", flat=True)
    assert set(seen) == {"001326000001", family.mother, family.father}


def test_a_birth_is_asked_for_by_one_number(country: datetime) -> None:
    with pytest.raises(Problem) as raised:
        ask("births-get", {})
    assert raised.value.code == "body-invalid"
    with pytest.raises(NotFound):
        ask("births-get", {"child_number": "001326000009"})


@pytest.mark.django_db(transaction=True)
def test_of_two_parents_at_once_one_registers_and_the_other_is_told(at: datetime) -> None:
    with transaction.atomic():
        country_join(at)
        family = family_enter(at)
    bodies = [
        registration(family, "001326000001"),
        registration(family, "001326000002", declarant="father"),
    ]
    start, results = threading.Barrier(2), []

    def declare(body: dict[str, Any]) -> None:
        start.wait()
        try:
            results.append(ask("births-register", body)["certificate_number"])
        except Problem as problem:
            results.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=declare, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"01/2026/{HOAN_KIEM}", "birth-registered-already"]
    assert BookSerial.objects.get(unit=HOAN_KIEM, year=2026).last == 1
