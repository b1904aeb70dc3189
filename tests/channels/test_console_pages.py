"""The console's own pages: stuck work that an operator runs again, and the exchange."""

from datetime import datetime

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, Step
from lienthong.blocks.exchange import services as exchange
from lienthong.blocks.exchange.models import Agreement
from lienthong.blocks.exchange.services import call
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, LIFEEVENTS, ONESTOP, Family, country_join, family_enter
from tests.systems.lifeevents.applying import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(db: None, at: datetime) -> Family:
    country_join(at)
    return family_enter(at)


@pytest.fixture
def operator(family: Family, at: datetime) -> Client:
    return officer("G22-V01", "G22", Role.OPERATOR, at=at, name="Vũ Thành Nam")


@pytest.fixture
def stuck(family: Family) -> Step:
    """A case whose first step may not open a dossier, because the agreement ended."""
    Agreement.objects.filter(service="onestop/dossiers-open/v1").delete()
    number = send(person(family.mother), family)
    run_jobs()
    return Step.objects.get(case__number=number, state="stuck")


def test_stuck_work_is_shown_with_its_reason_and_what_would_help(operator: Client, stuck: Step) -> None:
    page = text_of(operator.get("/console/stuck/"))
    assert stuck.case.number in page
    assert "Cơ quan hỏi chưa có quyền gọi dịch vụ này." in page
    assert "Hãy đề nghị" in page


def test_the_applicant_is_told_that_it_is_held_up_and_need_not_send_again(
    family: Family, stuck: Step
) -> None:
    page = person(family.mother).get(f"/dossiers/{stuck.case.number}/")
    assert "Bạn không cần gửi lại" in text_of(page)
    assert b'http-equiv="refresh"' not in page.content


def test_work_that_is_run_again_goes_on_and_says_who_let_it(operator: Client, stuck: Step) -> None:
    exchange.agreement_grant(
        client="VN/GOV/*/lifeevents",
        service="onestop/dossiers-open/v1",
        purpose="linked-procedure",
        legal_basis="Nghị định 63/2024/NĐ-CP",
        granted_by="G22",
        valid_from=stuck.opened_at.date(),
    )
    assert operator.post(f"/console/stuck/{stuck.pk}/retry/").status_code == 302
    run_jobs()
    stuck.refresh_from_db()
    assert stuck.state == "done"
    assert Case.objects.filter(system="onestop").count() == 1
    assert stuck.case.entries.filter(kind="retried", actor="G22-V01").exists()
    assert "Không có việc nào kẹt." in text_of(operator.get("/console/stuck/"))


def test_running_again_what_is_not_stuck_changes_nothing(operator: Client, family: Family) -> None:
    number = send(person(family.mother), family)
    run_jobs()
    step = Step.objects.get(case__number=number, key="open_birth")
    assert operator.post(f"/console/stuck/{step.pk}/retry/").status_code == 302
    step.refresh_from_db()
    assert step.state == "done"


def test_a_step_that_is_not_there_is_not_found(operator: Client) -> None:
    assert operator.post("/console/stuck/01a20621-ad00-7000-b7cb-7aa17405211e/retry/").status_code == 404


def test_the_exchange_page_shows_health_messages_and_agreements(operator: Client, family: Family) -> None:
    call(
        "population/persons-get/v1",
        {"number": family.mother},
        client=ONESTOP,
        purpose="birth-registration",
        case="H26.12-261123-0009",
    )
    page = text_of(operator.get("/console/exchange/"))
    assert "H26.12-261123-0009" in page
    assert "Dòng nhật ký chờ niêm phong" in page
    assert "VN/GOV/*/onestop" in page
    assert family.mother not in page


def test_older_exchanges_follow_by_cursor_each_once(operator: Client, family: Family) -> None:
    for count in range(60):
        call(
            "population/persons-verify/v1",
            {"number": family.mother},
            client=LIFEEVENTS,
            purpose="birth-registration",
            case=f"G22-261123-{count:04}",
        )
    first = operator.get("/console/exchange/").content.decode()
    cursor = first.split('rel="next" href="')[1].split('"')[0]
    second = operator.get(f"/console/exchange/{cursor}").content.decode()
    seen = [text for text in (f"G22-261123-{count:04}" for count in range(60)) if text in first]
    assert len(seen) == 50
    assert not [text for text in seen if text in second]
    assert operator.get("/console/exchange/?before=nonsense").status_code == 200


@pytest.mark.parametrize(
    ("roles", "address", "status"),
    [
        ([Role.OPERATOR], "/console/exchange/", 200),
        ([Role.COMMITTEE], "/console/exchange/", 200),
        ([Role.COMMITTEE], "/console/stuck/", 403),
        ([Role.SIGN], "/console/stuck/", 403),
        ([Role.SIGN], "/console/exchange/", 403),
        ([Role.SIGN], "/console/", 403),
    ],
)
def test_the_console_opens_to_its_roles_only(
    family: Family, at: datetime, roles: list[Role], address: str, status: int
) -> None:
    client = officer("H26.12-X01", COMMITTEE, *roles, at=at)
    assert client.get(address).status_code == status


def test_the_consoles_home_is_the_report(operator: Client) -> None:
    assert operator.get("/console/")["Location"] in {"/console/report/", "/console/exchange/"}
