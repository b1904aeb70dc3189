"""Files are judged by their bytes and kept whole under their hash."""

from io import BytesIO

import pytest
import segno
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from lienthong.blocks.casework import files
from lienthong.ground.errors import Invalid, NotFound

WINDOWS_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(2000)
PNG = BytesIO()
segno.make("lienthong").save(PNG, kind="png")
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043000101") + bytes(200) + b"\xff\xd9"


def pdf(password: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def refusal(name: str, content: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        files.upload_check(name=name, content=content)
    said = caught.value
    assert all(text.vi and text.en for text in (said.what, said.why, said.next_step))
    return said


@pytest.mark.parametrize(
    ("content", "kind"),
    [(pdf(), "application/pdf"), (PNG.getvalue(), "image/png"), (JPEG, "image/jpeg")],
    ids=["pdf", "png", "jpeg"],
)
def test_a_paper_scanned_or_photographed_is_taken_whatever_its_name(content: bytes, kind: str) -> None:
    assert files.upload_check(name="giấy.exe", content=content) == kind


def test_a_program_named_pdf_is_refused_by_its_bytes() -> None:
    problem = refusal("giấy chứng sinh.pdf", WINDOWS_PROGRAM)
    assert problem.code == "file-kind"
    assert "giấy chứng sinh.pdf" in problem.what.vi


@given(st.binary(max_size=300).filter(lambda b: not b.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8"))))
def test_whatever_else_is_refused_with_a_reason_and_never_breaks(content: bytes) -> None:
    assert refusal("a.pdf", content).code in {"file-kind", "file-broken"}


def test_an_encrypted_pdf_is_refused_with_what_to_do() -> None:
    problem = refusal("a.pdf", pdf("mật khẩu"))
    assert problem.code == "file-encrypted"
    assert "Remove the password" in problem.next_step.en


@pytest.mark.parametrize("cut", [9, 60, 200])
def test_a_pdf_that_breaks_off_is_refused_as_broken_or_taken_where_it_can_be_read(cut: int) -> None:
    assert refusal("a.pdf", pdf()[:cut]).code == "file-broken"


def test_two_hundred_megabytes_are_refused_before_their_content_is_looked_at() -> None:
    assert refusal("a.pdf", bytes(200 * 1024 * 1024)).code == "file-too-large"


@pytest.mark.django_db
def test_a_kept_file_comes_back_and_the_same_bytes_are_kept_once() -> None:
    first, second = files.file_keep(b"paper"), files.file_keep(b"paper")
    assert first == second
    assert files.file_read(first) == b"paper"


@pytest.mark.django_db
def test_what_a_killed_process_left_half_written_is_written_whole() -> None:
    whole = b"a paper of which only the beginning reached the disk"
    name = f"{files.sha256_hex(whole)[:2]}/{files.sha256_hex(whole)[2:4]}/{files.sha256_hex(whole)}"
    default_storage.delete(name)
    default_storage.save(name, BytesIO(whole[:7]))
    assert files.file_read(files.file_keep(whole)) == whole


@pytest.mark.django_db
def test_a_file_that_is_not_here_is_said_to_be_elsewhere() -> None:
    with pytest.raises(NotFound) as caught:
        files.file_read("0" * 64)
    assert caught.value.code == "file-unknown"


def test_check_codes_are_sixteen_readable_characters_and_differ() -> None:
    codes = {files.check_code_new() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 19 and not set(code) & set("ILOU") for code in codes)
