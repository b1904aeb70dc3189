"""What the registers know, asked through the exchange so that nobody types it."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.exchange.services import call
from lienthong.ground import clock, units
from lienthong.ground.errors import Problem
from lienthong.systems.lifeevents.selectors import subsystem

BIRTH = "birth-registration"


def known_of(number: str, *, purpose: str, officer: str = "") -> dict[str, Any]:
    """The applicant and the household: what every form starts from; `officer`: who asks at a counter."""
    return {
        "person": person_of(number, purpose=purpose, officer=officer),
        "household": _household(number, purpose=purpose, officer=officer),
        "officer": officer,
        "asked_at": clock.now().isoformat(),
    }


def known_of_party(party: dict[str, Any], *, officer: str = "") -> dict[str, Any]:
    """An organisation that applies: its register was asked already, and it has no household."""
    household = {"household": "", "unit": "", "address": "", "head": "", "head_name": "", "members": []}
    return {"person": party, "household": household, "officer": officer, "asked_at": clock.now().isoformat()}


def known_of_birth(number: str, *, officer: str = "") -> dict[str, Any]:
    """Also the hospitals of the province, and room for the other parent."""
    known = known_of(number, purpose=BIRTH, officer=officer)
    province = {"province": known["person"]["province"]}
    hospitals = _ask("socialsecurity/hospitals-list/v1", province, "health-insurance-card", officer)
    return {
        **known,
        "households": {number: known["household"]},
        "others": {},
        "hospitals": hospitals["hospitals"],
    }


def other_added(known: dict[str, Any], number: str) -> dict[str, Any]:
    """`known` with another parent in it; a number that the register does not know is remembered as None."""
    if not number or number in known["others"]:
        return known
    officer = known.get("officer", "")
    try:
        person = person_of(number, purpose=BIRTH, officer=officer)
        household = _household(number, purpose=BIRTH, officer=officer)
    except Problem as problem:
        if problem.status != 404:  # noqa: PLR2004 - HTTP's not found
            raise
        return {**known, "others": {**known["others"], number: None}}
    return {
        **known,
        "others": {**known["others"], number: person},
        "households": {**known["households"], number: household},
    }


def person_of(number: str, *, purpose: str, officer: str = "") -> dict[str, Any]:
    """A person as the population register answers, with the names of the places."""
    person = _ask("population/persons-get/v1", {"number": number}, purpose, officer)
    commune, province = "", ""
    if person["unit"]:
        unit = units.commune(person["unit"], clock.today())
        commune, province = unit.name.vi, units.province(unit.province_code, clock.today()).name.vi
        person["province"] = unit.province_code
    home = (
        units.province(person["birth_province"], clock.today()).name.vi
        if person["birth_province"]
        else province
    )
    return {
        **person,
        "full_address": ", ".join(part for part in (person["address"], commune, province) if part),
        "home_town": home,
    }


def _household(number: str, *, purpose: str, officer: str) -> dict[str, Any]:
    answer = _ask("population/households-get/v1", {"member": number}, purpose, officer)
    names = {member["number"]: member["full_name"] for member in answer["members"]}
    return {**answer, "head_name": names.get(answer["head"], "")}


def _ask(service: str, body: dict[str, Any], purpose: str, officer: str) -> dict[str, Any]:
    return call(service, body, client=subsystem(), purpose=purpose, officer=officer)
