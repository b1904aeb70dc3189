"""A stack scanned at once at the counter: split at its sheets, looked at, mended, made documents of the application."""

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
import segno
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader, PdfWriter

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import files
from lienthong.blocks.casework.retention_models import RemovedFile
from lienthong.ground import clock
from lienthong.nation.acts import page_scanned
from lienthong.systems.lifeevents import scan_reader
from lienthong.systems.lifeevents.models import Draft, Scan
from lienthong.systems.lifeevents.scan_rules import sheet_of
from lienthong.systems.procedures.services import packages_publish
from tests.pages import officer, text_of
from tests.systems.country import OTHER_COMMITTEE, Family
from tests.systems.lifeevents.test_acting_pages import ELECTRICITY
from tests.systems.lifeevents.test_apply_pages import PNG

pytestmark = pytest.mark.django_db
HOME, BUSINESS = "place-proof", "purpose-proof"


@pytest.fixture
def clerk(country: datetime) -> Client:
    packages_publish()
    return officer("H26.04-I01", OTHER_COMMITTEE, Role.INTAKE, at=country, name="Nguyễn Thu Lan")


def begun(clerk: Client, family: Family) -> str:
    body = {"number": family.mother, "channel": "counter", "party": "self"}
    return str(clerk.post(f"/desk/intake/{ELECTRICITY}/", body)["Location"])


def sheet(code: str) -> bytes:
    """The sheet as the desk prints it, in the middle of a page of A4."""
    picture = BytesIO()
    segno.make(sheet_of(code), error="m", micro=False).save(picture, kind="pdf", border=12, scale=8)
    return picture.getvalue()


def stack_of(*pages: bytes | None) -> bytes:
    """One PDF of all pages; None is a blank one."""
    writer = PdfWriter()
    for content in pages:
        if content is None:
            writer.add_blank_page(595, 842)
        else:
            writer.append(BytesIO(content))
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def upload(clerk: Client, address: str, content: bytes, name: str = "tap.pdf") -> Any:
    return clerk.post(f"{address}scan/", {"stack": SimpleUploadedFile(name, content)})


STACK = [sheet(HOME), page_scanned("Một"), None, page_scanned("Hai"), sheet(BUSINESS), page_scanned("Ba")]


def words_of(sha256: str) -> list[str]:
    """The first word of each page of a kept PDF."""
    return [page.extract_text().split()[0] for page in PdfReader(BytesIO(files.file_read(sha256))).pages]


def test_a_stack_is_split_at_its_sheets_into_the_documents(clerk: Client, family: Family) -> None:
    address = begun(clerk, family)
    assert "Quét cả tập" in text_of(clerk.get(address))
    assert upload(clerk, address, stack_of(*STACK)).status_code == 302
    page = clerk.get(f"{address}scan/")
    assert "6 trang, 2 tờ phân cách ; trang trắng : 3" in re.sub(r" ?([;:])", r" \1", text_of(page))
    shown = re.findall(r'name="pages-\d"[^>]*value="([^"]*)"', page.content.decode())
    assert shown == ["2, 4", "6"]
    stack = Scan.objects.get().sha256
    assert clerk.get(f"{address}scan/file/").content == files.file_read(stack)
    body = {"pages-0": shown[0], "kind-0": "earlier", "pages-1": shown[1], "kind-1": "sector"}
    assert clerk.post(f"{address}scan/", body)["Location"] == address
    rows = {row["code"]: row for row in Draft.objects.get().files}
    assert {code: words_of(row["sha256"]) for code, row in rows.items()} == {
        HOME: ["Một", "Hai"],
        BUSINESS: ["Ba"],
    }
    assert (rows[HOME]["kind"], rows[HOME]["media_type"]) == ("earlier", "application/pdf")
    assert rows[HOME]["name"] in text_of(clerk.get(address))
    assert not Scan.objects.exists()
    files.files_remove(at=clock.now())
    assert not default_storage.exists(files._name(stack))
    assert all(default_storage.exists(files._name(row["sha256"])) for row in rows.values())


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"pages-0": "2-9", "pages-1": "6"}, "pages-0", "từ 1 đến 6"),
        ({"pages-0": "hai", "pages-1": "6"}, "pages-0", "từ 1 đến 6"),
        ({"pages-0": "2, 4", "pages-1": "4, 6"}, "pages-1", "Trang 4 đã thuộc giấy tờ khác"),
        ({"pages-0": "2", "pages-1": "6"}, "leave_out", "Trang 4 chưa thuộc giấy tờ nào"),
    ],
)
def test_what_is_wrong_with_a_split_is_told_and_nothing_is_lost(
    clerk: Client, family: Family, typed: dict[str, str], field: str, said: str
) -> None:
    address = begun(clerk, family)
    upload(clerk, address, stack_of(*STACK))
    response = clerk.post(f"{address}scan/", typed)
    assert response.status_code == 422
    assert f'id="id_{field}-error"'.encode() in response.content
    assert said in text_of(response)
    for value in typed.values():
        assert f'value="{value}"'.encode() in response.content
    assert Scan.objects.exists()
    assert not Draft.objects.get().files


