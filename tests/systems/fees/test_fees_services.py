import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection

from lienthong.blocks.exchange.services import call
from lienthong.blocks.ledger import selectors as ledger
from lienthong.blocks.trust.secrets import params_text, text_verify
from lienthong.config import factviews
from lienthong.ground.errors import Conflict, Forbidden, NotFound, Problem
from lienthong.systems.fees import books, payments, selectors, services
from lienthong.systems.fees.models import Bill, FeePolicy, Payment, PaymentAnomaly, Receipt
from lienthong.systems.fees.table import fee_table
from tests.systems.country import COMMITTEE, ONESTOP, ONESTOP_POLICE, OTHER_COMMITTEE, country_join
from tests.systems.fees.fees_kit import EXTRACT, PAYER, bill_new, message, pay, payment_of

pytestmark = pytest.mark.django_db


def events() -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("select body, receiver, service from exchange_delivery order by created_at, id")
        rows = cursor.fetchall()
    return [
        (json.loads(body) if isinstance(body, str) else body) | {"to": receiver, "service": service}
        for body, receiver, service in rows
        if service.endswith("events-receive/v1")
    ]


def assert_books_agree() -> None:
    found = selectors.audit()
    assert found.differences == {}
    assert found.settled == found.revenue
    assert ledger.audit() == ()


def test_a_bill_is_opened_once_however_often_the_message_comes(country: datetime) -> None:
    first, second = bill_new(country), bill_new(country)
    assert first.pk == second.pk
    assert Bill.objects.count() == 1
    assert first.total == 16_000
    assert [line.amount for line in selectors.bill_lines(first)] == [16_000]
    assert bill_new(country, message="m2").pk != first.pk


def test_a_bill_of_nothing_is_settled_at_once_and_moves_no_money(country: datetime) -> None:
    bill = bill_new(country, classes=frozenset({"poor-household"}))
    assert (bill.total, bill.status) == (0, "settled")
    assert selectors.receipt_of(bill) is None
    assert_books_agree()
    with pytest.raises(Conflict) as refused:
        payments.payment_start(bill=bill, at=country)
    assert refused.value.code == "bill-not-open"


def test_the_way_to_the_bank_is_signed_and_names_what_is_owed(country: datetime) -> None:
    bill = bill_new(country)
    address = urlsplit(payments.payment_start(bill=bill, at=country))
    params = dict(parse_qsl(address.query))
    assert text_verify("bank", params_text(params), params["signature"])
    assert params["amount"] == "16000"
    assert params["return_url"].endswith(f"/pay/{bill.pk}/return/")
    assert params["callback_url"].endswith("/pay/callback/")


def test_going_to_the_bank_twice_is_one_order(country: datetime) -> None:
    bill = bill_new(country)
    assert payments.payment_start(bill=bill, at=country) == payments.payment_start(bill=bill, at=country)
    assert Payment.objects.count() == 1


def test_a_payment_settles_the_bill_in_the_books_with_receipt_and_event(country: datetime) -> None:
    bill = bill_new(country, reply_to=f"{ONESTOP}|onestop/events-receive/v1")
    paid = pay(bill, country)
    bill.refresh_from_db()
    assert (bill.status, paid.state) == ("settled", "paid")
    receipt = Receipt.objects.get(bill=bill)
    assert receipt.text == "0000001/2026"
    assert books.revenue_of(COMMITTEE) == 16_000
    assert ledger.balance(code=books.BANK) == 16_000
    assert ledger.balance(code=books.receivable_account(PAYER)) == 0
    (event,) = events()
    assert event["bill"] == str(bill.pk)
    assert (event["total"], event["receipt_number"], event["to"]) == (16_000, receipt.text, ONESTOP)
    assert_books_agree()


def test_no_account_of_the_ledger_shows_a_personal_number(country: datetime) -> None:
    bill = bill_new(country)
    pay(bill, country)
    made = ledger.transfers_of(reference=str(bill.pk))
    assert len(made) == 2
    assert not any(PAYER in f"{one.debit}{one.credit}{one.reference}" for one in made)


