"""Papers rendered from the real templates, read back with pypdf."""

import shutil
import subprocess
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework import papers
from lienthong.ground.errors import Invalid

TEMPLATES = Path(__file__).resolve().parents[3] / "content" / "papers"
NUMBER = "H01.12-261123-0001"
URL = "http://127.0.0.1:8000/kiem-tra/7f3a9c0e"

COMMUNE = {
    "issued_at": "2026-11-23T10:42:00+07:00",
    "place": "Hoàn Kiếm",
    "parent_agency": "Thành phố Hà Nội",
    "agency": "Ủy ban nhân dân phường Hoàn Kiếm",
    "signer": {"authority": "TM. Ủy ban nhân dân", "title": "Chủ tịch", "name": "Nguyễn Thị Ánh"},
}
BIRTH = {
    "paper_number": "0123/2026",
    "child": {
        "name": "Trần Nguyễn Bảo Ngọc",
        "born_on": "2026-11-15",
        "sex": "Nữ",
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "birth_place": "Bệnh viện Phụ sản Trung ương, phường Hoàn Kiếm, thành phố Hà Nội",
        "home_town": "Phường Hoàn Kiếm, thành phố Hà Nội",
        "personal_number": "001326012345",
    },
    "mother": {
        "name": "Nguyễn Thu Hà",
        "birth_year": 1998,
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "residence": "Số 12 phố Hàng Bè, phường Hoàn Kiếm, thành phố Hà Nội",
    },
    "father": {
        "name": "Trần Quốc Bảo",
        "birth_year": 1995,
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "residence": "Số 12 phố Hàng Bè, phường Hoàn Kiếm, thành phố Hà Nội",
    },
    "declarant": {"name": "Nguyễn Thu Hà", "document": "Căn cước số 001198054321"},
    "registered_at": "Ủy ban nhân dân phường Hoàn Kiếm, thành phố Hà Nội",
    "registered_number": "0123/2026",
    "registered_on": "2026-11-23",
    "copy": 1,
}
POLICE = {
    "parent_agency": "Công an thành phố Hà Nội",
    "agency": "Công an phường Hoàn Kiếm",
    "signer": {"authority": None, "title": "Trưởng Công an phường", "name": "Lê Văn Hùng"},
}
INSURANCE = {
    "parent_agency": "Bảo hiểm xã hội Việt Nam",
    "agency": "Bảo hiểm xã hội thành phố Hà Nội",
    "signer": {"authority": None, "title": "Giám đốc", "name": "Phạm Minh Đức"},
}
CHILD = BIRTH["child"]
SAMPLES: dict[str, dict[str, Any]] = {
    "birth-certificate": COMMUNE | BIRTH,
    "birth-extract": COMMUNE | BIRTH | {"paper_number": "0456/2026/TLKS-BS"},
    "permanent-residence": COMMUNE
    | POLICE
    | {
        "paper_number": "0789/TB-CAP",
        "recipient": {"name": "Nguyễn Thu Hà", "personal_number": "001198054321"},
        "person": CHILD,
        "residence": "Số 12 phố Hàng Bè, phường Hoàn Kiếm, thành phố Hà Nội",
        "head": {"name": "Trần Quốc Bảo", "personal_number": "001095067890", "relation": "Con"},
        "registered_on": "2026-11-24",
        "reason": "Con về ở với cha, mẹ",
    },
    "record": COMMUNE
    | POLICE
    | {
        "heading": {"vi": "Giấy chứng nhận đăng ký xe", "en": "Vehicle registration certificate"},
        "paper_number": "0021/2026/ĐKX",
        "rows": [
            {"vi": "Biển số", "en": "Plate", "value": "29-AB 123.45"},
            {"vi": "Chủ xe", "en": "Owner", "value": "Trần Quốc Bảo"},
            {"vi": "Ghi chú", "en": "Note", "value": None},
        ],
        "conclusion": {"vi": "Đã ghi vào sổ đăng ký xe.", "en": "Entered in the register of vehicles."},
    },
    "complaint-decision": COMMUNE
    | {
        "heading": {"vi": "Quyết định giải quyết khiếu nại lần đầu", "en": "Decision on the first complaint"},
        "paper_number": "H01.12-261123-0002/QĐ-GQKN",
        "complainant": {"name": "Nguyễn Thu Hà", "number": "001198054321"},
        "about": {"number": NUMBER, "procedure": {"vi": "Đăng ký khai sinh", "en": "Birth registration"}},
        "ground": {"vi": "Hồ sơ bị từ chối", "en": "It was refused"},
        "text": "Tên cháu đúng như giấy chứng sinh.",
        "verdict": {"vi": "Khiếu nại đúng toàn bộ", "en": "The complaint is right"},
        "reasons": "Giấy chứng sinh ghi đúng như tờ khai.",
        "orders": {"vi": "Hủy quyết định bị khiếu nại.", "en": "The decision is annulled."},
    },
    "health-card": COMMUNE
    | INSURANCE
    | {
        "card_number": "TE1 01 0123456789",
        "person": CHILD,
        "address": "Số 12 phố Hàng Bè, phường Hoàn Kiếm, thành phố Hà Nội",
        "first_clinic": {"name": "Trạm y tế phường Hoàn Kiếm", "code": "01-821"},
        "valid_from": "2026-11-15",
        "valid_until": "2032-11-14",
        "five_years_from": None,
        "benefit": "100% chi phí khám bệnh, chữa bệnh",
    },
    "receipt": COMMUNE
    | {
        "signer": {"authority": None, "title": "Công chức thu phí", "name": "Vũ Thị Lan"},
        "form": "01BLP0-001",
        "symbol": "H01-26E",
        "paper_number": "0000123",
        "payer": {
            "name": "Nguyễn Thu Hà",
            "personal_number": "001198054321",
            "address": "Số 12 phố Hàng Bè, phường Hoàn Kiếm, thành phố Hà Nội",
        },
        "items": [
            {
                "name": "Phí cấp bản sao trích lục hộ tịch",
                "quantity": 2,
                "unit_vnd": 8000,
                "amount_vnd": 16000,
            }
        ],
        "total_vnd": 16000,
        "paid_by": "Thanh toán trực tuyến",
        "transaction": "SB20261123000042",
        "paid_at": "2026-11-23T10:40:12+07:00",
    },
}
TITLES = {
    "birth-certificate": "GIẤY KHAI SINH",
    "birth-extract": "TRÍCH LỤC KHAI SINH",
    "permanent-residence": "THÔNG BÁO",
    "health-card": "THẺ BẢO HIỂM Y TẾ",
    "complaint-decision": "QUYẾT ĐỊNH GIẢI QUYẾT KHIẾU NẠI LẦN ĐẦU",
    "record": "GIẤY CHỨNG NHẬN ĐĂNG KÝ XE",
    "receipt": "BIÊN LAI THU PHÍ, LỆ PHÍ",
}


