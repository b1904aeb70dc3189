"""The bills in the ledger. A payer's account is named by a derived id: no entry shows a personal number."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lienthong.blocks.ledger import selectors as ledger_reads
from lienthong.blocks.ledger import services as ledger
from lienthong.blocks.ledger.records import TransferRequest
from lienthong.blocks.ledger.rules import Kind
from lienthong.ground.errors import NotFound
from lienthong.ground.ids import derived
from lienthong.systems.fees.models import Bill

BANK = "fees/bank"


def revenue_account(agency: str) -> str:
    return f"fees/revenue/{agency}"


def receivable_account(payer: str) -> str:
    return f"fees/payer/{derived('fees-payer', payer)}"


def owed_account(payer: str) -> str:
    return f"fees/owed/{derived('fees-payer', payer)}"


def payment_post(*, bill: Bill, payment_id: UUID, at: datetime) -> None:
    """The payer owes the agency its revenue, and the bank's money clears it: two transfers, once a bill."""
    receivable, revenue = receivable_account(bill.payer), revenue_account(bill.agency)
    _bank(at)
    ledger.account_open(code=receivable, name="Phải thu", kind=Kind.ASSET, at=at, holder=bill.payer)
    ledger.account_open(code=revenue, name="Thu phí, lệ phí", kind=Kind.REVENUE, at=at, holder=bill.agency)
    ledger.transfers_make(
        requests=[
            _transfer(derived(bill.pk, "charge"), (receivable, revenue), bill, "fee-charge", at),
            _transfer(derived(bill.pk, payment_id, "received"), (BANK, receivable), bill, "fee-payment", at),
        ]
    )


def surplus_post(*, bill: Bill, payment_id: UUID, at: datetime) -> None:
    """Money came for a bill that nobody owed any more: the payer is owed it."""
    _bank(at)
    owed = _owed(bill, at)
    ledger.transfers_make(
        requests=[_transfer(derived(bill.pk, payment_id, "received"), (BANK, owed), bill, "fee-surplus", at)]
    )


def refund_post(*, bill: Bill, at: datetime) -> None:
    """The revenue is taken back and owed to the payer; a bill of 0 đồng moves nothing."""
    if bill.total == 0:
        return
    owed, revenue = _owed(bill, at), revenue_account(bill.agency)
    ledger.transfers_make(
        requests=[_transfer(derived(bill.pk, "refund"), (revenue, owed), bill, "fee-refund", at)]
    )


def revenue_of(agency: str) -> int:
    """What the ledger says the agency took; 0 where it never took anything."""
    try:
        return ledger_reads.balance(code=revenue_account(agency))
    except NotFound:
        return 0


def owed_to(payer: str) -> int:
    """What the payer is owed back."""
    try:
        return ledger_reads.balance(code=owed_account(payer))
    except NotFound:
        return 0


def _bank(at: datetime) -> None:
    ledger.account_open(code=BANK, name="Tiền thu phí tại ngân hàng", kind=Kind.ASSET, at=at)


def _owed(bill: Bill, at: datetime) -> str:
    code = owed_account(bill.payer)
    ledger.account_open(code=code, name="Phải hoàn trả", kind=Kind.LIABILITY, at=at, holder=bill.payer)
    return code


def _transfer(
    transfer_id: UUID, sides: tuple[str, str], bill: Bill, code: str, at: datetime
) -> TransferRequest:
    """`sides`: the account debited, and the one credited."""
    return TransferRequest(transfer_id, *sides, bill.total, code, str(bill.pk), at)
