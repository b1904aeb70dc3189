"""A complaint and feedback, over the pages of both sides: filed, accepted or not, settled, and what follows."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, CaseFile, Result, Step
from lienthong.blocks.exchange.models import Delivery
from lienthong.blocks.exchange.services import call
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Forbidden
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, POLICE, Family
from tests.systems.lifeevents.applying import decide, send
from tests.systems.lifeevents.test_acting_pages import ANSWERS, CODE, begin, choose, company, fill, row

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
TYPED = {
    "ground": "decision",
    "text": "Tên cháu đúng như giấy chứng sinh.",
    "wish": "Hủy quyết định từ chối.",
}


def signer(code: str, at: datetime, name: str, agency: str = COMMITTEE) -> Client:
    trust.signer_ensure(subject_id=code, kind="officer", name=name, organisation=agency, at=at)
    return officer(code, agency, Role.SIGN, at=at, name=name)


@pytest.fixture
def parent(family: Family) -> Client:
    return person(family.mother)


@pytest.fixture
def decider(country: datetime) -> Client:
    return signer("H26.12-C01", country, "Lê Văn Cường")


@pytest.fixture
def other(country: datetime) -> Client:
    return signer("H26.12-C02", country, "Phạm Thị Dung")


@pytest.fixture
def number(parent: Client, family: Family) -> str:
    """A birth that the commune has."""
    sent = send(parent, family)
    run_jobs()
    return sent


@pytest.fixture
def child(number: str) -> str:
    return str(Case.objects.get(system="onestop", procedure__code="1.001193").number)


@pytest.fixture
def refused(decider: Client, child: str) -> str:
    """The same, refused; the dossier's number at the commune."""
    assert decide(decider, child, "refuse", reason="Sai tên").status_code == 302
    run_jobs()
    return child


def complain(parent: Client, number: str, child: str, **changes: object) -> str:
    """Files a complaint; the number of its case on the portal."""
    response = parent.post(f"/dossiers/{number}/complain/{child}/", {**TYPED, **changes})
    assert response.status_code == 302, response.content.decode()
    found = re.fullmatch(r"/dossiers/(.+)/\?sent=1", response["Location"])
    assert found is not None
    run_jobs()
    return found[1]


def at_agency(code: str = "9.000020") -> str:
    return str(Case.objects.filter(procedure__code=code).latest("opened_at").number)


def decided(client: Client, number: str, outcome: str, **typed: str) -> None:
    """Presses a button of the desk, with the ground that it may need."""
    page = client.get(f"/desk/dossiers/{number}/").content.decode()
    action = re.search(r'action="([^"]+/decide/)"', page)
    shown = re.search(r'name="revision" value="(\d+)"', page)
    assert action is not None, page
    assert shown is not None
    response = client.post(action[1], {"revision": shown[1], "reason": "", "outcome": outcome, **typed})
    assert response.status_code == 302, response.content.decode()
    run_jobs()


def told(case: str) -> list[str]:
    """The subjects of the notices that were sent about a case."""
    rows = Delivery.objects.filter(service="eid/notices-send/v1", case=case).order_by("id")
    return [row.body["subject"]["vi"] for row in rows]


def test_a_refused_dossier_says_until_when_it_may_be_complained_of(
    parent: Client, number: str, refused: str
) -> None:
    page = parent.get(f"/dossiers/{number}/")
    # Refused on 23 November 2026: ninety days end on Sunday 21 February 2027, the next working day is Monday.
    assert "đến hết ngày 22/02/2027 bạn có thể khiếu nại" in text_of(page)
    assert f"/dossiers/{number}/complain/{refused}/".encode() in page.content
    form = text_of(parent.get(f"/dossiers/{number}/complain/{refused}/"))
    assert "Sai tên" in form
    assert "trong 10 ngày" in form
    assert "Vì sao bạn khiếu nại sau thời hiệu" not in form


