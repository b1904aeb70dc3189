"""Balances and floors, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.ledger.rules import Kind, Totals, check_entry, refused_by_floor
from lienthong.ground.errors import Invalid

AMOUNTS = st.integers(1, 10**15)
KINDS = st.sampled_from(Kind)
TOTALS = st.builds(Totals, KINDS, *[st.integers(0, 10**15)] * 4)


@pytest.mark.parametrize(
    ("kind", "balance"),
    [
        (Kind.ASSET, 30),
        (Kind.EXPENSE, 30),
        (Kind.LIABILITY, -30),
        (Kind.REVENUE, -30),
        (Kind.EQUITY, -30),
    ],
)
def test_a_balance_is_counted_on_the_side_on_which_the_account_grows(kind: Kind, balance: int) -> None:
    assert Totals(kind, posted_debits=100, posted_credits=70).balance == balance


@given(TOTALS, AMOUNTS)
def test_a_debit_and_the_same_credit_cancel_out(totals: Totals, amount: int) -> None:
    assert totals.add(debit=amount).add(credit=amount).balance == totals.balance


@given(TOTALS, AMOUNTS)
def test_what_leaves_is_kept_back_by_a_hold_and_what_comes_is_not_yet_there(
    totals: Totals, amount: int
) -> None:
    leaving = {"credit": amount} if totals.kind.grows_by_debit else {"debit": amount}
    coming = {"debit": amount} if totals.kind.grows_by_debit else {"credit": amount}
    assert totals.hold(**leaving).available == totals.available - amount
    assert totals.hold(**coming).available == totals.available
    assert totals.hold(**leaving).balance == totals.balance


@given(TOTALS, AMOUNTS, AMOUNTS)
def test_placing_and_freeing_a_hold_leaves_nothing_behind(totals: Totals, debit: int, credit: int) -> None:
    assert totals.hold(debit=debit, credit=credit).hold(debit=-debit, credit=-credit) == totals


@given(TOTALS, st.integers(-(10**15), 0))
def test_a_floor_refuses_exactly_what_is_below_it(totals: Totals, floor: int) -> None:
    assert refused_by_floor(totals, floor) == (totals.available < floor)
    assert not refused_by_floor(totals, None)


@given(AMOUNTS)
def test_every_positive_whole_amount_between_two_accounts_is_an_entry(amount: int) -> None:
    check_entry(debit="a", credit="b", amount=amount, code="fee")


@pytest.mark.parametrize("amount", [0, -1, 1.0, "5", True, None, 10**15 + 1])
def test_no_other_amount_is(amount: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_entry(debit="a", credit="b", amount=amount, code="fee")
    assert caught.value.field == "amount"


def test_an_entry_needs_two_accounts_and_a_purpose() -> None:
    with pytest.raises(Invalid, match="differ"):
        check_entry(debit="a", credit="a", amount=1, code="fee")
    with pytest.raises(Invalid, match="purpose"):
        check_entry(debit="a", credit="b", amount=1, code=" ")
