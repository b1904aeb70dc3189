"""What the e-ID system offers: contacts of an account holder, and notices that need no contact disclosed."""

from __future__ import annotations

from pydantic import Field

from lienthong.blocks.exchange.contract import Action, Body, Service
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
    """to: a person's number; the sender learns neither address nor telephone number."""

    to: str
    subject: Words
    text: Words
    case: str = Field(default="", max_length=60)
    link: str = Field(default="", max_length=300)


class NoticeSent(Body):
    notice: str


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
SERVICES = (CONTACTS_GET, NOTICES_SEND)
EVENTS = ()
GRANTS = (
    ("lifeevents", NOTICES_SEND.name, "notification"),
    ("onestop", NOTICES_SEND.name, "notification"),
    ("fees", NOTICES_SEND.name, "notification"),
    ("onestop", CONTACTS_GET.name, "notification"),
)
