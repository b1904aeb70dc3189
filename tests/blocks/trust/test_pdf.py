"""PAdES signatures in PDF files: made, checked, and spoiled in every way we could think of."""

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier
from types import ModuleType

import pypdf
import pytest
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from lienthong.blocks.trust import pades, pdf, services
from lienthong.blocks.trust.pdf import PdfCheck, SignerRef
from lienthong.blocks.trust.services import SignerRequest
from lienthong.ground.clock import VIETNAM
from lienthong.ground.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)
PLAIN = typst.compile("Giấy khai sinh".encode(), format="pdf", timestamp=int(AT.timestamp()))
OFFICER = SignerRef("officer:7", "Ký duyệt", "Nguyễn Thị Ánh")
SEAL = SignerRef("VN/GOV/H01.12", "Đóng dấu cơ quan", "UBND phường Hoàn Kiếm")
FAST = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


@pytest.fixture(autouse=True)
def _signers() -> None:
    services.signers_ensure_many(
        requests=[
            SignerRequest(OFFICER.subject_id, "officer", OFFICER.name, "UBND phường Hoàn Kiếm"),
            SignerRequest(SEAL.subject_id, "member", SEAL.name),
        ],
        at=AT,
    )


@pytest.fixture
def paper() -> bytes:
    return pdf.pdf_sign(pdf=PLAIN, signers=[OFFICER, SEAL], at=AT)


def refused(check: PdfCheck) -> bool:
    return not check.valid and check.problem is not None and bool(check.problem.vi and check.problem.en)


def test_two_signers_sign_one_after_the_other_and_both_are_good(paper: bytes) -> None:
    check = pdf.pdf_verify(pdf=paper, at=AT)
    assert (check.valid, check.problem) == (True, None)
    assert [one.subject_id for one in check.signatures] == ["officer:7", "VN/GOV/H01.12"]
    first = check.signatures[0]
    assert (first.signer, first.organisation, first.signed_at) == (
        "Nguyễn Thị Ánh",
        "UBND phường Hoàn Kiếm",
        AT,
    )
    assert all(one.intact and one.trusted and one.whole_document for one in check.signatures)


def test_signing_changes_nothing_that_was_there(paper: bytes) -> None:
    assert paper.startswith(PLAIN)
    assert pypdf.PdfReader(BytesIO(paper)).metadata == pypdf.PdfReader(BytesIO(PLAIN)).metadata


def test_the_signature_is_pades_with_sha256_reason_and_the_houses_time(paper: bytes) -> None:
    fields = pypdf.PdfReader(BytesIO(paper)).get_fields() or {}
    value = fields["Signature1"]["/V"]
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (value["/Reason"], value["/Name"]) == (OFFICER.reason, OFFICER.name)
    assert value["/M"] == "D:20261123090000+07'00'"


def test_a_paper_outlives_its_signers_certificate(paper: bytes) -> None:
    assert pdf.pdf_verify(pdf=paper, at=AT + timedelta(days=20 * 365)).valid


@pytest.mark.needs("pdfsig")
def test_pdfsig_agrees(paper: bytes, tmp_path: Path) -> None:
    def said(content: bytes) -> str:
        file = tmp_path / "paper.pdf"
        file.write_bytes(content)
        done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=True)
        return done.stdout

    good = said(paper)
    assert good.count("Signature is Valid") == 2
    assert "Total document signed" in good
    altered = bytearray(paper)
    altered[200] ^= 1
    assert "Signature is Valid" not in said(bytes(altered))


@FAST
@given(place=st.integers(min_value=0), change=st.integers(min_value=1, max_value=255))
def test_one_byte_changed_anywhere_is_noticed(paper: bytes, place: int, change: int) -> None:
    altered = bytearray(paper)
    altered[place % len(altered)] ^= change
    assert refused(pdf.pdf_verify(pdf=bytes(altered), at=AT))


@FAST
@given(place=st.integers(min_value=0))
def test_a_changed_digit_of_the_signature_itself_is_noticed(paper: bytes, place: int) -> None:
    begin = paper.index(b"/Contents <") + len(b"/Contents <")
    index = begin + place % (paper.index(b">", begin) - begin)
    altered = bytearray(paper)
    altered[index] = ord("1") if altered[index] != ord("1") else ord("2")
    assert refused(pdf.pdf_verify(pdf=bytes(altered), at=AT))


@FAST
@given(extra=st.binary(min_size=1, max_size=50))
def test_bytes_added_at_the_end_are_noticed(paper: bytes, extra: bytes) -> None:
    assert refused(pdf.pdf_verify(pdf=paper + extra, at=AT))


@FAST
@given(cut=st.integers(min_value=1))
def test_a_file_cut_short_is_noticed_unless_it_ends_where_the_first_signer_signed(
    paper: bytes, cut: int
) -> None:
    check = pdf.pdf_verify(pdf=paper[: -(cut % len(paper)) or None] if cut % len(paper) else b"", at=AT)
    assert refused(check) or [one.subject_id for one in check.signatures] == ["officer:7"]


