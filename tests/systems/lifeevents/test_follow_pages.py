"""Following a linked case: its parts and who has each, supplements, withdrawal, rating."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, Rating, Supplement
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.systems.lifeevents.models import Declared
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, POLICE, SOCIAL_SECURITY, Family
from tests.systems.lifeevents.applying import decide, fill, send

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40


@pytest.fixture
def parent(family: Family) -> Client:
    return person(family.mother)


@pytest.fixture
def number(parent: Client, family: Family) -> str:
    """A case that was sent and reached the commune."""
    sent = send(parent, family)
    run_jobs()
    return sent


def signer(agency: str, at: datetime) -> Client:
    code = f"{agency}-C01"
    trust.signer_ensure(subject_id=code, kind="officer", name="Lê Văn Cường", organisation=agency, at=at)
    return officer(code, agency, Role.SIGN, at=at)


def child(procedure: str) -> str:
    return str(Case.objects.get(system="onestop", procedure__code=procedure).number)


def settle(at: datetime, **outcomes: str) -> None:
    """Each agency decides its part, the commune first."""
    for agency, procedure in ((COMMITTEE, "1.001193"), (POLICE, "1.004222"), (SOCIAL_SECURITY, "1.003077")):
        outcome = outcomes.get(agency.partition(".")[0], "approve")
        assert (
            decide(signer(agency, at), child(procedure), outcome, reason="Thiếu giấy tờ").status_code == 302
        )
        run_jobs()


def test_until_the_first_agency_answers_the_page_says_so_and_reloads_itself(
    parent: Client, family: Family
) -> None:
    number = send(parent, family)
    page = parent.get(f"/dossiers/{number}/?sent=1")
    assert b'hx-trigger="every 2s"' in page.content
    said = text_of(page)
    assert "Đã gửi hồ sơ" in said
    assert "Đang chuyển hồ sơ tới cơ quan giải quyết" in said
    run_jobs()
    assert b"hx-trigger" not in parent.get(f"/dossiers/{number}/").content


def test_every_part_is_named_in_the_order_in_which_it_is_done(parent: Client, number: str) -> None:
    page = text_of(parent.get(f"/dossiers/{number}/"))
    places = [
        page.index(name) for name in ("Đăng ký khai sinh", "Đăng ký thường trú", "Cấp thẻ bảo hiểm y tế")
    ]
    assert places == sorted(places)
    assert "UBND phường Hoàn Kiếm đang xử lý · hạn 17:00 ngày 23/11/2026" in page
    assert page.count("Chưa bắt đầu") == 2
    english = text_of(parent.get(f"/dossiers/{number}/?lang=en"))
    assert "Hoan Kiem Committee is working on it · due 23 November 2026, 17:00" in english


def test_an_issued_paper_is_a_link_and_the_other_parts_begin(
    parent: Client, number: str, at: datetime
) -> None:
    assert decide(signer(COMMITTEE, at), child("1.001193"), "approve").status_code == 302
    run_jobs()
    page = parent.get(f"/dossiers/{number}/")
    assert b'href="/check/' in page.content
    said = text_of(page)
    assert "Đã có giấy khai sinh. Còn 2 việc chưa xong" in said
    assert "Công an phường Hoàn Kiếm đang xử lý" in said


def test_what_is_to_be_paid_is_a_link_to_its_bill(parent: Client, family: Family) -> None:
    number = send(parent, family, extracts={"extracts": "2"})
    run_jobs()
    page = parent.get(f"/dossiers/{number}/")
    assert b'href="/pay/' in page.content
    assert "16.000 đồng" in text_of(page)


def test_one_part_refused_while_the_others_are_granted_says_why_and_what_next(
    parent: Client, number: str, at: datetime
) -> None:
    settle(at, G01="refuse")
    page = text_of(parent.get(f"/dossiers/{number}/"))
    assert "Đã xong 2 việc. Chưa được chấp nhận: đăng ký thường trú." in page
    assert "Lý do: Thiếu giấy tờ" in page
    assert "nộp hồ sơ mới" in page
    assert "Xong một phần" in text_of(parent.get("/dossiers/"))


def test_a_refused_birth_leaves_the_rest_undone_and_the_child_may_be_declared_anew(
    parent: Client, family: Family, number: str, at: datetime
) -> None:
    assert decide(signer(COMMITTEE, at), child("1.001193"), "refuse", reason="Sai tên").status_code == 302
    run_jobs()
    page = text_of(parent.get(f"/dossiers/{number}/"))
    assert "Sai tên" in page
    assert page.count("Không thực hiện") == 2
    assert parent.post(fill(parent, family)).status_code == 302


def test_my_dossiers_lists_what_was_sent_and_what_is_still_being_typed(
    parent: Client, family: Family, number: str
) -> None:
    fill(parent, family, name={"child_name": "Trần Bảo Châu"})
    page = parent.get("/dossiers/")
    assert f'href="/dossiers/{number}/"'.encode() in page.content
    said = text_of(page)
    assert "Làm tiếp: Trần Bảo Châu" in said
    assert "Trần Minh An" in said
    assert "Bạn chưa có hồ sơ nào" in text_of(person("001195999999").get("/dossiers/"))


def test_twelve_dossiers_are_each_told_in_their_own_words_at_the_price_of_one(
    parent: Client, number: str
) -> None:
    with CaptureQueriesContext(connection) as one:
        parent.get("/dossiers/")
    case = Case.objects.get(number=number)
    part = case.children.get()
    for copy in range(1, 12):
        case.pk, case.number = uuid4(), f"{number}-{copy}"
        case.opened_at -= timedelta(minutes=1)
        case.save()
        part.pk, part.case, part.number = None, case, f"{part.number}-{copy}"
        part.supplement = {"due_at": "2026-12-01T17:00:00+07:00", "reason": "-"} if copy == 3 else None
        part.save()
    Case.objects.filter(number=f"{number}-2").update(outcome="withdrawn", closed_at=case.opened_at)
    with CaptureQueriesContext(connection) as twelve:
        page = text_of(parent.get("/dossiers/"))
    assert len(twelve) == len(one)
    assert page.count("Bạn đã rút hồ sơ này.") == 1
    assert page.count("1 việc đang chờ bạn.") == 1
    assert page.count("Còn 3 việc chưa xong") == 9


@pytest.fixture
def asked(parent: Client, number: str, at: datetime) -> str:
    """The address where the commune's request for more is answered."""
    response = decide(
        signer(COMMITTEE, at), child("1.001193"), "supplement", reason="Ảnh giấy chứng sinh bị mờ"
    )
    assert response.status_code == 302
    run_jobs()
    return f"/dossiers/{number}/supplement/{child('1.001193')}/"


