"""A small country on the exchange: its ministries, two wards of Hà Nội with their agencies, one family.

Rooms that are not there are left out, so that each room's tests run as soon as the room does.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from lienthong.blocks.exchange import selectors as exchange_selectors
from lienthong.blocks.exchange import services as exchange
from lienthong.blocks.exchange.models import Agreement
from lienthong.blocks.registry import agencies, declared
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock, personal_number
from lienthong.ground.text import Text
from lienthong.nation.agencies import MINISTRIES, PROVINCIAL, SHARED, grants_of

FROM: Final = date(2025, 7, 1)
PREPARED_AT: Final = datetime(2026, 11, 2, 9, 0, tzinfo=clock.VIETNAM)
PROVINCE: Final = "01"
HOAN_KIEM: Final = "00070"
BA_DINH: Final = "00004"

COMMITTEE: Final = "H26.12"
POLICE: Final = "G01.26.12"
OTHER_COMMITTEE: Final = "H26.04"
OTHER_POLICE: Final = "G01.26.04"
SOCIAL_SECURITY: Final = "G24.26"
HOSPITAL: Final = "01-001"

NATIONAL: Final = {code: systems for code, (_, systems) in MINISTRIES.items()}
LOCAL: Final = (
    (COMMITTEE, "commune-committee", HOAN_KIEM, Text("UBND phường Hoàn Kiếm", "Hoan Kiem Committee")),
    (POLICE, "commune-police", HOAN_KIEM, Text("Công an phường Hoàn Kiếm", "Hoan Kiem Police")),
    (OTHER_COMMITTEE, "commune-committee", BA_DINH, Text("UBND phường Ba Đình", "Ba Dinh Committee")),
    (OTHER_POLICE, "commune-police", BA_DINH, Text("Công an phường Ba Đình", "Ba Dinh Police")),
    *(
        (form.format("26"), kind, PROVINCE, Text(f"{words.vi} thành phố Hà Nội", f"{words.en} Ha Noi"))
        for kind, (form, words) in PROVINCIAL.items()
    ),
)


def subsystem(agency: str, system: str = "onestop") -> str:
    """`VN/GOV/H26.12/onestop`."""
    return f"VN/GOV/{agency}/{system}"


ONESTOP: Final = subsystem(COMMITTEE)
ONESTOP_POLICE: Final = subsystem(POLICE)
ONESTOP_SOCIAL: Final = subsystem(SOCIAL_SECURITY)
POPULATION: Final = subsystem("G01", "population")
CIVILSTATUS: Final = subsystem("G15", "civilstatus")
RESIDENCE: Final = subsystem("G01", "residence")
LIFEEVENTS: Final = subsystem("G22", "lifeevents")


def contracts() -> list[ModuleType]:
    """The contract of each room that is there."""
    names = [f"lienthong.systems.{system}" for systems in NATIONAL.values() for system in systems]
    names.append("lienthong.systems.onestop")
    names = list(dict.fromkeys(names))
    return [
        import_module(f"{name}.contract")
        for name in names
        if find_spec(name) and find_spec(f"{name}.contract")
    ]


def country_prepare() -> None:
    """Make the country in the database that the run's workers copy."""
    with clock.fixed(PREPARED_AT) as at:
        country_join(at)


def country_publish() -> None:
    """Publish the packages beside it."""
    from lienthong.systems.procedures.services import packages_publish

    with clock.fixed(PREPARED_AT):
        packages_publish()


def country_join(at: datetime) -> None:
    """Members, subsystems, agencies, agreements, subscriptions, and one hospital; nothing where they stand."""
    trust.caches_clear()
    if exchange_selectors.members_count():
        return
    for code, (title, systems) in MINISTRIES.items():
        _agency(code, "ministry", "", title, at)
        for system in systems:
            exchange.subsystem_open(name=subsystem(code, system), national=system != SHARED)
    for code, kind, unit, title in LOCAL:
        _agency(code, kind, unit, title, at)
        exchange.subsystem_open(name=subsystem(code))
    for contract in contracts():
        _grant(contract)
    declared.declared_enter(
        register="hospital",
        key=HOSPITAL,
        data={"name": "Bệnh viện Nhi Trung ương", "province": PROVINCE},
        provenance=Provenance("G18"),
        at=at,
        valid_from=FROM,
    )


def _agency(code: str, kind: str, unit: str, title: Text, at: datetime) -> None:
    agencies.agency_enter(code=code, kind=kind, name=title, short=title, unit=unit, valid_from=FROM)
    exchange.member_join(name=f"VN/GOV/{code}", code=code, title=title, at=at)


def _grant(contract: ModuleType) -> None:
    Agreement.objects.bulk_create(  # one statement: every test of a system waits for it
        Agreement(**asdict(grant), valid_from=FROM) for grant in grants_of(contract)
    )
    owners = {system: code for code, systems in NATIONAL.items() for system in systems}
    for event, service in getattr(contract, "SUBSCRIPTIONS", ()):
        system = service.split("/")[0]
        exchange.subscribe(event=event, subscriber=subsystem(owners[system], system), service=service)


@dataclass(frozen=True, slots=True)
class Family:
    mother: str
    father: str
    household: str
    address: str


def family_enter(at: datetime) -> Family:
    """A mother and a father in one household of the Hoàn Kiếm ward."""
    from lienthong.systems.population import services

    family = Family("001195000001", "001093000002", "HG-00070-0001", "12 phố Hàng Trống")
    for number, name, sex, born, relation in (
        (family.father, "Trần Quốc Bảo", "male", date(1993, 5, 20), "head"),
        (family.mother, "Nguyễn Thị Ánh", "female", date(1995, 3, 8), "spouse"),
    ):
        assert not personal_number.check(number, birth_date=born, sex=sex)
        provenance = Provenance("G01", reason="Thu thập ban đầu")
        services.person_enter_newborn(
            number=number,
            full_name=name,
            sex=sex,
            birth_date=born,
            birth_province=PROVINCE,
            nationality="Việt Nam",
            ethnicity="Kinh",
            mother_number="",
            father_number="",
            provenance=provenance,
            at=at,
        )
        services.person_move(
            number=number,
            unit=HOAN_KIEM,
            address=family.address,
            household=family.household,
            relation=relation,
            from_date=FROM,
            provenance=provenance,
            at=at,
        )
    return family