def test_the_facts_count_bills_payments_and_policies_and_name_nobody(country: datetime) -> None:
    services.policies_publish()
    paid, voided = bill_new(country), bill_new(country, message="m2")
    pay(paid, country)
    pay(voided, country, transaction="FT2")
    services.bill_void(bill_id=voided.pk, client=ONESTOP, at=country)
    factviews.create()
    with connection.cursor() as cursor:
        cursor.execute("select sum(amount_vnd), count(*), min(channel) from facts.payments")
        assert cursor.fetchone() == (32_000, 2, "online")
        cursor.execute("select bill, amount_vnd from facts.fee_refunds")
        assert cursor.fetchall() == [(voided.pk, 16_000)]
        cursor.execute("select count(distinct province) from facts.fee_policies")
        provinces = {rate.province for item in fee_table().items.values() for rate in item.rates} - {""}
        assert cursor.fetchone() == (len(provinces),)
        cursor.execute("select to_jsonb(b)::text from facts.bills b")
        assert not any(PAYER in row[0] for row in cursor.fetchall())


def test_the_same_callback_twice_counts_once(country: datetime) -> None:
    bill = bill_new(country, reply_to=f"{ONESTOP}|onestop/events-receive/v1")
    payment = payment_of(bill, country)
    said = message(payment.pk, amount=16_000, at=country)
    for moment in (country, country + timedelta(hours=1)):
        payments.payment_confirm(**said, at=moment)
    assert len(ledger.transfers_of(reference=str(bill.pk))) == 2
    assert len(events()) == 1
    assert Receipt.objects.count() == 1
    assert not PaymentAnomaly.objects.exists()
    assert_books_agree()


def test_another_amount_never_settles_and_is_kept_for_the_operator(country: datetime) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            payments.payment_confirm(**message(payment.pk, amount=15_000, at=country), at=country)
        assert refused.value.code == "payment-amount"
    bill.refresh_from_db()
    assert bill.status == "open"
    (anomaly,) = PaymentAnomaly.objects.all()
    assert (anomaly.kind, anomaly.expected, anomaly.told) == ("amount", 16_000, 15_000)
    assert ledger.transfers_of(reference=str(bill.pk)) == []
    payments.payment_confirm(**message(payment.pk, amount=16_000, at=country), at=country)
    bill.refresh_from_db()
    assert bill.status == "settled"


def test_a_message_that_the_bank_did_not_sign_changes_nothing(country: datetime) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    said = message(payment.pk, amount=16_000, at=country)
    with pytest.raises(Forbidden):
        payments.payment_confirm(
            body=said["body"].replace("FT1", "FT2"), signature=said["signature"], at=country
        )
    bill.refresh_from_db()
    assert bill.status == "open"


@pytest.mark.parametrize("order", ["4df5ded1-f640-4c0d-980a-30746654b1f4", "not-a-number"])
def test_a_payment_for_an_unknown_order_is_kept_for_the_operator(country: datetime, order: str) -> None:
    with pytest.raises(NotFound):
        payments.payment_confirm(**message(order, amount=1, at=country), at=country)
    assert PaymentAnomaly.objects.get().kind == "unknown-order"


def test_an_order_told_as_paid_by_a_second_transaction_is_kept_for_the_operator(country: datetime) -> None:
    bill = bill_new(country)
    payment = pay(bill, country)
    with pytest.raises(Conflict) as refused:
        payments.payment_confirm(
            **message(payment.pk, amount=16_000, at=country, transaction="FT2"), at=country
        )
    assert refused.value.code == "payment-other-transaction"
    assert PaymentAnomaly.objects.get().kind == "other-transaction"
    assert books.revenue_of(COMMITTEE) == 16_000


def test_a_payer_who_gives_up_may_pay_again_with_a_new_order(country: datetime) -> None:
    bill = bill_new(country)
    first = payment_of(bill, country)
    payments.payment_confirm(**message(first.pk, amount=0, at=country, state="cancelled"), at=country)
    first.refresh_from_db()
    assert first.state == "failed"
    assert pay(bill, country).pk != first.pk
    assert_books_agree()


