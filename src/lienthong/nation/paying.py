"""Paying a bill as the bank would tell of it, for a nation that has no bank running beside it."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from lienthong.blocks.trust.secrets import text_sign
from lienthong.systems.fees import selectors
from lienthong.systems.fees.payments import BANK, payment_confirm, payment_start


def bill_pay(*, bill: str, payer: str, at: datetime) -> None:
    """The payer goes to the bank and pays; the bank tells the platform, signed.

    Errors: bill-unknown (404), bill-not-open (409).
    """
    address = payment_start(bill=selectors.bill_of_payer(bill_id=UUID(bill), payer=payer), at=at)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    told = {
        "order": asked["order"],
        "state": "paid",
        "amount": int(asked["amount"]),
        "transaction": f"NH{asked['order'][:12]}",
        "paid_at": at.isoformat(),
    }
    body = json.dumps(told)
    payment_confirm(body=body, signature=text_sign(BANK, body), at=at)


def is_open(bill: str) -> bool:
    """Whether it waits to be paid: its dossier hears that it was paid a little later."""
    return selectors.bill_get(bill_id=bill).status == "open"