def render(name: str, language: str = "vi", **changes: Any) -> bytes:
    return papers.paper_render(
        template=TEMPLATES / f"{name}.typ",
        data=SAMPLES[name] | changes,
        number=NUMBER,
        check_url=URL,
        language=language,
    )


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_paper_is_one_page_with_heading_title_number_and_address(name: str, language: str) -> None:
    pdf = render(name, language)
    said = text_of(pdf)
    assert len(pypdf.PdfReader(BytesIO(pdf)).pages) == 1
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc" in said
    assert TITLES[name] in said
    assert SAMPLES[name]["agency"].upper() in said
    assert SAMPLES[name]["signer"]["name"] in said
    assert "Hoàn Kiếm, ngày 23 tháng 11 năm 2026" in said
    assert NUMBER in said
    assert URL in said


def test_a_decision_on_a_complaint_says_what_was_found_and_which_way_is_left() -> None:
    first, second = (
        text_of(render("complaint-decision")),
        text_of(render("complaint-decision", second=True)),
    )
    for said in (first, second):
        assert "Giấy chứng sinh ghi đúng như tờ khai." in said
        assert "Khiếu nại đúng toàn bộ" in said
        assert "Hủy quyết định bị khiếu nại." in said
        assert "khởi kiện vụ án hành chính" in said
    assert "khiếu nại lần hai đến cơ quan cấp trên trực tiếp" in first
    assert "cơ quan cấp trên" not in second


def test_every_template_of_the_house_has_a_sample_here() -> None:
    shared = {"common", "birth"}  # and the national report, which reporting renders
    assert {path.stem for path in TEMPLATES.glob("*.typ")} - shared - {"report"} == set(SAMPLES)


def test_the_same_data_gives_the_same_bytes() -> None:
    assert render("birth-certificate") == render("birth-certificate")


