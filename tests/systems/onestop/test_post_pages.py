"""The paper by post: asked for on the portal or at the counter, handed over with a list, delivered or come back."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.disposal_parts import parts_clear
from lienthong.blocks.casework.models import Case, Parcel, PostList, Result
from lienthong.blocks.casework.retention_models import Disposal, DisposalDecision
from lienthong.blocks.casework.retention_rules import Part
from lienthong.blocks.exchange.models import Delivery
from lienthong.systems.lifeevents.models import Draft
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, Family
from tests.systems.lifeevents.applying import decide, send
from tests.systems.lifeevents.test_follow_pages import child, number, parent, signer

pytestmark = pytest.mark.django_db
__all__ = ["number", "parent"]
HOME = {"name": "Nguyễn Thị Ánh", "phone": "0912 345 678", "address": "12 phố Hàng Trống, Hoàn Kiếm, Hà Nội"}
OTHER = "H26.12-261123-0999"
SLIP, OTHER_SLIP = "EB473124829VN", "EB000000014VN"


@pytest.fixture
def clerk(country: datetime) -> Client:
    """At the commune's desk."""
    return officer("H26.12-I01", COMMITTEE, Role.INTAKE, at=country, name="Nguyễn Thu Lan")


@pytest.fixture
def birth(parent: Client, number: str, at: datetime) -> str:
    """The commune's dossier of a case whose papers are wanted by post; its certificate is issued."""
    assert parent.post(f"/dossiers/{number}/post/", HOME).status_code == 302
    run_jobs()
    assert decide(signer(COMMITTEE, at), child("1.001193"), "approve").status_code == 302
    run_jobs()
    return child("1.001193")


def alike(birth: str, number: str, at: datetime, **changes: str) -> None:
    """Another dossier of the same agency with the same papers, that waits for the post."""
    papers = list(Result.objects.filter(case__number=birth))
    case = Case.objects.get(number=birth)
    case.pk, case.number, case.told = uuid4(), number, ""
    case.save(force_insert=True)
    for paper in papers:
        paper.pk, paper.case = None, case
        paper.number = paper.check_code = number
        paper.save(force_insert=True)
    given = {
        "agency": COMMITTEE,
        "recipient": HOME,
        "state": "asked",
        "asked_at": at,
        "changed_at": at,
        **changes,
    }
    Parcel.objects.create(case=case, **given)


def save(clerk: Client, act: str = "save", **typed: str) -> str:
    boxes = {f"tracking-{dossier}": slip for dossier, slip in typed.items()}
    return text_of(clerk.post("/desk/post/", {**boxes, "act": act}, follow=True))


def posted(clerk: Client, dossier: str, slip: str = SLIP) -> str:
    """Entered and handed over; what the list says."""
    save(clerk, **{dossier: slip})
    return save(clerk, "hand-over", **{dossier: slip})


def test_from_the_wish_to_the_door(parent: Client, clerk: Client, number: str, birth: str) -> None:
    waits = text_of(parent.get(f"/dossiers/{number}/"))
    assert waits.count("Bản giấy: chờ giao cho bưu điện") == 3, (
        "each agency sends its own, also those asked later"
    )
    page = text_of(clerk.get("/desk/post/"))
    assert birth in page
    assert "Nguyễn Thị Ánh · 0912345678 12 phố Hàng Trống, Hoàn Kiếm, Hà Nội" in page
    assert "Giấy khai sinh" in page
    listed = posted(clerk, birth)
    assert "Bảng kê bàn giao kết quả cho bưu điện" in listed
    assert "1 bưu gửi" in listed
    assert f"1 {SLIP} {birth}" in listed
    run_jobs()
    assert f"Bản giấy: bưu điện đang chuyển, {SLIP}, 23/11/2026" in text_of(
        parent.get(f"/dossiers/{number}/")
    )
    told = Delivery.objects.filter(service="eid/notices-send/v1", body__subject__vi__startswith="Bản giấy")
    assert [row.body["text"]["vi"] for row in told] == [f"Bưu điện đang chuyển, số hiệu bưu gửi {SLIP}."]
    clerk.post("/desk/post/", {"act": f"delivered:{birth}"})
    run_jobs()
    assert f"Bản giấy: đã phát, {SLIP}, 23/11/2026" in text_of(parent.get(f"/dossiers/{number}/"))
    assert Parcel.objects.get(case__number=birth).state == "delivered"
    assert told.count() == 1, "of the delivery itself the postman tells"
    dossier = text_of(clerk.get(f"/desk/dossiers/{birth}/"))
    assert "Bản giấy qua bưu chính: Đã phát" in dossier
    assert "Bưu điện đã phát bản giấy." in dossier


