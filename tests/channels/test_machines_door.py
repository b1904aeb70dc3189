"""The machines' door: a signed frame is answered signed; what is no frame gets a clear 400."""

from collections.abc import Generator
from datetime import datetime
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections

from lienthong.blocks.exchange.wire import Request, Signature, SignedRequest, body_hash
from lienthong.blocks.trust import services as trust
from lienthong.gateway.frames import MEDIA_TYPE, answer_decode, request_encode
from lienthong.ground import clock, ids
from tests.systems import country

pytestmark = pytest.mark.django_db

BODY = {
    "procedure": "1.003077",
    "applicant": {"number": "001195000001", "name": "Nguyễn Thị Ánh"},
    "channel": "online",
    "declaration": {"person": {}, "residence": {}},
}


def frame(*, signer: str = "VN/GOV/G22", purpose: str = "linked-procedure", message_id: str = "") -> bytes:
    now = clock.now()
    head = Request(
        message_id or str(ids.uuid7(now)),
        country.LIFEEVENTS,
        country.ONESTOP_SOCIAL,
        "onestop/dossiers-open/v1",
        purpose,
        "",
        "",
        now.isoformat(),
        body_hash(BODY),
    )
    signed = trust.bytes_sign(subject_id=signer, data=head.signed_bytes(), at=now)
    return request_encode(SignedRequest(head, BODY, Signature(signed.signature, signed.certificate)))


@pytest.fixture(autouse=True)
def connection_kept() -> Generator[None]:
    """A request gives its connection back; the test's transaction lives in it, so here it stays (as Django's client
    does it)."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def door() -> httpx.Client:
    """The web process, as granian would call it."""
    from lienthong.config.wsgi import application

    return httpx.Client(transport=httpx.WSGITransport(app=application), base_url="http://testserver")


def post(data: bytes, **headers: str) -> httpx.Response:
    return door().post("/api/exchange/", content=data, headers={"Content-Type": MEDIA_TYPE, **headers})


@pytest.fixture
def joined(at: datetime) -> datetime:
    from lienthong.systems.procedures.services import packages_publish

    country.country_join(at)
    packages_publish()
    return at


def test_a_dossier_is_opened_by_one_signed_call_and_once_only(joined: datetime) -> None:
    message_id = str(ids.uuid7(joined))
    first = answer_decode(post(frame(message_id=message_id)).content)
    again = answer_decode(post(frame(message_id=message_id)).content)
    assert first.head.status == 200
    assert first.body["number"] == "G24.26-261123-0001"
    assert again.body == first.body
    assert trust.bytes_verify(
        data=first.head.signed_bytes(),
        signature=first.signature.value,
        certificate=first.signature.certificate,
        at=joined,
    ).valid


def test_another_members_signature_is_refused_with_a_signed_answer(joined: datetime) -> None:
    answer = answer_decode(post(frame(signer="VN/GOV/G15")).content)
    assert (answer.head.status, answer.body["code"]) == (403, "signature-invalid")


def test_a_purpose_without_agreement_is_refused_and_says_whom_to_ask(joined: datetime) -> None:
    answer = answer_decode(post(frame(purpose="notification")).content)
    assert (answer.head.status, answer.body["code"]) == (403, "no-agreement")
    assert "G24.26" in answer.body["next"]["vi"]


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_frame_gets_a_clear_400(joined: datetime, data: bytes) -> None:
    answer = post(data)
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "frame-malformed"
    assert told["what"]["vi"]
    assert told["next"]["en"]


def test_the_door_is_for_posting_only(joined: datetime) -> None:
    answer = door().get("/api/exchange/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "method-not-allowed"


def test_behind_the_door_are_the_pages(joined: datetime) -> None:
    answer = door().get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert door().get("/api/other/").status_code == 404


def test_a_call_has_a_line_in_the_log_under_its_callers_id(
    joined: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="lienthong.web")
    answer = post(frame(), **{"X-Request-Id": "call-1"})
    assert answer.headers["X-Request-Id"] == "call-1"
    line = caplog.records[-1].msg
    assert isinstance(line, dict)
    told = {key: line[key] for key in ("event", "route", "method", "status", "request_id")}
    assert told == {
        "event": "request",
        "route": "api:exchange",
        "method": "POST",
        "status": 200,
        "request_id": "call-1",
    }


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [(OperationalError("host=10.0.0.1"), 503, "database-away"), (ValueError("x = 1"), 500, "internal-error")],
)
def test_trouble_is_told_without_what_is_inside(
    joined: datetime, monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int, code: str
) -> None:
    def fails(*_: Any) -> Any:
        raise trouble

    monkeypatch.setattr("lienthong.channels.api.exchange.receive", fails)
    answer = post(frame())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert str(trouble) not in answer.text
    assert answer.json()["next"]["vi"]


@pytest.mark.parametrize("length", [str(1 << 40), "-1", "many", ""])
def test_a_length_that_is_none_or_too_large_is_refused_before_it_is_read(length: str) -> None:
    from lienthong.config.wsgi import application

    told: list[str] = []
    environ = {
        "PATH_INFO": "/api/exchange/",
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": length,
        "wsgi.input": None,
    }
    (body,) = application(environ, lambda status, _headers: told.append(status))
    assert told == ["400 Bad Request"]
    assert b"Content-Length" in body
