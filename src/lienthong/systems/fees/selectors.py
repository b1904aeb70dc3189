"""Reads of bills, payments and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from lienthong.systems.fees import books, contract, problems
from lienthong.systems.fees.models import Bill, Payment, PaymentAnomaly, Receipt

KEPT = {"settled"}


@dataclass(frozen=True, slots=True)
class Audit:
    """settled: what the settled bills add up to; revenue: what the ledger holds; differences: by agency."""

    settled: int
    revenue: int
    differences: dict[str, tuple[int, int]]


def bill_get(*, bill_id: UUID | str) -> Bill:
    """Errors: bill-unknown (404)."""
    try:
        bill = Bill.objects.filter(pk=UUID(str(bill_id))).first()
    except ValueError:
        bill = None
    if bill is None:
        raise problems.bill_unknown()
    return bill


def bill_of_payer(*, bill_id: UUID, payer: str) -> Bill:
    """Errors: bill-unknown (404), also where the bill is another person's."""
    bill = bill_get(bill_id=bill_id)
    if bill.payer != payer:
        raise problems.bill_unknown()
    return bill


def bill_state(bill: Bill) -> contract.BillState:
    """The bill as other systems see it."""
    payment = payment_taken(bill)
    receipt = receipt_of(bill)
    return contract.BillState(
        bill=str(bill.pk),
        total=bill.total,
        status=bill.status,  # type: ignore[arg-type]
        paid_at=payment.paid_at if payment else None,
        receipt_number=receipt.text if receipt else "",
        lines=bill_lines(bill),
    )


def bill_lines(bill: Bill) -> list[contract.Line]:
    return [
        contract.Line(
            code=row.code,
            title=contract.Words(vi=row.title_vi, en=row.title_en),
            unit_price=row.unit_price,
            quantity=row.quantity,
            amount=row.amount,
            waived=row.waived,
            article=row.article,
        )
        for row in bill.lines.order_by("position")  # type: ignore[attr-defined]
    ]


def payment_taken(bill: Bill) -> Payment | None:
    """The payment that settled the bill."""
    return Payment.objects.filter(bill=bill, state="paid").first()


def payment_last(bill: Bill) -> Payment | None:
    return Payment.objects.filter(bill=bill).order_by("-started_at", "-id").first()


def receipt_of(bill: Bill) -> Receipt | None:
    return Receipt.objects.filter(bill=bill).first()


def receipt_by_code(*, code: str) -> Receipt:
    """Errors: receipt-code-unknown (404)."""
    row = Receipt.objects.select_related("bill").filter(check_code=code.upper()).first()
    if row is None:
        raise problems.receipt_code_unknown()
    return row


def anomalies_newest(limit: int = 200) -> list[PaymentAnomaly]:
    return list(PaymentAnomaly.objects.order_by("-id")[:limit])


def audit() -> Audit:
    """Whether the settled bills of each agency add up to the revenue that the ledger holds for it."""
    settled = dict(
        Bill.objects.filter(status__in=KEPT).values_list("agency").annotate(total=Sum("total")).order_by()
    )
    agencies = Bill.objects.order_by().values_list("agency", flat=True).distinct()
    both = {agency: (settled.get(agency, 0), books.revenue_of(agency)) for agency in agencies}
    return Audit(
        settled=sum(pair[0] for pair in both.values()),
        revenue=sum(pair[1] for pair in both.values()),
        differences={agency: pair for agency, pair in sorted(both.items()) if pair[0] != pair[1]},
    )
