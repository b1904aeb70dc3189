"""The payer's way: bill, bank (the real program), return, receipt; and who sees what."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client

from lienthong.blocks.access.services import officer_enter
from lienthong.blocks.trust import pdf
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text
from lienthong.systems.fees import books, payments, receipts, selectors, services
from lienthong.systems.fees.models import Bill, Payment, PaymentAnomaly
from tests.nation.programs import HTTP, Program, bank_program
from tests.systems.country import COMMITTEE, ONESTOP
from tests.systems.fees.fees_kit import PAYER, bill_new, message, pay, payment_of

pytestmark = pytest.mark.django_db


def signed_in(subject: str = PAYER) -> Client:
    client = Client()
    session = client.session
    session.update({"kind": "person", "subject": subject, "name": "Nguyễn Thị Ánh"})
    session.save()
    return client


@pytest.fixture(scope="module")
def bank_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = bank_program(tmp_path_factory.mktemp("bank"), Path(settings.LIENTHONG_KEYS))
    # The clock of the tests stands on this morning, and the bank's starts there.
    program.environment = {**program.environment, "LIENTHONG_CLOCK": "2026-11-23T09:00:00+07:00"}
    program.start()
    yield program
    program.kill()


@pytest.fixture
def bank(bank_running: Program, settings: Any) -> Program:
    settings.LIENTHONG_BANK_URL = bank_running.url
    # Nobody listens there: the callbacks of these tests never arrive, as on a bad day.
    settings.LIENTHONG_URL = "http://127.0.0.1:9"
    return bank_running


def test_the_page_shows_each_line_with_its_article_in_both_languages(country: datetime) -> None:
    bill = bill_new(country)
    shown = signed_in().get(f"/pay/{bill.pk}/").content.decode()
    assert "16.000 đồng" in shown
    assert "281/2016/TT-BTC" in shown
    assert "Thanh toán tại ngân hàng" in shown
    assert "Pay at the bank" in signed_in().get(f"/pay/{bill.pk}/?lang=en", follow=True).content.decode()


@pytest.mark.parametrize("path", ["/pay/{}/", "/pay/{}/return/", "/receipt/{}/", "/receipt/{}/pdf/"])
def test_only_the_payer_sees_a_bill(country: datetime, path: str) -> None:
    bill = bill_new(country)
    pay(bill, country)
    address = path.format(bill.pk)
    assert signed_in().get(address).status_code == 200
    assert signed_in("001093000002").get(address).status_code == 404
    assert signed_in().get(path.format(uuid4())).status_code == 404
    nobody = Client().get(address)
    assert nobody.status_code == 302
    assert "/sign-in/" in nobody["Location"]


def test_nobody_pays_anothers_bill(country: datetime) -> None:
    bill = bill_new(country)
    assert signed_in("001093000002").post(f"/pay/{bill.pk}/").status_code == 404
    assert not Payment.objects.exists()


def to_bank(bill: Bill, more: str = "", action: str = "pay") -> httpx.Response:
    sent = signed_in().post(f"/pay/{bill.pk}/")
    assert sent.status_code == 302
    return HTTP.post(sent["Location"] + more, data={"action": action})


def back(answer: httpx.Response) -> str:
    """The path on the portal to which the bank sends the browser."""
    return answer.headers["Location"].removeprefix("http://127.0.0.1:9")


def test_without_a_callback_the_return_waits_and_the_sweep_settles(country: datetime, bank: Program) -> None:
    bill = bill_new(country)
    path = back(to_bank(bill, "&silent=1"))
    waiting = signed_in().get(path)
    assert "Đang chờ ngân hàng" in waiting.content.decode()
    assert waiting["Refresh"].startswith("4;")
    assert payments.payments_query() == 1
    bill.refresh_from_db()
    assert bill.status == "settled"
    after = signed_in().get(path)
    assert "0000001/2026" in after.content.decode()
    assert "Refresh" not in after
    assert payments.payments_query() == 0


def test_a_return_that_the_bank_did_not_sign_proves_nothing(country: datetime) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    shown = signed_in().get(f"/pay/{bill.pk}/return/?order={payment.pk}&state=paid&signature=x")
    assert "Đang chờ" in shown.content.decode()
    bill.refresh_from_db()
    assert bill.status == "open"


def test_giving_up_at_the_bank_leads_back_to_paying_again(country: datetime, bank: Program) -> None:
    bill = bill_new(country)
    path = back(to_bank(bill, action="cancel"))
    assert "Chưa nộp được phí" in signed_in().get(path).content.decode()
    payments.payments_query()
    assert Payment.objects.get().state == "failed"
    assert payment_of(bill, country).state == "waiting"


def test_another_amount_taken_by_the_bank_never_settles(country: datetime, bank: Program) -> None:
    bill = bill_new(country)
    signed_in().get(back(to_bank(bill, "&silent=1&amount_off=1")))
    payments.payments_query()
    bill.refresh_from_db()
    assert bill.status == "open"
    assert (PaymentAnomaly.objects.get().told, Payment.objects.get().state) == (15_000, "failed")
    assert books.revenue_of(COMMITTEE) == 0


def test_an_order_at_which_nobody_came_lapses_after_its_time(country: datetime, bank: Program) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    assert payments.payment_query(payment_id=payment.pk, at=country) == "waiting"
    late = country + timedelta(minutes=30)
    assert payments.payment_query(payment_id=payment.pk, at=late) == "lapsed"
    payments.payment_confirm(**message(payment.pk, amount=16_000, at=late), at=late)
    bill.refresh_from_db()
    assert bill.status == "settled"


def test_starting_again_after_the_time_asks_the_bank_about_the_old_order_first(
    country: datetime, bank: Program
) -> None:
    bill = bill_new(country)
    to_bank(bill, "&silent=1")
    with pytest.raises(Conflict):
        payments.payment_start(bill=bill, at=country + timedelta(hours=1))
    bill.refresh_from_db()
    assert bill.status == "settled"
    assert Payment.objects.count() == 1


def test_a_bank_that_is_away_is_asked_again_later_and_nothing_lapses(
    country: datetime, settings: Any
) -> None:
    settings.LIENTHONG_BANK_URL = "http://127.0.0.1:9"
    bill = bill_new(country)
    payment = payment_of(bill, country)
    late = country + timedelta(hours=2)
    assert payments.payment_query(payment_id=payment.pk, at=late) == "waiting"
    payment.refresh_from_db()
    assert (payment.tries, payment.next_query_at > late) == (1, True)


def callback(said: dict[str, str]) -> int:
    answer = Client(enforce_csrf_checks=True).post(
        "/pay/callback/",
        said["body"],
        content_type="application/json",
        headers={"X-Signature": said["signature"]},
    )
    return answer.status_code


def test_the_callback_answers_200_twice_409_for_another_amount_and_403_unsigned(country: datetime) -> None:
    bill = bill_new(country)
    payment = payment_of(bill, country)
    assert callback(message(payment.pk, amount=15_000, at=country)) == 409
    assert callback({"body": "{}", "signature": "x"}) == 403
    assert callback(message(uuid4(), amount=16_000, at=country)) == 404
    right = message(payment.pk, amount=16_000, at=country)
    assert [callback(right), callback(right)] == [200, 200]
    bill.refresh_from_db()
    assert bill.status == "settled"


@pytest.mark.parametrize("body", ["[]", "{}", '{"order": 1}', "é{"])
def test_a_callback_that_is_no_message_is_a_bad_request(country: datetime, body: str) -> None:
    assert callback({"body": body, "signature": payments.text_sign("bank", body)}) == 400


def test_the_receipt_is_sealed_once_and_any_change_shows(country: datetime) -> None:
    bill = bill_new(country)
    pay(bill, country)
    got = signed_in().get(f"/receipt/{bill.pk}/pdf/")
    assert got["Content-Type"] == "application/pdf"
    checked = pdf.pdf_verify(pdf=got.content, at=country)
    assert checked.valid
    assert checked.signatures[0].subject_id == "VN/GOV/G22"
    assert receipts.receipt_file(bill=bill) == got.content
    assert not pdf.pdf_verify(pdf=got.content[:500] + b"x" + got.content[501:], at=country).valid


def test_a_receipt_is_checked_by_its_code_and_names_nobody(country: datetime) -> None:
    bill = bill_new(country)
    pay(bill, country)
    receipt = selectors.receipt_of(bill)
    assert receipt is not None
    address = f"/receipt/check/{receipt.check_code}/"
    shown = Client().get(address).content.decode()
    assert receipt.text in shown
    assert "Nguyễn Thị Ánh" not in shown
    assert PAYER not in shown
    services.bill_void(bill_id=bill.pk, client=ONESTOP, at=country)
    assert "Đã hủy, hoàn tiền" in Client().get(address).content.decode()
    assert Client().get("/receipt/check/0000-0000-0000-0000/").status_code == 404


def test_pages_of_a_bill_say_what_became_of_it(country: datetime) -> None:
    free = bill_new(country, classes=frozenset({"merit"}), message="m1")
    void = bill_new(country, message="m2")
    refunded = bill_new(country, message="m3")
    services.bill_void(bill_id=void.pk, client=ONESTOP, at=country)
    pay(refunded, country)
    services.bill_void(bill_id=refunded.pk, client=ONESTOP, at=country)
    client = signed_in()
    assert "được miễn" in client.get(f"/pay/{free.pk}/").content.decode()
    assert "không phải nộp tiền" in client.get(f"/receipt/{free.pk}/").content.decode()
    assert client.get(f"/receipt/{free.pk}/pdf/").status_code == 404
    assert "Bạn không phải nộp" in client.get(f"/pay/{void.pk}/").content.decode()
    assert "đã hủy" in client.get(f"/pay/{void.pk}/return/").content.decode()
    assert "16.000 đồng được hoàn lại" in client.get(f"/pay/{refunded.pk}/").content.decode()
    assert "hoàn lại" in client.get(f"/receipt/{refunded.pk}/").content.decode()


def test_operators_see_what_does_not_fit_and_others_do_not(country: datetime) -> None:
    from lienthong.blocks.access.models import Officer, OfficerRole

    officer_enter(code="op1", agency="G22", name="Lê Văn Vận", title=Text("Vận hành", "Operator"))
    bill = bill_new(country)
    payment = payment_of(bill, country)
    callback(message(payment.pk, amount=15_000, at=country))
    client = Client()
    session = client.session
    session.update({"kind": "officer", "subject": "op1", "name": "Lê Văn Vận"})
    session.save()
    assert client.get("/console/payments/").status_code == 403
    OfficerRole.objects.create(
        officer=Officer.objects.get(code="op1"), role="operator", granted_at=country, granted_by="op0"
    )
    shown = client.get("/console/payments/").content.decode()
    assert "15.000 đồng" in shown
    assert "Khớp" in shown
    assert signed_in().get("/console/payments/").status_code == 302
