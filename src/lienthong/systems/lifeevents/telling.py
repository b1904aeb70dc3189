"""Telling a person by mail and SMS, as their account says; the message leaves with the transaction of its cause."""

from __future__ import annotations

from lienthong.blocks.exchange import outbox
from lienthong.blocks.exchange import selectors as exchange
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.selectors import subsystem

NOTICES = "eid/notices-send/v1"


def person_tell(*, to: str, subject: Text, text: Text, case: str = "") -> None:
    """Ask the e-ID system to tell `to`; nothing where this nation has none. case: what the notice links to."""
    receiver = exchange.national_subsystem("eid")
    if receiver is None:
        return
    outbox.delivery_add(
        sender=subsystem(),
        receiver=receiver,
        service=NOTICES,
        purpose="notification",
        case=case,
        body={"to": to, "case": case, "subject": subject.as_dict(), "text": text.as_dict()},
    )