def test_a_complaint_that_is_right_has_the_dossier_settled_anew_with_nothing_filed_again(
    parent: Client, decider: Client, other: Client, number: str, refused: str
) -> None:
    filed = complain(parent, number, refused, files=SimpleUploadedFile("giay.png", PNG))
    complaint = at_agency()
    assert "xem xét thụ lý trước hết ngày 03/12/2026" in text_of(parent.get(f"/dossiers/{filed}/"))
    assert filed in text_of(parent.get(f"/dossiers/{number}/"))
    desk = text_of(other.get(f"/desk/dossiers/{complaint}/"))
    assert "Tên cháu đúng như giấy chứng sinh." in desk
    assert refused in desk
    assert "Yêu cầu bổ sung" not in desk
    assert complaint in text_of(decider.get(f"/desk/dossiers/{refused}/"))
    decided(other, complaint, "accept")
    assert "đã thụ lý, giải quyết trước hết ngày 23/12/2026" in text_of(parent.get(f"/dossiers/{filed}/"))
    assert told(filed) == [f"Khiếu nại {complaint} đã được thụ lý"]
    decided(other, complaint, "uphold", reason="Giấy chứng sinh ghi đúng như tờ khai.")
    result = Result.objects.get(case__number=complaint)
    assert result.number == f"{complaint}/QĐ-GQKN"
    assert result.signatures == 2
    page = parent.get(f"/dossiers/{filed}/")
    assert f"/check/{result.check_code}/".encode() in page.content
    renewed = Case.objects.get(system="onestop", data__renews__order=complaint)
    said = text_of(page)
    assert "Giấy chứng sinh ghi đúng như tờ khai." in said
    assert f"Hồ sơ được giải quyết lại ({renewed.number}), bạn không phải nộp lại." in said
    first = Case.objects.get(number=refused)
    assert (renewed.procedure_id, renewed.applicant) == (first.procedure_id, first.applicant)
    assert {**first.data, "renews": renewed.data["renews"]} == renewed.data
    shas = CaseFile.objects.filter(case=first).values_list("sha256", flat=True)
    assert list(CaseFile.objects.filter(case=renewed).values_list("sha256", flat=True)) == list(shas)
    assert refused in text_of(decider.get(f"/desk/dossiers/{renewed.number}/"))
    assert decide(other, renewed.number, "approve").status_code == 302
    run_jobs()
    renewed.refresh_from_db()
    assert renewed.outcome == "granted"
    assert Case.objects.get(number=filed).outcome == "granted"
    assert "Giấy khai sinh" in text_of(parent.get(f"/dossiers/{filed}/"))


def test_a_complaint_that_is_wrong_leaves_the_decision_and_names_the_way_on(
    parent: Client, other: Client, number: str, refused: str
) -> None:
    filed = complain(parent, number, refused)
    complaint = at_agency()
    decided(other, complaint, "accept-hard")
    assert "trước hết ngày 07/01/2027" in text_of(parent.get(f"/dossiers/{filed}/"))
    decided(other, complaint, "reject", reason="Tên trong giấy chứng sinh khác tờ khai.")
    said = text_of(parent.get(f"/dossiers/{filed}/"))
    assert "Khiếu nại không được chấp nhận; quyết định giữ nguyên." in said
    assert "Tên trong giấy chứng sinh khác tờ khai." in said
    assert "khởi kiện vụ án hành chính tại Tòa án" in said
    assert Case.objects.get(number=filed).outcome == "refused"
    assert not Case.objects.filter(data__renews__order=complaint).exists()
    page = parent.post(f"/dossiers/{number}/complain/{refused}/", TYPED)
    assert page.status_code == 409
    assert TYPED["text"] in text_of(page)


def test_not_accepting_needs_a_ground_of_the_law_which_the_person_reads(
    parent: Client, other: Client, number: str, refused: str
) -> None:
    filed = complain(parent, number, refused)
    complaint = at_agency()
    page = decide(other, complaint, "decline", reason="Chị không phải người nộp hồ sơ.")
    assert page.status_code == 422
    assert "Chưa chọn căn cứ" in text_of(page)
    assert "Chị không phải người nộp hồ sơ." in text_of(page)
    decided(other, complaint, "decline", reason="Chị không phải người nộp hồ sơ.", ground="11.2")
    said = text_of(parent.get(f"/dossiers/{filed}/"))
    assert "Không thụ lý" in said
    assert "(Điều 11 khoản 2). Chị không phải người nộp hồ sơ." in said
    assert Case.objects.get(number=filed).outcome == "not-accepted"


