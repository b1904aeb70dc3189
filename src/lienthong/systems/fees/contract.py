"""What the fee system offers: what something costs, a bill for it, its state, its end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from lienthong.blocks.exchange.contract import Action, Body, Done, Event, Service
from lienthong.ground.text import Text

BASIS = "Luật Phí và lệ phí 97/2015/QH13"


class Words(Body):
    vi: str
    en: str


class Item(Body):
    code: str = Field(max_length=60)
    quantity: int = Field(ge=1, le=100)


class Quote(Body):
    """province: a code as ground.units has it; on: the day whose rates count."""

    procedure: str
    province: str
    channel: Literal["online", "counter", "post"]
    applicant_classes: list[str] = Field(default_factory=list[str], max_length=20)
    on: date
    items: list[Item] = Field(max_length=50)


class Line(Body):
    """Amounts in whole đồng; article: the provision that set the rate, or waived it."""

    code: str
    title: Words
    unit_price: int
    quantity: int
    amount: int
    waived: bool
    article: str


class Quoted(Body):
    lines: list[Line]
    total: int


class BillOpen(Quote):
    """agency: whose revenue it is; reply_to: `<subsystem>|<service>` that hears of the payment."""

    payer: str = Field(pattern=r"^(\d{12}|\d{10})$")
    payer_name: str = Field(min_length=1, max_length=120)
    agency: str = Field(max_length=40)
    reply_to: str = Field(default="", max_length=240)
    reference: str = Field(default="", max_length=120)


class BillOpened(Body):
    bill: str
    total: int
    status: Literal["open", "settled"]
    lines: list[Line]


class BillAsk(Body):
    bill: str


class BillState(Body):
    bill: str
    total: int
    status: Literal["open", "settled", "void", "refunded"]
    paid_at: datetime | None
    receipt_number: str
    lines: list[Line]


class BillSettled(Body):
    bill: str
    reference: str
    case: str
    total: int
    receipt_number: str
    paid_at: datetime


QUOTE = Service("fees", "quote", Text("Tính phí, lệ phí", "Quote a fee"), Action.READ, Quote, Quoted, BASIS)
BILLS_OPEN = Service(
    "fees", "bills-open", Text("Lập khoản thu", "Open a bill"), Action.WRITE, BillOpen, BillOpened, BASIS
)
BILLS_GET = Service(
    "fees",
    "bills-get",
    Text("Tình trạng khoản thu", "State of a bill"),
    Action.READ,
    BillAsk,
    BillState,
    BASIS,
    personal=True,
)
BILLS_VOID = Service(
    "fees", "bills-void", Text("Hủy khoản thu", "Void a bill"), Action.WRITE, BillAsk, Done, BASIS
)
SERVICES = (QUOTE, BILLS_OPEN, BILLS_GET, BILLS_VOID)
BILL_SETTLED = Event("fees", "bill-settled", Text("Đã nộp phí", "A bill was settled"), BillSettled)
EVENTS = (BILL_SETTLED,)
GRANTS = (
    ("onestop", QUOTE.name, "fee-collection"),
    ("onestop", BILLS_OPEN.name, "fee-collection"),
    ("onestop", BILLS_GET.name, "fee-collection"),
    ("onestop", BILLS_VOID.name, "fee-collection"),
    ("lifeevents", QUOTE.name, "fee-collection"),
)
