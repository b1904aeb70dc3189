"""Writes of bills: open, settle, void; and the policies that reports count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lienthong.blocks.casework.files import check_code_new
from lienthong.blocks.exchange import outbox
from lienthong.blocks.exchange import selectors as exchange
from lienthong.ground import clock
from lienthong.ground.ids import derived
from lienthong.systems.fees import books, contract, problems, rules
from lienthong.systems.fees.models import Bill, BillLine, FeePolicy, Receipt, ReceiptCounter
from lienthong.systems.fees.table import fee_table

PURPOSE = "fee-collection"


@dataclass(frozen=True, slots=True)
class NewBill:
    """Who pays what to which agency; `reply_to` hears of it, `opened_by` may void it."""

    payer: str
    payer_name: str
    procedure: str
    province: str
    agency: str
    channel: str
    classes: frozenset[str]
    on: date
    items: tuple[rules.Wanted, ...]
    opened_by: str
    reply_to: str = ""
    reference: str = ""
    case: str = ""


def subsystem() -> str:
    """This room's own name on the exchange."""
    name = exchange.national_subsystem("fees")
    if name is None:
        raise RuntimeError("the fee system is not open on the exchange")
    return name


def bill_open(*, new: NewBill, message_id: str, at: datetime) -> Bill:
    """The bill of this message, opened when there is none; one of 0 đồng is settled at once.

    Errors: those of `FeeTable.lines`.
    """
    asked = rules.Asked(new.province, new.channel, new.on, new.classes)
    lines = fee_table().lines(new.items, asked)
    total = rules.total(lines)
    settled = total == 0
    with transaction.atomic():
        bill, fresh = Bill.objects.get_or_create(
            id=derived("fees-bill", new.opened_by, message_id),
            defaults={
                "payer": new.payer,
                "payer_name": new.payer_name,
                "procedure": new.procedure,
                "province": new.province,
                "agency": new.agency,
                "channel": new.channel,
                "applied_on": new.on,
                "total": total,
                "status": "settled" if settled else "open",
                "opened_by": new.opened_by,
                "reply_to": new.reply_to,
                "reference": new.reference,
                "case": new.case,
                "opened_at": at,
                "settled_at": at if settled else None,
                "recorded_at": clock.now(),
            },
        )
        if fresh:
            BillLine.objects.bulk_create(_line(bill, place, line) for place, line in enumerate(lines, 1))
    return bill


def _line(bill: Bill, position: int, line: rules.Line) -> BillLine:
    return BillLine(
        bill=bill,
        position=position,
        code=line.code,
        title_vi=line.title.vi,
        title_en=line.title.en,
        unit_price=line.unit_price,
        quantity=line.quantity,
        amount=line.amount,
        waived=line.waived,
        article=line.article,
    )


def bill_lock(bill_id: UUID) -> Bill:
    """The bill, ours until the transaction ends. Bills are locked before their payments, everywhere."""
    return Bill.objects.select_for_update(no_key=True).get(pk=bill_id)


def bill_settle(*, bill: Bill, payment_id: UUID, paid_at: datetime, at: datetime) -> Receipt:
    """A locked open bill is paid: books, receipt number and event, in the caller's transaction."""
    books.payment_post(bill=bill, payment_id=payment_id, at=at)
    bill.status, bill.settled_at = "settled", at
    bill.save(update_fields=["status", "settled_at"])
    receipt = _receipt(bill, at)
    body = contract.BillSettled(
        bill=str(bill.pk),
        reference=bill.reference,
        case=bill.case,
        total=bill.total,
        receipt_number=receipt.text,
        paid_at=paid_at,
    )
    outbox.event_publish(
        event=contract.BILL_SETTLED,
        body=body.model_dump(mode="json"),
        sender=subsystem(),
        case=bill.case,
        purpose=PURPOSE,
        to=[bill.reply_to] if bill.reply_to else None,
    )
    return receipt


def _receipt(bill: Bill, at: datetime) -> Receipt:
    """The year's next number. The counter's lock lasts to the commit, so that numbers have no gaps."""
    year = clock.in_vietnam(at).year
    ReceiptCounter.objects.get_or_create(year=year)
    counter = ReceiptCounter.objects.select_for_update(no_key=True).get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return Receipt.objects.create(
        bill=bill, year=year, number=counter.last, check_code=check_code_new(), issued_at=at
    )


def bill_void(*, bill_id: UUID, client: str, at: datetime) -> None:
    """An unpaid bill is void; a paid one is refunded: the payer is owed the money. Repeated: nothing.

    Errors: bill-unknown (404), also for a bill that another subsystem opened.
    """
    with transaction.atomic():
        if not Bill.objects.filter(pk=bill_id, opened_by=client).exists():
            raise problems.bill_unknown()
        bill = bill_lock(bill_id)
        if bill.status == "open":
            bill.status = "void"
        elif bill.status == "settled":
            books.refund_post(bill=bill, at=at)
            bill.status = "refunded"
        else:
            return
        bill.closed_at = at
        bill.save(update_fields=["status", "closed_at"])


def policies_publish() -> int:
    """A row for each rate by which a province departs from the country; how many there are."""
    now = clock.now()
    known = 0
    for item in fee_table().items.values():
        for rate in item.rates:
            if rate.province:
                known += 1
                FeePolicy.objects.get_or_create(
                    province=rate.province,
                    item=item.code,
                    channel=rate.channel,
                    valid_from=rate.period.first,
                    article=rate.article,
                    defaults={
                        "amount": rate.amount,
                        "reduces": rate.amount < _country_amount(item, rate),
                        "valid_to": rate.period.last,
                        "recorded_at": now,
                    },
                )
    return known


def _country_amount(item: rules.Item, rate: rules.Rate) -> int:
    """What the country asked for on a province's rate's first day."""
    asked = rules.Asked(province="", channel=rate.channel, on=rate.period.first)
    return rules.rate_of(item, asked).amount