def test_a_wish_before_any_agency_has_it_reaches_them_all(
    parent: Client, clerk: Client, family: Family
) -> None:
    number = send(parent, family)
    assert parent.post(f"/dossiers/{number}/post/", HOME).status_code == 302
    run_jobs()
    assert Parcel.objects.get(case__number=child("1.001193")).recipient["phone"] == "0912345678"
    assert "Chờ giao cho bưu điện Không có." in text_of(clerk.get("/desk/post/")), "nothing is issued yet"


def test_a_refused_dossier_has_nothing_to_send(
    parent: Client, clerk: Client, number: str, at: datetime
) -> None:
    parent.post(f"/dossiers/{number}/post/", HOME)
    run_jobs()
    assert decide(signer(COMMITTEE, at), child("1.001193"), "refuse", reason="Thiếu").status_code == 302
    run_jobs()
    assert "Chờ giao cho bưu điện Không có." in text_of(clerk.get("/desk/post/"))
    assert "Nhận bản giấy" not in text_of(parent.get(f"/dossiers/{number}/"))
    late = parent.post(f"/dossiers/{number}/post/", HOME)
    assert late.status_code == 422
    assert "không còn gửi bản giấy được" in text_of(late)


def test_what_is_wrong_with_an_address_is_said_and_nothing_typed_is_lost(parent: Client, number: str) -> None:
    page = parent.get(f"/dossiers/{number}/post/")
    assert 'value="Nguyễn Thị Ánh"' in page.content.decode(), "the register's name and address are proposed"
    assert "Hoàn Kiếm" in text_of(page)
    response = parent.post(f"/dossiers/{number}/post/", {**HOME, "phone": "12", "address": "Hà Nội"})
    assert response.status_code == 422
    said = text_of(response)
    assert "Nhập số điện thoại Việt Nam gồm 10 chữ số, bắt đầu bằng 0" in said
    assert 'value="12"' in response.content.decode()
    assert not Parcel.objects.exists()
    assert not Draft.objects.exclude(post_to={}).exists()
    abroad = parent.post(f"/dossiers/{number}/post/", {**HOME, "phone": "+84 912 345 678"})
    assert abroad.status_code == 302
    assert Draft.objects.get(case_number=number).post_to["phone"] == "0912345678"


def test_the_wish_can_change_and_end(parent: Client, number: str) -> None:
    there = f"/dossiers/{number}/post/"
    parent.post(there, HOME)
    run_jobs()
    assert "Đổi nơi nhận bản giấy" in text_of(parent.get(f"/dossiers/{number}/"))
    parent.post(there, {**HOME, "address": "Thôn Thượng, xã Ba Vì, Hà Nội"})
    run_jobs()
    assert Parcel.objects.get().recipient["address"] == "Thôn Thượng, xã Ba Vì, Hà Nội"
    Parcel.objects.update(tracking=SLIP)
    parent.post(there, HOME)
    run_jobs()
    assert Parcel.objects.get().tracking == "", "the slip bears the other address"
    parent.post(there, {"act": "drop"})
    run_jobs()
    assert not Parcel.objects.exists()
    assert "Bản giấy:" not in text_of(parent.get(f"/dossiers/{number}/"))
    parent.post(there, {"act": "drop"})
    run_jobs()
    assert not Delivery.objects.filter(service="onestop/parcels-ask/v1", delivered_at=None).exists()


def test_a_wrong_slip_stays_as_typed_and_stops_no_other(clerk: Client, birth: str, parent: Client) -> None:
    for typed in ("EB473124828VN", "VN1"):
        page = clerk.post("/desk/post/", {"act": "hand-over", f"tracking-{birth}": typed})
        assert page.status_code == 422
        assert f'value="{typed}"' in page.content.decode()
        assert f"Số hiệu bưu gửi «{typed}» chưa đúng." in text_of(page)
    assert not PostList.objects.exists()
    nothing = clerk.post("/desk/post/", {"act": "hand-over"})
    assert nothing.status_code == 422
    assert "Chưa có kết quả nào có số hiệu bưu gửi." in text_of(nothing)


def test_a_slip_counts_once(clerk: Client, birth: str, at: datetime) -> None:
    save(clerk, **{birth: SLIP})
    alike(birth, OTHER, at, state="posted", tracking=OTHER_SLIP)
    said = save(clerk, **{birth: OTHER_SLIP})
    assert f"Số hiệu {OTHER_SLIP} đã ghi cho hồ sơ {OTHER}." in said
    assert Parcel.objects.get(case__number=birth).tracking == SLIP, "what was entered before stays"
    save(clerk, **{birth: ""})
    assert Parcel.objects.get(case__number=birth).tracking == "", "and can be taken back"


