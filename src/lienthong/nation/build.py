"""A nation from a seed: agencies, officers, people, accounts; and the sign-ins to try it with."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from lienthong.blocks.registry.base import Provenance
from lienthong.ground import clock
from lienthong.ground.text import Text
from lienthong.nation import agencies
from lienthong.nation.organisations import organisations_make
from lienthong.nation.people import Maker, communes, places
from lienthong.systems.eid import bulk as eid
from lienthong.systems.eid.services import NewAccount
from lienthong.systems.population import bulk as population
from lienthong.systems.procedures.services import packages_publish

PASSWORD = "lien-thong-2026"  # noqa: S105 - the password of synthetic people, printed for whoever tries the nation
HAS_ACCOUNT = 0.7

Progress = Callable[[str, int], contextlib.AbstractContextManager[Any]]


def nation_exists() -> bool:
    return population.people_count() > 0


def nation_make(*, people: int, seed: int, progress: Progress) -> None:
    """Everything in one transaction: a nation that was interrupted was never there."""
    at = clock.now()
    rng = random.Random(seed + 1)
    maker = Maker(seed=seed, today=at.date())
    households = list(maker.households(people))
    with transaction.atomic():
        packages_publish()
        with progress("agencies", 1) as bar:
            agencies.agencies_make(at=at)
            bar.update(1)
        officers = list(agencies.officer_seeds(rng))
        with progress("officers", 1) as bar:
            agencies.officers_make(seeds=officers, at=at)
            bar.update(1)
        with progress("people", people) as bar:
            provenance = Provenance("G01", reason="Thu thập ban đầu của quốc gia mô phỏng")
            population.households_load(
                households=households, provenance=provenance, at=at, progress=bar.update
            )
        organisations_make(maker=maker, households=households, at=at)
        accounts = _accounts(maker, households, officers)
        with progress("accounts", len(accounts)) as bar:
            eid.accounts_load(accounts=accounts, password=PASSWORD, at=at, progress=bar.update)


def _accounts(
    maker: Maker, households: list[population.NewHousehold], officers: list[agencies.OfficerSeed]
) -> list[tuple[NewAccount, str]]:
    first = {member.number for member in households[0].members}
    rows = []
    for household in households:
        for person in household.members:
            wanted = person.number in first or maker.rng.random() < HAS_ACCOUNT
            if not (maker.is_adult(person) and wanted):
                continue
            phone = f"09{maker.rng.randrange(10**8):08}"
            mail = f"p{person.number[-6:]}@nguoidan.example"
            rows.append(
                (NewAccount(person.number, "person", person.full_name, mail, phone), maker.code_secret())
            )
    rows += [(NewAccount(o.code, "officer", o.name), maker.code_secret()) for o in officers]
    return rows


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the main journey, by sign-in: the first household's parents and its agencies' officers."""

    mother: str
    father: str
    civil_status: str
    police: str
    social_security: str
    operator: str
    committee: str


def cast() -> Cast:
    """The people of the nation that was made first here."""
    father, mother = population.couple_of(household=f"HG-{communes()[0].commune}-000001")
    province = places()["provinces"][0]["agency"]
    return Cast(
        mother=mother,
        father=father,
        civil_status=f"{province}.01-S01",
        police=f"G01.{province[1:]}.01-S01",
        social_security=f"G24.{province[1:]}-S01",
        operator="G22-O01",
        committee="G22-B01",
    )


def sign_ins_text() -> str:
    """The test sign-ins, as printed after `make run`."""
    who = cast()
    rows = [
        (Text("Người mẹ", "mother"), who.mother, "/"),
        (Text("Người cha", "father"), who.father, "/"),
        (Text("Hộ tịch phường", "civil status"), who.civil_status, "/desk/"),
        (Text("Công an phường", "police"), who.police, "/desk/"),
        (Text("Bảo hiểm xã hội", "social security"), who.social_security, "/desk/"),
        (Text("Người vận hành", "operator"), who.operator, "/console/"),
        (Text("Ủy ban quốc gia", "committee"), who.committee, "/console/"),
    ]
    lines = [
        f"  {text.vi:<16} {text.en:<16} {code:<14} {settings.LIENTHONG_URL}{path}"
        for text, code, path in rows
    ]
    head = f"Synthetic sign-ins (password {PASSWORD}; one-time code: lienthong code <user name>)"
    return "\n".join([head, *lines])