@given(st.binary(max_size=400))
def test_any_bytes_get_a_plain_answer(content: bytes) -> None:
    assert refused(pdf.pdf_verify(pdf=content, at=AT))
    assert refused(pdf.pdf_verify(pdf=b"%PDF-1.7\n" + content, at=AT))


def test_a_later_edit_is_noticed_even_when_a_trusted_signer_signs_it(paper: bytes) -> None:
    writer = pypdf.PdfWriter(BytesIO(paper), incremental=True)
    writer.pages[0].rotate(90)
    edited = BytesIO()
    writer.write(edited)
    resealed = pdf.pdf_sign(pdf=edited.getvalue(), signers=[SEAL], at=AT)
    check = pdf.pdf_verify(pdf=resealed, at=AT)
    assert refused(check)
    assert [one.whole_document for one in check.signatures] == [False, False, True]


def test_a_signature_of_another_authority_is_intact_but_not_trusted(
    paper: bytes, settings: Settings, tmp_path: Path
) -> None:
    settings.LIENTHONG_KEYS = tmp_path
    services.caches_clear()
    check = pdf.pdf_verify(pdf=paper, at=AT)
    assert refused(check)
    assert not any(one.trusted for one in check.signatures)


def test_what_was_signed_after_revocation_is_refused_and_before_it_stands(paper: bytes) -> None:
    record, _ = services.signer_load(subject_id=SEAL.subject_id, at=AT)
    services.certificate_revoke(
        fingerprint=record.info.fingerprint, reason="Đổi con dấu", at=AT + timedelta(minutes=1)
    )
    assert pdf.pdf_verify(pdf=paper, at=AT + timedelta(days=1)).valid
    with pytest.raises(NotFound):
        pdf.pdf_sign(pdf=PLAIN, signers=[SEAL], at=AT + timedelta(days=1))
    services.certificate_revoke(fingerprint=record.info.fingerprint, reason="Đổi con dấu", at=AT)
    from lienthong.blocks.trust.models import Certificate

    Certificate.objects.update(revoked_at=AT - timedelta(minutes=1), revocation_reason="Lộ khóa")
    services.caches_clear()
    check = pdf.pdf_verify(pdf=paper, at=AT)
    assert refused(check)
    assert [one.trusted for one in check.signatures] == [False, False]
    assert check.signatures[0].problem is not None
    assert "thu hồi" in check.signatures[0].problem.vi


def test_a_time_of_signing_in_the_future_is_refused(paper: bytes) -> None:
    assert refused(pdf.pdf_verify(pdf=paper, at=AT - timedelta(days=1)))


def encrypted() -> bytes:
    writer = pypdf.PdfWriter(BytesIO(PLAIN))
    writer.encrypt("secret", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PLAIN, "không có chữ ký"),
        (b"MZ\x90 an .exe named .pdf", "không phải là tệp PDF"),
        (b"", "không phải là tệp PDF"),
        (PLAIN[: len(PLAIN) // 2], "bị hỏng"),
        (encrypted(), "mật khẩu"),
    ],
)
def test_every_file_that_cannot_be_checked_says_why(content: bytes, words: str) -> None:
    check = pdf.pdf_verify(pdf=content, at=AT)
    assert refused(check)
    assert check.problem is not None
    assert words in check.problem.vi
    assert check.signatures == ()


@pytest.mark.parametrize("content", [b"", b"plain text", PLAIN[:-400], encrypted()])
def test_what_cannot_be_signed_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        pdf.pdf_sign(pdf=content, signers=[SEAL], at=AT)
    assert caught.value.code == "trust.pdf_unsignable"
    assert caught.value.why.vi


def test_threads_that_sign_together_do_not_meet_in_what_they_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """asn1crypto is for one thread: it reads lazily, and sets up its classes at their first use."""
    known = services.signer_load(subject_id=SEAL.subject_id, at=AT)
    monkeypatch.setattr(services, "signer_load", lambda **_: known)
    workers, interval = 8, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            begun = _as_in_a_new_process(monkeypatch)  # whatever is read, all read it for the first time
            together = Barrier(workers)

            def sign(_: int, begun: ModuleType = begun, together: Barrier = together) -> bytes:
                together.wait()
                return begun.pdf_sign(pdf=PLAIN, signers=[SEAL], at=AT)

            with ThreadPoolExecutor(workers) as pool:
                papers = list(pool.map(sign, range(workers)))
            assert all(pdf.pdf_verify(pdf=paper, at=AT).valid for paper in papers)
    finally:
        sys.setswitchinterval(interval)


def _as_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A copy of the module that remembers nothing yet."""
    spec = importlib.util.spec_from_file_location("pades_begun", pades.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pades_begun", module)
    spec.loader.exec_module(module)
    return module
