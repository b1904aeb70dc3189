"""The sandbox's bank as the platform meets it: a process of its own, over HTTP."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import pytest

from lienthong.blocks.trust.secrets import hmac_holds, hmac_sign, params_text, secret_read
from lienthong.ground import clock
from tests.nation.programs import HTTP, Portal, Program, bank_program, wait_until


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("bank")
    program = bank_program(folder, folder / "keys")
    program.start()
    yield program
    program.kill()


def secret(bank: Program) -> bytes:
    return secret_read(Path(bank.environment["LIENTHONG_KEYS"]), "bank")


def address(bank: Program, portal: Portal, **more: str) -> str:
    params = {
        "order": str(uuid4()),
        "amount": "16000",
        "description": "LP H26.12-261123-0001",
        "return_url": f"{portal.url}/return",
        "callback_url": f"{portal.url}/callback",
        "expires_at": (clock.now() + timedelta(minutes=30)).isoformat(),
    } | {key: value for key, value in more.items() if key in {"order", "amount", "expires_at"}}
    params["signature"] = hmac_sign(secret(bank), params_text(params))
    controls = {key: value for key, value in more.items() if key not in params}
    return f"{bank.url}/pay?{urlencode(params | controls)}"


def order_of(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query))["order"]


def asked(bank: Program, order: str) -> dict[str, object]:
    answer = HTTP.get(f"{bank.url}/orders/{order}", headers={"X-Signature": hmac_sign(secret(bank), order)})
    assert answer.status_code == 200
    assert hmac_holds(secret(bank), answer.text, answer.headers["X-Signature"])
    return dict(answer.json())


def test_the_page_says_amount_and_purpose_in_both_languages(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    vietnamese, english = HTTP.get(url).text, HTTP.get(f"{url}&lang=en").text
    assert "16.000 đồng" in vietnamese
    assert "Thanh toán</button>" in vietnamese
    assert "VND 16,000" in english
    assert "LP H26.12-261123-0001" in english
    assert '<html lang="en">' in english


def test_paying_tells_the_platform_and_sends_the_browser_back_signed(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    back = HTTP.post(url, data={"action": "pay"})
    assert back.status_code == 303
    told = dict(parse_qsl(urlsplit(back.headers["Location"]).query))
    assert (told["order"], told["state"]) == (order_of(url), "paid")
    assert hmac_holds(secret(bank), params_text(told), told["signature"])
    wait_until(lambda: portal.taken)
    body, signature = portal.taken[0]
    assert hmac_holds(secret(bank), body, signature)
    said = json.loads(body)
    assert (said["order"], said["amount"], said["state"]) == (order_of(url), 16_000, "paid")
    assert datetime.fromisoformat(said["paid_at"]).tzinfo is not None
    assert asked(bank, order_of(url)) == said


def test_paying_again_pays_nothing_more(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    first, second = (HTTP.post(url, data={"action": "pay"}).headers["Location"] for _ in range(2))
    assert first == second == HTTP.get(url).headers["Location"]
    wait_until(lambda: portal.taken)
    assert HTTP.get(f"{bank.url}/health").json()["callbacks_waiting"] == 0
    assert len(portal.taken) == 1


def test_giving_up_is_told_too(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    back = HTTP.post(url, data={"action": "cancel"}).headers["Location"]
    assert "state=cancelled" in back
    wait_until(lambda: portal.taken)
    assert json.loads(portal.taken[0][0])["state"] == "cancelled"


@pytest.mark.parametrize("part", ["amount=16000", "return_url=http", "signature="])
def test_an_order_that_was_altered_is_refused(bank: Program, portal: Portal, part: str) -> None:
    url = address(bank, portal).replace(part, {"amount=16000": "amount=1"}.get(part, f"{part}x"))
    assert HTTP.get(url).status_code == 400
    assert HTTP.post(url, data={"action": "pay"}).status_code == 400


def test_an_order_is_not_paid_after_its_time(bank: Program, portal: Portal) -> None:
    url = address(bank, portal, expires_at=(clock.now() - timedelta(minutes=1)).isoformat())
    assert HTTP.post(url, data={"action": "pay"}).status_code == 410
    assert asked(bank, order_of(url))["state"] == "open"


def test_a_known_order_with_another_amount_is_refused(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    assert HTTP.get(url).status_code == 200
    assert HTTP.get(address(bank, portal, order=order_of(url), amount="1")).status_code == 409


def test_a_question_without_the_platforms_signature_is_not_answered(bank: Program, portal: Portal) -> None:
    url = address(bank, portal)
    HTTP.get(url)
    assert HTTP.get(f"{bank.url}/orders/{order_of(url)}").status_code == 403
    stranger = str(uuid4())
    signed = {"X-Signature": hmac_sign(secret(bank), stranger)}
    assert HTTP.get(f"{bank.url}/orders/{stranger}", headers=signed).status_code == 404


def test_a_callback_is_repeated_until_it_is_taken(bank: Program, portal: Portal) -> None:
    portal.answers = [500, 503]
    HTTP.post(address(bank, portal), data={"action": "pay"})
    wait_until(lambda: len(portal.taken) == 3)
    assert len(set(portal.taken)) == 1
    wait_until(lambda: HTTP.get(f"{bank.url}/health").json()["callbacks_waiting"] == 0)


def test_a_callback_that_is_refused_for_good_is_not_repeated(bank: Program, portal: Portal) -> None:
    portal.answers = [409]
    HTTP.post(address(bank, portal), data={"action": "pay"})
    wait_until(lambda: portal.taken)
    wait_until(lambda: HTTP.get(f"{bank.url}/health").json()["callbacks_waiting"] == 0)
    assert len(portal.taken) == 1


def test_a_killed_bank_forgets_neither_order_nor_callback(bank: Program, portal: Portal) -> None:
    portal.answers = [500]
    url = address(bank, portal)
    HTTP.post(url, data={"action": "pay"})
    wait_until(lambda: portal.taken)
    bank.kill()
    bank.start()
    assert asked(bank, order_of(url))["state"] == "paid"
    wait_until(lambda: len(portal.taken) == 2)
    assert portal.taken[0] == portal.taken[1]


def test_the_sandbox_can_call_twice_with_another_amount_or_never(bank: Program, portal: Portal) -> None:
    HTTP.post(address(bank, portal, silent="1"), data={"action": "pay"})
    HTTP.post(address(bank, portal, twice="1"), data={"action": "pay"})
    HTTP.post(address(bank, portal), data={"action": "pay"}, headers={"X-Sandbox": "amount_off"})
    wait_until(lambda: len(portal.taken) == 3)
    amounts = [json.loads(body)["amount"] for body, _ in portal.taken]
    assert sorted(amounts) == [15_000, 16_000, 16_000]
