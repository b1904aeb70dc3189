"""The life of a package: written, compared, imported, published, withdrawn; and its page in the console."""

import copy
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Procedure
from lienthong.blocks.casework.package_check import package_mistakes
from lienthong.blocks.casework.package_diff import fee_changes, package_changes
from lienthong.blocks.casework.package_opinions import folded
from lienthong.blocks.casework.packages import package_read
from lienthong.blocks.casework.versions import procedure_withdraw, versions_of
from lienthong.blocks.exchange.models import Agreement
from lienthong.config.procedure_checks import content_known
from lienthong.config.procedure_rights import rights_missing_grant
from lienthong.ground.errors import Conflict, Invalid, NotFound
from lienthong.ground.text import Text
from lienthong.nation.examples import example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.procedures.portal_import import procedure_import
from lienthong.systems.procedures.services import package_publish, packages_publish
from lienthong.systems.procedures.sheet import in_order, package_text
from lienthong.systems.procedures.skeleton import Wanted, files_write, skeleton_files
from tests.pages import nobody, officer, person, text_of
from tests.systems.country import BA_DINH, COMMITTEE, HOAN_KIEM

PROCEDURES = Path(__file__).resolve().parents[3] / "content" / "procedures"
STAY = "2.001159"
WANTED = Wanted(
    "1.004359", Text("Giấy phép khai thác thủy sản", "Fishing licence"), "commune-committee", "fishing-licence",
    "fishing-licence", "G06", "Luật Thủy sản 18/2017/QH14, Điều 50",
)  # fmt: skip


def raw_of(code: str = STAY) -> dict[str, Any]:
    return copy.deepcopy(package_read(PROCEDURES / code).raw)


def said(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.vi for change in package_changes(old, new)]


