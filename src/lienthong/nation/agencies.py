"""The agencies of the simulated nation, their officers, and who may ask whom."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from django.conf import settings

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.access.purposes import purposes_meant
from lienthong.blocks.exchange import services as exchange
from lienthong.blocks.registry import agencies, declared
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.trust import services as trust
from lienthong.ground import units
from lienthong.ground.text import Text
from lienthong.nation.names import name_draw
from lienthong.nation.people import places

SINCE: Final = date(2025, 7, 1)

# Codes of ministries: G22 is verified (Office of the Government); the others are recalled [R].
MINISTRIES: Final[dict[str, tuple[Text, tuple[str, ...]]]] = {
    "G01": (
        Text("Bộ Công an", "Ministry of Public Security"),
        ("population", "eid", "residence", "registers"),
    ),
    "G03": (Text("Bộ Công Thương", "Ministry of Industry and Trade"), ("registers",)),
    "G06": (Text("Bộ Nông nghiệp và Môi trường", "Ministry of Agriculture and Environment"), ("registers",)),
    "G07": (Text("Bộ Giáo dục và Đào tạo", "Ministry of Education and Training"), ("registers",)),
    "G09": (Text("Bộ Nội vụ", "Ministry of Home Affairs"), ("registers",)),
    "G12": (Text("Bộ Tài chính", "Ministry of Finance"), ("registers",)),
    "G15": (Text("Bộ Tư pháp", "Ministry of Justice"), ("civilstatus", "registers")),
    "G18": (Text("Bộ Y tế", "Ministry of Health"), ()),
    "G22": (
        Text("Văn phòng Chính phủ", "Office of the Government"),
        ("fees", "warehouse", "lifeevents", "procedures", "reporting"),
    ),
    "G24": (Text("Bảo hiểm xã hội Việt Nam", "Viet Nam Social Security"), ("socialsecurity", "registers")),
}
SHARED: Final = "registers"
"""The system that many agencies run, each with its own registers."""

PROVINCIAL: Final[dict[str, tuple[str, Text]]] = {
    "social-security": ("G24.{}", Text("Bảo hiểm xã hội", "Social Security of")),
    "province-police": ("G01.{}", Text("Công an", "Police of")),
    "tax": ("G12.{}", Text("Thuế", "Tax Office of")),
    "power-company": ("G03.{}", Text("Công ty Điện lực", "Power Company of")),
    "land-office": ("H{}.91", Text("Văn phòng đăng ký đất đai", "Land Registration Office of")),
    "education": ("H{}.92", Text("Sở Giáo dục và Đào tạo", "Department of Education of")),
    "employment-service": ("H{}.93", Text("Trung tâm Dịch vụ việc làm", "Employment Service Centre of")),
}
"""Agencies of each province by kind: the form of their code, and what stands before the province's name."""

_MINISTRY_TITLES: Final = (Text("Vụ trưởng", "Director of Department"), Text("Chuyên viên", "Officer"))


@dataclass(frozen=True, slots=True)
class AgencySeed:
    code: str
    kind: str
    name: Text
    short: Text
    unit: str
    systems: tuple[str, ...]
    national: bool


def agency_seeds() -> Iterator[AgencySeed]:
    """Ministries; for each province its agencies; for each commune its committee and police."""
    today = SINCE
    for code, (name, systems) in MINISTRIES.items():
        yield AgencySeed(code, "ministry", name, name, "", systems, national=True)
    for province in places()["provinces"]:
        where = units.province(province["code"], today)
        for kind, (form, words) in PROVINCIAL.items():
            place = Text(where.name.vi[:1].lower() + where.name.vi[1:], where.name.en)
            name = Text(f"{words.vi} {place.vi}", f"{words.en} {place.en}")
            code = form.format(province["agency"][1:])
            yield AgencySeed(code, kind, name, name, where.code, ("onestop",), national=False)
        for index, code in enumerate(province["communes"], start=1):
            yield from _commune(province["agency"], index, code)


def _commune(province: str, index: int, code: str) -> Iterator[AgencySeed]:
    place = units.commune(code, SINCE).name
    low = Text(place.vi[:1].lower() + place.vi[1:], place.en)
    committee = Text(f"Ủy ban nhân dân {low.vi}", f"People's Committee of {low.en}")
    short = Text(f"UBND {low.vi}", f"Committee of {low.en}")
    yield AgencySeed(
        f"{province}.{index:02}", "commune-committee", committee, short, code, ("onestop",), national=False
    )
    police = Text(f"Công an {low.vi}", f"Police of {low.en}")
    number = f"G01.{province[1:]}.{index:02}"
    yield AgencySeed(number, "commune-police", police, police, code, ("onestop",), national=False)


def member_name(code: str) -> str:
    return f"{settings.LIENTHONG_INSTANCE}/GOV/{code}"


