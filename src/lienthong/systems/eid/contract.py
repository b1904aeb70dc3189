"""What the e-ID system offers: contacts of an account holder, and notices that need no contact disclosed."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from lienthong.blocks.exchange.contract import Action, Body, Done, Service
from lienthong.ground.text import Text

BASIS = "Nghị định 69/2024/NĐ-CP"


class Words(Body):
    vi: str
    en: str


class ContactAsk(Body):
    number: str


class Contact(Body):
    email: str
    phone: str
    language: str


class NoticeSend(Body):
    """to: a person's number; also: others who get the same. The sender learns no address or telephone number."""

    to: str
    also: list[str] = Field(default_factory=list[str], max_length=10)
    subject: Words
    text: Words
    case: str = Field(default="", max_length=60)
    link: str = Field(default="", max_length=300)


class NoticeSent(Body):
    notice: str


class DeathTold(Body):
    """civilstatus/death-registered/v1."""

    person_number: str
    death_date: date
    certificate_number: str
    registered_on: date
    agency: str
    case: str
    officer: str


CONTACTS_GET = Service(
    "eid",
    "contacts-get",
    Text("Thông tin liên hệ", "Contact details"),
    Action.READ,
    ContactAsk,
    Contact,
    BASIS,
    personal=True,
)
NOTICES_SEND = Service(
    "eid", "notices-send", Text("Gửi thông báo", "Send a notice"), Action.WRITE, NoticeSend, NoticeSent, BASIS
)
DEATHS_RECEIVE = Service(
    "eid",
    "deaths-receive",
    Text("Khóa tài khoản của người đã mất", "Close the account of who died"),
    Action.WRITE,
    DeathTold,
    Done,
    BASIS,
)
SERVICES = (CONTACTS_GET, NOTICES_SEND, DEATHS_RECEIVE)
EVENTS = ()
SUBSCRIPTIONS = (("civilstatus/death-registered/v1", DEATHS_RECEIVE.name),)
"""(event, the service through which this room hears it)."""

GRANTS = (
    ("lifeevents", NOTICES_SEND.name, "notification"),
    ("onestop", NOTICES_SEND.name, "notification"),
    ("fees", NOTICES_SEND.name, "notification"),
    ("onestop", CONTACTS_GET.name, "notification"),
    ("civilstatus", DEATHS_RECEIVE.name, "death-registration"),
)
