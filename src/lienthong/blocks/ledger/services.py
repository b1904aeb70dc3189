"""Writes of the ledger. Each call is one transaction: all of it, or none.

Accounts are locked in the order of their ids, so transfers that cross each other wait and never deadlock.
Every call names its own id: sent again with the same content it gives the same answer, whenever it comes (the
first moment stands); with other content, a Conflict.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from lienthong.blocks.ledger import problems
from lienthong.blocks.ledger.models import Account, Hold, Transfer
from lienthong.blocks.ledger.records import (
    AccountInfo,
    HoldInfo,
    TransferInfo,
    TransferRequest,
    account_info,
    hold_info,
    totals_of,
    transfer_info,
)
from lienthong.blocks.ledger.rules import HoldState, Kind, Totals, check_entry, refused_by_floor
from lienthong.ground import clock

_STORE = """
update ledger_account as account
set posted_debits = new.pd, posted_credits = new.pc, pending_debits = new.hd, pending_credits = new.hc
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) as new (id, pd, pc, hd, hc)
where account.id = new.id
"""
_TOTALS = ["posted_debits", "posted_credits", "pending_debits", "pending_credits"]


def account_open(
    *, code: str, name: str, kind: Kind, at: datetime, holder: str = "", floor: int | None = None
) -> AccountInfo:
    """The account with this code, opened when there is none. Conflict: it has another kind, holder or floor.

    `holder`: subject id of whose money it is; `floor`: the least that may be available (0 or less), or None.
    """
    if floor is not None and floor > 0:
        raise problems.floor_positive(code)
    account, _ = Account.objects.get_or_create(
        code=code,
        defaults={"name": name, "kind": Kind(kind).value, "holder": holder, "floor": floor, "opened_at": at},
    )
    if (account.kind, account.holder, account.floor) != (Kind(kind).value, holder, floor):
        raise problems.account_differs(code)
    return account_info(account)


def transfer_make(
    *, transfer_id: UUID, debit: str, credit: str, amount: int, code: str, reference: str, at: datetime
) -> TransferInfo:
    """Moves `amount` đồng: the `debit` account is debited, the `credit` account credited.

    Invalid (amount, accounts), NotFound (account), Conflict (id used otherwise, floor).
    """
    request = TransferRequest(transfer_id, debit, credit, amount, code, reference, at)
    return transfers_make(requests=[request])[0]


def transfers_make(*, requests: Sequence[TransferRequest]) -> list[TransferInfo]:
    """Several transfers in the order given, all or none; each is checked as if it came alone."""
    for request in requests:
        check_entry(debit=request.debit, credit=request.credit, amount=request.amount, code=request.code)
    ids = [request.transfer_id for request in requests]
    try:
        with transaction.atomic():
            accounts = _locked(code for request in requests for code in (request.debit, request.credit))
            known = {row.id: row for row in _transfers(ids)}
            _refuse_held([name for name in ids if name not in known])
            fresh: list[Transfer] = []
            for request in requests:
                row = known.get(request.transfer_id)
                if row is None:
                    row = known[request.transfer_id] = _applied(request, accounts)
                    fresh.append(row)
                elif not _same(row, request):
                    raise problems.id_taken(request.transfer_id)
            if fresh:
                Transfer.objects.bulk_create(fresh)
                _store(accounts)
    except IntegrityError as error:
        # Only an id that another transaction used between other accounts gets here: those have other locks.
        if taken := Transfer.objects.filter(id__in=ids).first():
            raise problems.id_taken(taken.id) from error
        raise
    return [transfer_info(known[request.transfer_id]) for request in requests]


def hold_place(
    *,
    hold_id: UUID,
    debit: str,
    credit: str,
    amount: int,
    code: str,
    reference: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> HoldInfo:
    """Keeps `amount` back on the account that would pay it, until it is posted, voided or expired."""
    check_entry(debit=debit, credit=credit, amount=amount, code=code)
    request = TransferRequest(hold_id, debit, credit, amount, code, reference, at)
    try:
        with transaction.atomic():
            accounts = _locked([debit, credit])
            known = Hold.objects.select_related("debit", "credit").filter(id=hold_id).first()
            if known is not None:
                if _same(known, request):
                    return hold_info(known)
                raise problems.id_taken(hold_id)
            if Transfer.objects.filter(id=hold_id).exists():
                raise problems.id_taken(hold_id)
            for account, change in _sides(accounts[debit], accounts[credit], amount):
                _set(account, totals_of(account).hold(**change))
            _store(accounts)
            row = Hold(**_fields(request, accounts), expires_at=expires_at)
            row.save(force_insert=True)
            return hold_info(row)
    except IntegrityError as error:
        if Hold.objects.filter(id=hold_id).exists():
            raise problems.id_taken(hold_id) from error
        raise


def hold_post(*, hold_id: UUID, at: datetime, amount: int | None = None) -> TransferInfo:
    """Makes the held transfer under the hold's id; with `amount`, only that much: the rest is free again.

    Conflict when the hold was voided, has expired, was posted with another amount, or holds less.
    """
    with transaction.atomic():
        hold, accounts = _locked_hold(hold_id)
        wanted = hold.amount if amount is None else amount
        if hold.state == HoldState.POSTED:
            made = _transfers([hold_id]).get()
            if made.amount != wanted:
                raise problems.id_taken(hold_id)
            return transfer_info(made)
        if hold.state != HoldState.PENDING or (hold.expires_at is not None and at >= hold.expires_at):
            raise problems.hold_over(hold_id)
        debit, credit = hold.debit.code, hold.credit.code
        check_entry(debit=debit, credit=credit, amount=wanted, code=hold.code)
        if wanted > hold.amount:
            raise problems.hold_too_small(hold_id)
        _end(hold, accounts, HoldState.POSTED, at)
        request = TransferRequest(hold_id, debit, credit, wanted, hold.code, hold.reference, at)
        row = _applied(request, accounts)
        row.save(force_insert=True)
        _store(accounts)
        return transfer_info(row)


def hold_void(*, hold_id: UUID, at: datetime) -> HoldInfo:
    """Frees the held amount. Conflict when it was posted; a hold that ended otherwise stays as it is."""
    with transaction.atomic():
        hold, accounts = _locked_hold(hold_id)
        if hold.state == HoldState.POSTED:
            raise problems.hold_over(hold_id)
        if hold.state == HoldState.PENDING:
            _end(hold, accounts, HoldState.VOIDED, at)
            _store(accounts)
        return hold_info(hold)


def holds_expire(*, at: datetime, limit: int = 1000) -> int:
    """Frees holds whose time is over; for a periodic job. Returns how many, at most `limit`."""
    due = Hold.objects.filter(state=HoldState.PENDING, expires_at__lte=at).order_by("expires_at")
    ended = 0
    for hold_id in list(due.values_list("id", flat=True)[:limit]):
        with transaction.atomic():
            hold, accounts = _locked_hold(hold_id)
            if hold.state == HoldState.PENDING:
                _end(hold, accounts, HoldState.EXPIRED, at)
                _store(accounts)
                ended += 1
    return ended


def _locked(codes: Iterable[str]) -> dict[str, Account]:
    """By code. `no_key`: new transfers may point at the rows meanwhile."""
    wanted = set(codes)
    rows = Account.objects.select_for_update(no_key=True).filter(code__in=wanted).order_by("id")
    accounts = {row.code: row for row in rows}
    if missing := wanted - accounts.keys():
        raise problems.account_unknown(min(missing))
    return accounts


def _locked_hold(hold_id: UUID) -> tuple[Hold, dict[str, Account]]:
    """Accounts first, as everywhere, then the hold as it is once they are ours."""
    codes = Hold.objects.filter(id=hold_id).values_list("debit__code", "credit__code").first()
    if codes is None:
        raise problems.hold_unknown(hold_id)
    accounts = _locked(codes)
    return Hold.objects.select_related("debit", "credit").get(id=hold_id), accounts


def _transfers(ids: Sequence[UUID]) -> QuerySet[Transfer]:
    return Transfer.objects.select_related("debit", "credit").filter(id__in=ids)


def _applied(request: TransferRequest, accounts: dict[str, Account]) -> Transfer:
    """The new row; the accounts carry their new totals, checked against their floors."""
    debit, credit = accounts[request.debit], accounts[request.credit]
    for account, change in _sides(debit, credit, request.amount):
        _set(account, totals_of(account).add(**change))
    return Transfer(**_fields(request, accounts))


def _refuse_held(ids: Sequence[UUID]) -> None:
    """A hold's id belongs to the transfer that posts it."""
    if held := Hold.objects.filter(id__in=ids).first():
        raise problems.id_taken(held.id)


