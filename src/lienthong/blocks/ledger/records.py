"""What the ledger answers with: frozen copies of its rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienthong.blocks.ledger.models import Account, Hold, Transfer
from lienthong.blocks.ledger.rules import HoldState, Kind, Totals


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """`debit` and `credit` are account codes, `amount` whole đồng, `at` when it happened."""

    transfer_id: UUID
    debit: str
    credit: str
    amount: int
    code: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferInfo:
    transfer_id: UUID
    debit: str
    credit: str
    amount: int
    code: str
    reference: str
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class HoldInfo:
    hold_id: UUID
    debit: str
    credit: str
    amount: int
    code: str
    reference: str
    state: HoldState
    placed_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    code: str
    name: str
    kind: Kind
    holder: str
    floor: int | None
    totals: Totals

    @property
    def balance(self) -> int:
        return self.totals.balance

    @property
    def available(self) -> int:
        return self.totals.available


def totals_of(row: Account) -> Totals:
    return Totals(
        Kind(row.kind), row.posted_debits, row.posted_credits, row.pending_debits, row.pending_credits
    )


def account_info(row: Account) -> AccountInfo:
    return AccountInfo(row.code, row.name, Kind(row.kind), row.holder, row.floor, totals_of(row))


def transfer_info(row: Transfer) -> TransferInfo:
    return TransferInfo(
        transfer_id=row.id,
        debit=row.debit.code,
        credit=row.credit.code,
        amount=row.amount,
        code=row.code,
        reference=row.reference,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
    )


def hold_info(row: Hold) -> HoldInfo:
    return HoldInfo(
        hold_id=row.id,
        debit=row.debit.code,
        credit=row.credit.code,
        amount=row.amount,
        code=row.code,
        reference=row.reference,
        state=HoldState(row.state),
        placed_at=row.happened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
