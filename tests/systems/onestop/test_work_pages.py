"""The head assigns and records absences; several dossiers at once; the next one after a decision; another day."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import deadlines
from lienthong.blocks.casework.models import Apology, Case, Step
from lienthong.blocks.casework.services import Opening, case_open
from lienthong.blocks.exchange import outbox
from lienthong.ground import clock
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, Family
from tests.systems.lifeevents.applying import decide, send
from tests.systems.onestop.test_desk_pages import desk, dossier

pytestmark = pytest.mark.django_db
__all__ = ["desk", "dossier"]


@pytest.fixture
def another(dossier: str, at: datetime) -> str:
    """A second birth on the commune's desk, its task already open."""
    origin = Case.objects.get(number=dossier)
    opening = Opening(
        system="onestop",
        agency=COMMITTEE,
        procedure="1.001193",
        applicant=origin.applicant,
        applicant_name="A",
        channel="counter",
        data=origin.data,
    )
    case = case_open(opening=opening, at=at)
    run_jobs()
    return str(case.number)


def ticks(desk: Client) -> dict[str, str]:
    """By number, the values of the queue's boxes."""
    found = re.findall(r'name="chosen" value="([^"]+)"', desk.get("/desk/").content.decode())
    return {value.partition("|")[0]: value for value in found}


def test_several_are_taken_in_hand_at_once(desk: Client, dossier: str, another: str) -> None:
    chosen = ticks(desk)
    assert set(chosen) == {dossier, another}
    page = text_of(desk.post("/desk/several/", {"act": "claim", "chosen": list(chosen.values())}))
    assert "Xong 2 trong 2 hồ sơ." in page
    assert set(Step.objects.filter(state="open").values_list("assignee", flat=True)) == {"H26.12-C01"}


def test_one_that_cannot_be_approved_does_not_stop_the_others(
    desk: Client, dossier: str, another: str
) -> None:
    chosen = ticks(desk)
    stale = f"{chosen[dossier].rpartition('|')[0]}|0"
    page = text_of(desk.post("/desk/several/", {"act": "approve", "chosen": [stale, chosen[another], "x|y"]}))
    assert "Xong 1 trong 2 hồ sơ." in page
    assert f"Hồ sơ {dossier} vừa thay đổi." in page
    assert Step.objects.get(case__number=another, kind="task").state == "done"
    assert Step.objects.get(case__number=dossier, kind="task").state == "open"


def test_nothing_ticked_and_another_agencys_dossier_are_told(
    desk: Client, dossier: str, at: datetime
) -> None:
    assert "Chưa chọn hồ sơ nào." in text_of(desk.post("/desk/several/", {"act": "approve"}))
    other = officer("H26.04-C01", "H26.04", Role.SIGN, at=at)
    for act in ("claim", "approve"):
        answer = other.post("/desk/several/", {"act": act, "chosen": ticks(desk)[dossier]})
        assert "Xong 0 trong 1 hồ sơ." in text_of(answer)
    assert Step.objects.get(case__number=dossier, kind="task").assignee == ""


def test_after_a_decision_the_next_dossier_is_one_key_away(desk: Client, dossier: str, another: str) -> None:
    landed = desk.get(decide(desk, dossier, "approve")["Location"])
    assert "Đã ghi quyết định." in text_of(landed)
    assert re.search(rf'href="/desk/dossiers/{another}/" accesskey="t"', landed.content.decode())
    assert "Hàng đợi đã hết." in text_of(desk.get(decide(desk, another, "approve")["Location"]))


def test_the_head_spreads_work_assigns_and_records_who_is_away(
    desk: Client, dossier: str, another: str, at: datetime
) -> None:
    officer("H26.12-C02", COMMITTEE, Role.SIGN, at=at, name="Phạm Thu Hà")
    spread = desk.post("/desk/work/", {"act": "spread"})
    assert "Đã phân công 2 việc." in text_of(desk.get(spread["Location"]))
    step = Step.objects.get(case__number=dossier, state="open")
    given = f"/desk/dossiers/{dossier}/{step.pk}/assign/"
    assert desk.post(given, {"assignee": "H26.12-C02"}).status_code == 302
    assert "phân công cho Phạm Thu Hà" in text_of(desk.get(f"/desk/dossiers/{dossier}/"))
    assert desk.post(given, {"assignee": "H26.04-C01"}).status_code == 422
    days = {
        f"{name}-{part}": str(getattr(at, part))
        for name in ("from_day", "to_day")
        for part in ("day", "month", "year")
    }
    absent = {"act": "away", "officer": "H26.12-C02", "substitute": "H26.12-C01", **days}
    assert desk.post("/desk/work/", {**absent, "substitute": "H26.12-C02"}).status_code == 422
    assert desk.post("/desk/work/", absent).status_code == 302
    assert "Vắng, Lê Văn Cường làm thay" in text_of(desk.get("/desk/work/"))
    assert dossier in text_of(desk.get("/desk/?mine=1"))
    assert decide(desk, dossier, "approve").status_code == 302
    assert "làm thay Phạm Thu Hà, đang vắng." in text_of(desk.get(f"/desk/dossiers/{dossier}/"))
    clerk = officer("H26.12-I01", COMMITTEE, Role.INTAKE, at=at)
    assert clerk.get("/desk/work/").status_code == 403


def test_a_late_dossier_is_told_sorry_on_the_portal_with_the_day_that_the_officer_gives(
    desk: Client, family: Family, at: datetime
) -> None:
    mother = person(family.mother)
    number = send(mother, family)
    run_jobs()
    late = Case.objects.get(system="onestop")
    assert late.due_at is not None
    with clock.fixed(late.due_at + timedelta(minutes=2)):
        deadlines.sweep_deadlines()
        outbox.sweep_deliveries()
        run_jobs()
        assert "xin lỗi vì chậm trả kết quả" in text_of(mother.get(f"/dossiers/{number}/"))
        page = f"/desk/dossiers/{late.number}/redate/"
        day = {"day-day": "27", "day-month": "11", "day-year": "2026"}
        assert desk.post(page, day).status_code == 422
        assert desk.post(page, {**day, "reason": "Chờ xác minh"}).status_code == 302
        outbox.sweep_deliveries()
        run_jobs()
        said = text_of(mother.get(f"/dossiers/{number}/"))
    assert "hẹn lại 17:00 thứ Sáu 27/11/2026. Chờ xác minh" in said
    assert Apology.objects.get().changed_by["code"] == "H26.12-C01"
