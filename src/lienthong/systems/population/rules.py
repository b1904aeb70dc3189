"""What the population database decides by itself: numbers, and whether a claim is as registered."""

from dataclasses import dataclass
from datetime import date

from lienthong.ground import names, personal_number, units
from lienthong.ground.errors import Problem

RELATIONS = ("head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other")
"""Relation to the head of the household; the order in which a household is listed."""


@dataclass(frozen=True, slots=True)
class Identity:
    full_name: str
    birth_date: date
    sex: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """None: nothing is claimed."""

    full_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None


def claim_matches(known: Identity, claimed: Claimed) -> bool:
    """Names are equal when they differ only in case, spaces and where a tone mark is written (hoà, hòa)."""
    named = claimed.full_name is None or names.sort_key(claimed.full_name) == names.sort_key(known.full_name)
    born = claimed.birth_date is None or claimed.birth_date == known.birth_date
    return named and born and (claimed.sex is None or claimed.sex == known.sex)


def number_build(*, province: str, sex: str, birth_date: date, serial: int, on: date) -> str:
    """The number of a birth registered `on` that day in `province` (two digits).

    Law on Identity 26/2023, art. 12: the number is the State's, one for each person, never given again.
    Raises NotFound when there is no such province that day.
    """
    code = units.province(province, on).number_code
    return str(personal_number.build(code, sex, birth_date, serial))


def newborn_problems(*, number: str, birth_date: date, sex: str) -> list[Problem]:
    """Whether a registered birth and the number that it names belong together."""
    return personal_number.check(number, birth_date=birth_date, sex=sex, field="child_number")


def relation_rank(relation: str) -> int:
    """The head first; an unknown relation last."""
    return RELATIONS.index(relation) if relation in RELATIONS else len(RELATIONS)
