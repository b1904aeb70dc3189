"""What the electronic civil-status database offers, and the events that it publishes."""

from datetime import date
from itertools import product
from typing import Final, Literal

from pydantic import ConfigDict, Field, model_validator

from lienthong.blocks.exchange.contract import Action, Body, Done, Event, Service
from lienthong.ground.text import Text

Sex = Literal["male", "female"]
Relation = Literal["mother", "father", "grandparent", "relative", "guardian", "other"]
DeathRelation = Literal["spouse", "child", "parent", "relative", "representative"]


class Words(Body):
    vi: str
    en: str


class Signer(Body):
    code: str
    name: str
    title: Words


class Child(Body):
    """birth_unit: the commune of birth where it is known; birth_place: in words, as it is printed."""

    full_name: str
    sex: Sex
    birth_date: date
    birth_unit: str | None = None
    birth_place: str
    ethnicity: str
    nationality: str


class AsKnown(Body):
    """As population answered, whatever else it said; without a name the number is unknown there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    full_name: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    alive: bool = True
    death_date: date | None = None


class Parent(AsKnown):
    """A foreigner has no number; document: the passport, in words, "Hộ chiếu số K1234567"."""

    nationality: str = Field(default="", max_length=40)
    document: str = Field(default="", max_length=60)


class Declarant(Body):
    number: str
    relation: Relation


class BirthDeclared(Body):
    child: Child
    mother: Parent | None = None
    father: Parent | None = None
    declarant: Declarant


class Found(Body):
    code: str
    what: Words
    why: Words
    next: Words
    field: str | None


class Checked(Body):
    """on_time: within the legal time, so that no fee is due."""

    problems: list[Found]
    on_time: bool


class BirthToRegister(BirthDeclared):
    child_number: str
    registered_on: date
    unit: str
    signer: Signer


class CertificateEntered(Body):
    """The number in the book, the book, and the day."""

    certificate_number: str
    book: str
    registered_on: date


class BirthEntered(CertificateEntered): ...


class DeathEntered(CertificateEntered): ...


class BirthWanted(Body):
    child_number: str | None = None
    certificate_number: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "BirthWanted":
        if (self.child_number is None) == (self.certificate_number is None):
            raise ValueError("give child_number or certificate_number")
        return self


class ChildrenWanted(Body):
    """Of whom a person is mother or father, born on or after a day."""

    parent: str
    born_from: date


class ChildView(Body):
    certificate_number: str
    number: str
    full_name: str
    sex: Sex
    birth_date: date
    relation: Literal["mother", "father"]


class Children(Body):
    """relation: of the parent that was asked for; only births in force."""

    children: list[ChildView]


class ParentView(Body):
    """nationality, document: of a foreigner, who has no number."""

    number: str
    full_name: str
    birth_date: date | None
    nationality: str = ""
    document: str = ""


class BirthView(Body):
    """state: in-force, corrected or revoked."""

    certificate_number: str
    book: str
    registered_on: date
    unit: str
    state: str
    reason: str
    child_number: str
    full_name: str
    sex: Sex
    birth_date: date
    birth_unit: str
    birth_place: str
    birth_province: str
    ethnicity: str
    nationality: str
    mother: ParentView
    father: ParentView
    declarant: Declarant
    signer: Signer


class BirthCorrection(Body):
    """Only what is given is corrected."""

    certificate_number: str
    reason: str
    full_name: str | None = None
    birth_place: str | None = None
    ethnicity: str | None = None
    nationality: str | None = None


class BirthRevocation(Body):
    certificate_number: str
    reason: str


class Deceased(AsKnown): ...


class DeathDeclarant(Body):
    number: str
    relation: DeathRelation


class DeathDeclared(Body):
    """death_place: in words, as it is printed."""

    deceased: Deceased
    death_date: date
    death_place: str
    cause: str
    declarant: DeathDeclarant


class DeathToRegister(DeathDeclared):
    registered_on: date
    unit: str
    signer: Signer


class DeathWanted(Body):
    person_number: str


class DeathView(Body):
    """state: in-force, corrected or revoked."""

    certificate_number: str
    book: str
    registered_on: date
    unit: str
    state: str
    person_number: str
    full_name: str
    sex: str
    birth_date: date | None
    death_date: date
    death_place: str
    cause: str
    on_time: bool
    declarant: DeathDeclarant
    signer: Signer


class DeathRegistered(Body):
    person_number: str
    death_date: date
    certificate_number: str
    registered_on: date
    agency: str
    case: str
    officer: str


class BirthRegistered(Body):
    child_number: str
    full_name: str
    sex: Sex
    birth_date: date
    birth_province: str
    nationality: str
    ethnicity: str
    mother_number: str | None
    father_number: str | None
    certificate_number: str
    registered_on: date
    agency: str
    case: str
    officer: str


class BirthChanged(Body):
    certificate_number: str
    child_number: str
    full_name: str
    reason: str
    agency: str
    case: str
    officer: str


_DEATH_LAW: Final = "Luật Hộ tịch 60/2014/QH13, Điều 32-34"

BIRTHS_CHECK: Final = Service(
    "civilstatus",
    "births-check",
    Text("Kiểm tra điều kiện đăng ký khai sinh", "Check a birth before registration"),
    Action.READ,
    BirthDeclared,
    Checked,
    "Luật Hộ tịch 60/2014/QH13, Điều 13-16",
)
BIRTHS_REGISTER: Final = Service(
    "civilstatus",
    "births-register",
    Text("Đăng ký khai sinh", "Register a birth"),
    Action.WRITE,
    BirthToRegister,
    BirthEntered,
    "Luật Hộ tịch 60/2014/QH13, Điều 13-16",
)
BIRTHS_GET: Final = Service(
    "civilstatus",
    "births-get",
    Text("Tra cứu khai sinh", "Look up a birth"),
    Action.READ,
    BirthWanted,
    BirthView,
    "Luật Hộ tịch 60/2014/QH13, Điều 63",
    personal=True,
)
BIRTHS_CORRECT: Final = Service(
    "civilstatus",
    "births-correct",
    Text("Cải chính khai sinh", "Correct a birth"),
    Action.WRITE,
    BirthCorrection,
    Done,
    "Luật Hộ tịch 60/2014/QH13, Điều 26-28",
)
BIRTHS_REVOKE: Final = Service(
    "civilstatus",
    "births-revoke",
    Text("Thu hồi, hủy bỏ khai sinh", "Revoke a birth"),
    Action.WRITE,
    BirthRevocation,
    Done,
    "Luật Hộ tịch 60/2014/QH13, Điều 70-71",
)
DEATHS_CHECK: Final = Service(
    "civilstatus",
    "deaths-check",
    Text("Kiểm tra điều kiện đăng ký khai tử", "Check a death before registration"),
    Action.READ,
    DeathDeclared,
    Checked,
    _DEATH_LAW,
)
DEATHS_REGISTER: Final = Service(
    "civilstatus",
    "deaths-register",
    Text("Đăng ký khai tử", "Register a death"),
    Action.WRITE,
    DeathToRegister,
    DeathEntered,
    _DEATH_LAW,
)
DEATHS_GET: Final = Service(
    "civilstatus",
    "deaths-get",
    Text("Tra cứu khai tử", "Look up a death"),
    Action.READ,
    DeathWanted,
    DeathView,
    "Luật Hộ tịch 60/2014/QH13, Điều 63",
    personal=True,
)
CHILDREN_FIND: Final = Service(
    "civilstatus",
    "children-find",
    Text("Tìm con theo giấy khai sinh", "Find a parent's children by their birth certificates"),
    Action.READ,
    ChildrenWanted,
    Children,
    "Bộ luật Dân sự 91/2015/QH13, Điều 136; Luật Hộ tịch 60/2014/QH13, Điều 63",
    personal=True,
)
BIRTH_REGISTERED: Final = Event(
    "civilstatus", "birth-registered", Text("Đã đăng ký khai sinh", "A birth was registered"), BirthRegistered
)
BIRTH_CORRECTED: Final = Event(
    "civilstatus", "birth-corrected", Text("Đã cải chính khai sinh", "A birth was corrected"), BirthChanged
)
BIRTH_REVOKED: Final = Event(
    "civilstatus", "birth-revoked", Text("Đã thu hồi khai sinh", "A birth was revoked"), BirthChanged
)
DEATH_REGISTERED: Final = Event(
    "civilstatus", "death-registered", Text("Đã đăng ký khai tử", "A death was registered"), DeathRegistered
)

_OF_BIRTHS: Final = (BIRTHS_CHECK, BIRTHS_REGISTER, BIRTHS_GET, BIRTHS_CORRECT, BIRTHS_REVOKE)
_OF_DEATHS: Final = (DEATHS_CHECK, DEATHS_REGISTER, DEATHS_GET)
SERVICES: Final = (*_OF_BIRTHS, *_OF_DEATHS, CHILDREN_FIND)
EVENTS: Final = (BIRTH_REGISTERED, BIRTH_CORRECTED, BIRTH_REVOKED, DEATH_REGISTERED)
SUBSCRIPTIONS: Final[tuple[tuple[str, str], ...]] = ()

_BIRTH: Final = ("birth-registration", "linked-procedure")
_DEATH: Final = ("death-registration", "linked-procedure")

GRANTS: Final[tuple[tuple[str, str, str], ...]] = (
    *product(("onestop",), tuple(service.name for service in _OF_BIRTHS), _BIRTH),
    *product(("onestop",), tuple(service.name for service in _OF_DEATHS), _DEATH),
    *product(("lifeevents",), (DEATHS_CHECK.name, DEATHS_GET.name), _DEATH),
    *product(("onestop",), (DEATHS_GET.name,), ("permanent-residence", "funeral-allowance")),
    *product(("warehouse",), (DEATHS_GET.name,), ("result-delivery", "own-data")),
    *product(("lifeevents",), (BIRTHS_CHECK.name, BIRTHS_GET.name), _BIRTH),
    *product(("onestop", "residence"), (BIRTHS_GET.name,), ("permanent-residence",)),
    *product(("onestop", "socialsecurity"), (BIRTHS_GET.name,), ("health-insurance-card",)),
    *product(("warehouse",), (BIRTHS_GET.name,), ("result-delivery", "own-data")),
    *product(("lifeevents",), (BIRTHS_GET.name, CHILDREN_FIND.name), ("representation",)),
)
"""(client system, service, purpose): granted to every agency's system of that name."""