def test_nobody_settles_a_complaint_against_their_own_decision(
    parent: Client, decider: Client, other: Client, number: str, refused: str
) -> None:
    complain(parent, number, refused)
    complaint = at_agency()
    step = Step.objects.get(case__number=complaint, state="open")
    page = decider.get(f"/desk/dossiers/{complaint}/")
    assert b"/decide/" not in page.content
    assert "Bạn đã quyết định trong hồ sơ bị khiếu nại" in text_of(page)
    revision = Case.objects.get(number=complaint).revision
    address = f"/desk/dossiers/{complaint}/{step.pk}"
    body = {"revision": revision, "reason": "", "outcome": "accept"}
    assert decider.post(f"{address}/decide/", body).status_code == 403
    assert decider.post(f"{address}/claim/").status_code == 403
    assert other.post(f"{address}/assign/", {"assignee": "H26.12-C01"}).status_code == 422
    other.post("/desk/work/", {"act": "spread"})
    step.refresh_from_db()
    assert (step.state, step.assignee) == ("open", "H26.12-C02")


def test_after_ninety_days_a_complaint_needs_its_reason_and_what_was_typed_stays(
    parent: Client, number: str, refused: str, at: datetime
) -> None:
    with clock.fixed(at + timedelta(days=92)):
        address = f"/dossiers/{number}/complain/{refused}/"
        assert "đã hết ngày 22/02/2027" in text_of(parent.get(f"/dossiers/{number}/"))
        page = parent.post(address, TYPED)
        assert page.status_code == 422
        assert TYPED["text"] in text_of(page)
        complain(parent, number, refused, late_reason="Tôi nằm viện ba tháng.")
        assert Case.objects.get(number=at_agency()).data["late_reason"] == "Tôi nằm viện ba tháng."


def test_a_late_dossier_is_complained_of_while_it_is_open_and_one_in_time_is_not(
    parent: Client, other: Client, number: str, child: str, at: datetime
) -> None:
    address = f"/dossiers/{number}/complain/{child}/"
    assert "chưa có quyết định để khiếu nại và chưa quá hạn" in text_of(parent.get(address))
    assert parent.post(address, {**TYPED, "ground": "late"}).status_code == 422
    with clock.fixed(at + timedelta(days=1)):
        filed = complain(parent, number, child, ground="late", wish="Giải quyết ngay.")
        complaint = at_agency()
        decided(other, complaint, "accept")
        decided(other, complaint, "uphold", reason="Chậm do thiếu người; giải quyết trong hôm nay.")
        case = Case.objects.get(number=filed)
        assert (case.outcome, case.closed_at) == ("granted", clock.now())
        assert not Case.objects.filter(data__renews__order=complaint).exists()


def test_a_complaint_is_withdrawn_at_any_time_and_may_be_filed_again(
    parent: Client, other: Client, number: str, refused: str
) -> None:
    filed = complain(parent, number, refused)
    again = parent.post(f"/dossiers/{number}/complain/{refused}/", TYPED)
    assert again.status_code == 409
    decided(other, at_agency(), "accept")
    assert "Bạn muốn rút lại?" in text_of(parent.get(f"/dossiers/{filed}/withdraw/"))
    assert parent.post(f"/dossiers/{filed}/withdraw/").status_code == 302
    run_jobs()
    assert Case.objects.get(number=at_agency()).outcome == "withdrawn"
    assert "Đã rút" in text_of(parent.get(f"/dossiers/{number}/"))
    assert complain(parent, number, refused) != filed


@pytest.fixture
def residence(number: str, decider: Client, child: str, at: datetime) -> str:
    """The birth is granted; the police refuse the residence, and reject the complaint against it."""
    assert decide(decider, child, "approve").status_code == 302
    run_jobs()
    found = str(Case.objects.get(system="onestop", procedure__code="1.004222").number)
    police = signer(f"{POLICE}-C01", at, "Đỗ Văn Phúc", POLICE)
    assert decide(police, found, "refuse", reason="Chỗ ở chưa rõ.").status_code == 302
    run_jobs()
    return found


@pytest.fixture
def first(parent: Client, number: str, residence: str, at: datetime) -> str:
    """A first complaint that was rejected; its number on the portal."""
    filed = complain(parent, number, residence)
    second_officer = signer(f"{POLICE}-C02", at, "Hồ Thị Giang", POLICE)
    decided(second_officer, at_agency(), "accept")
    decided(second_officer, at_agency(), "reject", reason="Chỗ ở không hợp pháp.")
    return filed


