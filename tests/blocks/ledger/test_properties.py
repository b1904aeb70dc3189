"""The laws of the ledger under random work, and under many hands at once."""

import random
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lienthong.blocks.ledger import selectors, services
from lienthong.blocks.ledger.rules import Kind
from lienthong.ground.clock import VIETNAM
from lienthong.ground.errors import Conflict

AT = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)
SHAPES = [
    (Kind.ASSET, None),
    (Kind.ASSET, 0),
    (Kind.LIABILITY, 0),
    (Kind.LIABILITY, -50),
    (Kind.REVENUE, None),
    (Kind.EXPENSE, 0),
]
PLACES = st.integers(0, len(SHAPES) - 1)
AMOUNTS = st.integers(1, 100)


class Books(RuleBasedStateMachine):
    """Compares the ledger with a model that is nothing but two dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = str(uuid4())
        for place, (kind, floor) in enumerate(SHAPES):
            services.account_open(code=self.code(place), name=f"{place}", kind=kind, at=AT, floor=floor)
        self.balance = dict.fromkeys(range(len(SHAPES)), 0)
        self.held: dict[UUID, tuple[int, int, int]] = {}
        self.made: list[tuple[UUID, int, int, int]] = []

    def code(self, place: int) -> str:
        return f"{self.prefix}/{place}"

    def available(self, place: int) -> int:
        leaving = sum(
            amount
            for debit, credit, amount in self.held.values()
            if place == (credit if SHAPES[place][0].grows_by_debit else debit)
        )
        return self.balance[place] - leaving

    def would_break(self, debit: int, credit: int, amount: int) -> bool:
        payers = [debit] if not SHAPES[debit][0].grows_by_debit else []
        payers += [credit] if SHAPES[credit][0].grows_by_debit else []
        floors = [(place, SHAPES[place][1]) for place in payers]
        return any(floor is not None and self.available(place) - amount < floor for place, floor in floors)

    def apply(self, debit: int, credit: int, amount: int) -> None:
        self.balance[debit] += amount if SHAPES[debit][0].grows_by_debit else -amount
        self.balance[credit] -= amount if SHAPES[credit][0].grows_by_debit else -amount

    def transfer(self, name: UUID, debit: int, credit: int, amount: int) -> None:
        services.transfer_make(
            transfer_id=name,
            debit=self.code(debit),
            credit=self.code(credit),
            amount=amount,
            code="test",
            reference=self.prefix,
            at=AT,
        )

    @rule(debit=PLACES, credit=PLACES, amount=AMOUNTS)
    def move(self, debit: int, credit: int, amount: int) -> None:
        if debit == credit:
            return
        name = uuid4()
        if self.would_break(debit, credit, amount):
            with pytest.raises(Conflict, match="floor"):
                self.transfer(name, debit, credit, amount)
            return
        self.transfer(name, debit, credit, amount)
        self.apply(debit, credit, amount)
        self.made.append((name, debit, credit, amount))

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.made:
            self.transfer(*data.draw(st.sampled_from(self.made)))

    @rule(debit=PLACES, credit=PLACES, amount=AMOUNTS)
    def hold(self, debit: int, credit: int, amount: int) -> None:
        if debit == credit or self.would_break(debit, credit, amount):
            return
        name = uuid4()
        services.hold_place(
            hold_id=name,
            debit=self.code(debit),
            credit=self.code(credit),
            amount=amount,
            code="test",
            reference=self.prefix,
            at=AT,
        )
        self.held[name] = (debit, credit, amount)

    @rule(data=st.data(), part=st.integers(1, 100))
    def post(self, data: st.DataObject, part: int) -> None:
        if self.held:
            name = data.draw(st.sampled_from(sorted(self.held)))
            debit, credit, amount = self.held.pop(name)
            taken = min(part, amount)
            services.hold_post(hold_id=name, at=AT, amount=taken)
            self.apply(debit, credit, taken)

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if self.held:
            name = data.draw(st.sampled_from(sorted(self.held)))
            services.hold_void(hold_id=name, at=AT)
            del self.held[name]

    @invariant()
    def the_books_are_right(self) -> None:
        accounts = [selectors.account_by_code(code=self.code(place)) for place in range(len(SHAPES))]
        assert {place: account.balance for place, account in enumerate(accounts)} == self.balance
        assert [account.available for account in accounts] == [self.available(n) for n in self.balance]
        totals = [account.totals for account in accounts]
        assert sum(total.posted_debits for total in totals) == sum(total.posted_credits for total in totals)
        assert all(account.floor is None or account.available >= account.floor for account in accounts)

    def teardown(self) -> None:
        assert selectors.audit() == ()


@pytest.mark.django_db
def test_random_work_keeps_every_law_of_the_ledger() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def in_threads(count: int, work: Callable[[int], None]) -> list[Exception]:
    """Runs `work(number)` in threads of their own connections; what they raised comes back."""
    raised: list[Exception] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at each of them
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_crossing_transfers_by_many_hands_lose_nothing_and_never_deadlock() -> None:
    names = ["a", "b", "c", "d"]
    services.account_open(code="source", name="source", kind=Kind.ASSET, at=AT)
    for name in names:
        services.account_open(code=name, name=name, kind=Kind.LIABILITY, at=AT, floor=0)
        services.transfer_make(
            transfer_id=uuid4(), debit="source", credit=name, amount=100, code="in", reference="", at=AT
        )

    refusals: set[str] = set()

    def work(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a seed, so that a failure can be repeated
        for _ in range(25):
            debit, credit = chance.sample(names, 2)
            try:
                services.transfer_make(
                    transfer_id=uuid4(),
                    debit=debit,
                    credit=credit,
                    amount=chance.randint(1, 60),
                    code="x",
                    reference="",
                    at=AT,
                )
            except Conflict as refused:
                refusals.add(refused.code)

    assert in_threads(4, work) == []
    assert refusals == {"ledger.floor_reached"}
    balances = [selectors.balance(code=name) for name in names]
    assert sum(balances) == 400
    assert min(balances) >= 0
    assert selectors.audit() == ()


@pytest.mark.django_db(transaction=True)
def test_the_same_transfer_sent_by_many_hands_at_once_happens_once() -> None:
    for code in ("bank", "fees"):
        services.account_open(code=code, name=code, kind=Kind.ASSET, at=AT)
    name = uuid4()

    def work(_: int) -> None:
        services.transfer_make(
            transfer_id=name, debit="bank", credit="fees", amount=7, code="fee", reference="r", at=AT
        )

    assert in_threads(5, work) == []
    assert selectors.balance(code="bank") == 7


@pytest.mark.django_db(transaction=True)
def test_one_id_used_at_once_for_different_accounts_happens_once_and_the_other_is_told() -> None:
    for code in ("a", "b", "c", "d"):
        services.account_open(code=code, name=code, kind=Kind.ASSET, at=AT)
    name = uuid4()

    def work(number: int) -> None:
        debit, credit = [("a", "b"), ("c", "d")][number]
        services.transfer_make(
            transfer_id=name, debit=debit, credit=credit, amount=7, code="fee", reference="r", at=AT
        )

    (told,) = in_threads(2, work)
    assert isinstance(told, Conflict)
    assert told.code == "ledger.id_taken"
    assert selectors.balance(code="a") + selectors.balance(code="c") == 7
    assert selectors.audit() == ()


@pytest.mark.django_db
def test_the_fact_view_shows_each_transfer_once() -> None:
    from pathlib import Path

    from django.apps import apps

    for code in ("bank", "fees"):
        services.account_open(code=code, name=code, kind=Kind.ASSET, at=AT)
    made = services.transfer_make(
        transfer_id=uuid4(), debit="bank", credit="fees", amount=16_000, code="fee", reference="r", at=AT
    )
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists facts cascade; create schema facts")
        cursor.execute((Path(apps.get_app_config("ledger").path) / "facts.sql").read_text(encoding="utf-8"))
        cursor.execute(
            "select id, happened_at, recorded_at, debit, credit, amount_vnd, code, reference"
            " from facts.ledger_transfers where id = %s",
            [made.transfer_id],
        )
        assert cursor.fetchall() == [
            (made.transfer_id, AT, made.recorded_at, "bank", "fees", 16_000, "fee", "r")
        ]
