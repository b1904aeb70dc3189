"""Reads of the ledger."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from lienthong.blocks.ledger import problems
from lienthong.blocks.ledger.models import Account, Hold, Transfer
from lienthong.blocks.ledger.records import (
    AccountInfo,
    HoldInfo,
    TransferInfo,
    account_info,
    hold_info,
    transfer_info,
)

# One statement, so one moment: a transfer made meanwhile is in both sums or in neither.
_READD = """
with sides as (
    select debit_id as account, amount as pd, 0 as pc, 0 as hd, 0 as hc from ledger_transfer
    union all select credit_id, 0, amount, 0, 0 from ledger_transfer
    union all select debit_id, 0, 0, amount, 0 from ledger_hold where state = 'pending'
    union all select credit_id, 0, 0, 0, amount from ledger_hold where state = 'pending'
), added as (
    select account, sum(pd)::bigint as pd, sum(pc)::bigint as pc, sum(hd)::bigint as hd, sum(hc)::bigint as hc
    from sides group by account
), compared as (
    select a.code, posted_debits, posted_credits, pending_debits, pending_credits,
           coalesce(pd, 0) as pd, coalesce(pc, 0) as pc, coalesce(hd, 0) as hd, coalesce(hc, 0) as hc
    from ledger_account a left join added on added.account = a.id
)
select * from compared
where (posted_debits, posted_credits, pending_debits, pending_credits) is distinct from (pd, pc, hd, hc)
order by code
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement. `amount`: what it added to the account's balance, or took away (negative)."""

    transfer_id: UUID
    happened_at: datetime
    amount: int
    counterpart: str
    code: str
    reference: str


@dataclass(frozen=True, slots=True)
class Statement:
    """`cursor` leads to the next page, or None at the end."""

    entries: tuple[Entry, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose kept totals are not what its entries and holds add up to.

    Each tuple: posted debits, posted credits, pending debits, pending credits.
    """

    account: str
    kept: tuple[int, int, int, int]
    added: tuple[int, int, int, int]


def account_by_code(*, code: str) -> AccountInfo:
    """NotFound when there is none."""
    row = Account.objects.filter(code=code).first()
    if row is None:
        raise problems.account_unknown(code)
    return account_info(row)


def balance(*, code: str) -> int:
    """Whole đồng, on the side on which the account grows. NotFound when there is no such account."""
    return account_by_code(code=code).balance


def accounts_of(*, holder: str) -> list[AccountInfo]:
    return [account_info(row) for row in Account.objects.filter(holder=holder).order_by("code")]


def transfer_by_id(*, transfer_id: UUID) -> TransferInfo | None:
    row = Transfer.objects.select_related("debit", "credit").filter(id=transfer_id).first()
    return None if row is None else transfer_info(row)


def transfers_of(*, reference: str) -> list[TransferInfo]:
    """All transfers made for one dossier, order or bill."""
    rows = Transfer.objects.select_related("debit", "credit").filter(reference=reference)
    return [transfer_info(row) for row in rows.order_by("happened_at", "id")]


def hold_by_id(*, hold_id: UUID) -> HoldInfo | None:
    row = Hold.objects.select_related("debit", "credit").filter(id=hold_id).first()
    return None if row is None else hold_info(row)


def statement(*, code: str, cursor: str | None = None, limit: int = 50) -> Statement:
    """An account's entries, oldest first, `limit` a page. NotFound when there is no such account."""
    account = Account.objects.filter(code=code).first()
    if account is None:
        raise problems.account_unknown(code)
    rows = Transfer.objects.select_related("debit", "credit").filter(Q(debit=account) | Q(credit=account))
    if cursor is not None:
        moment, _, last = cursor.partition("|")
        after, last_id = datetime.fromisoformat(moment), UUID(last)
        rows = rows.filter(Q(happened_at__gt=after) | Q(happened_at=after, id__gt=last_id))
    page = list(rows.order_by("happened_at", "id")[: limit + 1])
    entries = tuple(_entry(row, account) for row in page[:limit])
    more = len(page) > limit
    return Statement(
        entries, f"{entries[-1].happened_at.isoformat()}|{entries[-1].transfer_id}" if more else None
    )


def audit() -> tuple[Difference, ...]:
    """Adds every balance up again from its entries; empty when the books are right."""
    with connection.cursor() as cursor:
        cursor.execute(_READD)
        return tuple(Difference(row[0], tuple(row[1:5]), tuple(row[5:9])) for row in cursor.fetchall())


def _entry(row: Transfer, account: Account) -> Entry:
    debited = row.debit == account
    grows = account_info(account).kind.grows_by_debit == debited
    return Entry(
        transfer_id=row.id,
        happened_at=row.happened_at,
        amount=row.amount if grows else -row.amount,
        counterpart=(row.credit if debited else row.debit).code,
        code=row.code,
        reference=row.reference,
    )
