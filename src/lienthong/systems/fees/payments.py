"""Paying a bill at the bank: the way there, what the bank tells, and asking it when it tells nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import httpx
import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from lienthong.blocks.trust.secrets import params_text, text_sign, text_verify
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.ids import uuid7
from lienthong.systems.fees import books, problems, rules
from lienthong.systems.fees.models import Bill, Payment, PaymentAnomaly
from lienthong.systems.fees.services import bill_lock, bill_settle

BANK = "bank"
QUERY_FIRST = timedelta(seconds=15)
QUERY_LONGEST = timedelta(minutes=5)
log = structlog.get_logger("lienthong.fees")


@dataclass(frozen=True, slots=True)
class Told:
    """What the bank says of an order. state: open, paid or cancelled; amount: whole đồng that were paid."""

    order: str
    state: str
    amount: int
    transaction: str
    paid_at: datetime | None


def payment_start(*, bill: Bill, at: datetime) -> str:
    """The signed address at the bank. A payment that is under way is taken up again, not doubled.

    Errors: bill-not-open (409).
    """
    under_way = Payment.objects.filter(bill=bill, state="waiting").first()
    if under_way is not None and at >= under_way.started_at + rules.LAPSES_AFTER:
        payment_query(payment_id=under_way.pk, at=at)
    with transaction.atomic():
        locked = bill_lock(bill.pk)
        if locked.status != "open":
            raise problems.bill_not_open()
        payment = Payment.objects.filter(bill=locked, state="waiting").first()
        if payment is None:
            payment = Payment.objects.create(
                id=uuid7(at),
                bill=locked,
                amount=locked.total,
                started_at=at,
                next_query_at=at + QUERY_FIRST,
                changed_at=at,
            )
    return _bank_url(locked, payment)


def _bank_url(bill: Bill, payment: Payment) -> str:
    back = reverse("citizen:pay-return", args=[bill.pk])
    params = {
        "order": str(payment.pk),
        "amount": str(payment.amount),
        "description": f"LP {bill.reference or bill.pk}"[:60],
        "return_url": f"{settings.LIENTHONG_URL}{back}",
        "callback_url": f"{settings.LIENTHONG_URL}{reverse('citizen:pay-callback')}",
        "expires_at": clock.in_vietnam(payment.started_at + rules.LAPSES_AFTER).isoformat(),
    }
    signature = text_sign(BANK, params_text(params))
    return f"{settings.LIENTHONG_BANK_URL}/pay?{urlencode({**params, 'signature': signature})}"


def payment_confirm(*, body: str, signature: str, at: datetime) -> Payment:
    """The bank's own word on an order. Told twice, it counts once.

    Errors: signature-invalid (403), order-unknown (404), payment-amount, payment-other-transaction (409); the
    last three leave an anomaly for the operator.
    """
    if not text_verify(BANK, body, signature):
        raise problems.callback_signature()
    return _take(_told(body), at)


def _told(body: str) -> Told:
    """Raises ValueError or KeyError for what is not the bank's message."""
    data = json.loads(body)
    amount = data["amount"]
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError("the amount is not whole đồng")  # noqa: TRY004 - the message is malformed
    paid_at = datetime.fromisoformat(data["paid_at"]) if data.get("paid_at") else None
    return Told(str(data["order"]), str(data["state"]), amount, str(data.get("transaction", "")), paid_at)


def _take(told: Told, at: datetime) -> Payment:
    """One transaction: either the payment takes effect, or the anomaly is written and the problem raised."""
    with transaction.atomic():
        payment, problem = _taken(told, at)
    if problem is not None:
        log.warning("payment refused", code=problem.code, order=told.order[:60])
        raise problem
    return payment


