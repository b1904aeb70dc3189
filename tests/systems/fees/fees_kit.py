"""Bills and bank messages as the tests of fees need them."""

import json
from datetime import date, datetime
from typing import Any

from lienthong.blocks.trust.secrets import text_sign
from lienthong.systems.fees import payments, services
from lienthong.systems.fees.models import Bill, Payment
from lienthong.systems.fees.rules import Wanted
from tests.systems.country import COMMITTEE, ONESTOP

PAYER = "001195000001"
EXTRACT = "civil-status-extract"


def bill_new(
    at: datetime, *, message: str = "m1", extracts: int = 2, agency: str = COMMITTEE, **more: Any
) -> Bill:
    new = services.NewBill(
        payer=PAYER,
        payer_name="Nguyễn Thị Ánh",
        procedure="1.001193",
        province="01",
        agency=agency,
        channel="online",
        classes=more.pop("classes", frozenset()),
        on=date(2026, 11, 23),
        items=(Wanted(EXTRACT, extracts),),
        opened_by=ONESTOP,
        reference="H26.12-261123-0001",
        case="H26.12-261123-0001",
        **more,
    )
    return services.bill_open(new=new, message_id=message, at=at)


def payment_of(bill: Bill, at: datetime) -> Payment:
    payments.payment_start(bill=bill, at=at)
    return Payment.objects.get(bill=bill, state="waiting")


def message(
    order: object, *, amount: int, at: datetime, state: str = "paid", transaction: str = "FT1"
) -> dict[str, str]:
    """body and signature of what the bank tells."""
    body = json.dumps(
        {
            "order": str(order),
            "state": state,
            "amount": amount,
            "transaction": transaction,
            "paid_at": at.isoformat() if state == "paid" else None,
        }
    )
    return {"body": body, "signature": text_sign("bank", body)}


def pay(bill: Bill, at: datetime, transaction: str = "FT1") -> Payment:
    payment = payment_of(bill, at)
    return payments.payment_confirm(
        **message(payment.pk, amount=bill.total, at=at, transaction=transaction), at=at
    )