def _sides(debit: Account, credit: Account, amount: int) -> list[tuple[Account, dict[str, int]]]:
    return [(debit, {"debit": amount}), (credit, {"credit": amount})]


def _store(accounts: dict[str, Account]) -> None:
    """The totals of locked accounts, in one statement."""
    rows = list(accounts.values())
    columns = [[getattr(row, name) for row in rows] for name in ("id", *_TOTALS)]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, columns)


def _set(account: Account, after: Totals) -> None:
    if refused_by_floor(after, account.floor):
        raise problems.floor_reached(account.name)
    for name in _TOTALS:
        setattr(account, name, getattr(after, name))


def _end(hold: Hold, accounts: dict[str, Account], state: HoldState, at: datetime) -> None:
    debit, credit = accounts[hold.debit.code], accounts[hold.credit.code]
    for account, change in _sides(debit, credit, -hold.amount):
        _set(account, totals_of(account).hold(**change))
    hold.state, hold.ended_at = state, at
    hold.save(update_fields=["state", "ended_at"])


def _fields(request: TransferRequest, accounts: dict[str, Account]) -> dict[str, object]:
    return {
        "id": request.transfer_id,
        "debit": accounts[request.debit],
        "credit": accounts[request.credit],
        "amount": request.amount,
        "code": request.code,
        "reference": request.reference,
        "happened_at": request.at,
        "recorded_at": clock.now(),
    }


def _same(row: Transfer | Hold, request: TransferRequest) -> bool:
    return (row.debit.code, row.credit.code, row.amount, row.code, row.reference) == (
        request.debit,
        request.credit,
        request.amount,
        request.code,
        request.reference,
    )