def test_a_second_complaint_goes_to_the_superior_which_sees_the_file_and_may_annul_the_decision(
    parent: Client, residence: str, first: str, at: datetime
) -> None:
    page = parent.get(f"/dossiers/{first}/")
    assert "đến hết ngày 23/12/2026" in text_of(page)
    assert "khiếu nại lần hai tới Công an thành phố Hà Nội" in text_of(page)
    address = f"/dossiers/{first}/complain-again/"
    assert address.encode() in page.content
    assert "Chỗ ở không hợp pháp." in text_of(parent.get(address))
    response = parent.post(address, {"text": "Nhà có sổ đỏ.", "wish": "Hủy quyết định."})
    assert response.status_code == 302
    run_jobs()
    filed = response["Location"].split("/")[2]
    assert parent.post(address, {"text": "Nhà có sổ đỏ.", "wish": "Hủy quyết định."}).status_code == 409
    complaint = Case.objects.get(procedure__code="9.000021")
    assert complaint.agency == "G01.26"
    above = signer("G01.26-C01", at, "Lý Văn Hải", "G01.26")
    desk = text_of(above.get(f"/desk/dossiers/{complaint.number}/"))
    for words in (
        "Nhà có sổ đỏ.",
        "Tên cháu đúng như giấy chứng sinh.",
        "Chỗ ở không hợp pháp.",
        "Hồ Thị Giang",
    ):
        assert words in desk
    decided(above, complaint.number, "accept")
    decided(above, complaint.number, "uphold", reason="Sổ đỏ chứng minh chỗ ở hợp pháp.")
    renewed = Case.objects.get(data__renews__order=complaint.number)
    assert (renewed.agency, renewed.data["renews"]["number"]) == (POLICE, residence)
    said = text_of(parent.get(f"/dossiers/{filed}/"))
    assert "Sổ đỏ chứng minh chỗ ở hợp pháp." in said
    assert renewed.number in said


def test_after_a_second_settlement_only_the_court_is_left(parent: Client, first: str, at: datetime) -> None:
    with clock.fixed(at + timedelta(days=31)):
        address = f"/dossiers/{first}/complain-again/"
        body = {"text": "Nhà có sổ đỏ.", "wish": "Hủy quyết định."}
        assert parent.post(address, body).status_code == 422
        response = parent.post(address, body | {"late_reason": "Tôi đi công tác ở đảo."})
        assert response.status_code == 302
        run_jobs()
        above = signer("G01.26-C01", at, "Lý Văn Hải", "G01.26")
        complaint = at_agency("9.000021")
        decided(above, complaint, "accept-hard")
        decided(above, complaint, "reject", reason="Sổ đỏ của nhà khác.")
        said = text_of(parent.get(f"/dossiers/{response['Location'].split('/')[2]}/"))
        assert "Nếu không đồng ý, bạn có quyền khởi kiện" in said
        assert "lần hai tới" not in said
        assert parent.post(address, body | {"late_reason": "x"}).status_code == 409


def test_nobody_but_the_superior_is_told_the_file_or_orders_it_anew(residence: str, first: str) -> None:
    complaint = at_agency()
    asked: dict[str, object] = {
        "client": "VN/GOV/G01.26.04/onestop",
        "provider": f"VN/GOV/{POLICE}/onestop",
        "purpose": "complaint",
    }
    with pytest.raises(Forbidden) as refused:
        call("onestop/complaints-disclose/v1", {"number": complaint}, **asked)  # type: ignore[arg-type]
    assert refused.value.code == "not-superior"
    body = {"number": residence, "order": complaint}
    with pytest.raises(Forbidden):
        call("onestop/renewals-order/v1", body, **asked)  # type: ignore[arg-type]
    portal = {**asked, "client": "VN/GOV/G22/lifeevents"}
    with pytest.raises(Conflict) as unordered:
        call("onestop/dossiers-renew/v1", body, **portal)  # type: ignore[arg-type]
    assert unordered.value.code == "renewal-not-ordered"


def test_feedback_is_answered_to_the_person_and_takes_longer_once(
    parent: Client, decider: Client, number: str, child: str
) -> None:
    address = f"/dossiers/{number}/feedback/{child}/"
    assert "trong 15 ngày làm việc" in text_of(parent.get(address))
    assert parent.post(address, {"text": ""}).status_code == 422
    response = parent.post(address, {"text": "Cán bộ rất nhiệt tình, nhưng phải chờ lâu."})
    assert response.status_code == 302
    run_jobs()
    filed = response["Location"].split("/")[2]
    feedback = at_agency("9.000022")
    first = Case.objects.get(number=feedback).due_at
    decided(decider, feedback, "longer", reason="Cần hỏi bộ phận tiếp nhận.")
    assert first is not None
    assert Case.objects.get(number=feedback).due_at == datetime(2026, 12, 22, 17, 0, tzinfo=clock.VIETNAM)
    assert first == datetime(2026, 12, 15, 17, 0, tzinfo=clock.VIETNAM)
    decided(decider, feedback, "answered", reason="Từ tuần tới có thêm một quầy.")
    said = text_of(parent.get(f"/dossiers/{filed}/"))
    assert "Từ tuần tới có thêm một quầy." in said
    assert "Đã trả lời" in text_of(parent.get(f"/dossiers/{number}/"))
    assert "Đã trả lời" in text_of(parent.get("/dossiers/"))