def folder_of(tmp_path: Path, **changed: Any) -> Path:
    """The package of a short stay with some keys changed."""
    raw = yaml.safe_load((PROCEDURES / STAY / "package.yaml").read_text()) | changed
    folder = tmp_path / f"v{raw['version']}" / STAY
    folder.mkdir(parents=True)
    (folder / "package.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True))
    return folder


def test_two_packages_alike_have_no_changes() -> None:
    assert said(raw_of(), raw_of()) == []


def test_changes_are_said_as_an_official_reads_them() -> None:
    new = raw_of()
    new["time_limit"]["working_days"] = 2
    new["legal_basis"].append("Nghị định 1/2027/NĐ-CP")
    new["documents"] = [{"code": "id", "title": {"vi": "Thẻ căn cước", "en": "ID card"}, "required": True}]
    new["form"]["schema"]["properties"]["reason"]["options"].pop()
    new["steps"]["accept"]["supplement_working_days"] = 3
    new["steps"]["accept"]["outcomes"]["refuse"]["to"] = "end:not-accepted"
    del new["steps"]["deposit"]
    new["declaration"]["late"] = "=`false`"
    assert said(raw_of(), new) == [
        "Thời hạn giải quyết: từ 0 ngày làm việc thành 2 ngày làm việc.",
        "Căn cứ pháp luật: thêm «Nghị định 1/2027/NĐ-CP».",
        "Giấy tờ «Thẻ căn cước»: thêm mới.",
        "Câu hỏi «Khách ở lại để làm gì?», các lựa chọn: bỏ «Việc khác».",
        "Bước «deposit»: bỏ.",
        "Bước «Tiếp nhận thông báo lưu trú», các quyết định: bỏ «Không tiếp nhận → end:refused».",
        "Bước «Tiếp nhận thông báo lưu trú», các quyết định: thêm «Không tiếp nhận → end:not-accepted».",
        "Bước «Tiếp nhận thông báo lưu trú», thời hạn bổ sung (ngày làm việc): từ «1» thành «3».",
        "Nội dung gửi cho cơ quan: đã sửa.",
    ]


def test_a_new_rate_is_said_with_its_day() -> None:
    old = yaml.safe_load((PROCEDURES / "3.000346" / "fees.yaml").read_text())
    new = copy.deepcopy(old)
    new["items"][0]["rates"].append({"amount": 150000, "valid_from": date(2027, 1, 1), "article": "…"})
    assert [change.en for change in fee_changes(old, new)] == [
        "Fee «Issue or exchange of a driving licence»: «VND 150,000 from 2027-01-01» added."
    ]


@pytest.mark.parametrize("folder", sorted(PROCEDURES.iterdir()), ids=lambda folder: folder.name)
def test_every_package_can_be_shown_in_both_languages(folder: Path) -> None:
    raw = package_read(folder).raw
    assert set(in_order(raw)) == set(folded(raw["steps"]))
    assert raw["name"]["vi"] in package_text(raw, "vi")
    assert raw["name"]["en"] in package_text(raw, "en")


@pytest.mark.django_db
@pytest.mark.parametrize("fee", [0, 40_000])
def test_a_new_procedure_works_as_it_stands(
    country: datetime, tmp_path: Path, settings: Any, fee: int
) -> None:
    content = content_with(tmp_path)
    wanted = Wanted(**{name: getattr(WANTED, name) for name in WANTED.__slots__ if name != "fee"}, fee=fee)
    files_write(skeleton_files(wanted, today=country.date()), content)
    settings.LIENTHONG_CONTENT = content
    packages_publish()
    register_caches_forget()
    examples = examples_of(content / "procedures" / WANTED.code)
    assert len(examples) == 4
    stage = Stage(HOAN_KIEM, BA_DINH)
    try:
        for example in examples:
            example_play(example, stage)
    finally:
        register_caches_forget()


def content_with(tmp_path: Path) -> Path:
    """A content folder whose parts are those of the repository, with room for more."""
    content = tmp_path / "content"
    for kind in ("procedures", "registers"):
        (content / kind).mkdir(parents=True)
        for path in (PROCEDURES.parent / kind).iterdir():
            (content / kind / path.name).symlink_to(path)
    for path in PROCEDURES.parent.iterdir():
        if path.name not in {"procedures", "registers"}:
            (content / path.name).symlink_to(path)
    return content


def register_caches_forget() -> None:
    from lienthong.blocks.registry.declarations import registers

    registers.cache_clear()


PORTAL = {
    "result": [
        {
            "MATTHC": "1.004359",
            "TENTTHC": "Cấp, cấp lại giấy phép khai thác thủy sản",
            "LINHVUCTHUCHIEN": [{"MALINHVUC": "G06-TS", "TENLINHVUC": "Thủy sản"}],
            "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Bước 1: Nộp hồ sơ."}]}],
            "CACHTHUCTHUCHIEN": [
                {
                    "KENH": "Trực tuyến",
                    "THOIGIAN": [
                        {
                            "THOIGIANGIAIQUYET": "06",
                            "DONVITINH": "Ngày làm việc",
                            "MOTA": "kể từ ngày nhận đủ hồ sơ",
                            "PHILEPHI": [{"SOTIEN": "40.000", "DONVI": "Đồng", "MOTA": "mỗi lần cấp mới"}],
                        }
                    ],
                },
                {"KENH": "Trực tiếp", "THOIGIAN": [{"THOIGIANGIAIQUYET": "3", "DONVITINH": "Ngày làm việc"}]},
            ],
            "THANHPHANHOSO": [
                {
                    "TRUONGHOP": "",
                    "GIAYTO": [
                        {
                            "MAGIAYTO": "a",
                            "TENGIAYTO": "Đơn đề nghị",
                            "TENMAUDON": "Mẫu 02",
                            "URL": "https://x/02",
                        },
                        {"MAGIAYTO": "b", "TENGIAYTO": "Giấy chứng nhận an toàn kỹ thuật tàu cá"},
                    ],
                }
            ],
            "DOITUONGTHUCHIEN": "Công dân Việt Nam",
            "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G06.000001", "TENKETQUA": "Giấy phép khai thác thủy sản"}],
            "CANCUPHAPLY": [{"SOVANBAN": "18/2017/QH14", "TENVANBAN": "Luật Thủy sản"}],
            "COQUANTHUCHIEN": "Sở Nông nghiệp và Môi trường",
            "YEUCAU": "Tàu cá đã đăng ký.",
            "TUKHOA": "tau ca",
        }
    ]
}


def test_what_the_portal_says_becomes_a_draft_that_the_check_accepts(tmp_path: Path, settings: Any) -> None:
    content = content_with(tmp_path)
    wanted = Wanted("", Text("", ""), "commune-committee", "fishing-licence", "fishing-licence", "G06", "…")
    done = procedure_import(json.loads(json.dumps(PORTAL)), wanted, today=date(2026, 11, 23))
    files_write(done.files, content)
    settings.LIENTHONG_CONTENT = content
    folder = content / "procedures" / "1.004359"
    assert [str(each) for each in package_mistakes(folder, content_known(folder))] == []
    raw = package_read(folder).raw
    assert raw["name"]["vi"] == "Cấp, cấp lại giấy phép khai thác thủy sản"
    assert raw["time_limit"] == {"working_days": 6, "article": "kể từ ngày nhận đủ hồ sơ"}
    assert raw["fees"][0]["vi"] == "40.000 Đồng mỗi lần cấp mới"
    assert raw["legal_basis"] == ["Luật Thủy sản 18/2017/QH14"]
    assert [row["title"]["vi"] for row in raw["documents"]] == [
        "Đơn đề nghị",
        "Giấy chứng nhận an toàn kỹ thuật tàu cá",
    ]
    assert raw["trinh_tu"] == ["Bước 1: Nộp hồ sơ."]
    assert raw["results"][0]["code"] == raw["steps"]["paper"]["result"] == "KQ.G06.000001"
    left = "\n".join(done.left)
    for name in ("TUKHOA", "COQUANTHUCHIEN: Sở Nông nghiệp", "https://x/02", "Trực tiếp: 3", "English words"):
        assert name in left


