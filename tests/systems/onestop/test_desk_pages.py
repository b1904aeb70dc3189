"""The officer's desk: the queue by deadline, a dossier with its evidence, each decision once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, CaseFile, Step
from lienthong.blocks.casework.selectors import PAGE
from lienthong.blocks.casework.services import Opening, case_open
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, POLICE, Family
from tests.systems.lifeevents.applying import decide, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(family: Family) -> str:
    """A birth that reached the commune's desk."""
    send(person(family.mother), family)
    run_jobs()
    return str(Case.objects.get(system="onestop").number)


@pytest.fixture
def desk(country: datetime) -> Client:
    trust.signer_ensure(
        subject_id="H26.12-C01", kind="officer", name="Lê Văn Cường", organisation=COMMITTEE, at=country
    )
    return officer("H26.12-C01", COMMITTEE, Role.SIGN, at=country)


@contextmanager
def later(at: datetime, **after: int) -> Iterator[None]:
    with clock.fixed(at + timedelta(**after)):
        yield


def test_the_queue_says_what_to_do_for_whom_by_when(desk: Client, dossier: str) -> None:
    page = text_of(desk.get("/desk/"))
    assert "UBND phường Hoàn Kiếm" in page
    assert dossier in page
    assert "Trần Minh An" in page
    assert "Thẩm tra và quyết định đăng ký khai sinh" in page
    assert "17:00 ngày 23/11/2026 Hôm nay" in page
    assert "1 việc chờ · 0 quá hạn · 1 đến hạn hôm nay" in page


def test_an_overdue_task_is_called_so_in_words(desk: Client, dossier: str, at: datetime) -> None:
    with later(at, days=1):
        page = text_of(desk.get("/desk/?lang=en"))
    assert "Overdue" in page
    assert "1 overdue" in page


def test_an_empty_queue_says_so(desk: Client) -> None:
    assert "Không có hồ sơ nào đang chờ" in text_of(desk.get("/desk/"))
    assert "Bạn không có việc nào đang chờ" in text_of(desk.get("/desk/?mine=1"))


def test_the_queue_goes_on_by_cursor_and_shows_every_task_once(
    desk: Client, dossier: str, at: datetime
) -> None:
    origin = Case.objects.get(number=dossier)
    for number in range(2, 2 * PAGE + 5):
        with later(at, seconds=number):
            case = case_open(
                opening=Opening(
                    system="onestop",
                    agency=COMMITTEE,
                    procedure="1.001193",
                    applicant=origin.applicant,
                    applicant_name="A",
                    channel="counter",
                    data=origin.data,
                ),
                at=clock.now(),
            )
            Step.objects.create(
                case=case,
                agency=COMMITTEE,
                key="review",
                kind="task",
                state="open",
                role="sign",
                opened_at=at,
                due_at=case.due_at,
            )
    Step.objects.filter(case__number__endswith="0003").update(due_at=None)
    Step.objects.filter(case__number__endswith="0004").update(due_at=None)
    seen: list[str] = []
    address: str | None = "/desk/"
    while address is not None:
        content = desk.get(address).content.decode()
        seen += re.findall(r'href="/desk/dossiers/([^/]+)/"', content)
        found = re.search(r'rel="next" href="([^"]+)"', content)
        address = f"/desk/{found[1]}" if found else None
    assert set(seen[-2:]) == {f"{dossier[:-4]}0003", f"{dossier[:-4]}0004"}


@pytest.mark.parametrize("cursor", ["nonsense", "2026-11-23|x", "none|x", "|", "2026-11-23T09:00:00+07:00|1"])
def test_a_spoiled_cursor_shows_the_first_page(desk: Client, dossier: str, cursor: str) -> None:
    assert dossier in text_of(desk.get("/desk/", {"after": cursor}))


def test_a_dossier_shows_declaration_evidence_and_journal(desk: Client, dossier: str) -> None:
    page = text_of(desk.get(f"/desk/dossiers/{dossier}/"))
    assert "Ngày sinh 20/11/2026" in page
    assert "Nguyễn Thị Ánh" in page
    assert "Nhận thay đổi của hồ sơ" in page
    assert "Giải quyết liên thông" in page
    assert "Đã ký, chờ niêm phong" in page
    assert f"Tiếp nhận hồ sơ {dossier}." in page


