"""My documents, the download through the holder, and the public check."""

from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from lienthong.blocks.casework.models import Case, Procedure, Result, Step
from lienthong.ground.text import Text
from lienthong.systems.procedures.services import packages_publish
from lienthong.systems.warehouse import checks, services
from lienthong.systems.warehouse.models import Document
from tests.systems.country import COMMITTEE, ONESTOP, country_join, family_enter
from tests.systems.warehouse.warehouse_kit import (
    BIRTH,
    CASE,
    FATHER,
    MOTHER,
    Deposited,
    blank_pdf,
    deposit,
    encrypted_pdf,
    signed_pdf,
)

pytestmark = pytest.mark.django_db


def signed_in(subject: str = MOTHER) -> Client:
    client = Client()
    session = client.session
    session.update({"kind": "person", "subject": subject, "name": "Nguyễn Thị Ánh"})
    session.save()
    return client


def upload(content: bytes, name: str = "giay.pdf", language: str = "vi") -> Any:
    file = BytesIO(content)
    file.name = name
    return Client(headers={"Cookie": f"language={language}"}).post("/check/", {"file": file})


def revoke(at: datetime, state: str = "revoked") -> None:
    services.document_change(
        change=services.Change(BIRTH, "15/2026", state, Text("Cấp nhầm người", "Wrong person"), "16/2026"),
        issuer=COMMITTEE,
        changed_by=ONESTOP,
        case=CASE,
        at=at,
    )


def test_my_documents_are_listed_with_their_state(country: datetime) -> None:
    deposit(country, content=b"paper")
    shown = signed_in().get("/documents/").content.decode()
    assert "Giấy khai sinh" in shown
    assert "Còn hiệu lực" in shown
    revoke(country)
    assert "Đã thu hồi" in signed_in().get("/documents/").content.decode()
    assert "Chưa có giấy tờ nào" in signed_in(FATHER).get("/documents/").content.decode()


@pytest.mark.parametrize("path", ["/documents/{}/", "/documents/{}/file/"])
def test_nobody_elses_document_is_shown(country: datetime, path: str) -> None:
    made = deposit(country, content=b"paper").document
    assert signed_in(FATHER).get(path.format(made.pk)).status_code == 404
    assert signed_in().get(path.format(uuid4())).status_code == 404
    assert Client().get(path.format(made.pk)).status_code == 302


def test_a_document_tells_its_history_and_the_dossiers_that_used_it(country: datetime) -> None:
    made = deposit(country, content=b"paper").document
    services.use_note(document=made, used_by=ONESTOP, purpose="x", case="G01.26.12-261123-0009", at=country)
    revoke(country)
    shown = signed_in().get(f"/documents/{made.pk}/").content.decode()
    for words in ("Cấp nhầm người", "16/2026", "G01.26.12-261123-0009", made.check_code):
        assert words in shown


def test_a_signed_file_that_is_known_is_genuine_and_in_force(country: datetime) -> None:
    shown = upload(deposit(country).content).content.decode()
    assert "Giấy tờ có thật và còn hiệu lực" in shown
    assert "15/2026" in shown
    assert "UBND phường Hoàn Kiếm" in shown
    assert "Lê Văn Ký" in shown
    assert MOTHER not in shown


def test_a_check_in_english_says_the_same(country: datetime) -> None:
    shown = upload(deposit(country).content, language="en").content.decode()
    assert "genuine and in force" in shown


@pytest.mark.parametrize(
    ("state", "words"), [("revoked", "Giấy tờ đã bị thu hồi"), ("corrected", "đã được cải chính")]
)
def test_a_check_says_when_a_paper_was_corrected_or_revoked_and_why(
    country: datetime, state: str, words: str
) -> None:
    made = deposit(country)
    revoke(country, state)
    shown = upload(made.content).content.decode()
    assert words in shown
    assert "Cấp nhầm người" in shown
    assert "16/2026" in shown


def test_a_paper_whose_time_is_over_says_so(country: datetime) -> None:
    made = deposit(country)
    Document.objects.filter(pk=made.document.pk).update(valid_to="2026-11-22")
    assert "đã hết hạn" in upload(made.content).content.decode()


def test_a_changed_file_is_refused_and_the_part_is_named(country: datetime) -> None:
    made = deposit(country)
    place = made.content.index(b"300")
    content = made.content[:place] + b"301" + made.content[place + 3 :]
    shown = upload(content).content.decode()
    assert "Không thể tin tệp này" in shown
    assert "chính nội dung giấy tờ" in shown
    appended = upload(made.content + b"\n%more").content.decode()
    assert "Không thể tin tệp này" in appended
    assert "sau chữ ký cuối cùng" in appended