def agencies_make(*, at: datetime) -> int:
    """Agencies, members with their seals, subsystems, agreements, subscriptions, hospitals."""
    seeds = list(agency_seeds())
    trust.signers_ensure_many(
        requests=[trust.SignerRequest(member_name(s.code), "member", s.name.vi, s.code) for s in seeds], at=at
    )
    for seed in seeds:
        agencies.agency_enter(
            code=seed.code, kind=seed.kind, name=seed.name, short=seed.short, unit=seed.unit, valid_from=SINCE
        )
        exchange.member_join(name=member_name(seed.code), code=seed.code, title=seed.name, at=at)
        for system in seed.systems:
            national = seed.national and system != SHARED
            exchange.subsystem_open(name=f"{member_name(seed.code)}/{system}", national=national)
    for contract in room_contracts():
        contract_apply(contract)
    _hospitals(at)
    return len(seeds)


def room_contracts() -> list[ModuleType]:
    """The contract of each hosted room that has one."""
    names = [f"lienthong.systems.{room}" for room in settings.LIENTHONG_SYSTEMS]
    return [import_module(f"{name}.contract") for name in names if find_spec(f"{name}.contract")]


@dataclass(frozen=True, slots=True)
class Grant:
    """One agreement that a room's contract gives every agency's system of a name."""

    client: str
    service: str
    purpose: str
    legal_basis: str
    granted_by: str


def grants_of(contract: ModuleType) -> Iterator[Grant]:
    """A grant for settling purposes is one for each purpose of content/purposes.yaml that settles."""
    basis = {service.name: service.legal_basis for service in contract.SERVICES}
    for system, service, granted in contract.GRANTS:
        client, owner = f"{member_name('*')}/{system}", owner_of(service.split("/")[0])
        for purpose in purposes_meant(granted):
            yield Grant(client, service, purpose, basis[service], owner)


def contract_apply(contract: ModuleType) -> None:
    """A room's grants become agreements with every agency's system of that name; its subscriptions, rows."""
    for grant in grants_of(contract):
        exchange.agreement_grant(**asdict(grant), valid_from=SINCE)
    for event, service in getattr(contract, "SUBSCRIPTIONS", ()):
        system = service.split("/")[0]
        exchange.subscribe(
            event=event, subscriber=f"{member_name(owner_of(system))}/{system}", service=service
        )


def owner_of(system: str) -> str:
    """The ministry that runs a national system; G22 for what many agencies run."""
    runs = (code for code, (_, systems) in MINISTRIES.items() if system in systems and system != SHARED)
    return next(runs, "G22")


def _hospitals(at: datetime) -> None:
    for province, names in places()["hospitals"].items():
        for index, name in enumerate(names, start=1):
            declared.declared_enter(
                register="hospital",
                key=f"{province}-{index:03}",
                data={"name": name, "province": province},
                provenance=Provenance("G18", reason="Danh mục ban đầu"),
                at=at,
                valid_from=SINCE,
            )


@dataclass(frozen=True, slots=True)
class OfficerSeed:
    code: str
    agency: str
    name: str
    title: Text
    roles: tuple[Role, ...]


def officer_seeds(rng: random.Random) -> Iterator[OfficerSeed]:
    """At each agency that decides: two who sign, one who examines. At G22: operator, committee.

    At each ministry an engineer.
    """
    for seed in agency_seeds():
        kind = agency_kinds().get(seed.kind)
        signs, examines = (kind.signs, kind.examines) if kind else _MINISTRY_TITLES
        if seed.code == "G22":
            yield _officer(rng, seed.code, "O01", Text("Người vận hành", "Operator"), Role.OPERATOR)
            yield _officer(
                rng, seed.code, "B01", Text("Thư ký Ủy ban quốc gia", "Committee secretary"), Role.COMMITTEE
            )
        if "onestop" in seed.systems:
            yield _officer(rng, seed.code, "S01", signs, Role.SIGN, Role.CASE)
            yield _officer(rng, seed.code, "S02", signs, Role.SIGN, Role.CASE)
            yield _officer(rng, seed.code, "A01", examines, Role.INTAKE, Role.CASE, Role.ADMINISTRATOR)
    for code in MINISTRIES:
        yield _officer(rng, code, "E01", Text("Kỹ sư kết nối", "Engineer"), Role.ENGINEER)


def _officer(rng: random.Random, agency: str, code: str, title: Text, *roles: Role) -> OfficerSeed:
    return OfficerSeed(
        f"{agency}-{code}", agency, name_draw(rng, rng.choice(["male", "female"])), title, roles
    )


def officers_make(*, seeds: list[OfficerSeed], at: datetime) -> int:
    """Officers with roles and personal signing certificates."""
    trust.signers_ensure_many(
        requests=[trust.SignerRequest(s.code, "officer", s.name, s.agency) for s in seeds], at=at
    )
    for seed in seeds:
        access.officer_enter(code=seed.code, agency=seed.agency, name=seed.name, title=seed.title)
        by = Principal(Kind.OFFICER, "nation", "nation", seed.agency, frozenset({Role.ADMINISTRATOR}))
        for role in seed.roles:
            access.role_grant(by=by, officer=seed.code, role=role, at=at)
    return len(seeds)