def test_taking_a_task_in_hand_shows_who_has_it(desk: Client, dossier: str) -> None:
    step = Step.objects.get(case__number=dossier, state="open")
    assert desk.post(f"/desk/dossiers/{dossier}/{step.pk}/claim/").status_code == 302
    assert "Đang xử lý : H26.12-C01" in text_of(desk.get(f"/desk/dossiers/{dossier}/")).replace("lý:", "lý :")
    assert dossier in text_of(desk.get("/desk/?mine=1"))


def test_approving_issues_the_signed_paper_which_opens_from_the_desk(desk: Client, dossier: str) -> None:
    assert decide(desk, dossier, "approve").status_code == 302
    run_jobs()
    page = desk.get(f"/desk/dossiers/{dossier}/")
    assert "Không có việc chờ cán bộ" in text_of(page)
    link = re.search(rf'href="(/desk/dossiers/{dossier}/files/[0-9a-f]+/)"', page.content.decode())
    assert link is not None
    paper = desk.get(link[1])
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


@pytest.mark.parametrize("outcome", ["refuse", "supplement"])
def test_refusing_or_asking_without_a_reason_is_told_at_the_field(
    desk: Client, dossier: str, outcome: str
) -> None:
    response = decide(desk, dossier, outcome)
    assert response.status_code == 422
    assert "Chưa có lý do." in text_of(response)
    assert b'id="id_reason-error"' in response.content
    assert Case.objects.get(number=dossier).outcome == ""


def test_an_unknown_decision_is_refused_with_what_was_typed(desk: Client, dossier: str) -> None:
    response = decide(desk, dossier, "burn", reason="Vì sao không")
    assert response.status_code == 422
    assert "Không có quyết định này" in text_of(response)
    assert "Vì sao không" in text_of(response)


def test_a_decision_on_a_page_that_is_no_longer_current_can_be_made_again_at_once(
    desk: Client, dossier: str
) -> None:
    stale = decide(desk, dossier, "approve", reason="Đã xem kỹ", revision="0")
    assert stale.status_code == 409
    assert f"Hồ sơ {dossier} vừa thay đổi." in text_of(stale)
    assert "Đã xem kỹ" in text_of(stale)
    shown = re.search(r'name="revision" value="(\d+)"', stale.content.decode())
    assert shown is not None
    assert decide(desk, dossier, "approve", revision=shown[1]).status_code == 302


def test_two_officers_deciding_one_dossier_the_second_sees_the_first_decision_and_keeps_the_text(
    desk: Client, dossier: str, at: datetime
) -> None:
    page = desk.get(f"/desk/dossiers/{dossier}/").content.decode()
    action = re.search(r'action="([^"]+/decide/)"', page)
    assert action is not None
    colleague = officer("H26.12-C02", COMMITTEE, Role.SIGN, at=at, name="Phạm Thu Hà")
    assert decide(colleague, dossier, "refuse", reason="Thiếu giấy chứng sinh").status_code == 302
    response = desk.post(action[1], {"revision": "1", "reason": "Tôi đồng ý", "outcome": "approve"})
    assert response.status_code == 409
    said = text_of(response)
    assert "đã được quyết định ở bước này (Phạm Thu Hà)" in said
    assert "Tôi đồng ý" in said
    assert Case.objects.get(number=dossier).outcome == "refused"


def test_an_officer_without_the_role_to_sign_reads_but_does_not_decide(
    country: datetime, dossier: str, at: datetime
) -> None:
    clerk = officer("H26.12-C03", COMMITTEE, Role.INTAKE, at=at)
    page = clerk.get(f"/desk/dossiers/{dossier}/")
    assert "Quyết định và ký" in text_of(page)
    assert b"/decide/" not in page.content
    step = Step.objects.get(case__number=dossier, state="open")
    body = {"revision": "1", "outcome": "approve"}
    assert clerk.post(f"/desk/dossiers/{dossier}/{step.pk}/decide/", body).status_code == 403


