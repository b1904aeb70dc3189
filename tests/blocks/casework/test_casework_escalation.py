"""Work that lies too long goes up by itself, and not while the clock of the dossier stands."""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.blocks.casework import deadlines
from lienthong.blocks.casework.models import Case, Entry
from lienthong.ground import clock
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import case_of, days, decide, fresh, step_of, task

pytestmark = pytest.mark.django_db

STEPS = {
    "review": {
        **task(approve="end:granted"),
        "role": "case",
        "supplement_working_days": 10,
        "escalate": {"working_days": 2, "role": "sign"},
    }
}


def reviewed(tmp_path: Path, at: datetime) -> Case:
    return case_of(tmp_path, STEPS, start="review", at=at)


def swept(at: datetime) -> None:
    with clock.fixed(at):
        deadlines.sweep_deadlines()


def test_unsettled_for_so_long_a_task_goes_to_the_superior_and_is_due_at_once(
    tmp_path: Path, agency: datetime
) -> None:
    case = reviewed(tmp_path, agency)
    step = step_of(case, "review")
    step.assignee = "H26.12-A01"
    step.save()
    swept(agency + days(1))
    assert step_of(case, "review").role == "case"
    later = agency + days(4)  # Friday; 24 November is a day off
    swept(later)
    step = step_of(case, "review")
    assert (step.role, step.assignee, step.state, step.due_at) == ("sign", "", "open", later)
    assert "H26.12-A01" in Entry.objects.get(case=case, kind="escalated").vi
    swept(later + days(7))
    assert Entry.objects.filter(case=case, kind="escalated").count() == 1


def test_a_task_that_is_settled_in_time_stays_with_whom_it_was(tmp_path: Path, agency: datetime) -> None:
    case = reviewed(tmp_path, agency)
    decide(case, "review", "approve")
    swept(agency + days(10))
    assert (step_of(case, "review").role, fresh(case).outcome) == ("case", "granted")
    assert not Entry.objects.filter(case=case, kind="escalated").exists()


def test_while_a_supplement_is_awaited_nothing_goes_up(tmp_path: Path, agency: datetime) -> None:
    case = reviewed(tmp_path, agency)
    kit.ask(case, "review")
    swept(agency + days(4))
    assert (step_of(case, "review").role, step_of(case, "review").state) == ("case", "suspended")
    with clock.fixed(agency + days(5)) as answered:
        kit.answer(case, answered)
    swept(agency + days(5))
    assert step_of(case, "review").role == "case"
    swept(agency + days(12))
    assert step_of(case, "review").role == "sign"
