"""Two people at one dossier at the same moment: one act counts, the other person is told, nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from lienthong.blocks.casework import services
from lienthong.blocks.casework.models import Case, Closing, Entry, Rating, Signal
from lienthong.ground import clock
from lienthong.ground.errors import Conflict
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import decide, fresh, step_of, task, tell

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = {
    "review": {**task(approve="await_word", refuse="end:refused")},
    "await_word": {
        "kind": "wait",
        "signal": "word",
        "match": "signal.says",
        "outcome": "signal.says",
        "outcomes": {"yes": "end:granted"},
    },
}


@pytest.fixture
def case(tmp_path: Path, at: datetime) -> Case:
    kit.agency_enter()
    return kit.case_of(tmp_path, STEPS, start="review", at=at)


def both(*acts: Callable[[], None]) -> list[str]:
    """The acts begin at one moment; what each came to: "" or the problem's code."""
    start = Barrier(len(acts))

    def run(act: Callable[[], None]) -> str:
        try:
            start.wait(10)
            act()
        except Conflict as problem:
            return problem.code
        else:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_of_two_officers_who_decide_one_wins_and_the_other_is_told(case: Case) -> None:
    seen = fresh(case).revision
    came_to = both(
        lambda: decide(case, "review", "approve", by=kit.officer(1), revision=seen),
        lambda: decide(case, "review", "refuse", by=kit.officer(2), revision=seen, reason="Trùng"),
    )
    assert came_to in (["", "changed-meanwhile"], ["", "decided-already"])
    assert Entry.objects.filter(case=case, kind="decided").count() == 1
    decided = step_of(case, "review")
    assert decided.state == "done"
    assert (decided.outcome == "refuse") == (fresh(case).outcome == "refused")


def test_a_decision_and_a_withdrawal_leave_one_end(case: Case) -> None:
    seen = fresh(case).revision
    came_to = both(
        lambda: decide(case, "review", "refuse", revision=seen),
        lambda: services.case_withdraw(number=case.number, applicant=kit.APPLICANT),
    )
    assert came_to[0] == ""
    assert came_to[1] in {"closed-already", "decided-already", "changed-meanwhile"}
    assert Closing.objects.filter(case=case).count() == 1


def test_a_signal_told_by_two_at_once_is_taken_once(case: Case) -> None:
    decide(case, "review", "approve")
    came_to = both(*[lambda: tell(case, "word", {"says": "yes"}, signal_id=case.pk)] * 4)
    assert came_to == [""] * 4
    assert Signal.objects.filter(case=case).count() == 1
    assert fresh(case).outcome == "granted"


def test_a_decision_and_the_signal_that_it_will_wait_for_meet_in_either_order(case: Case) -> None:
    assert both(
        lambda: decide(case, "review", "approve"),
        lambda: tell(case, "word", {"says": "yes"}),
    ) == ["", ""]
    assert fresh(case).outcome == "granted"


def test_two_ratings_at_once_are_one(case: Case) -> None:
    decide(case, "review", "refuse")

    def rate() -> None:
        services.case_rate(number=case.number, applicant=kit.APPLICANT, score=5, text="", at=clock.now())

    assert both(rate, rate) == ["", "rated-already"]
    assert Rating.objects.count() == 1