def test_one_changed_byte_anywhere_is_never_called_genuine(country: datetime) -> None:
    made = deposit(country)
    for place in range(0, len(made.content), max(1, len(made.content) // 25)):
        content = bytearray(made.content)
        content[place] ^= 1
        found = checks.check_by_file(content=bytes(content), at=country)
        assert found.verdict == "refused", place


def test_a_validly_signed_file_that_nobody_noted_says_so(country: datetime) -> None:
    shown = upload(signed_pdf(country)).content.decode()
    assert "Chữ ký đúng, nhưng kho không có giấy tờ này" in shown


@pytest.mark.parametrize(
    ("content", "words"),
    [(encrypted_pdf(), "mật khẩu"), (b"%PDF-1.7 broken", "hỏng"), (blank_pdf(), "không có chữ ký số")],
    ids=["encrypted", "broken", "unsigned"],
)
def test_a_pdf_that_proves_nothing_is_explained(country: datetime, content: bytes, words: str) -> None:
    answer = upload(content)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "Không thể tin tệp này" in answer.content.decode()


def test_a_program_named_pdf_is_refused_by_its_bytes(country: datetime) -> None:
    answer = upload(b"MZ\x90\x00" + b"\0" * 2000, "giay-khai-sinh.pdf")
    assert answer.status_code == 422
    assert "không phải PDF, cũng không phải gói bằng chứng" in answer.content.decode()


def test_a_file_over_the_limit_is_refused_with_the_limit(country: datetime, settings: Any) -> None:
    settings.LIENTHONG_UPLOAD_LIMIT_MIB = 1
    answer = upload(b"%PDF-1.7" + b"x" * (2 * 1024 * 1024))
    assert answer.status_code == 422
    assert "1 MB" in answer.content.decode()


def test_choosing_no_file_says_what_to_do(country: datetime) -> None:
    answer = Client().post("/check/", {})
    assert answer.status_code == 422
    assert "Hãy chọn tệp" in answer.content.decode()


def test_the_form_leads_from_a_code_however_typed_to_the_paper(country: datetime) -> None:
    code = deposit(country, content=b"paper").document.check_code
    found = Client().get("/check/", {"code": code.replace("-", "").lower()})
    assert found.status_code == 302
    assert found["Location"] == f"/check/{code}/"
    again = Client().get(f"/check/{code.replace('-', '').lower()}/")
    assert again["Location"] == f"/check/{code}/"


@pytest.mark.parametrize(("typed", "words"), [("abc", "16 chữ cái"), ("0" * 16, "Không có giấy tờ nào")])
def test_a_wrong_code_is_explained_and_stays_in_the_field(country: datetime, typed: str, words: str) -> None:
    answer = Client().get("/check/", {"code": typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()


def issued(at: datetime) -> Deposited:
    """A paper that its agency can hand out: a closed case with its result, as the issuing step leaves it."""
    country_join(at)
    family_enter(at)
    packages_publish()
    made = deposit(at, owners=(MOTHER, FATHER))
    case = Case.objects.create(
        number=CASE,
        system="onestop",
        agency=COMMITTEE,
        procedure=Procedure.objects.get(code="1.001193"),
        applicant=MOTHER,
        channel="online",
        data={},
        status=10,
        outcome="granted",
        opened_at=at,
        received_on=at.date(),
        closed_at=at,
        recorded_at=at,
    )
    step = Step.objects.create(
        case=case, agency=COMMITTEE, key="certificate", kind="issue", state="done", opened_at=at
    )
    row = made.document
    Result.objects.create(
        case=case,
        step=step,
        code=row.result_code,
        number=row.number,
        owners=[MOTHER, FATHER],
        sha256=row.sha256,
        size=row.size,
        check_code=row.check_code,
        signatures=2,
        issued_at=at,
        recorded_at=at,
    )
    return made


def readers() -> str:
    """What was noted for the persons' access logs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(body::text, ' ') from exchange_delivery"
            " where service = 'population/reads-record/v1'"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_the_download_comes_from_the_issuer_and_shows_up_for_the_owner(at: datetime) -> None:
    made = issued(at)
    got = signed_in().get(f"/documents/{made.document.pk}/file/")
    assert got.content == made.content
    assert got["Content-Disposition"] == 'attachment; filename="KQ.G15.000001-15-2026.pdf"'
    assert MOTHER in readers()
    assert "own-data" in readers()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_the_holder_altered_is_not_handed_out(at: datetime) -> None:
    made = issued(at)
    Document.objects.filter(pk=made.document.pk).update(sha256="a" * 64)
    assert signed_in().get(f"/documents/{made.document.pk}/file/").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_the_qr_leads_to_state_and_signatures_and_only_initials(at: datetime) -> None:
    made = issued(at)
    shown = Client().get(f"/check/{made.document.check_code}/").content.decode()
    for words in ("còn hiệu lực", "15/2026", "Lê Văn Ký", "N. T. Á.", "23/11/2026"):
        assert words in shown
    for hidden in ("Nguyễn Thị Ánh", MOTHER, FATHER, "12 phố Hàng Trống"):
        assert hidden not in shown
    assert MOTHER in readers()
    revoke(at)
    assert "đã bị thu hồi" in Client().get(f"/check/{made.document.check_code}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_check_page_says_the_state_even_when_the_holder_gives_no_file(at: datetime) -> None:
    country_join(at)
    family_enter(at)
    made = deposit(at, owners=(MOTHER, FATHER)).document
    shown = Client().get(f"/check/{made.check_code}/").content.decode()
    assert "Giấy tờ có thật và còn hiệu lực" in shown
    assert "Chưa kiểm tra được chữ ký" in shown
    assert "N. T. Á." in shown
    assert "Nguyễn Thị Ánh" not in shown
    assert MOTHER not in shown
    assert MOTHER in readers()
