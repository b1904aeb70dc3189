"""What social security offers: health-insurance cards of children under six, and where they are treated."""

from datetime import date
from itertools import product
from typing import Final, Literal

from lienthong.blocks.exchange.contract import Action, Body, Event, Service
from lienthong.ground.text import Text

Sex = Literal["male", "female"]


class Words(Body):
    vi: str
    en: str


class Signer(Body):
    code: str
    name: str
    title: Words


class Hospital(Body):
    code: str
    name: str


class CardWanted(Body):
    person_number: str
    birth_date: date
    on: date


class Found(Body):
    code: str
    what: Words
    why: Words
    next: Words
    field: str | None


class Checked(Body):
    problems: list[Found]


class CardToIssue(Body):
    person_number: str
    full_name: str
    sex: Sex
    birth_date: date
    unit: str
    address: str
    hospital: Hospital
    issued_on: date
    signer: Signer


class CardIssued(Body):
    """object_code: whom the law insures (TE1); benefit_level: 1 pays all; valid_to: the last day."""

    card_number: str
    object_code: str
    benefit_level: str
    benefit_percent: int
    valid_from: date
    valid_to: date


class ByPerson(Body):
    person_number: str


class CardView(CardIssued):
    person_number: str
    full_name: str
    sex: Sex
    birth_date: date
    unit: str
    address: str
    hospital: Hospital
    issued_on: date
    state: str


class ByProvince(Body):
    province: str


class Hospitals(Body):
    hospitals: list[Hospital]


_LAW: Final = "Luật Bảo hiểm y tế 25/2008/QH12, Điều 12, 16, 17"

CARDS_CHECK: Final = Service(
    "socialsecurity",
    "cards-check",
    Text("Kiểm tra điều kiện cấp thẻ bảo hiểm y tế", "Check a health-insurance card before issue"),
    Action.READ,
    CardWanted,
    Checked,
    _LAW,
)
CARDS_ISSUE: Final = Service(
    "socialsecurity",
    "cards-issue",
    Text("Cấp thẻ bảo hiểm y tế", "Issue a health-insurance card"),
    Action.WRITE,
    CardToIssue,
    CardIssued,
    _LAW,
)
CARDS_GET: Final = Service(
    "socialsecurity",
    "cards-get",
    Text("Tra cứu thẻ bảo hiểm y tế", "Look up a health-insurance card"),
    Action.READ,
    ByPerson,
    CardView,
    _LAW,
    personal=True,
)
HOSPITALS_LIST: Final = Service(
    "socialsecurity",
    "hospitals-list",
    Text("Danh sách nơi khám bệnh ban đầu của tỉnh", "Hospitals of a province"),
    Action.READ,
    ByProvince,
    Hospitals,
    "Luật Bảo hiểm y tế 25/2008/QH12, Điều 26",
)

SERVICES: Final = (CARDS_CHECK, CARDS_ISSUE, CARDS_GET, HOSPITALS_LIST)
EVENTS: Final[tuple[Event, ...]] = ()
SUBSCRIPTIONS: Final[tuple[tuple[str, str], ...]] = ()

_SETTLING: Final = ("health-insurance-card", "linked-procedure")
_FORMS: Final = ("health-insurance-card", "linked-procedure", "birth-registration", "own-data")

GRANTS: Final[tuple[tuple[str, str, str], ...]] = (
    *product(("onestop",), (CARDS_CHECK.name, CARDS_ISSUE.name, CARDS_GET.name), _SETTLING),
    *product(("lifeevents",), (CARDS_CHECK.name, CARDS_GET.name), _SETTLING),
    *product(("onestop", "lifeevents", "procedures"), (HOSPITALS_LIST.name,), _FORMS),
    *product(("warehouse",), (CARDS_GET.name,), ("result-delivery", "own-data")),
)
"""(client system, service, purpose): granted to every agency's system of that name."""