@pytest.mark.parametrize("agency", [OTHER_COMMITTEE, POLICE])
def test_another_agencys_officer_finds_nothing_of_the_dossier(
    dossier: str, at: datetime, agency: str
) -> None:
    other = officer(f"{agency}-C01", agency, Role.SIGN, Role.CASE, Role.INTAKE, Role.ADMINISTRATOR, at=at)
    step = Step.objects.get(case__number=dossier, state="open")
    CaseFile.objects.create(
        case=step.case,
        code="x",
        name="x",
        sha256="a" * 64,
        size=1,
        media_type="image/png",
        kind="sector",
        added_at=at,
    )
    base = f"/desk/dossiers/{dossier}/"
    body = {"revision": "1", "outcome": "approve", "reason": "x"}
    assert other.get(base).status_code == 404
    assert other.get(f"{base}files/{'a' * 64}/").status_code == 404
    assert other.post(f"{base}{step.pk}/claim/").status_code == 404
    assert other.post(f"{base}{step.pk}/decide/", body).status_code == 404
    assert dossier not in text_of(other.get("/desk/"))
    assert dossier not in text_of(other.get("/desk/search/", {"q": "Minh An"})).replace(f"“{dossier}”", "")
    step.refresh_from_db()
    assert (step.state, step.assignee) == ("open", "")


@pytest.mark.parametrize("query", ["Minh An", "minh an", "001195000001"])
def test_a_dossier_is_found_by_name_and_by_the_applicants_number(
    desk: Client, dossier: str, query: str
) -> None:
    assert dossier in text_of(desk.get("/desk/search/", {"q": query}))


def test_a_dossier_is_found_by_its_number_and_nothing_found_says_what_to_try(
    desk: Client, dossier: str
) -> None:
    assert (
        f'href="/desk/dossiers/{dossier}/"'.encode()
        in desk.get("/desk/search/", {"q": dossier.lower()}).content
    )
    assert "Hãy thử mã hồ sơ đầy đủ" in text_of(desk.get("/desk/search/", {"q": "Không Ai"}))


def test_a_file_that_is_not_the_dossiers_is_not_there(desk: Client, dossier: str) -> None:
    assert desk.get(f"/desk/dossiers/{dossier}/files/{'b' * 64}/").status_code == 404


def test_the_administrator_grants_and_takes_away_roles_with_a_trail(country: datetime, desk: Client) -> None:
    admin = officer("H26.12-A01", COMMITTEE, Role.ADMINISTRATOR, at=country, name="Đỗ Quang Huy")
    assert desk.get("/desk/staff/").status_code == 403
    act = {"officer": "H26.12-C01", "role": "case"}
    assert admin.post("/desk/staff/", {**act, "act": "grant"}).status_code == 302
    again = admin.post("/desk/staff/", {**act, "act": "grant"})
    assert again.status_code == 409
    assert admin.post("/desk/staff/", {**act, "act": "revoke"}).status_code == 302
    page = text_of(admin.get("/desk/staff/"))
    assert "Lê Văn Cường (H26.12-C01) Thụ lý" in page
    assert page.count("H26.12-A01") >= 2


@pytest.mark.parametrize("role", ["operator", "committee", "king"])
def test_the_instances_own_roles_are_not_an_agencys_to_grant(
    country: datetime, desk: Client, role: str
) -> None:
    admin = officer("H26.12-A01", COMMITTEE, Role.ADMINISTRATOR, at=country)
    body = {"officer": "H26.12-C01", "role": role, "act": "grant"}
    assert admin.post("/desk/staff/", body).status_code == 422
    assert desk.get("/console/exchange/").status_code == 403


def test_an_administrator_has_no_power_over_another_agencys_staff(country: datetime, desk: Client) -> None:
    admin = officer("H26.04-A01", OTHER_COMMITTEE, Role.ADMINISTRATOR, at=country, name="Hồ Thị Mai")
    body = {"officer": "H26.12-C01", "role": "sign", "act": "revoke"}
    assert admin.post("/desk/staff/", body).status_code in {403, 404}
    assert "Lê Văn Cường" not in text_of(admin.get("/desk/staff/"))
    assert desk.get("/desk/").status_code == 200
