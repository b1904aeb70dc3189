"""The services of `contract.py`."""

from __future__ import annotations

from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.ground.text import Text
from lienthong.systems.fees import contract, problems, rules, selectors, services
from lienthong.systems.fees.table import fee_table


def _wanted(request: contract.Quote) -> tuple[rules.Wanted, ...]:
    return tuple(rules.Wanted(item.code, item.quantity) for item in request.items)


def quote(request: contract.Quote, _context: CallContext) -> contract.Quoted:
    asked = rules.Asked(request.province, request.channel, request.on, frozenset(request.applicant_classes))
    lines = fee_table().lines(_wanted(request), asked)
    return contract.Quoted(
        lines=[
            contract.Line(
                code=line.code,
                title=contract.Words(vi=line.title.vi, en=line.title.en),
                unit_price=line.unit_price,
                quantity=line.quantity,
                amount=line.amount,
                waived=line.waived,
                article=line.article,
            )
            for line in lines
        ],
        total=rules.total(lines),
    )


def bills_open(request: contract.BillOpen, context: CallContext) -> contract.BillOpened:
    new = services.NewBill(
        payer=request.payer,
        payer_name=request.payer_name,
        procedure=request.procedure,
        province=request.province,
        agency=request.agency,
        channel=request.channel,
        classes=frozenset(request.applicant_classes),
        on=request.on,
        items=_wanted(request),
        opened_by=str(context.client),
        reply_to=request.reply_to,
        reference=request.reference,
        case=context.case,
    )
    bill = services.bill_open(new=new, message_id=context.message_id, at=context.at)
    return contract.BillOpened(
        bill=str(bill.pk),
        total=bill.total,
        status="settled" if bill.status == "settled" else "open",
        lines=selectors.bill_lines(bill),
    )


def bills_get(request: contract.BillAsk, context: CallContext) -> contract.BillState:
    """Only to the subsystem that opened it."""
    bill = selectors.bill_get(bill_id=request.bill)
    if bill.opened_by != str(context.client):
        raise problems.bill_unknown()
    context.note_read(bill.payer, Text("tình trạng nộp phí", "whether a fee was paid"))
    return selectors.bill_state(bill)


def bills_void(request: contract.BillAsk, context: CallContext) -> Done:
    bill = selectors.bill_get(bill_id=request.bill)
    services.bill_void(bill_id=bill.pk, client=str(context.client), at=context.at)
    return Done()
