"""The birth journey beneath the pages: drafts, dossiers, decisions, papers, all through the exchange."""

from datetime import datetime
from uuid import UUID

import pytest

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.models import Step
from lienthong.blocks.casework.rules import Status
from lienthong.blocks.exchange.services import call
from lienthong.blocks.trust import services as trust
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import services as lifeevents
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.systems import country

pytestmark = pytest.mark.django_db

ANSWERS = {
    "child_name": "Trần Minh An",
    "sex": "female",
    "birth_date": "2026-11-21",
    "birth_place": "Bệnh viện Phụ sản Hà Nội",
    "other_parent": "001093000002",
    "ethnicity_of": "001195000001",
    "home_town_of": "001195000001",
    "residence_with": "001195000001",
    "hospital": country.HOSPITAL,
    "extracts": 2,
}


def officer_join(code: str, agency: str, at: datetime) -> Principal:
    trust.signer_ensure(subject_id=code, kind="officer", name="Phạm Văn Ký", organisation=agency, at=at)
    access.officer_enter(
        code=code, agency=agency, name="Phạm Văn Ký", title=Text("Phó Chủ tịch", "Vice Chair")
    )
    return Principal(Kind.OFFICER, code, "Phạm Văn Ký", agency, frozenset({Role.SIGN, Role.CASE}))


@pytest.fixture
def family(at: datetime) -> country.Family:
    country.country_join(at)
    packages_publish()
    made = country.family_enter(at)
    run_jobs()
    return made


def submitted(family: country.Family) -> str:
    parent = Principal(Kind.PERSON, family.mother, "Nguyễn Thị Ánh")
    draft = lifeevents.draft_start(by=parent, procedure="9.000001")
    lifeevents.draft_answer(draft=draft, answers=ANSWERS)
    number = lifeevents.draft_submit(draft_id=draft.pk, by=parent, language="vi")
    run_jobs()
    return number


def decide(agency: str, by: Principal, outcome: str = "approve", reason: str = "") -> str:
    (row,) = cases.queue_page(agency=agency, roles=by.roles)
    card = cases.case_of_agency(number=row.number, agency=agency)
    casework.task_decide(
        number=row.number,
        step_id=UUID(str(row.step_id)),
        outcome=outcome,
        by=by,
        title=Text("Phó Chủ tịch", "Vice Chair"),
        revision=card.revision,
        reason=reason,
    )
    run_jobs()
    return row.number


def settle(number: str) -> None:
    """Pay the dossier's open bill as fees reports it."""
    step = Step.objects.get(case__number=number, kind="pay")
    call(
        "onestop/events-receive/v1",
        {
            "bill": step.answer["bill"],
            "reference": number,
            "case": number,
            "total": step.answer["total"],
            "receipt_number": "BL-2026-0000001",
            "paid_at": "2026-11-23T09:00:00+07:00",
        },
        client="VN/GOV/G22/fees",
        provider=country.ONESTOP,
        purpose="fee-collection",
        case=number,
    )
    run_jobs()


def test_a_birth_declared_once_ends_in_three_registers_and_five_papers(
    family: country.Family, at: datetime
) -> None:
    officers = {
        agency: officer_join(f"{agency}-S01", agency, at)
        for agency in (country.COMMITTEE, country.POLICE, country.SOCIAL_SECURITY)
    }
    number = submitted(family)
    birth = decide(country.COMMITTEE, officers[country.COMMITTEE])
    settle(birth)
    decide(country.POLICE, officers[country.POLICE])
    decide(country.SOCIAL_SECURITY, officers[country.SOCIAL_SECURITY])
    card = cases.case_get(number=number)
    assert (card.status, card.outcome) == (Status.DELIVERED, "granted"), [
        (step.key, step.state, step.problem) for step in card.steps
    ]
    papers = [paper["code"] for child in card.children for paper in child.results]
    assert sorted(papers) == [
        "KQ.G01.000010",
        "KQ.G15.000001",
        "KQ.G15.000002",
        "KQ.G15.000002",
        "KQ.G24.000001",
    ]
