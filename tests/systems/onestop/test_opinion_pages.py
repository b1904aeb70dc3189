"""An opinion at both desks and on the portal: land that is inherited, of which commune and tax office are asked."""

from datetime import datetime

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import selectors
from lienthong.blocks.casework.models import Case, Step
from lienthong.ground import clock, workdays
from lienthong.nation.acts import act_do
from lienthong.nation.examples import example_begin, examples_of
from lienthong.nation.families import Stage
from lienthong.nation.jobs_now import settle
from lienthong.systems.procedures.services import packages_publish
from tests.conftest import ROOT
from tests.pages import officer, person, text_of
from tests.systems.country import BA_DINH, COMMITTEE, HOAN_KIEM, OTHER_COMMITTEE

pytestmark = pytest.mark.django_db

LAND, TAX = "H26.91", "G12.26"
QUESTION = "Thửa đất có đang tranh chấp"


@pytest.fixture
def number(country: datetime) -> str:
    """An inheritance that was paid for, so that the land office asks; the number of the portal's case."""
    packages_publish()
    examples = examples_of(ROOT / "content" / "procedures" / "1.013831")
    played, _ = example_begin(
        next(each for each in examples if each.name == "inheritance"), Stage(HOAN_KIEM, BA_DINH)
    )
    act_do(played.number, "pay")
    settle()
    return played.number


@pytest.fixture
def dossier(number: str) -> str:
    """The land office's number."""
    (child,) = selectors.case_get(number=number).children
    return str(child.number)


def desk(agency: str, at: datetime) -> Client:
    return officer(f"{agency}-C01", agency, Role.SIGN, Role.CASE, at=at)


def request_at(agency: str) -> Case:
    return Case.objects.get(agency=agency, procedure__code="9.000010")


def answer(client: Client, request: Case, outcome: str, reason: str = "") -> int:
    """What the officer's answer comes to, as HTTP says it."""
    request.refresh_from_db()
    step = Step.objects.get(case=request, key="answer")
    body = {"outcome": outcome, "reason": reason, "revision": request.revision}
    status = client.post(f"/desk/dossiers/{request.number}/{step.pk}/decide/", body).status_code
    settle()
    return int(status)


def test_the_asked_agency_has_the_question_in_its_queue_and_sees_only_what_is_disclosed(
    country: datetime, number: str, dossier: str
) -> None:
    commune, request = desk(OTHER_COMMITTEE, country), request_at(OTHER_COMMITTEE)
    queue = text_of(commune.get("/desk/"))
    assert request.number in queue
    assert "Văn phòng đăng ký đất đai thành phố Hà Nội" in queue
    assert "Cho ý kiến" in queue
    page = text_of(commune.get(f"/desk/dossiers/{request.number}/"))
    for said in (QUESTION, dossier, "Người đứng tên đã mất Nguyễn Văn Cổ", "Người nhận thừa kế", "ngõ 12"):
        assert said in page
    applicant = Case.objects.get(number=dossier).applicant
    assert applicant not in page
    assert "AA " not in page
    assert applicant in text_of(desk(TAX, country).get(f"/desk/dossiers/{request_at(TAX).number}/"))
    assert "Question Is the parcel in dispute" in text_of(
        commune.get(f"/desk/dossiers/{request.number}/?lang=en", follow=True)
    )


def test_the_page_of_a_request_offers_answers_and_no_supplement(country: datetime, dossier: str) -> None:
    content = (
        desk(OTHER_COMMITTEE, country).get(f"/desk/dossiers/{request_at(OTHER_COMMITTEE).number}/").content
    )
    for outcome in (b"agree", b"conditions", b"disagree"):
        assert b'value="%s"' % outcome in content
    assert b'value="supplement"' not in content
    assert "Cơ quan hỏi đọc nguyên văn".encode() in content
    review = desk(LAND, country).get(f"/desk/dossiers/{dossier}/").content
    assert "Cơ quan hỏi đọc nguyên văn".encode() not in review