def test_a_supplement_is_shown_answered_and_reaches_the_desk(parent: Client, number: str, asked: str) -> None:
    tracking = parent.get(f"/dossiers/{number}/")
    assert f'href="{asked}"'.encode() in tracking.content
    assert "Chờ bạn" in text_of(tracking)
    assert "Ảnh giấy chứng sinh bị mờ" in text_of(parent.get(asked))
    files = [SimpleUploadedFile("moi.png", PNG), SimpleUploadedFile("moi2.png", PNG + b"2")]
    response = parent.post(asked, {"text": "Ảnh chụp lại đây ạ", "files": files})
    assert response["Location"] == f"/dossiers/{number}/?answered=1"
    run_jobs()
    supplement = Supplement.objects.get()
    assert supplement.answer == "Ảnh chụp lại đây ạ"
    assert len(supplement.documents) == 2
    assert "Chờ bạn" not in text_of(parent.get(f"/dossiers/{number}/"))


def test_a_late_answer_is_told_with_the_deadline_and_the_text_is_kept(
    parent: Client, asked: str, at: datetime
) -> None:
    with clock.fixed(at + timedelta(days=90)):
        response = parent.post(asked, {"text": "Xin lỗi vì chậm trễ"})
    assert response.status_code == 409
    assert "Đã quá hạn bổ sung" in text_of(response)
    assert "Xin lỗi vì chậm trễ" in text_of(response)
    assert Supplement.objects.get().answered_at is None


