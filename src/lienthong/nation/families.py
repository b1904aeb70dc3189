"""Families of synthetic people for example dossiers: always the same ages, each with numbers of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from lienthong.blocks.registry.base import Provenance
from lienthong.ground import clock, personal_number, units
from lienthong.nation.names import name_draw
from lienthong.systems.population import bulk as population

AGES_ON = date(2026, 11, 23)
"""The day on which examples are played alone; on any other day a family is as old as it is on this one."""
MEMBERS: Final = {
    "father": ("male", "head", date(1986, 3, 5)),
    "mother": ("female", "spouse", date(1988, 7, 19)),
    "son": ("male", "child", date(2008, 9, 2)),
    "daughter": ("female", "child", date(2016, 5, 11)),
    "baby": ("male", "child", date(2025, 12, 8)),
}
NEIGHBOUR: Final = ("female", "head", date(1979, 1, 23))


@dataclass
class Stage:
    """Where examples are played: two communes of one province that have agencies.

    serial: counts the families; no two of a nation may have the same, so each hand counts in a range of its own.
    """

    unit: str
    other_unit: str
    serial: int = 0

    def family(
        self, at: datetime, seed: str, *, baby: bool = False, ages_on: date | None = None
    ) -> dict[str, Any]:
        """A new family in `unit`, and a neighbour who lives alone; some families have a baby too.

        ages_on: the day on which they are as old as on AGES_ON; the day of `at` by default.
        """
        self.serial += 1
        rng = random.Random(f"{seed}-{self.serial}")
        later = (ages_on or at.date()) - AGES_ON
        members = {
            name: self._person(rng, sex, relation, born + later)
            for name, (sex, relation, born) in MEMBERS.items()
            if name != "baby" or baby
        }
        neighbour = self._person(rng, *NEIGHBOUR[:2], NEIGHBOUR[2] + later)
        parents = {"mother_number": members["mother"].number, "father_number": members["father"].number}
        for child in members.keys() - {"father", "mother"}:
            members[child] = replace(members[child], **parents)
        code = f"{self.unit}-{self.serial:08}"
        households = [
            population.NewHousehold(f"HV-{code}", self.unit, "12 phố Hàng Trống", tuple(members.values())),
            population.NewHousehold(f"HX-{code}", self.unit, "14 phố Hàng Trống", (neighbour,)),
        ]
        provenance = Provenance("G01", reason="Người của hồ sơ mẫu")
        population.households_load(households=households, provenance=provenance, at=at)
        return {name: _said(person, households[0]) for name, person in members.items()} | {
            "neighbour": _said(neighbour, households[1])
        }

    def _person(self, rng: random.Random, sex: str, relation: str, born: date) -> population.NewPerson:
        province = units.commune(self.unit, clock.today()).province_code
        number = str(personal_number.build(f"0{province}", sex, born, self.serial % 10**6))
        return population.NewPerson(
            number, name_draw(rng, sex), sex, born, province, "Kinh", "", "", relation
        )


def _said(person: population.NewPerson, household: population.NewHousehold) -> dict[str, Any]:
    return {
        "number": person.number,
        "full_name": person.full_name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "address": household.address,
        "household": household.id,
    }