def test_the_files_date_is_the_papers_own() -> None:
    meta = pypdf.PdfReader(BytesIO(render("receipt"))).metadata
    assert meta is not None
    assert meta.creation_date is not None
    assert meta.creation_date.isoformat() == "2026-11-23T03:42:00+00:00"
    assert meta.title == "Biên lai thu phí, lệ phí"


def test_the_certificate_says_the_birth_date_in_words() -> None:
    said = text_of(render("birth-certificate"))
    assert "15/11/2026" in said
    assert "Ngày mười lăm tháng mười một năm hai nghìn không trăm hai mươi sáu" in said
    assert "001326012345" in said


def test_a_father_who_was_not_declared_is_a_dash() -> None:
    said = text_of(render("birth-certificate", father=None))
    assert "tên người cha: —" in said


def test_the_receipt_adds_up_in_figures_and_words() -> None:
    said = text_of(render("receipt"))
    assert said.count("16.000 đồng") == 2
    assert "Mười sáu nghìn đồng" in said


def test_english_labels_stand_beside_the_vietnamese_ones() -> None:
    said = text_of(render("health-card", "en"))
    assert "Số định danh cá nhân Personal number" in said
    assert "Personal number" not in text_of(render("health-card"))


def test_marks_of_the_template_language_in_data_are_only_text() -> None:
    strange = {**BIRTH["child"], "name": '#panic("x") *đậm* $x$ \\ <a> @b'}  # type: ignore[dict-item]
    assert '#PANIC("X") *ĐẬM* $X$ \\ <A> @B' in text_of(render("birth-certificate", child=strange))


@pytest.mark.parametrize(
    "changes", [{"issued_at": "yesterday"}, {"issued_at": None}, {"child": {}}, {"signer": None}]
)
def test_data_that_does_not_fit_is_refused_and_named(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        render("birth-certificate", **changes)
    assert caught.value.code == "casework.paper_unfit"
    assert "birth-certificate.typ" in caught.value.what.vi


def test_a_template_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid):
        papers.paper_render(
            template=TEMPLATES / "absent.typ", data=COMMUNE, number=NUMBER, check_url=URL, language="vi"
        )


@pytest.mark.needs("pdffonts")
def test_letters_are_embedded(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(render("birth-certificate"))
    listed = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    rows = listed.splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-3] == ["yes", "yes"] for row in rows), listed


# words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (55, "năm mươi lăm"),
        (105, "một trăm linh năm"),
        (8000, "tám nghìn"),
        (16_000, "mười sáu nghìn"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (1_000_000_000, "một tỷ"),
        (2_000_350_000, "hai tỷ ba trăm năm mươi nghìn"),
    ],
)
def test_numbers_are_said_as_people_say_them(number: int, words: str) -> None:
    assert papers.number_in_words(number) == words


VALUES = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


def value_of(words: str) -> int:
    """Reads the words back, by another road: left to right, as one hears them."""
    total, group, digit = 0, 0, 0
    for word in words.split():
        if word in VALUES:
            digit = VALUES[word]
        elif word == "mười":
            group, digit = group + 10, 0
        elif word in {"mươi", "trăm"}:
            group, digit = group + digit * (10 if word == "mươi" else 100), 0
        elif word in {"nghìn", "triệu"}:
            total, group, digit = total + (group + digit) * {"nghìn": 10**3, "triệu": 10**6}[word], 0, 0
        elif word == "tỷ":
            total, group, digit = (total + group + digit) * 10**9, 0, 0
    return total + group + digit


@given(st.integers(0, 10**15))
def test_words_read_back_give_the_number(number: int) -> None:
    assert value_of(papers.number_in_words(number)) == number


def test_numbers_below_zero_have_no_words_here() -> None:
    with pytest.raises(ValueError, match="zero"):
        papers.number_in_words(-1)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_each_day_has_its_own_words(day: date) -> None:
    words = papers.date_in_words(day)
    assert words.startswith("Ngày ")
    assert words != papers.date_in_words(day + timedelta(days=1))


@pytest.mark.needs("pdftoppm")
def test_a_paper_prints(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(render("receipt"))
    program = shutil.which("pdftoppm")
    assert program is not None
    subprocess.run([program, "-r", "30", "-png", str(file), str(tmp_path / "page")], check=True)
    assert [path.suffix for path in tmp_path.glob("page*")] == [".png"]