def test_voiding_an_unpaid_bill_ends_it_and_repeating_does_nothing(country: datetime) -> None:
    bill = bill_new(country)
    for moment in (country, country + timedelta(hours=1)):
        services.bill_void(bill_id=bill.pk, client=ONESTOP, at=moment)
    bill.refresh_from_db()
    assert (bill.status, bill.closed_at) == ("void", country)
    with pytest.raises(Conflict):
        payments.payment_start(bill=bill, at=country)
    assert_books_agree()


def test_voiding_a_paid_bill_owes_the_money_back_once(country: datetime) -> None:
    bill = bill_new(country)
    pay(bill, country)
    for _ in range(2):
        services.bill_void(bill_id=bill.pk, client=ONESTOP, at=country)
    bill.refresh_from_db()
    assert bill.status == "refunded"
    assert (books.owed_to(PAYER), books.revenue_of(COMMITTEE)) == (16_000, 0)
    assert ledger.balance(code=books.BANK) == 16_000
    assert_books_agree()


def test_money_that_comes_after_the_bill_was_voided_is_owed_back(country: datetime) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    services.bill_void(bill_id=bill.pk, client=ONESTOP, at=country)
    for _ in range(2):
        payments.payment_confirm(**message(payment.pk, amount=16_000, at=country), at=country)
    payment.refresh_from_db()
    assert payment.state == "owed"
    assert (books.owed_to(PAYER), books.revenue_of(COMMITTEE)) == (16_000, 0)
    assert_books_agree()


def test_nobody_but_who_opened_a_bill_voids_it(country: datetime) -> None:
    bill = bill_new(country)
    with pytest.raises(NotFound):
        services.bill_void(bill_id=bill.pk, client=ONESTOP_POLICE, at=country)
    bill.refresh_from_db()
    assert bill.status == "open"


def test_receipts_are_numbered_without_gaps_and_begin_anew_each_year(country: datetime) -> None:
    next_year = datetime(2027, 1, 4, 9, 0, tzinfo=country.tzinfo)
    numbers = []
    for place, moment in enumerate((country, country, next_year), start=1):
        bill = bill_new(moment, message=f"m{place}", agency=OTHER_COMMITTEE)
        pay(bill, moment, transaction=f"FT{place}")
        numbers.append(Receipt.objects.get(bill=bill).text)
    assert numbers == ["0000001/2026", "0000002/2026", "0000001/2027"]
    assert_books_agree()


def test_a_settlement_that_fails_takes_no_receipt_number(country: datetime) -> None:
    bill = bill_new(country, reply_to="not a subsystem|onestop/events-receive/v1")
    payment = payment_of(bill, country)
    Bill.objects.filter(pk=bill.pk).update(reference="x" * 120, agency="")
    Bill.objects.filter(pk=bill.pk).update(case="y" * 60, total=10**16)
    Payment.objects.filter(pk=payment.pk).update(amount=10**16)
    with pytest.raises(Problem):
        payments.payment_confirm(**message(payment.pk, amount=10**16, at=country), at=country)
    assert not Receipt.objects.exists()
    other = bill_new(country, message="m2")
    pay(other, country, transaction="FT2")
    assert Receipt.objects.get(bill=other).number == 1


def test_the_policies_of_provinces_are_rows_once(db: None) -> None:
    counted = services.policies_publish()
    assert services.policies_publish() == counted == FeePolicy.objects.count()
    assert FeePolicy.objects.filter(province="01", amount=0, reduces=True).exists()


BODY = {
    "procedure": "1.001193",
    "province": "01",
    "channel": "online",
    "applicant_classes": [],
    "on": "2026-11-23",
    "items": [{"code": EXTRACT, "quantity": 2}],
}
OPENING = BODY | {
    "payer": PAYER,
    "payer_name": "Nguyễn Thị Ánh",
    "agency": COMMITTEE,
    "reply_to": f"{ONESTOP}|onestop/events-receive/v1",
    "reference": "H26.12-261123-0001",
}


