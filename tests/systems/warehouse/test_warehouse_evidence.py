"""The public check of an evidence container: who signed what, when, how it is proven; and which part does not hold."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from lienthong.blocks.trust import asic, wire
from lienthong.blocks.trust import services as trust
from lienthong.config.evidence import told
from lienthong.systems.warehouse import evidence
from tests.pages import text_of
from tests.systems.warehouse.evidence_kit import container, question, reply

pytestmark = pytest.mark.django_db


def upload(content: bytes, language: str = "vi", name: str = "bang-chung.asice") -> Any:
    file = BytesIO(content)
    file.name = name
    return Client(headers={"Cookie": f"language={language}"}).post("/check/", {"file": file})


def test_a_question_says_who_asked_whom_for_what_and_when(country: datetime) -> None:
    shown = text_of(upload(container(question(country), country)))
    for words in (
        "Bằng chứng còn nguyên vẹn",
        "UBND phường Hoàn Kiếm đã ký thông điệp này",
        "Bên hỏi UBND phường Hoàn Kiếm (VN/GOV/H26.12/onestop)",
        "Bên được hỏi Bộ Tư pháp (VN/GOV/G15/civilstatus)",
        "civilstatus/births-register POST /v1",
        "Đăng ký khai sinh (birth-registration)",
        "H26.12-261123-0001",
        "ngày 23/11/2026 (giờ Việt Nam)",
        "Chung một lô, 2 bước băm dẫn đến gốc",
        "Chung một lô, 3 bước băm dẫn đến gốc",
    ):
        assert words in shown, words


def test_the_same_in_english_and_at_the_command_line(country: datetime) -> None:
    content = container(question(country), country)
    shown = text_of(upload(content, "en"))
    found = evidence.check_container(content=content, at=country)
    printed = "\n".join(told(found.check))
    for section in found.sections:
        assert section.heading.en in shown
        for fact in section.facts:
            assert f"{fact.label.en} {fact.value.en}" in shown
            assert fact.label.en in printed
            assert fact.names or fact.value.en in printed


@pytest.mark.parametrize(
    ("status", "problem", "words"),
    [
        (200, "", "Đã trả lời (200)"),
        (503, "", "Hệ thống báo lỗi (503)"),
        (500, "server.serverproxy.access_denied", "Từ chối (server.serverproxy.access_denied)"),
    ],
)
def test_a_reply_says_its_outcome_and_to_which_question(
    country: datetime, status: int, problem: str, words: str
) -> None:
    content = container(reply(country, status=status, problem=problem), country, member="VN/GOV/G15")
    shown = text_of(upload(content))
    assert "Bộ Tư pháp đã ký" in shown
    assert words in shown
    assert wire.sha256_hex(question(country)) in shown


def test_without_a_time_stamp_the_page_claims_no_independent_time(country: datetime) -> None:
    shown = text_of(upload(container(question(country), country, stamped=False)))
    assert "chỉ biết thời điểm do bên ký tự ghi" in shown
    assert "bên độc lập" not in shown


def test_a_message_of_another_form_is_told_by_its_signature_alone(country: datetime) -> None:
    for message in (b"<xml/>", b"[1]", b'{"client":"x"}', b"\xff\xfe"):
        shown = text_of(upload(container(message, country)))
        assert "Bằng chứng còn nguyên vẹn" in shown
        assert "Thông điệp của hệ thống kết nối khác" in shown


def test_what_the_signer_wrote_is_shown_as_text_never_as_markup(country: datetime) -> None:
    content = container(question(country, purpose="<script>alert(1)</script>"), country)
    answer = upload(content).content
    assert b"<script>alert(1)" not in answer
    assert b"&lt;script&gt;alert(1)" in answer


@pytest.mark.parametrize(
    "place", ["message.xml", "META-INF/signatures.xml", "ts-hashchain.xml", "timestamp.tst"]
)
def test_a_changed_part_is_named_and_the_reader_is_told_what_to_do(country: datetime, place: str) -> None:
    entries = asic._zip_read(container(question(country), country))
    name = next(one for one in entries if one.endswith(place))
    changed = bytearray(entries[name])
    changed[len(changed) // 2] ^= 1
    answer = upload(asic._zip_write(entries | {name: bytes(changed)}), "en")
    shown = text_of(answer)
    assert answer.status_code == 200
    assert "This evidence cannot be trusted" in shown
    assert "Ask the agency that sent or received" in shown
    assert "Signed by" not in shown


def test_a_file_cut_short_or_packed_again_is_explained(country: datetime) -> None:
    whole = container(question(country), country)
    for cut in (100, len(whole) // 2, len(whole) - 1):
        assert "tải về dở dang" in text_of(upload(whole[:cut]))


def test_evidence_signed_after_its_certificate_was_revoked_is_refused(country: datetime) -> None:
    content = container(question(country), country)
    record, _ = trust.signer_load(subject_id="VN/GOV/H26.12", at=country)
    trust.certificate_revoke(
        fingerprint=record.info.fingerprint, reason="lộ khóa", at=country + timedelta(seconds=1)
    )
    assert "còn nguyên vẹn" in text_of(upload(content))
    trust.caches_clear()
    from lienthong.blocks.trust.models import Certificate

    Certificate.objects.filter(fingerprint=record.info.fingerprint).update(revoked_at=country)
    shown = text_of(upload(content))
    assert "đã bị thu hồi trước lúc ký" in shown
    assert "còn nguyên vẹn" not in shown


def test_an_archive_of_containers_is_told_how_to_be_checked(country: datetime) -> None:
    import zipfile

    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a-request-1.asice", container(question(country), country))
    answer = upload(packed.getvalue(), name="evidence.asice")
    assert answer.status_code == 422
    assert "giải nén rồi chọn từng tệp .asice" in text_of(answer)


def test_a_container_named_pdf_is_known_by_its_content(country: datetime) -> None:
    assert "còn nguyên vẹn" in text_of(upload(container(question(country), country), name="giay.pdf"))


def test_a_container_over_the_limit_is_refused_with_the_limit(country: datetime, settings: Any) -> None:
    settings.LIENTHONG_UPLOAD_LIMIT_MIB = 1
    answer = upload(container(question(country), country) + bytes(2 << 20))
    assert answer.status_code == 422
    assert "1 MB" in answer.content.decode()
