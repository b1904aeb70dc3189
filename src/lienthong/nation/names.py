"""Names for synthetic people, as often of each family and each kind as they are met in Vietnam."""

import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final

from lienthong.ground.personal_number import FEMALE, MALE
from lienthong.ground.tables import rows

_WITHOUT_MIDDLE: Final = 0.03


@dataclass(frozen=True, slots=True)
class _Weighted:
    names: tuple[str, ...]
    up_to: tuple[int, ...]

    def draw(self, rng: random.Random) -> str:
        return rng.choices(self.names, cum_weights=self.up_to)[0]


def name_draw(rng: random.Random, sex: str, family: str | None = None) -> str:
    """A full name, family name first. `sex` is male or female, else ValueError; a `family` given is kept."""
    if sex not in (MALE, FEMALE):
        raise ValueError(f"no names are known for sex {sex!r}")
    first = family_draw(rng) if family is None else family
    given = _table("given_names.csv", sex).draw(rng)
    while first in given.split():
        given = _table("given_names.csv", sex).draw(rng)
    if rng.random() < _WITHOUT_MIDDLE:
        return f"{first} {given}"
    middle = _table("middle_names.csv", sex).draw(rng)
    # Nobody is called An An, nor Văn Văn.
    while set(middle.split()) & {first, *given.split()}:
        middle = _table("middle_names.csv", sex).draw(rng)
    return f"{first} {middle} {given}"


def family_draw(rng: random.Random) -> str:
    return _table("family_names.csv").draw(rng)


@cache
def _table(path: str, sex: str | None = None) -> _Weighted:
    found = [row for row in rows("lienthong.nation", f"data/{path}") if row.get("sex") == sex]
    return _Weighted(
        tuple(row["name"] for row in found), tuple(accumulate(int(row["weight"]) for row in found))
    )