def _taken(told: Told, at: datetime) -> tuple[Payment, Problem | None]:
    found = _bill_of(told.order)
    if found is None:
        _anomaly(told, "unknown-order", None, at)
        return Payment(), problems.callback_order(told.order)
    bill = bill_lock(found)
    payment = Payment.objects.select_for_update(no_key=True).get(pk=told.order)
    if told.state != "paid":
        if payment.state == "waiting" and told.state == "cancelled":
            _change(payment, "failed", told, at)
        return payment, None
    if told.amount != payment.amount:
        _anomaly(told, "amount", payment.amount, at)
        return payment, problems.callback_amount(payment.amount, told.amount)
    if payment.state in {"paid", "owed"}:
        if payment.transaction == told.transaction:
            return payment, None
        _anomaly(told, "other-transaction", payment.amount, at)
        return payment, problems.callback_transaction()
    if bill.status == "open":
        bill_settle(bill=bill, payment_id=payment.pk, paid_at=told.paid_at or at, at=at)
        _change(payment, "paid", told, at)
    else:
        books.surplus_post(bill=bill, payment_id=payment.pk, at=at)
        _change(payment, "owed", told, at)
    return payment, None


def _bill_of(order: str) -> UUID | None:
    try:
        number = UUID(order)
    except ValueError:
        return None
    return Payment.objects.filter(pk=number).values_list("bill_id", flat=True).first()


def _change(payment: Payment, state: str, told: Told, at: datetime) -> None:
    payment.state, payment.transaction, payment.changed_at = state, told.transaction, at
    payment.paid_at = (told.paid_at or at) if told.state == "paid" else None
    payment.save(update_fields=["state", "transaction", "changed_at", "paid_at"])


def _anomaly(told: Told, kind: str, expected: int | None, at: datetime) -> None:
    PaymentAnomaly.objects.get_or_create(
        order=told.order[:60],
        kind=kind,
        told=told.amount,
        transaction=told.transaction[:60],
        defaults={"expected": expected, "recorded_at": at},
    )


def payment_query(*, payment_id: UUID, at: datetime) -> str:
    """Ask the bank what became of an order; the payment's state after it.

    An order that nobody paid lapses once the bank would no longer take it. A bank that does not answer is
    asked again later.
    """
    try:
        told = _asked(payment_id)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        log.warning("bank does not answer", order=str(payment_id), problem=type(error).__name__)
        return _ask_later(payment_id, at)
    if told is not None and told.state in {"paid", "cancelled"}:
        try:
            return _take(told, at).state
        except Problem:
            # The anomaly stands; an operator has the word. The bank will not say anything else.
            return _end(payment_id, "failed", at)
    started = Payment.objects.filter(pk=payment_id).values_list("started_at", flat=True).get()
    if at >= started + rules.LAPSES_AFTER:
        return _end(payment_id, "lapsed", at)
    return _ask_later(payment_id, at)


def _asked(payment_id: UUID) -> Told | None:
    """None where the bank knows no such order: the payer never came there."""
    headers = {"X-Signature": text_sign(BANK, str(payment_id))}
    answer = httpx.get(f"{settings.LIENTHONG_BANK_URL}/orders/{payment_id}", headers=headers, timeout=5)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    answer.raise_for_status()
    if not text_verify(BANK, answer.text, answer.headers.get("X-Signature", "")):
        raise ValueError("the bank's answer is not signed by the bank")
    return _told(answer.text)


def _ask_later(payment_id: UUID, at: datetime) -> str:
    with transaction.atomic():
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
        payment.tries += 1
        payment.next_query_at = at + min(QUERY_FIRST * 2 ** min(payment.tries, 10), QUERY_LONGEST)
        payment.save(update_fields=["tries", "next_query_at"])
    return payment.state


def _end(payment_id: UUID, state: str, at: datetime) -> str:
    Payment.objects.filter(pk=payment_id, state="waiting").update(state=state, changed_at=at)
    return str(Payment.objects.values_list("state", flat=True).get(pk=payment_id))


def payment_ask_now(*, bill: Bill, at: datetime) -> None:
    """The payer came back before the bank's own message did: the next sweep asks."""
    Payment.objects.filter(bill=bill, state="waiting", next_query_at__gt=at).update(next_query_at=at)


def payments_query() -> int:
    """Ask the bank about every order of which it should have told by now; how many were asked."""
    now = clock.now()
    due = Payment.objects.filter(state="waiting", next_query_at__lte=now).order_by("next_query_at")
    ids = list(due.values_list("pk", flat=True)[:100])
    for pk in ids:
        payment_query(payment_id=pk, at=now)
    return len(ids)
