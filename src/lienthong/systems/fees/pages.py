"""Paying a bill, coming back from the bank, the receipt, and the bank's own message."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lienthong.blocks.access.demands import anyone, demand, officer, person
from lienthong.blocks.access.principals import Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.registry.agencies import agency_get
from lienthong.blocks.trust.secrets import params_text, text_verify
from lienthong.ground import clock
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.language import active
from lienthong.systems.fees import payments, receipts, selectors
from lienthong.systems.fees.models import Bill

REFRESH_S = 4


def _bill(request: HttpRequest, bill: UUID) -> Bill:
    return selectors.bill_of_payer(bill_id=bill, payer=principal_of(request).party)


def _agency(code: str) -> Text:
    try:
        return agency_get(code).name
    except NotFound:
        return Text(code, code)


@demand(person)
def pay(request: HttpRequest, bill: UUID) -> HttpResponse:
    """What is owed and why, line by line; the button leads to the bank."""
    card = _bill(request, bill)
    if request.method == "POST":
        order = payments.payment_start(bill=card, at=clock.now())
        return HttpResponseRedirect(f"{order}&{urlencode({'lang': active()})}")
    shown = {"bill": card, "lines": selectors.bill_lines(card), "agency": _agency(card.agency)}
    return render(request, "fees/pay.html", shown)


@demand(person)
def pay_return(request: HttpRequest, bill: UUID) -> HttpResponse:
    """Back from the bank: paid, not known yet, or not paid. The bank's message decides, not the address."""
    card = _bill(request, bill)
    ended = {"settled": "paid"}.get(card.status, "closed")
    outcome = _outcome(request, card) if card.status == "open" else ended
    shown = {
        "bill": card,
        "outcome": outcome,
        "payment": selectors.payment_taken(card),
        "receipt": selectors.receipt_of(card),
    }
    response = render(request, "fees/return.html", shown)
    if outcome == "waiting":
        # A header, as a screen reader is not told of a page that reloads by itself in its content.
        response["Refresh"] = f"{REFRESH_S}; url={reverse('citizen:pay-return', args=[card.pk])}"
    return response


def _outcome(request: HttpRequest, bill: Bill) -> str:
    told = request.GET.dict()
    signed = text_verify(payments.BANK, params_text(told), told.get("signature", ""))
    payment = selectors.payment_last(bill)
    if payment is None or payment.state in {"failed", "lapsed"}:
        return "failed"
    if signed and told.get("order") == str(payment.pk):
        payments.payment_ask_now(bill=bill, at=clock.now())
        if told.get("state") == "cancelled":
            return "failed"
    return "waiting"


@demand(person)
def receipt(request: HttpRequest, bill: UUID) -> HttpResponse:
    card = _bill(request, bill)
    shown = {
        "bill": card,
        "lines": selectors.bill_lines(card),
        "agency": _agency(card.agency),
        "payment": selectors.payment_taken(card),
        "receipt": selectors.receipt_of(card),
    }
    return render(request, "fees/receipt.html", shown)


@demand(person)
def receipt_pdf(request: HttpRequest, bill: UUID) -> HttpResponse:
    card = _bill(request, bill)
    content = receipts.receipt_file(bill=card, language=active())
    name = f"bien-lai-{card.reference or card.pk}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@demand(anyone("whoever holds a receipt may check it; the page names no person"))
def receipt_check(request: HttpRequest, code: str) -> HttpResponse:
    row = selectors.receipt_by_code(code=code)
    shown = {"receipt": row, "bill": row.bill, "agency": _agency(row.bill.agency)}
    return render(request, "fees/receipt_check.html", shown)


@csrf_exempt
@require_POST
@demand(anyone("the bank's message carries its signature instead of a session"))
def pay_callback(request: HttpRequest) -> HttpResponse:
    """{"order", "state", "amount", "transaction", "paid_at"} with X-Signature over the body as sent."""
    try:
        body = request.body.decode()
        payments.payment_confirm(body=body, signature=request.headers.get("X-Signature", ""), at=clock.now())
    except Problem as problem:
        return JsonResponse(problem.as_dict(), status=problem.status)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "send {order, state, amount, transaction, paid_at}"}, status=400)
    return JsonResponse({"ok": True})


@demand(officer(Role.OPERATOR))
def anomalies(request: HttpRequest) -> HttpResponse:
    """What the bank told us and we did not take, and whether bills and ledger agree."""
    rows = selectors.anomalies_newest()
    return render(request, "fees/anomalies.html", {"rows": rows, "audit": selectors.audit()})
