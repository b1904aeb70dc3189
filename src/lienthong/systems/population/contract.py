"""What the national population database offers. Absent numbers and places are empty strings in answers."""

from datetime import date, datetime
from itertools import product
from typing import Final, Literal

from lienthong.blocks.access.purposes import SETTLING
from lienthong.blocks.exchange.contract import Action, Body, Done, Event, Service
from lienthong.ground.text import Text

Sex = Literal["male", "female"]
LAW: Final = "Luật Căn cước 26/2023/QH15, Điều 9-12; Nghị định 70/2024/NĐ-CP"


class Words(Body):
    vi: str
    en: str


class ByNumber(Body):
    number: str


class PersonView(Body):
    number: str
    full_name: str
    sex: Sex
    birth_date: date
    birth_province: str
    nationality: str
    ethnicity: str
    alive: bool
    death_date: date | None
    mother_number: str
    father_number: str
    unit: str
    address: str
    household: str


class Claim(Body):
    number: str
    full_name: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None


class Verified(Body):
    """matches: the person exists and everything claimed is as registered; it does not say what differs."""

    exists: bool
    alive: bool
    matches: bool


class ByMember(Body):
    member: str


class MemberView(Body):
    number: str
    full_name: str
    sex: Sex
    birth_date: date
    relation: str


class HouseholdView(Body):
    household: str
    unit: str
    address: str
    head: str
    members: list[MemberView]


class NumberWanted(Body):
    """province: where the birth is registered, two digits as today's 34."""

    birth_date: date
    sex: Sex
    province: str
    full_name: str
    mother_number: str | None = None
    father_number: str | None = None


class NumberGiven(Body):
    number: str


class BirthTold(Body):
    """civilstatus/birth-registered/v1."""

    child_number: str
    full_name: str
    sex: Sex
    birth_date: date
    birth_province: str
    nationality: str
    ethnicity: str
    mother_number: str | None = None
    father_number: str | None = None
    certificate_number: str
    registered_on: date
    agency: str
    case: str
    officer: str


class ResidenceTold(Body):
    """residence/registered/v1."""

    person_number: str
    unit: str
    address: str
    household: str
    relation: str
    from_date: date
    agency: str
    case: str
    officer: str


class DeathTold(Body):
    """civilstatus/death-registered/v1."""

    person_number: str
    death_date: date
    certificate_number: str
    registered_on: date
    agency: str
    case: str
    officer: str


class ReadTold(Body):
    subject: str
    what: Words
    reader: str
    holder: str
    service: str
    legal_basis: str
    purpose: str
    case: str
    officer: str
    message_id: str
    read_at: datetime


class ReadsTold(Body):
    reads: list[ReadTold]


PERSONS_GET: Final = Service(
    "population",
    "persons-get",
    Text("Tra cứu thông tin một người", "Look up a person"),
    Action.READ,
    ByNumber,
    PersonView,
    LAW,
    personal=True,
)
PERSONS_VERIFY: Final = Service(
    "population",
    "persons-verify",
    Text("Đối chiếu thông tin một người (đúng hoặc sai)", "Verify claims about a person (yes or no)"),
    Action.READ,
    Claim,
    Verified,
    LAW,
    personal=True,
)
HOUSEHOLDS_GET: Final = Service(
    "population",
    "households-get",
    Text("Tra cứu hộ gia đình của một người", "Look up a person's household"),
    Action.READ,
    ByMember,
    HouseholdView,
    LAW,
    personal=True,
)
NUMBERS_ALLOCATE: Final = Service(
    "population",
    "numbers-allocate",
    Text("Cấp số định danh cá nhân", "Allocate a personal identification number"),
    Action.WRITE,
    NumberWanted,
    NumberGiven,
    "Luật Căn cước 26/2023/QH15, Điều 12; Nghị định 70/2024/NĐ-CP",
)
BIRTHS_RECEIVE: Final = Service(
    "population",
    "births-receive",
    Text("Nhận thông tin khai sinh", "Receive a registered birth"),
    Action.WRITE,
    BirthTold,
    Done,
    "Luật Hộ tịch 60/2014/QH13, Điều 59; " + LAW,
)
RESIDENCE_RECEIVE: Final = Service(
    "population",
    "residence-receive",
    Text("Nhận thông tin cư trú", "Receive a registered residence"),
    Action.WRITE,
    ResidenceTold,
    Done,
    "Luật Cư trú 68/2020/QH14, Điều 36; " + LAW,
)
DEATHS_RECEIVE: Final = Service(
    "population",
    "deaths-receive",
    Text("Nhận thông tin khai tử", "Receive a registered death"),
    Action.WRITE,
    DeathTold,
    Done,
    "Luật Hộ tịch 60/2014/QH13, Điều 59; " + LAW,
)
READS_RECORD: Final = Service(
    "population",
    "reads-record",
    Text("Ghi nhật ký khai thác dữ liệu cá nhân", "Record who read personal data"),
    Action.WRITE,
    ReadsTold,
    Done,
    "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Điều 4",
)

SERVICES: Final = (
    PERSONS_GET,
    PERSONS_VERIFY,
    HOUSEHOLDS_GET,
    NUMBERS_ALLOCATE,
    BIRTHS_RECEIVE,
    RESIDENCE_RECEIVE,
    DEATHS_RECEIVE,
    READS_RECORD,
)
EVENTS: Final[tuple[Event, ...]] = ()

SUBSCRIPTIONS: Final = (
    ("civilstatus/birth-registered/v1", BIRTHS_RECEIVE.name),
    ("residence/registered/v1", RESIDENCE_RECEIVE.name),
    ("civilstatus/death-registered/v1", DEATHS_RECEIVE.name),
)
"""(event, the service through which this room hears it)."""

_READS: Final = (PERSONS_GET.name, HOUSEHOLDS_GET.name, PERSONS_VERIFY.name)
_HOLDERS: Final = (
    "population",
    "eid",
    "civilstatus",
    "residence",
    "socialsecurity",
    "fees",
    "warehouse",
    "onestop",
    "lifeevents",
    "procedures",
    "registers",
)

GRANTS: Final[tuple[tuple[str, str, str], ...]] = (
    *product(("onestop", "lifeevents"), _READS, (SETTLING,)),
    *product(("lifeevents", "procedures", "warehouse"), _READS, ("own-data",)),
    *product(("onestop", "lifeevents"), _READS[:1], ("notification",)),
    ("lifeevents", PERSONS_GET.name, "authorisation"),
    *product(("eid",), (PERSONS_GET.name, PERSONS_VERIFY.name), ("sign-in", "own-data")),
    *product(("civilstatus",), _READS, ("birth-registration",)),
    *product(("residence",), _READS, ("permanent-residence",)),
    *product(("socialsecurity",), _READS, ("health-insurance-card",)),
    ("fees", PERSONS_VERIFY.name, "fee-collection"),
    ("warehouse", PERSONS_VERIFY.name, "result-delivery"),
    *product(("onestop", "lifeevents"), (NUMBERS_ALLOCATE.name,), ("birth-registration", "linked-procedure")),
    ("civilstatus", NUMBERS_ALLOCATE.name, "birth-registration"),
    ("civilstatus", BIRTHS_RECEIVE.name, "birth-registration"),
    ("residence", RESIDENCE_RECEIVE.name, "permanent-residence"),
    ("civilstatus", DEATHS_RECEIVE.name, "death-registration"),
    *product(_HOLDERS, (READS_RECORD.name,), ("own-data",)),
)
"""(client system, service, purpose): granted to every agency's system of that name."""