def test_pages_may_be_left_out_by_choice(clerk: Client, family: Family) -> None:
    address = begun(clerk, family)
    upload(clerk, address, stack_of(*STACK))
    body = {"pages-0": "4", "pages-1": "", "leave_out": "on"}
    assert clerk.post(f"{address}scan/", body).status_code == 302
    assert [(row["code"], words_of(row["sha256"])) for row in Draft.objects.get().files] == [(HOME, ["Hai"])]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("anh.png", PNG, "không phải tập quét"),
        ("hong.pdf", b"%PDF-1.7\n" + b"x" * 400, "hỏng"),
        ("dai.pdf", stack_of(*[None] * (scan_reader.PAGES + 1)), "hơn 200 trang"),
        ("thu.txt", b"chu", "không phải PDF"),
    ],
)
def test_what_is_no_stack_is_refused_with_a_reason(
    clerk: Client, family: Family, name: str, content: bytes, said: str
) -> None:
    address = begun(clerk, family)
    response = upload(clerk, address, content, name)
    assert response.status_code == 422
    assert b'id="id_stack-error"' in response.content
    assert said in text_of(response)
    assert not Scan.objects.exists()


def test_a_stack_that_waits_is_told_before_sending_and_can_be_dropped(clerk: Client, family: Family) -> None:
    address = begun(clerk, family)
    upload(clerk, address, stack_of(*STACK))
    for page, answer in {
        "place": {"place": "home"},
        "purpose": {"purpose": "household"},
        "load": {"phases": "1", "capacity": "5"},
    }.items():
        assert clerk.post(f"{address}{page}/", answer).status_code == 302
    response = clerk.post(f"{address}check/")
    assert response.status_code == 422
    assert "Tập quét chưa được tách" in text_of(response)
    stack = Scan.objects.get().sha256
    assert clerk.post(f"{address}scan/drop/").status_code == 302
    assert not Scan.objects.exists()
    assert RemovedFile.objects.filter(sha256=stack).exists()
    assert clerk.get(f"{address}scan/file/").status_code == 404
    assert clerk.post(f"{address}check/").status_code == 302


def test_a_draft_that_is_dropped_leaves_no_paper_behind(clerk: Client, family: Family) -> None:
    address = begun(clerk, family)
    upload(clerk, address, stack_of(*STACK))
    clerk.post(f"{address}scan/", {"pages-0": "2, 4", "pages-1": "6"})
    upload(clerk, address, stack_of(sheet(HOME), page_scanned("Bốn")))
    kept = {row["sha256"] for row in Draft.objects.get().files} | {Scan.objects.get().sha256}
    assert clerk.post(f"{address}drop/").status_code == 302
    assert not Draft.objects.exists()
    files.files_remove(at=clock.now())
    assert not any(default_storage.exists(files._name(sha256)) for sha256 in kept)


def test_another_agencys_officer_sees_no_stack(clerk: Client, family: Family, at: datetime) -> None:
    address = begun(clerk, family)
    upload(clerk, address, stack_of(*STACK))
    other = officer("H26.12-I01", "H26.12", Role.INTAKE, at=at)
    for path in (f"{address}scan/", f"{address}scan/file/"):
        assert other.get(path).status_code == 404
    assert other.post(f"{address}scan/drop/").status_code == 404
    assert Scan.objects.exists()


def test_each_document_has_a_sheet_to_print(clerk: Client) -> None:
    page = clerk.get(f"/desk/intake/{ELECTRICITY}/sheets/")
    assert page.content.count(b"<svg") == 2
    for code in (HOME, BUSINESS):
        assert f"<title>{sheet_of(code)}</title>".encode() in page.content