def test_a_wrong_file_among_several_is_refused_at_its_field_and_the_text_is_kept(
    parent: Client, asked: str
) -> None:
    files = [SimpleUploadedFile("a.pdf", b"MZ\x90\x00 program"), SimpleUploadedFile("moi.png", PNG)]
    response = parent.post(asked, {"text": "Hai tệp", "files": files})
    assert response.status_code == 422
    assert b'id="id_files-error"' in response.content
    assert "Hai tệp" in text_of(response)
    too_large = [SimpleUploadedFile("to.png", PNG + b"\x00" * (21 << 20)), SimpleUploadedFile("moi.png", PNG)]
    assert parent.post(asked, {"text": "Hai tệp", "files": too_large}).status_code == 422
    assert Supplement.objects.get().answered_at is None


def test_an_answer_to_a_dossier_that_asked_for_nothing_is_refused_and_to_a_strangers_not_found(
    parent: Client, number: str
) -> None:
    own = f"/dossiers/{number}/supplement/{child('1.001193')}/"
    assert parent.post(own, {"text": "Đây ạ"}).status_code == 409
    assert parent.post(f"/dossiers/{number}/supplement/H99-261123-0001/", {"text": "x"}).status_code == 404


def test_withdrawing_stops_the_agencies_too_and_the_child_may_be_declared_again(
    parent: Client, family: Family, number: str
) -> None:
    address = f"/dossiers/{number}/withdraw/"
    assert "Bạn muốn rút hồ sơ này?" in text_of(parent.get(address))
    assert parent.post(address).status_code == 302
    run_jobs()
    assert {case.outcome for case in Case.objects.all()} == {"withdrawn"}
    assert not Declared.objects.exists()
    assert "Bạn đã rút hồ sơ này." in text_of(parent.get(f"/dossiers/{number}/"))
    assert parent.post(address).status_code == 302
    assert send(parent, family)


def test_a_case_on_its_way_or_settled_is_not_withdrawn(parent: Client, family: Family, at: datetime) -> None:
    number = send(parent, family)
    assert parent.post(f"/dossiers/{number}/withdraw/").status_code == 409
    run_jobs()
    settle(at)
    assert parent.post(f"/dossiers/{number}/withdraw/").status_code == 409
    assert Case.objects.get(number=number).outcome == "granted"


def test_a_settled_case_is_rated_once_for_the_whole_and_for_every_agency(
    parent: Client, number: str, at: datetime
) -> None:
    address = f"/dossiers/{number}/rate/"
    assert parent.post(address, {"score": "5", "text": ""}).status_code == 409
    settle(at)
    assert "Mọi việc đã xong." in text_of(parent.get(f"/dossiers/{number}/"))
    assert parent.post(address, {"text": "Nhanh"}).status_code == 422
    assert parent.post(address, {"score": "9"}).status_code == 422
    assert parent.post(address, {"score": "4", "text": "Nhanh"})["Location"].endswith("?rated=1")
    assert sorted(Rating.objects.values_list("score", flat=True)) == [4, 4, 4, 4]
    again = parent.post(address, {"score": "1", "text": "Đổi ý"})
    assert again.status_code == 409
    assert "Đổi ý" in text_of(again)
    assert sorted(Rating.objects.values_list("score", flat=True)) == [4, 4, 4, 4]


@pytest.mark.parametrize("page", ["", "withdraw/", "rate/"])
def test_another_persons_case_is_not_there(number: str, page: str) -> None:
    stranger = person("001195999999", "Người lạ")
    assert stranger.get(f"/dossiers/{number}/{page}").status_code == 404
    assert stranger.post(f"/dossiers/{number}/withdraw/").status_code == 404
    assert Case.objects.get(number=number).outcome == ""


def test_a_childs_dossier_is_not_a_linked_case(parent: Client, number: str) -> None:
    assert parent.get(f"/dossiers/{number}/").status_code == 200
    assert parent.get(f"/dossiers/{child('1.001193')}/").status_code == 404
