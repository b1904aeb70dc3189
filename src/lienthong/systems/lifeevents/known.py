"""What the registers know, asked through the exchange so that nobody types it."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.exchange.services import call
from lienthong.ground import clock, units
from lienthong.ground.errors import Problem
from lienthong.systems.lifeevents.selectors import subsystem

PURPOSE = "birth-registration"


def known_of(number: str) -> dict[str, Any]:
    """The applicant, the household, the hospitals of the province: all that the form starts from."""
    person = person_of(number)
    household = _household(number)
    hospitals = _ask(
        "socialsecurity/hospitals-list/v1", {"province": person["province"]}, "health-insurance-card"
    )
    return {
        "person": person,
        "household": household,
        "households": {number: household},
        "others": {},
        "hospitals": hospitals["hospitals"],
        "asked_at": clock.now().isoformat(),
    }


def other_added(known: dict[str, Any], number: str) -> dict[str, Any]:
    """`known` with another parent in it; a number that the register does not know is remembered as None."""
    if not number or number in known["others"]:
        return known
    try:
        person = person_of(number)
        household = _household(number)
    except Problem as problem:
        if problem.status != 404:  # noqa: PLR2004 - HTTP's not found
            raise
        return {**known, "others": {**known["others"], number: None}}
    return {
        **known,
        "others": {**known["others"], number: person},
        "households": {**known["households"], number: household},
    }


def person_of(number: str) -> dict[str, Any]:
    """A person as the population register answers, with the names of the places."""
    person = _ask("population/persons-get/v1", {"number": number}, PURPOSE)
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


def _household(number: str) -> dict[str, Any]:
    answer = _ask("population/households-get/v1", {"member": number}, PURPOSE)
    names = {member["number"]: member["full_name"] for member in answer["members"]}
    return {**answer, "head_name": names.get(answer["head"], "")}


def _ask(service: str, body: dict[str, Any], purpose: str) -> dict[str, Any]:
    return call(service, body, client=subsystem(), purpose=purpose)