def test_it_comes_back_and_goes_again(parent: Client, clerk: Client, number: str, birth: str) -> None:
    posted(clerk, birth)
    silent = clerk.post("/desk/post/", {"act": f"returned:{birth}", f"why-{birth}": " "})
    assert silent.status_code == 422
    clerk.post("/desk/post/", {"act": f"returned:{birth}", f"why-{birth}": "Không có người nhận."})
    run_jobs()
    assert "Bị trả lại, chờ người nộp sửa địa chỉ" in text_of(clerk.get("/desk/post/"))
    assert "Bản giấy: bị trả lại" in text_of(parent.get(f"/dossiers/{number}/"))
    told = Delivery.objects.filter(service="eid/notices-send/v1", body__subject__vi__endswith="bị trả lại")
    assert "Lý do: Không có người nhận." in told.get().body["text"]["vi"]
    again = clerk.post("/desk/post/", {"act": f"delivered:{birth}"})
    assert again.status_code == 409
    parent.post(f"/dossiers/{number}/post/", {**HOME, "name": "Trần Quốc Bảo"})
    run_jobs()
    listed = posted(clerk, birth, OTHER_SLIP)
    assert f"1 {OTHER_SLIP} {birth}" in listed
    assert "Trần Quốc Bảo" in listed
    first = PostList.objects.order_by("pk")[0]
    before = text_of(clerk.get(f"/desk/post/{first.pk}/"))
    assert f"1 {SLIP} {birth}" in before, "the first list still says what went with it"
    assert "Trần Quốc Bảo" not in before


def test_an_address_does_not_change_under_way(parent: Client, clerk: Client, number: str, birth: str) -> None:
    posted(clerk, birth)
    parent.post(f"/dossiers/{number}/post/", {**HOME, "name": "Người Khác"})
    run_jobs()
    assert Parcel.objects.get(case__number=birth).recipient["name"] == "Nguyễn Thị Ánh"
    others = Parcel.objects.exclude(case__number=birth)
    assert {row.recipient["name"] for row in others} == {"Người Khác"}


def test_at_the_counter(clerk: Client, family: Family, at: datetime) -> None:
    """The officer who took it in asks for the paper, by the same questions."""
    mother = person(family.mother)
    number = send(mother, family)
    Draft.objects.update(taken_in_by="H26.12-I01", taken_in_at=COMMITTEE, channel="post")
    row = Draft.objects.get()
    receipt = f"/desk/intake/{row.pk}/receipt/"
    assert "Bản giấy qua bưu chính Không Gửi bản giấy" in text_of(clerk.get(receipt))
    asked = clerk.post(f"/desk/intake/{row.pk}/post/", HOME)
    assert asked["Location"] == receipt
    assert "Nguyễn Thị Ánh, 0912345678, 12 phố Hàng Trống" in text_of(clerk.get(receipt))
    run_jobs()
    assert Parcel.objects.get().case.reference == number
    elsewhere = officer("H26.04-I01", OTHER_COMMITTEE, Role.INTAKE, at=at)
    assert elsewhere.get(f"/desk/intake/{row.pk}/post/").status_code == 404


def test_others_see_nothing_of_it(
    clerk: Client, number: str, birth: str, family: Family, at: datetime
) -> None:
    posted(clerk, birth)
    handed = PostList.objects.get()
    elsewhere = officer("H26.04-I01", OTHER_COMMITTEE, Role.INTAKE, at=at)
    assert elsewhere.get(f"/desk/post/{handed.pk}/").status_code == 404
    assert elsewhere.post("/desk/post/", {"act": f"delivered:{birth}"}).status_code == 404
    assert "Không có." in text_of(elsewhere.get("/desk/post/"))
    stranger = person("001199000012")
    assert stranger.get(f"/dossiers/{number}/post/").status_code == 404
    assert Parcel.objects.get(case__number=birth).state == "posted"


def test_an_address_goes_with_its_dossier(clerk: Client, birth: str, number: str, at: datetime) -> None:
    posted(clerk, birth)
    decision = DisposalDecision.objects.create(
        agency=COMMITTEE,
        number="1",
        decided_on=at.date(),
        signed_by="A",
        minutes="1",
        entered_by={},
        entered_at=at,
    )
    for each in (birth, number):
        case = Case.objects.get(number=each)
        row = Disposal.objects.create(case=case, part=Part.DOSSIER, decision=decision)
        parts_clear(Part.DOSSIER, [row], decision, at=at)
    assert Parcel.objects.get(case__number=birth).recipient == {}
    assert Draft.objects.get(case_number=number).post_to == {}
    assert "Hàng Trống" not in text_of(clerk.get(f"/desk/post/{PostList.objects.get().pk}/"))


def test_the_page_costs_the_same_however_many_wait(clerk: Client, birth: str, at: datetime) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert clerk.get("/desk/post/").status_code == 200
        return len(found)

    one = queries()
    for serial in range(901, 904):
        alike(birth, f"H26.12-261123-0{serial}", at)
    assert "H26.12-261123-0903" in text_of(clerk.get("/desk/post/"))
    assert queries() == one