@pytest.mark.django_db(transaction=True)
def test_the_services_answer_an_agency_over_the_exchange(at: datetime) -> None:
    country_join(at)
    asked = {"client": ONESTOP, "purpose": "fee-collection", "case": "H26.12-261123-0001"}
    quoted = call("fees/quote/v1", BODY, **asked)
    assert quoted["total"] == 16_000
    opened = call("fees/bills-open/v1", OPENING, message_id="0190d3c1-0000-7000-8000-000000000001", **asked)
    again = call("fees/bills-open/v1", OPENING, message_id="0190d3c1-0000-7000-8000-000000000001", **asked)
    assert opened == again
    assert (opened["status"], opened["total"]) == ("open", 16_000)
    pay(Bill.objects.get(), at)
    state = call("fees/bills-get/v1", {"bill": opened["bill"]}, **asked)
    assert (state["status"], state["receipt_number"]) == ("settled", "0000001/2026")
    with pytest.raises(NotFound):
        call("fees/bills-get/v1", {"bill": opened["bill"]}, **(asked | {"client": ONESTOP_POLICE}))
    with pytest.raises(NotFound):
        call("fees/bills-get/v1", {"bill": "nothing"}, **asked)
    assert call("fees/bills-void/v1", {"bill": opened["bill"]}, **asked) == {"done": True}
    assert books.owed_to(PAYER) == 16_000


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(6) as pool:
        yield pool
        for _ in range(6):
            pool.submit(connection.close)


def settled_once(bill: Bill) -> None:
    bill.refresh_from_db()
    assert bill.status == "settled"
    assert len(ledger.transfers_of(reference=str(bill.pk))) == 2
    assert Receipt.objects.count() == 1
    assert_books_agree()


def _tell(said: dict[str, str], at: datetime) -> str:
    try:
        return payments.payment_confirm(**said, at=at).state
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_callbacks_that_come_at_once_settle_once(at: datetime, threads: ThreadPoolExecutor) -> None:
    country_join(at)
    bill = bill_new(at, reply_to=f"{ONESTOP}|onestop/events-receive/v1")
    said = message(payment_of(bill, at).pk, amount=16_000, at=at)
    assert set(threads.map(lambda _: _tell(said, at), range(6))) == {"paid"}
    settled_once(bill)
    assert len(events()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_callback_and_a_void_at_once_leave_the_books_right(
    at: datetime, threads: ThreadPoolExecutor
) -> None:
    country_join(at)
    for turn in range(4):
        bill = bill_new(at, message=f"m{turn}")
        said = message(payment_of(bill, at).pk, amount=16_000, at=at, transaction=f"FT{turn}")

        def void(bill: Bill = bill) -> None:
            try:
                services.bill_void(bill_id=bill.pk, client=ONESTOP, at=at)
            finally:
                connection.close()

        done = [threads.submit(_tell, said, at), threads.submit(void)]
        for one in done:
            one.result()
        bill.refresh_from_db()
        assert bill.status in {"void", "refunded"}
        assert_books_agree()
        assert books.owed_to(PAYER) == 16_000 * (turn + 1)


@pytest.mark.django_db(transaction=True)
def test_many_bills_paid_at_once_get_numbers_without_gaps(at: datetime, threads: ThreadPoolExecutor) -> None:
    country_join(at)
    said = []
    for place in range(8):
        bill = bill_new(at, message=f"m{place}")
        said.append(message(payment_of(bill, at).pk, amount=16_000, at=at, transaction=f"FT{place}"))
    assert set(threads.map(lambda one: _tell(one, at), said)) == {"paid"}
    assert sorted(Receipt.objects.values_list("number", flat=True)) == list(range(1, 9))
    assert_books_agree()


def test_the_law_of_the_day_counts_for_a_bill(country: datetime) -> None:
    assert bill_new(country).applied_on == date(2026, 11, 23)
