"""Declared registers on the exchange: who may ask for what, rules before and at the writing, numbers, history."""

from datetime import date, datetime
from typing import Any

import pytest

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry import declared
from lienthong.ground import clock
from lienthong.ground.errors import Forbidden, Invalid, NotFound
from lienthong.systems.population.models import AccessEntry
from tests.jobs import run_jobs
from tests.systems.country import BA_DINH, LIFEEVENTS, ONESTOP_POLICE, Family, subsystem

pytestmark = pytest.mark.django_db

KEEPER = subsystem("G01", "registers")
SIGNER = {"code": "G01.26.12-S01", "name": "Lê Văn Cường", "title": {"vi": "Phó Trưởng", "en": "Deputy"}}


def stay(family: Family, **changes: Any) -> dict[str, Any]:
    return {
        "person_number": family.father,
        "full_name": "Trần Quốc Bảo",
        "unit": BA_DINH,
        "address": "số 5 phố Kim Mã",
        "from": "2026-11-23",
        "until": "2027-11-23",
        "reason": "work",
    } | changes


def ask(service: str, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"client": ONESTOP_POLICE, "provider": KEEPER, "purpose": "temporary-residence"} | changes
    return call(f"registers/{service}/v1", {"register_code": "temporary-residence", **body}, **given)


def enter(family: Family, **changes: Any) -> dict[str, Any]:
    return ask(
        "records-enter", {"data": stay(family, **changes), "valid_from": "2026-11-23", "signer": SIGNER}
    )


def test_a_record_gets_the_next_number_of_its_series_and_ends_when_it_says(family: Family) -> None:
    first = enter(family)
    second = enter(family, person_number=family.mother)
    assert [first["key"], second["key"]] == ["0001/2026/TT-00004", "0002/2026/TT-00004"]
    assert first["valid_to"] == "2027-11-23"
    assert (
        declared.declared_get(register="temporary-residence", key=first["key"], on=date(2027, 11, 23)) is None
    )


def test_a_rule_is_told_before_and_held_at_the_writing(family: Family) -> None:
    short = stay(family, until="2026-12-01")
    (problem,) = ask("records-check", {"data": short})["problems"]
    assert problem["code"] == "temporary-residence-too-short"
    assert problem["field"] == "until"
    assert "Luật Cư trú, Điều 27" in problem["why"]["vi"]
    with pytest.raises(Invalid, match="shorter than 30 days"):
        enter(family, until="2026-12-01")
    assert enter(family)["key"].startswith("0001/")  # a refused record uses no number


def test_a_rule_looks_at_the_other_records_it_finds(family: Family) -> None:
    enter(family)
    (problem,) = ask("records-check", {"data": stay(family)})["problems"]
    assert problem["code"] == "temporary-residence-registered"
    assert ask("records-check", {"data": stay(family, unit="00070")})["problems"] == []


def test_data_that_does_not_fit_names_the_field(family: Family) -> None:
    (problem,) = ask("records-check", {"data": stay(family, reason="fun")})["problems"]
    assert problem["code"] == "data-invalid"
    assert problem["field"] == "reason"


def test_a_change_and_an_end_leave_the_past_as_it_was(family: Family, at: datetime) -> None:
    key = enter(family)["key"]
    with clock.fixed(datetime(2027, 1, 10, 9, tzinfo=clock.VIETNAM)):
        ask(
            "records-change",
            {
                "key": key,
                "data": {"address": "số 9 phố Kim Mã"},
                "valid_from": "2027-01-10",
                "signer": SIGNER,
            },
        )
    with clock.fixed(datetime(2027, 3, 1, 9, tzinfo=clock.VIETNAM)):
        ask("records-end", {"key": key, "valid_to": "2027-03-01", "reason": "Chuyển đi", "signer": SIGNER})

    def address(day: date) -> str | None:
        row = declared.declared_get(register="temporary-residence", key=key, on=day)
        return row.data["address"] if row else None

    days = (date(2026, 12, 1), date(2027, 2, 1), date(2027, 3, 1))
    assert [address(day) for day in days] == ["số 5 phố Kim Mã", "số 9 phố Kim Mã", None]


def test_a_register_answers_only_for_its_purposes_and_at_its_owner(family: Family) -> None:
    with pytest.raises(Forbidden, match="may not be asked for this purpose"):
        ask("records-find", {"claims": {"person_number": family.father}}, purpose="passport")
    with pytest.raises(NotFound, match="is not here"):
        ask("records-find", {"claims": {"unit": BA_DINH}}, provider=subsystem("G12", "registers"))
    with pytest.raises(Forbidden):  # the portal may read and never write
        ask(
            "records-enter",
            {"data": stay(family), "valid_from": "2026-11-23", "signer": SIGNER},
            client=LIFEEVENTS,
        )


def test_whoever_stands_in_a_record_sees_that_it_was_read(family: Family) -> None:
    key = enter(family)["key"]
    found = ask("records-find", {"claims": {"person_number": family.father}})["records"]
    assert [row["key"] for row in found] == [key]
    run_jobs()
    said = AccessEntry.objects.filter(subject=family.father, service="registers/records-find/v1").get()
    assert "tạm trú" in said.what_vi


def test_verifying_says_yes_or_no_and_nothing_else(family: Family) -> None:
    key = enter(family)["key"]
    asked = {"key": key, "claims": {"person_number": family.father, "unit": BA_DINH}}
    assert ask("records-verify", asked) == {"exists": True, "matches": True}
    assert ask("records-verify", {**asked, "claims": {"unit": "00070"}}) == {"exists": True, "matches": False}
    assert ask("records-verify", {**asked, "key": "9999/2026"}) == {"exists": False, "matches": False}
