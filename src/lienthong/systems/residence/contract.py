"""What the residence database offers, and the event that it publishes."""

from datetime import date
from itertools import product
from typing import Final, Literal

from lienthong.blocks.exchange.contract import Action, Body, Event, Service
from lienthong.ground.text import Text


class Words(Body):
    vi: str
    en: str


class Signer(Body):
    code: str
    name: str
    title: Words


class ParentHome(Body):
    """Where a parent has permanent residence, as population answered."""

    number: str
    unit: str
    household: str


class RegistrationWanted(Body):
    """consents: the head of the household agrees. parents: for a child, so that its place can be checked."""

    person_number: str
    unit: str
    address: str
    household: str
    consents: bool
    parents: list[ParentHome] = []


class Found(Body):
    code: str
    what: Words
    why: Words
    next: Words
    field: str | None


class Checked(Body):
    problems: list[Found]


class RegistrationToEnter(Body):
    person_number: str
    full_name: str
    unit: str
    address: str
    household: str
    relation: str
    head_number: str
    registered_on: date
    signer: Signer


class RegistrationEntered(Body):
    registration_number: str


class EndingToEnter(Body):
    """The home as population answered; ground: why it ends, with the day from which it holds no longer."""

    person_number: str
    full_name: str
    unit: str
    address: str
    household: str
    ground: Literal["death"]
    ended_on: date
    signer: Signer


class EndingEntered(Body):
    ending_number: str
    ended_on: date


class ByPerson(Body):
    person_number: str


class RegistrationView(Body):
    """state: in-force, corrected or revoked; the place where the person lives permanently."""

    registration_number: str
    person_number: str
    full_name: str
    unit: str
    address: str
    household: str
    relation: str
    head_number: str
    registered_on: date
    state: str


class Registered(Body):
    person_number: str
    unit: str
    address: str
    household: str
    relation: str
    from_date: date
    agency: str
    case: str
    officer: str


_LAW: Final = "Luật Cư trú 68/2020/QH14, Điều 20-22"

REGISTRATIONS_CHECK: Final = Service(
    "residence",
    "registrations-check",
    Text("Kiểm tra điều kiện đăng ký thường trú", "Check a permanent residence before registration"),
    Action.READ,
    RegistrationWanted,
    Checked,
    _LAW,
)
REGISTRATIONS_ENTER: Final = Service(
    "residence",
    "registrations-enter",
    Text("Đăng ký thường trú", "Register a permanent residence"),
    Action.WRITE,
    RegistrationToEnter,
    RegistrationEntered,
    _LAW,
)
REGISTRATIONS_END: Final = Service(
    "residence",
    "registrations-end",
    Text("Xóa đăng ký thường trú", "Cancel a permanent residence"),
    Action.WRITE,
    EndingToEnter,
    EndingEntered,
    "Luật Cư trú 68/2020/QH14, Điều 24",
)
REGISTRATIONS_GET: Final = Service(
    "residence",
    "registrations-get",
    Text("Tra cứu nơi thường trú", "Look up a permanent residence"),
    Action.READ,
    ByPerson,
    RegistrationView,
    "Luật Cư trú 68/2020/QH14, Điều 36-37",
    personal=True,
)
REGISTERED: Final = Event(
    "residence",
    "registered",
    Text("Đã đăng ký thường trú", "A permanent residence was registered"),
    Registered,
)

SERVICES: Final = (REGISTRATIONS_CHECK, REGISTRATIONS_ENTER, REGISTRATIONS_END, REGISTRATIONS_GET)
EVENTS: Final = (REGISTERED,)
SUBSCRIPTIONS: Final[tuple[tuple[str, str], ...]] = ()

_SETTLING: Final = ("permanent-residence", "linked-procedure")

GRANTS: Final[tuple[tuple[str, str, str], ...]] = (
    *product(("onestop",), tuple(service.name for service in SERVICES), _SETTLING),
    *product(("lifeevents",), (REGISTRATIONS_CHECK.name, REGISTRATIONS_GET.name), _SETTLING),
    *product(("onestop", "civilstatus"), (REGISTRATIONS_GET.name,), ("birth-registration",)),
    *product(("onestop", "socialsecurity"), (REGISTRATIONS_GET.name,), ("health-insurance-card",)),
    *product(("warehouse",), (REGISTRATIONS_GET.name,), ("result-delivery", "own-data")),
)
"""(client system, service, purpose): granted to every agency's system of that name."""