@pytest.mark.parametrize("answer", [{}, [], {"result": []}, {"result": {"error": 1}}, "text", None])
def test_an_answer_without_a_procedure_is_refused(answer: Any) -> None:
    with pytest.raises(Invalid) as caught:
        procedure_import(answer, WANTED, today=date(2026, 11, 23))
    assert caught.value.code == "portal-answer"


@pytest.mark.django_db
def test_a_lower_version_is_refused(at: datetime, tmp_path: Path) -> None:
    package_publish(folder_of(tmp_path, version=3))
    with pytest.raises(Conflict) as caught:
        package_publish(folder_of(tmp_path, version=2))
    assert caught.value.code == "version-lower"


@pytest.mark.django_db
def test_a_version_cannot_begin_before_dossiers_that_were_opened(country: datetime, tmp_path: Path) -> None:
    packages_publish()
    (example,) = [each for each in examples_of(PROCEDURES / STAY) if each.name == "granted"]
    example_play(example, Stage(HOAN_KIEM, BA_DINH))
    yesterday = country.date() - timedelta(days=1)
    with pytest.raises(Conflict) as caught:
        package_publish(folder_of(tmp_path, version=2, valid_from=yesterday))
    assert caught.value.code == "valid-from-past"
    assert "1 hồ sơ" in caught.value.why.vi
    package_publish(folder_of(tmp_path, version=3, valid_from=country.date() + timedelta(days=1)))
    assert [row.dossiers for row in versions_of(STAY)] == [0, 1]


@pytest.mark.django_db
def test_a_withdrawn_procedure_takes_no_dossiers_and_keeps_those_it_has(country: datetime) -> None:
    packages_publish()
    since = country.date() + timedelta(days=7)
    assert procedure_withdraw(code=STAY, since=since) == [1]
    row = Procedure.objects.get(code=STAY)
    assert (row.valid.lower, row.valid.upper) == (date(2025, 7, 1), since)
    assert procedure_withdraw(code=STAY, since=since) == []
    with pytest.raises(Conflict):
        procedure_withdraw(code=STAY, since=country.date() - timedelta(days=1))
    with pytest.raises(NotFound):
        procedure_withdraw(code="8.000009", since=since)


@pytest.mark.django_db
def test_a_purpose_without_agreements_gets_those_that_every_settling_purpose_has(country: datetime) -> None:
    Agreement.objects.filter(purpose="short-stay").delete()
    granted = rights_missing_grant(raw_of())
    assert "granted: VN/GOV/*/onestop may call registers/records-enter/v1 for short-stay" in granted
    assert rights_missing_grant(raw_of()) == []


@pytest.mark.django_db
def test_an_agreement_that_was_ended_stays_ended(country: datetime) -> None:
    Agreement.objects.filter(purpose="short-stay").update(valid_to=date(2026, 1, 1))
    assert not [line for line in rights_missing_grant(raw_of()) if "granted" in line]


@pytest.mark.django_db
def test_an_officer_reads_a_procedure_in_the_console(country: datetime, tmp_path: Path) -> None:
    packages_publish()
    limit = {"working_days": 2, "article": "…"}
    coming = country.date() + timedelta(days=30)
    package_publish(folder_of(tmp_path, version=2, valid_from=coming, time_limit=limit))
    reader = officer("H26.12-C01", COMMITTEE, Role.SIGN, at=country)
    assert "Thông báo lưu trú" in text_of(reader.get("/console/procedures/"))
    page = reader.get(f"/console/procedures/{STAY}/")
    read = text_of(page)
    assert "từ 01/07/2025" in read
    assert "Khách là người nước nào?" in read
    assert "Tiếp nhận → 3. Ghi vào «Cơ sở dữ liệu về cư trú: thông báo lưu trú»" in read
    assert b'<svg class="lt-steps" role="img"' in page.content
    second = text_of(reader.get(f"/console/procedures/{STAY}/?version=2"))
    assert "Thời hạn giải quyết: từ 0 ngày làm việc thành 2 ngày làm việc." in second
    assert reader.get("/console/procedures/8.000009/").status_code == 404
    for stranger in (nobody(), person("001195000001")):
        assert stranger.get(f"/console/procedures/{STAY}/").status_code == 302
