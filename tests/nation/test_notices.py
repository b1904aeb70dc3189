"""The sandbox's message provider over HTTP and SMTP."""

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from lienthong.blocks.trust.secrets import hmac_holds, hmac_sign, secret_read
from tests.nation.programs import Portal, Program, notices_program, wait_until


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Program]:
    program = notices_program(tmp_path, tmp_path / "keys")
    program.start()
    yield program
    program.kill()


def secret(provider: Program) -> bytes:
    return secret_read(Path(provider.environment["LIENTHONG_KEYS"]), "notices")


def send_sms(
    provider: Program, portal: Portal, number: str = "n1", text: str = "Đã có kết quả"
) -> httpx.Response:
    body = {"id": number, "to": "+84900000001", "text": text, "callback": f"{portal.url}/report"}
    signature = hmac_sign(secret(provider), body["id"] + body["to"] + body["text"])
    return httpx.post(f"{provider.url}/sms", json=body, headers={"X-Signature": signature})


def send_mail(provider: Program, number: str, text: str = "Hồ sơ đã xong") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "Kết quả",
        "no-reply@lienthong.example",
        "anh@example.vn",
    )
    if number:
        message["Message-ID"] = number
    message.set_content(text)
    host, _, port = provider.environment["LIENTHONG_SMTP"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as smtp:
        smtp.send_message(message)


def kept(provider: Program, to: str = "") -> list[dict[str, str]]:
    return list(httpx.get(f"{provider.url}/messages", params={"to": to}).json()["messages"])


def test_a_message_is_kept_and_its_delivery_reported_signed(provider: Program, portal: Portal) -> None:
    assert send_sms(provider, portal).status_code == 200
    (message,) = kept(provider, "+84900000001")
    assert (message["text"], message["way"]) == ("Đã có kết quả", "sms")
    wait_until(lambda: portal.taken)
    body, signature = portal.taken[0]
    assert json.loads(body) == {"id": "n1", "state": "delivered"}
    assert hmac_holds(secret(provider), "n1delivered", signature)


def test_the_same_message_sent_again_is_one_message_and_one_report(provider: Program, portal: Portal) -> None:
    for _ in range(3):
        assert send_sms(provider, portal).status_code == 200
    send_sms(provider, portal, "n2")
    wait_until(lambda: len(portal.taken) == 2)
    assert [row["id"] for row in kept(provider)] == ["n2", "n1"]


def test_a_message_with_a_wrong_signature_or_shape_is_refused(provider: Program, portal: Portal) -> None:
    body = {"id": "n1", "to": "+84", "text": "x", "callback": portal.url}
    assert httpx.post(f"{provider.url}/sms", json=body).status_code == 403
    assert httpx.post(f"{provider.url}/sms", json={"id": "n1"}).status_code == 400
    assert httpx.post(f"{provider.url}/sms", content=b"[").status_code == 400
    assert kept(provider) == []


def test_mail_is_kept_once_a_message_id(provider: Program) -> None:
    for _ in range(2):
        send_mail(provider, "<n1@lienthong>")
    send_mail(provider, "<n2@lienthong>", "Lần hai")
    rows = kept(provider, "anh@example.vn")
    assert [(row["subject"], row["text"].strip()) for row in rows] == [
        ("Kết quả", "Lần hai"),
        ("Kết quả", "Hồ sơ đã xong"),
    ]


def test_mail_without_a_message_id_is_refused(provider: Program) -> None:
    with pytest.raises(smtplib.SMTPDataError):
        send_mail(provider, "")


def test_the_inbox_shows_what_came_and_never_as_markup(provider: Program, portal: Portal) -> None:
    send_sms(provider, portal, text="<b>không</b>")
    shown = httpx.get(provider.url).text
    assert "&lt;b&gt;không&lt;/b&gt;" in shown
    assert "<b>không" not in shown


def test_a_killed_provider_forgets_nothing_and_reports_what_it_had_not(
    provider: Program, portal: Portal
) -> None:
    portal.answers = [500]
    send_sms(provider, portal)
    send_mail(provider, "<n1@lienthong>")
    wait_until(lambda: portal.taken)
    provider.kill()
    provider.start()
    assert len(kept(provider)) == 2
    wait_until(lambda: len(portal.taken) == 2)
