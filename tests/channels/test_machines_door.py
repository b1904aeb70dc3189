"""The machines' door: a signed frame is answered signed; what is no frame gets a clear 400."""

from datetime import datetime

import pytest
from django.test import Client

from lienthong.blocks.exchange.wire import Request, Signature, SignedRequest, body_hash
from lienthong.blocks.trust import services as trust
from lienthong.gateway.frames import MEDIA_TYPE, answer_decode, request_encode
from lienthong.ground import clock, ids
from tests.pages import nobody
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


def post(client: Client, data: bytes) -> object:
    return client.post("/api/exchange/", data=data, content_type=MEDIA_TYPE)


@pytest.fixture
def joined(at: datetime) -> datetime:
    from lienthong.systems.procedures.services import packages_publish

    country.country_join(at)
    packages_publish()
    return at


def test_a_dossier_is_opened_by_one_signed_call_and_once_only(joined: datetime) -> None:
    message_id = str(ids.uuid7(joined))
    first = answer_decode(post(nobody(), frame(message_id=message_id)).content)
    again = answer_decode(post(nobody(), frame(message_id=message_id)).content)
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
    answer = answer_decode(post(nobody(), frame(signer="VN/GOV/G15")).content)
    assert (answer.head.status, answer.body["code"]) == (403, "signature-invalid")


def test_a_purpose_without_agreement_is_refused_and_says_whom_to_ask(joined: datetime) -> None:
    answer = answer_decode(post(nobody(), frame(purpose="notification")).content)
    assert (answer.head.status, answer.body["code"]) == (403, "no-agreement")
    assert "G24.26" in answer.body["next"]["vi"]


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_frame_gets_a_clear_400(joined: datetime, data: bytes) -> None:
    answer = post(nobody(), data)
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "frame-malformed"
    assert told["what"]["vi"]
    assert told["next"]["en"]


def test_the_door_is_for_posting_only(joined: datetime) -> None:
    assert nobody().get("/api/exchange/").status_code == 405