def test_a_disagreement_without_a_reason_is_not_taken_and_shows_what_is_wrong(
    country: datetime, dossier: str
) -> None:
    commune, request = desk(OTHER_COMMITTEE, country), request_at(OTHER_COMMITTEE)
    assert answer(commune, request, "disagree") == 422
    assert answer(commune, request, "supplement", "Thiếu giấy") == 409
    assert answer(commune, request, "disagree", "Đang hòa giải tranh chấp.") == 302
    assert "Hồ sơ đã kết thúc" in text_of(commune.get(f"/desk/dossiers/{request.number}/"))


def test_the_asking_desk_shows_each_opinion_and_until_when_the_others_are_waited_for(
    country: datetime, dossier: str
) -> None:
    land = desk(LAND, country)
    page = text_of(land.get(f"/desk/dossiers/{dossier}/"))
    assert page.count("Đang chờ trả lời trước") == 2
    assert "17:00 ngày 27/11/2026" in page
    assert (
        answer(desk(OTHER_COMMITTEE, country), request_at(OTHER_COMMITTEE), "disagree", "Có đơn tranh chấp.")
        == 302
    )
    page = text_of(land.get(f"/desk/dossiers/{dossier}/"))
    assert page.count("Đang chờ trả lời trước") == 1
    assert "Không đồng ý" in page
    assert "Có đơn tranh chấp." in page
    assert "Lê Văn Cường, Chủ tịch" in page
    assert "Trả lời ý kiến phối hợp" in page
    with clock.fixed(workdays.due_at(country, 3).replace(hour=18)):
        settle()
        page = text_of(land.get(f"/desk/dossiers/{dossier}/"))
        assert "Không trả lời trong hạn" in page
        assert "Thẩm tra, chuyển thông tin thuế và quyết định" in page
        assert "Đã hết hạn cho ý kiến" in text_of(
            desk(TAX, country).get(f"/desk/dossiers/{request_at(TAX).number}/")
        )


def test_the_applicant_reads_whose_opinion_the_agency_waits_for(
    country: datetime, number: str, dossier: str
) -> None:
    heir = person(Case.objects.get(number=number).applicant)
    page = text_of(heir.get(f"/dossiers/{number}/"))
    assert "đang chờ ý kiến của " in page
    assert "UBND phường Ba Đình" in page
    assert "Thuế thành phố Hà Nội" in page
    english = text_of(heir.get(f"/dossiers/{number}/?lang=en", follow=True))
    assert "waits for the opinion of" in english
    for agency in (TAX, OTHER_COMMITTEE):
        assert answer(desk(agency, country), request_at(agency), "agree") == 302
    heir.get("/?lang=vi", follow=True)
    assert "đang chờ ý kiến" not in text_of(heir.get(f"/dossiers/{number}/?lang=vi", follow=True))
    assert "YK" not in text_of(heir.get("/dossiers/"))


def test_another_agency_sees_nothing_of_a_request(country: datetime, dossier: str) -> None:
    request = request_at(OTHER_COMMITTEE)
    for agency in (COMMITTEE, TAX, LAND):
        other = desk(agency, country)
        assert other.get(f"/desk/dossiers/{request.number}/").status_code == 404
        assert answer(other, request, "agree") == 404
    assert Step.objects.get(case=request, key="answer").state == "open"


def test_several_requests_are_agreed_to_at_once(country: datetime, dossier: str) -> None:
    request = request_at(TAX)
    step = Step.objects.get(case=request, key="answer")
    chosen = f"{request.number}|{step.pk}|{request.revision}"
    done = desk(TAX, country).post("/desk/several/", {"act": "approve", "chosen": [chosen]})
    assert done.status_code == 200
    settle()
    assert Step.objects.get(case__number=dossier, key="ask_tax").outcome == "agree"


def test_the_portal_offers_no_request(country: datetime, number: str) -> None:
    from tests.pages import nobody

    assert "Cho ý kiến phối hợp" not in text_of(nobody().get("/"))
    assert nobody().get("/services/9.000010/").status_code == 404