def test_three_pieces_of_feedback_wait_at_most(parent: Client, number: str, child: str) -> None:
    address = f"/dossiers/{number}/feedback/{child}/"
    for _ in range(3):
        assert parent.post(address, {"text": "Chờ lâu."}).status_code == 302
    page = parent.post(address, {"text": "Chờ lâu quá."})
    assert page.status_code == 409
    assert "Chờ lâu quá." in text_of(page)


@pytest.mark.parametrize("act", ["complain", "feedback"])
def test_nobody_else_sees_or_files_anything_about_it(
    number: str, refused: str, family: Family, at: datetime, act: str
) -> None:
    parent, stranger, father = person(family.mother), person("001195999999"), person(family.father)
    for client in (stranger, father):
        assert client.get(f"/dossiers/{number}/{act}/{refused}/").status_code == 404
        assert client.post(f"/dossiers/{number}/{act}/{refused}/", TYPED).status_code == 404
    assert parent.get(f"/dossiers/{number}/{act}/H26.12-000000-0001/").status_code == 404
    filed = complain(parent, number, refused)
    assert father.get(f"/dossiers/{filed}/").status_code == 404
    elsewhere = signer("H26.04-C01", at, "Võ Văn Em", OTHER_COMMITTEE)
    assert elsewhere.get(f"/desk/dossiers/{at_agency()}/").status_code == 404


def test_a_representative_files_for_the_company_and_a_colleague_follows_it(
    family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo"))
    client = person(family.mother)
    choose(client, f"organisation:{CODE}")
    number = client.post(fill(client, begin(client), ANSWERS))["Location"].split("/")[2]
    run_jobs()
    dossier = str(Case.objects.get(system="onestop").number)
    response = client.post(f"/dossiers/{number}/feedback/{dossier}/", {"text": "Chờ lâu."})
    assert response.status_code == 302
    run_jobs()
    filed = response["Location"].split("/")[2]
    feedback = Case.objects.get(procedure__code="9.000022")
    assert (feedback.applicant, feedback.acting["number"]) == (CODE, family.mother)
    colleague = person(family.father, "Trần Quốc Bảo")
    assert colleague.get(f"/dossiers/{filed}/").status_code == 404
    choose(colleague, f"organisation:{CODE}")
    assert "Chờ lâu." in text_of(colleague.get(f"/dossiers/{filed}/"))


def test_complaints_are_counted_by_themselves_and_are_no_dossiers(
    parent: Client, other: Client, number: str, refused: str, facts: Callable[[str], list[tuple[object, ...]]]
) -> None:
    before = facts("select count(*) from facts.dossiers")
    complain(parent, number, refused)
    complaint = at_agency()
    decided(other, complaint, "accept")
    decided(other, complaint, "reject", reason="Không có căn cứ.")
    parent.post(f"/dossiers/{number}/feedback/{refused}/", {"text": "Chờ lâu."})
    run_jobs()
    decided(other, at_agency("9.000022"), "answered", reason="Xin ghi nhận.")
    assert facts("select count(*) from facts.dossiers") == before
    for view in ("dossier_status", "dossier_closings"):
        assert facts(f"select count(*) from facts.{view} where number = '{complaint}'") == [(0,)]
    assert facts(f"select count(*) from facts.results where dossier = '{complaint}'") == [(0,)]
    assert facts("select kind, dossier, procedure, ground from facts.appeals order by kind") == [
        ("complaint-first", refused, "1.001193", "decision"),
        ("feedback", refused, "1.001193", ""),
    ]
    told = "select kind, outcome, accepted, accepted_on_time, on_time, upheld from facts.appeal_closings order by kind"
    assert facts(told) == [
        ("complaint-first", "refused", True, True, True, False),
        ("feedback", "granted", True, True, True, False),
    ]


@pytest.fixture
def facts() -> Callable[[str], list[tuple[object, ...]]]:
    """Asks the fact views of this instance."""
    from django.db import connection

    def asked(query: str) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    return asked
