"""The sandbox's message provider over HTTP and SMTP."""

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from httpx import Response

from lienthong.blocks.trust.secrets import hmac_holds, hmac_sign, secret_read
from tests.nation.programs import HTTP, Portal, Program, notices_program, wait_until


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("notices")
    program = notices_program(folder, folder / "keys")
    program.start()
    yield program
    program.kill()


def secret(provider: Program) -> bytes:
    return secret_read(Path(provider.environment["LIENTHONG_KEYS"]), "notices")


@pytest.fixture
def to() -> str:
    """A telephone number of which no other test knows."""
    return f"+84{uuid4().int % 10**9:09}"


def send_sms(provider: Program, portal: Portal, to: str, *, number: str = "", text: str = "Xong") -> Response:
    body = {"id": number or f"sms-{to}", "to": to, "text": text, "callback": f"{portal.url}/report"}
    signature = hmac_sign(secret(provider), body["id"] + body["to"] + body["text"])
    return HTTP.post(f"{provider.url}/sms", json=body, headers={"X-Signature": signature})


def send_mail(provider: Program, to: str, number: str, text: str = "Hồ sơ đã xong") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Kết quả", "no-reply@lienthong.example", to
    if number:
        message["Message-ID"] = number
    message.set_content(text)
    host, _, port = provider.environment["LIENTHONG_SMTP"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as smtp:
        smtp.send_message(message)


def kept(provider: Program, to: str) -> list[dict[str, str]]:
    return list(HTTP.get(f"{provider.url}/messages", params={"to": to}).json()["messages"])


def test_a_message_is_kept_and_its_delivery_reported_signed(
    provider: Program, portal: Portal, to: str
) -> None:
    assert send_sms(provider, portal, to).status_code == 200
    (message,) = kept(provider, to)
    assert (message["text"], message["way"]) == ("Xong", "sms")
    wait_until(lambda: portal.taken)
    body, signature = portal.taken[0]
    assert json.loads(body) == {"id": f"sms-{to}", "state": "delivered"}
    assert hmac_holds(secret(provider), f"sms-{to}delivered", signature)


def test_the_same_message_sent_again_is_one_message_and_one_report(
    provider: Program, portal: Portal, to: str
) -> None:
    for _ in range(3):
        assert send_sms(provider, portal, to, number=f"first-{to}").status_code == 200
    send_sms(provider, portal, to, number=f"second-{to}")
    wait_until(lambda: len(portal.taken) == 2)
    assert [row["id"] for row in kept(provider, to)] == [f"second-{to}", f"first-{to}"]


def test_a_message_with_a_wrong_signature_or_shape_is_refused(
    provider: Program, portal: Portal, to: str
) -> None:
    body = {"id": "n1", "to": to, "text": "x", "callback": portal.url}
    assert HTTP.post(f"{provider.url}/sms", json=body).status_code == 403
    assert HTTP.post(f"{provider.url}/sms", json={"id": "n1"}).status_code == 400
    assert HTTP.post(f"{provider.url}/sms", content=b"[").status_code == 400
    assert kept(provider, to) == []


def test_mail_is_kept_once_a_message_id(provider: Program, to: str) -> None:
    address = f"anh{to[1:]}@example.vn"
    for _ in range(2):
        send_mail(provider, address, f"<first-{to}@lienthong>")
    send_mail(provider, address, f"<second-{to}@lienthong>", "Lần hai")
    assert [(row["subject"], row["text"].strip()) for row in kept(provider, address)] == [
        ("Kết quả", "Lần hai"),
        ("Kết quả", "Hồ sơ đã xong"),
    ]


def test_mail_without_a_message_id_is_refused(provider: Program) -> None:
    with pytest.raises(smtplib.SMTPDataError):
        send_mail(provider, "anh@example.vn", "")


def test_the_inbox_shows_what_came_and_never_as_markup(provider: Program, portal: Portal, to: str) -> None:
    send_sms(provider, portal, to, text="<b>không</b>")
    shown = HTTP.get(provider.url, params={"to": to}).text
    assert "&lt;b&gt;không&lt;/b&gt;" in shown
    assert "<b>không" not in shown


def test_a_killed_provider_forgets_nothing_and_reports_what_it_had_not(
    provider: Program, portal: Portal, to: str
) -> None:
    portal.answers = [500]
    send_sms(provider, portal, to)
    wait_until(lambda: portal.taken)
    provider.kill()
    provider.start()
    assert len(kept(provider, to)) == 1
    wait_until(lambda: len(portal.taken) == 2)
