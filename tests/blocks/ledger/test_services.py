"""Transfers, holds, reads and the audit, on a real database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from lienthong.blocks.ledger import selectors, services
from lienthong.blocks.ledger.models import Account, Transfer
from lienthong.blocks.ledger.records import HoldInfo, TransferInfo, TransferRequest
from lienthong.blocks.ledger.rules import HoldState, Kind
from lienthong.ground.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accounts(at: datetime) -> None:
    """A bank account that brings money in, a wallet that may not go below zero, and revenue."""
    services.account_open(code="bank", name="Ngân hàng", kind=Kind.ASSET, at=at)
    services.account_open(
        code="wallet", name="Ví của bà Hà", kind=Kind.LIABILITY, at=at, holder="person:1", floor=0
    )
    services.account_open(code="fees", name="Lệ phí", kind=Kind.REVENUE, at=at)


def move(at: datetime, debit: str, credit: str, amount: int, **changes: object) -> TransferInfo:
    given = {"transfer_id": uuid4(), "code": "fee", "reference": "H01.12-261123-0001", "at": at} | changes
    return services.transfer_make(debit=debit, credit=credit, amount=amount, **given)  # type: ignore[arg-type]


def place(at: datetime, amount: int, hold_id: UUID | None = None, **changes: object) -> HoldInfo:
    given = {"debit": "wallet", "credit": "fees", "code": "fee", "reference": "r", "at": at} | changes
    return services.hold_place(hold_id=hold_id or uuid4(), amount=amount, **given)  # type: ignore[arg-type]


def balances() -> dict[str, int]:
    return {code: selectors.balance(code=code) for code in ("bank", "wallet", "fees")}


def refused(code: str, call: Callable[[], object], kind: type = Conflict) -> None:
    before = balances()
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code
    assert balances() == before
    assert selectors.audit() == ()


# accounts


def test_an_account_is_opened_once(at: datetime) -> None:
    again = services.account_open(code="bank", name="Tên khác", kind=Kind.ASSET, at=at)
    assert again.name == "Ngân hàng"
    assert Account.objects.filter(code="bank").count() == 1


@pytest.mark.parametrize("change", [{"kind": Kind.LIABILITY}, {"holder": "person:2"}, {"floor": 0}])
def test_an_account_that_differs_is_a_conflict(at: datetime, change: dict[str, object]) -> None:
    given = {"kind": Kind.ASSET} | change
    refused(
        "ledger.account_differs",
        lambda: services.account_open(code="bank", name="Ngân hàng", at=at, **given),  # type: ignore[arg-type]
    )


def test_a_floor_above_zero_cannot_be_kept_by_an_empty_account(at: datetime) -> None:
    refused(
        "ledger.floor_positive",
        lambda: services.account_open(code="x", name="X", kind=Kind.ASSET, at=at, floor=1),
        Invalid,
    )


# transfers


def test_a_transfer_moves_the_amount_and_nothing_else(at: datetime) -> None:
    move(at, "bank", "wallet", 50_000)
    move(at, "wallet", "fees", 16_000)
    assert balances() == {"bank": 50_000, "wallet": 34_000, "fees": 16_000}
    assert selectors.audit() == ()


def test_the_same_transfer_sent_again_has_the_same_answer_and_no_second_effect(at: datetime) -> None:
    name = uuid4()
    first = move(at, "bank", "wallet", 50_000, transfer_id=name)
    assert move(at + timedelta(hours=1), "bank", "wallet", 50_000, transfer_id=name) == first
    assert first.happened_at == at
    assert balances()["wallet"] == 50_000


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"credit": "fees"}, {"code": "gift"}, {"reference": "other"}]
)
def test_the_same_id_with_other_content_is_a_conflict(at: datetime, change: dict[str, object]) -> None:
    name = uuid4()
    move(at, "bank", "wallet", 50_000, transfer_id=name)
    content = {"debit": "bank", "credit": "wallet", "amount": 50_000} | change
    refused("ledger.id_taken", lambda: move(at, **content, transfer_id=name))  # type: ignore[arg-type]


def test_a_floor_holds_to_the_last_dong(at: datetime) -> None:
    move(at, "bank", "wallet", 10)
    refused("ledger.floor_reached", lambda: move(at, "wallet", "fees", 11))
    move(at, "wallet", "fees", 10)
    assert balances()["wallet"] == 0


def test_an_account_without_floor_may_go_below_zero(at: datetime) -> None:
    move(at, "fees", "bank", 5)
    assert balances()["bank"] == -5


def test_unknown_accounts_and_bad_amounts_are_refused(at: datetime) -> None:
    refused("ledger.account_unknown", lambda: move(at, "bank", "nowhere", 5), NotFound)
    refused("ledger.transfer_invalid", lambda: move(at, "bank", "wallet", 0), Invalid)
    refused("money.invalid", lambda: move(at, "bank", "wallet", -5), Invalid)


def request(at: datetime, debit: str, credit: str, amount: int, name: UUID | None = None) -> TransferRequest:
    return TransferRequest(name or uuid4(), debit, credit, amount, "fee", "batch", at)


def test_a_batch_is_all_or_nothing(at: datetime) -> None:
    batch = [request(at, "bank", "wallet", 10), request(at, "wallet", "fees", 11)]
    refused("ledger.floor_reached", lambda: services.transfers_make(requests=batch))
    assert not Transfer.objects.exists()


def test_a_batch_is_applied_in_order_and_repeats_count_once(at: datetime) -> None:
    name = uuid4()
    batch = [
        request(at, "bank", "wallet", 10, name),
        request(at, "wallet", "fees", 10),
        request(at, "bank", "wallet", 10, name),
    ]
    made = services.transfers_make(requests=batch)
    assert made[0] == made[2]
    assert services.transfers_make(requests=batch) == made
    assert balances() == {"bank": 10, "wallet": 0, "fees": 10}
    assert services.transfers_make(requests=[]) == []


def test_a_failed_transfer_leaves_the_callers_transaction_usable(at: datetime) -> None:
    with transaction.atomic():
        with pytest.raises(Conflict):
            move(at, "wallet", "fees", 1)
        move(at, "bank", "wallet", 1)
    assert balances()["wallet"] == 1


@pytest.mark.parametrize(
    "change",
    [
        "update ledger_transfer set amount = 1",
        "update ledger_transfer set reference = 'x'",
        "delete from ledger_transfer",
    ],
)
def test_the_database_refuses_to_change_a_transfer(at: datetime, change: str) -> None:
    move(at, "bank", "wallet", 50_000)
    with (
        pytest.raises(IntegrityError, match="final"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert selectors.audit() == ()


def test_the_database_refuses_a_balance_below_the_floor(at: datetime) -> None:
    with pytest.raises(IntegrityError, match="ledger_account_floor"), transaction.atomic():
        Account.objects.filter(code="wallet").update(posted_debits=1)


# holds


def test_a_hold_keeps_money_back_and_posting_moves_it(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    account = selectors.account_by_code(code="wallet")
    assert (account.balance, account.available) == (100, 40)
    refused("ledger.floor_reached", lambda: move(at, "wallet", "fees", 41))
    refused("ledger.floor_reached", lambda: place(at, 41))
    made = services.hold_post(hold_id=hold.hold_id, at=at)
    assert (made.transfer_id, made.amount) == (hold.hold_id, 60)
    assert services.hold_post(hold_id=hold.hold_id, at=at + timedelta(hours=1)) == made
    assert balances() == {"bank": 100, "wallet": 40, "fees": 60}
    assert selectors.account_by_code(code="wallet").available == 40
    assert selectors.audit() == ()


def test_a_hold_posted_in_part_frees_the_rest(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    refused("ledger.hold_too_small", lambda: services.hold_post(hold_id=hold.hold_id, at=at, amount=61))
    services.hold_post(hold_id=hold.hold_id, at=at, amount=25)
    refused("ledger.id_taken", lambda: services.hold_post(hold_id=hold.hold_id, at=at))
    assert selectors.account_by_code(code="wallet").available == 75


def test_a_voided_hold_frees_all_and_cannot_be_posted(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    voided = services.hold_void(hold_id=hold.hold_id, at=at)
    assert (voided.state, voided.ended_at) == (HoldState.VOIDED, at)
    assert services.hold_void(hold_id=hold.hold_id, at=at + timedelta(hours=1)) == voided
    assert selectors.account_by_code(code="wallet").available == 100
    refused("ledger.hold_over", lambda: services.hold_post(hold_id=hold.hold_id, at=at))


def test_a_posted_hold_cannot_be_voided(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    services.hold_post(hold_id=hold.hold_id, at=at)
    refused("ledger.hold_over", lambda: services.hold_void(hold_id=hold.hold_id, at=at))


def test_a_hold_whose_time_is_over_cannot_be_posted_and_is_freed_by_the_sweep(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    end = at + timedelta(minutes=15)
    hold, lasting = place(at, 60, expires_at=end), place(at, 10)
    assert services.holds_expire(at=end - timedelta(seconds=1)) == 0
    refused("ledger.hold_over", lambda: services.hold_post(hold_id=hold.hold_id, at=end))
    assert services.holds_expire(at=end) == 1
    assert services.holds_expire(at=end) == 0
    assert selectors.account_by_code(code="wallet").available == 90
    assert [selectors.hold_by_id(hold_id=one.hold_id).state for one in (hold, lasting)] == [  # type: ignore[union-attr]
        HoldState.EXPIRED,
        HoldState.PENDING,
    ]
    assert selectors.audit() == ()


def test_a_hold_sent_again_is_the_same_hold_and_with_other_content_a_conflict(at: datetime) -> None:
    move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    assert place(at, 60, hold.hold_id) == hold
    refused("ledger.id_taken", lambda: place(at, 61, hold.hold_id))
    refused("ledger.id_taken", lambda: place(at, 60, hold.hold_id, debit="bank"))


def test_a_hold_and_a_transfer_cannot_share_an_id_by_accident(at: datetime) -> None:
    made = move(at, "bank", "wallet", 100)
    hold = place(at, 60)
    refused("ledger.id_taken", lambda: place(at, 60, made.transfer_id))
    refused("ledger.id_taken", lambda: move(at, "wallet", "fees", 60, transfer_id=hold.hold_id))


@pytest.mark.parametrize("call", [services.hold_post, services.hold_void])
def test_a_hold_that_is_not_there_is_not_found(at: datetime, call: Callable[..., object]) -> None:
    refused("ledger.hold_unknown", lambda: call(hold_id=uuid4(), at=at), NotFound)


# reads


def test_a_statement_comes_in_pages_that_lose_and_repeat_nothing(at: datetime) -> None:
    for step in range(7):
        move(at + timedelta(minutes=step // 3), "bank", "wallet", 100 + step)
    move(at + timedelta(hours=1), "wallet", "fees", 50)
    entries, cursor = [], None
    while True:
        page = selectors.statement(code="wallet", cursor=cursor, limit=3)
        entries += page.entries
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(entry.amount for entry in entries) == [-50, *range(100, 107)]
    assert entries == sorted(entries, key=lambda entry: (entry.happened_at, entry.transfer_id))
    assert len({entry.transfer_id for entry in entries}) == 8
    assert (entries[-1].counterpart, entries[-1].amount) == ("fees", -50)
    assert sum(entry.amount for entry in entries) == selectors.balance(code="wallet")
    with pytest.raises(NotFound):
        selectors.statement(code="nowhere")


def test_transfers_are_found_by_id_reference_and_holder(at: datetime) -> None:
    made = move(at, "bank", "wallet", 5, reference="H01.12-261123-0007")
    assert selectors.transfer_by_id(transfer_id=made.transfer_id) == made
    assert selectors.transfers_of(reference="H01.12-261123-0007") == [made]
    assert [account.code for account in selectors.accounts_of(holder="person:1")] == ["wallet"]
    assert selectors.transfer_by_id(transfer_id=uuid4()) is None
    assert selectors.hold_by_id(hold_id=uuid4()) is None


def test_the_audit_names_the_account_that_someone_altered(at: datetime) -> None:
    move(at, "bank", "wallet", 5)
    Account.objects.filter(code="fees").update(posted_credits=7)
    (difference,) = selectors.audit()
    assert difference == selectors.Difference("fees", (0, 7, 0, 0), (0, 0, 0, 0))
