"""Synthetic households: the same seed makes the same people, names, ages and addresses."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from lienthong.ground import personal_number, units, yamls
from lienthong.nation.names import name_draw
from lienthong.systems.population.bulk import NewHousehold, NewPerson

ADULT_AGE = 18
BORN_HERE = 0.9


@cache
def places() -> dict[str, Any]:
    """data/places.yaml."""
    return yamls.load((files("lienthong.nation") / "data" / "places.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Place:
    province: str
    commune: str
    weight: int


def communes() -> list[Place]:
    return [
        Place(province["code"], code, weight)
        for province in places()["provinces"]
        for code, weight in province["communes"].items()
    ]


class Maker:
    """Draws households until there are `people` people; numbers are never drawn twice."""

    def __init__(self, *, seed: int, today: date) -> None:
        self.rng = random.Random(seed)
        self.today = today
        self.taken: set[str] = set()
        self.homes = communes()
        self.weights = [home.weight for home in self.homes]
        self.provinces = [province.code for province in units.provinces(today)]

    def households(self, people: int) -> Iterator[NewHousehold]:
        """The first household is a young couple: the parents of the main journey."""
        made, serial = 0, 0
        while made < people:
            serial += 1
            home = self.homes[0] if serial == 1 else self.rng.choices(self.homes, self.weights)[0]
            members = self._couple(home, young=True) if serial == 1 else self._members(home)
            members = members[: people - made]
            yield NewHousehold(f"HG-{home.commune}-{serial:06}", home.commune, self._address(), members)
            made += len(members)

    def _members(self, home: Place) -> tuple[NewPerson, ...]:
        draw = self.rng.random()
        if draw < 0.12:  # noqa: PLR2004 - the share of people who live alone
            return (self._adult(home, self.rng.choice(["male", "female"]), "head", 20, 85),)
        family = self._couple(home, young=draw < 0.6)  # noqa: PLR2004 - the share of young couples
        if draw > 0.9:  # noqa: PLR2004 - the share of three-generation households
            family = (*family, self._adult(home, "female", "parent", 62, 88))
        return family

    def _couple(self, home: Place, *, young: bool) -> tuple[NewPerson, ...]:
        low, high = (23, 38) if young else (39, 66)
        father = self._adult(home, "male", "head", low, high)
        mother = self._adult(home, "female", "spouse", low, high)
        count = self.rng.choices([0, 1, 2, 3], [25, 35, 32, 8] if young else [15, 25, 45, 15])[0]
        youngest_parent = max(father.birth_date, mother.birth_date)
        oldest = (self.today - youngest_parent).days - 21 * 365
        children = [
            self._child(home, father, mother, max(oldest, 30)) for _ in range(count if oldest > 0 else 0)
        ]
        return (father, mother, *sorted(children, key=lambda child: child.birth_date))

    def _adult(self, home: Place, sex: str, relation: str, low: int, high: int) -> NewPerson:
        born = self.today - timedelta(days=self.rng.randint(low * 365, high * 365))
        return self._person(home, sex, relation, born, name_draw(self.rng, sex))

    def _child(self, home: Place, father: NewPerson, mother: NewPerson, days_max: int) -> NewPerson:
        sex = self.rng.choice(["male", "female"])
        born = self.today - timedelta(days=self.rng.randint(400, max(days_max, 401)))
        name = name_draw(self.rng, sex, father.full_name.split(" ")[0])
        child = self._person(home, sex, "child", born, name)
        return replace(
            child, mother_number=mother.number, father_number=father.number, ethnicity=father.ethnicity
        )

    def _person(self, home: Place, sex: str, relation: str, born: date, name: str) -> NewPerson:
        province = home.province if self.rng.random() < BORN_HERE else self.rng.choice(self.provinces)
        number = ""
        while not number or number in self.taken:
            serial = self.rng.randrange(10**6)
            number = str(personal_number.build(f"0{province}", sex, born, serial))
        self.taken.add(number)
        groups = places()["ethnicities"]
        ethnicity = self.rng.choices(list(groups), list(groups.values()))[0]
        return NewPerson(number, name, sex, born, province, ethnicity, "", "", relation)

    def _address(self) -> str:
        return f"{self.rng.randint(1, 250)} phố {self.rng.choice(places()['streets'])}"

    def is_adult(self, person: NewPerson) -> bool:
        return (self.today - person.birth_date).days >= ADULT_AGE * 365.25

    def code_secret(self) -> str:
        """A one-time-code secret of 160 bits, base32."""
        return base64.b32encode(self.rng.randbytes(20)).decode()
