"""How a case moves: branches, waits, problems, decisions, and the clock that stands and goes on."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lienthong.blocks.casework import children, deadlines, hearing, kinds, services
from lienthong.blocks.casework.models import Closing, Deadline, Signal, Step
from lienthong.blocks.casework.rules import Status
from lienthong.blocks.exchange.models import Delivery
from lienthong.ground import clock, workdays
from lienthong.ground.errors import Conflict, Invalid, NotFound
from lienthong.ground.ids import uuid7
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import case_of, days, decide, fresh, states, step_of, task, tell
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db

REVIEW = {"review": task(approve="end:granted", refuse="end:refused")}
WAITING = {
    "await_word": {
        "kind": "wait",
        "signal": "word",
        "match": "signal.to == case.number",
        "outcome": "signal.says",
        "outcomes": {"yes": "end:granted", "no": "end:refused"},
        "timeout_working_days": 2,
        "on_timeout": "end:lapsed",
    }
}


def test_a_join_opens_once_all_its_branches_have_arrived(tmp_path: Path, agency: datetime) -> None:
    steps = {
        "begin": {"kind": "fork", "branches": ["left", "right"]},
        "left": task(done="gather"),
        "right": task(done="gather"),
        "gather": {"kind": "join", "of": ["left", "right"], "next": "last"},
        "last": task(approve="end:granted"),
    }
    case = case_of(tmp_path, steps, start="begin", at=agency)
    assert states(case) == {"begin": "done", "left": "open", "right": "open"}
    decide(case, "right", "done")
    assert states(case)["gather"] == "waiting"
    assert "last" not in states(case)
    decide(case, "left", "done")
    assert states(case)["last"] == "open"
    decide(case, "last", "approve")
    assert (fresh(case).status, fresh(case).outcome) == (Status.DELIVERED, "granted")


@pytest.mark.parametrize("first", ["left", "right"])
def test_what_is_told_does_not_hang_on_which_branch_is_quicker(
    tmp_path: Path, agency: datetime, first: str
) -> None:
    steps = {
        "begin": {"kind": "fork", "branches": ["left", "right"]},
        "left": task(done="gather"),
        "right": task(done="gather"),
        "gather": {"kind": "join", "of": ["left", "right"], "next": "last"},
        "last": task(approve="end:granted"),
    }
    told = {"reply_to": "VN/GOV/G22/lifeevents|lifeevents/dossier-events/v1"}
    services.procedure_publish(package=kit.package_of(tmp_path, steps, start="begin"), at=agency)
    case = kit.open_case(agency, **told)
    for key in (first, {"left": "right", "right": "left"}[first], "last"):
        decide(case, key, "approve" if key == "last" else "done")
    words = [row.body["status"] for row in Delivery.objects.order_by("body__revision")]
    assert words == [Status.RECEIVED, Status.DELIVERED]


def test_a_join_leaves_by_what_its_branches_came_to(tmp_path: Path, agency: datetime) -> None:
    steps = {
        "begin": {"kind": "fork", "branches": ["left", "right"]},
        "left": task(granted="gather", refused="gather"),
        "right": task(granted="gather", refused="gather"),
        "gather": {
            "kind": "join",
            "of": ["left", "right"],
            "outcome": "steps.left.outcome == 'granted' && steps.right.outcome == 'granted' && 'all' || 'some'",
            "outcomes": {"all": "end:granted", "some": "end:partly"},
        },
    }
    case = case_of(tmp_path, steps, start="begin", at=agency)
    decide(case, "left", "granted")
    decide(case, "right", "refused")
    assert (fresh(case).status, fresh(case).outcome) == (Status.DELIVERED, "partly")


@pytest.mark.parametrize(("wanted", "state"), [(True, "open"), (False, "skipped")])
def test_a_step_whose_condition_does_not_hold_is_passed_over(
    tmp_path: Path, agency: datetime, state: str, *, wanted: bool
) -> None:
    steps = {"extra": {**task(done="review"), "when": "data.wanted"}, **REVIEW}
    case = case_of(tmp_path, steps, start="extra", at=agency, data={"wanted": wanted})
    assert states(case)["extra"] == state
    assert ("review" in states(case)) == (not wanted)


def test_a_signal_that_comes_first_is_kept_for_the_step_that_waits_later(
    tmp_path: Path, agency: datetime
) -> None:
    steps = {"first": task(done="await_word"), **WAITING}
    case = case_of(tmp_path, steps, start="first", at=agency)
    tell(case, "word", {"to": case.number, "says": "yes"})
    assert fresh(case).outcome == ""
    decide(case, "first", "done")
    assert fresh(case).outcome == "granted"
    assert Signal.objects.get(case=case).taken_by == step_of(case, "await_word")


def test_a_signal_for_somebody_else_wakes_nobody(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, WAITING, start="await_word", at=agency)
    tell(case, "word", {"to": "another", "says": "yes"})
    assert states(case) == {"await_word": "waiting"}


def test_a_signal_told_twice_counts_once(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, WAITING, start="await_word", at=agency)
    for _ in range(2):
        tell(case, "word", {"to": case.number, "says": "no"}, signal_id=case.pk)
    assert fresh(case).outcome == "refused"
    assert Signal.objects.filter(case=case).count() == Closing.objects.filter(case=case).count() == 1


def test_a_wait_runs_out_on_its_day_and_not_before(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, WAITING, start="await_word", at=agency)
    due = Deadline.objects.get(case=case).due_at
    assert due == workdays.due_at(agency, 2)
    with clock.fixed(due):
        assert deadlines.sweep_deadlines() == 0
    with clock.fixed(due + days(1)):
        assert deadlines.sweep_deadlines() == 1
        assert deadlines.sweep_deadlines() == 0
    assert (fresh(case).status, fresh(case).outcome) == (Status.STOPPED, "lapsed")


def test_a_wait_that_was_answered_in_time_does_not_run_out(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, WAITING, start="await_word", at=agency)
    tell(case, "word", {"to": case.number, "says": "yes"})
    with clock.fixed(agency + days(30)):
        assert deadlines.sweep_deadlines() == 0
    assert fresh(case).outcome == "granted"


def test_a_problem_with_another_way_takes_it_and_the_officer_sees_why(
    tmp_path: Path, agency: datetime
) -> None:
    steps = {"tell": kit.unreachable_call(next="end:granted", on_problem="review"), **REVIEW}
    case = case_of(tmp_path, steps, start="tell", at=agency)
    run_jobs()
    assert states(case) == {"tell": "done", "review": "open"}
    assert step_of(case, "tell").outcome == "problem"
    entry = kit.card_of(case).entries[-1]
    assert entry.kind == "problem"
    assert entry.vi != entry.en


def test_a_problem_without_another_way_is_stuck_until_an_operator_retries(
    tmp_path: Path, agency: datetime
) -> None:
    case = case_of(tmp_path, {"tell": kit.unreachable_call(next="end:granted")}, start="tell", at=agency)
    run_jobs()
    assert states(case) == {"tell": "stuck"}
    assert kit.problem_of(case, "tell") == "unknown-provider"
    services.step_retry(step_id=step_of(case, "tell").pk, by="G22-O01")
    assert states(case) == {"tell": "ready"}
    run_jobs()
    assert states(case) == {"tell": "stuck"}


def test_a_step_that_lost_its_job_gets_another_one(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, {"tell": kit.unreachable_call(next="end:granted")}, start="tell", at=agency)
    kinds._prepare(step_of(case, "tell").pk)  # a worker froze the message, and died
    frozen = step_of(case, "tell")
    assert kinds.sweep_steps() == 0
    with clock.fixed(agency + days(1)):
        assert kinds.sweep_steps() == 1
        run_jobs()
    assert states(case) == {"tell": "stuck"}
    assert step_of(case, "tell").message_id == frozen.message_id


def test_while_a_supplement_is_awaited_the_clock_stands_over_the_new_year_too(
    tmp_path: Path, agency: datetime
) -> None:
    asked_at = datetime(2026, 12, 30, 9, 0, tzinfo=clock.VIETNAM)
    with clock.fixed(asked_at):
        case = case_of(tmp_path, REVIEW, start="review", at=asked_at)
        due = fresh(case).due_at
        assert due == datetime(2027, 1, 7, 17, 0, tzinfo=clock.VIETNAM)  # 1 January is a holiday
        kit.ask(case, "review")
    assert fresh(case).status == Status.SUPPLEMENT
    assert fresh(case).paused_at == asked_at
    with clock.fixed(answered := datetime(2027, 1, 4, 9, 0, tzinfo=clock.VIETNAM)):
        kit.answer(case, answered)
    assert fresh(case).status == Status.PROCESSING
    assert fresh(case).paused_at is None
    # 31 December and 4 January were two working days: the limit moves from Thursday to Monday.
    assert fresh(case).due_at == datetime(2027, 1, 11, 17, 0, tzinfo=clock.VIETNAM)


@pytest.fixture
def asked(tmp_path: Path, agency: datetime) -> tuple[Any, datetime]:
    """A dossier that awaits a supplement, and until when."""
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    kit.ask(case, "review")
    return case, Deadline.objects.get(case=case, kind="supplement").due_at


def test_a_supplement_answered_in_the_minute_of_its_expiry_is_in_time(asked: tuple[Any, datetime]) -> None:
    case, due = asked
    with clock.fixed(at := due.replace(second=59)):
        assert deadlines.sweep_deadlines() == 0
        kit.answer(case, at)
    assert states(case) == {"review": "open"}
    with clock.fixed(due + days(2)):
        assert deadlines.sweep_deadlines() == 0


def test_a_supplement_answered_a_minute_later_is_late_and_says_what_to_do(
    asked: tuple[Any, datetime],
) -> None:
    case, due = asked
    with clock.fixed(at := due.replace(minute=due.minute + 1)), pytest.raises(Conflict) as caught:
        kit.answer(case, at)
    assert caught.value.code == "supplement-late"
    assert "reused" in caught.value.next_step.en


def test_a_supplement_that_never_comes_stops_the_dossier(asked: tuple[Any, datetime]) -> None:
    case, due = asked
    with clock.fixed(due + days(1)):
        assert deadlines.sweep_deadlines() == 1
        assert (fresh(case).status, fresh(case).outcome) == (Status.STOPPED, "lapsed")
        with pytest.raises(Conflict) as caught:
            kit.answer(case, due)
    assert caught.value.code in {"supplement-late", "no-supplement-asked"}
    assert states(case) == {"review": "cancelled"}


def test_nobody_else_answers_a_supplement(asked: tuple[Any, datetime], at: datetime) -> None:
    case, _ = asked
    with pytest.raises(NotFound):
        services.supplement_answer(
            number=case.number, applicant="001093000002", answer="Của tôi", files=[], at=at
        )


def test_a_refusal_without_a_reason_is_not_taken(tmp_path: Path, agency: datetime) -> None:
    review = task(approve="end:granted", refuse="end:refused")
    review["outcomes"]["refuse"]["reason"] = True
    case = case_of(tmp_path, {"review": review}, start="review", at=agency)
    with pytest.raises(Invalid) as caught:
        decide(case, "review", "refuse", reason="  ")
    assert caught.value.code == "reason-missing"
    decide(case, "review", "refuse", reason="Sai nơi đăng ký")
    assert (fresh(case).status, fresh(case).outcome) == (Status.SETTLED, "refused")


def test_a_decision_that_the_step_does_not_know_is_not_taken(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    with pytest.raises(Invalid) as caught:
        decide(case, "review", "postpone")
    assert caught.value.code == "outcome-unknown"
    assert states(case) == {"review": "open"}


def test_a_decision_on_a_page_that_is_no_longer_current_is_not_taken(
    tmp_path: Path, agency: datetime
) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    seen = fresh(case).revision
    services.task_claim(number=case.number, step_id=step_of(case, "review").pk, by=kit.officer(2))
    with pytest.raises(Conflict) as caught:
        decide(case, "review", "approve", revision=seen)
    assert caught.value.code == "changed-meanwhile"
    assert states(case) == {"review": "open"}


def test_the_second_decision_is_told_of_the_first(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    decide(case, "review", "approve", by=kit.officer(1))
    with pytest.raises(Conflict) as caught:
        decide(case, "review", "refuse", by=kit.officer(2))
    assert caught.value.code == "decided-already"
    assert "Cán bộ 1" in caught.value.what.vi
    assert fresh(case).outcome == "granted"


def test_an_officer_of_another_agency_finds_no_dossier(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    with pytest.raises(NotFound):
        decide(case, "review", "approve", by=kit.officer(1, agency="G01.26.12"))


def test_a_withdrawn_dossier_is_closed_once_and_nothing_more_is_done_to_it(
    tmp_path: Path, agency: datetime
) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    services.case_withdraw(number=case.number, applicant=kit.APPLICANT)
    assert (fresh(case).status, states(case)) == (Status.WITHDRAWN, {"review": "cancelled"})
    with pytest.raises(Conflict) as caught:
        services.case_withdraw(number=case.number, applicant=kit.APPLICANT)
    assert caught.value.code == "closed-already"
    with pytest.raises(Conflict):
        decide(case, "review", "approve")


def test_a_case_is_rated_once_and_only_at_its_end(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    rating: dict[str, Any] = {
        "number": case.number,
        "applicant": kit.APPLICANT,
        "score": 4,
        "text": "",
        "at": agency,
    }
    with pytest.raises(Conflict) as early:
        services.case_rate(**rating)
    decide(case, "review", "approve")
    services.case_rate(**rating)
    with pytest.raises(Conflict) as again:
        services.case_rate(**rating)
    assert (early.value.code, again.value.code) == ("not-closed", "rated-already")


def test_a_case_keeps_the_version_that_it_began_under(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    changed = kit.package_of(
        tmp_path,
        {"look": task(approve="end:granted")},
        start="look",
        version=2,
        time_limit={"working_days": 9},
    )
    services.procedure_publish(package=changed, at=agency)
    later = kit.open_case(agency)
    assert states(later) == {"look": "open"}
    assert states(case) == {"review": "open"}


def test_a_procedure_that_is_not_in_force_takes_no_dossier(tmp_path: Path, agency: datetime) -> None:
    package = kit.package_of(tmp_path, REVIEW, start="review", valid_from="2027-01-01")
    services.procedure_publish(package=package, at=agency)
    with pytest.raises(NotFound) as caught:
        kit.open_case(agency)
    assert caught.value.code == "procedure-not-in-force"


def change(number: str, at: datetime, *, status: int, outcome: str = "", revision: int = 1) -> dict[str, Any]:
    return {
        "revision": revision,
        "number": number,
        "at": at.isoformat(),
        "status": status,
        "outcome": outcome,
        "due_at": None,
        "reason": None,
        "bill": None,
        "supplement": None,
        "results": [],
    }


def child_of(case: Any, at: datetime) -> None:
    from lienthong.blocks.casework import children

    opened = {"number": "G24.26-261123-0001", "status": 2, "due_at": None}
    children.child_record(
        fresh(case),
        Step.objects.get(case=case),
        provider="VN/GOV/G24.26/onestop",
        procedure="x",
        answer=opened,
    )


def test_an_older_word_of_a_child_than_the_last_one_changes_nothing(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    child_of(case, agency)
    for moment, status, outcome in ((agency + days(2), 9, "refused"), (agency + days(1), 4, "")):
        children.child_update(
            subsystem="VN/GOV/G24.26/onestop",
            change=change("G24.26-261123-0001", moment, status=status, outcome=outcome),
        )
    (child,) = kit.card_of(case).children
    assert (child.status, child.outcome) == (9, "refused")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_words_of_one_moment_the_later_revision_counts(
    tmp_path: Path, agency: datetime, order: tuple[int, int]
) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    child_of(case, agency)
    for revision in order:  # the dossier was received, and at once waits for its fee
        said = change("G24.26-261123-0001", agency, status=(4, 6)[revision - 1], revision=revision)
        children.child_update(subsystem="VN/GOV/G24.26/onestop", change=said)
    assert [child.status for child in kit.card_of(case).children] == [6]


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2,)])
def test_the_last_word_of_a_dossier_counts_for_each_step_that_waits_for_it(
    tmp_path: Path, agency: datetime, order: tuple[int, ...]
) -> None:
    """Its paper and its end are told at one moment, and may come in either order."""
    number = "G24.26-261123-0001"
    waits = {"kind": "wait", "signal": "dossier-changed"}
    steps = {
        "paper": {
            **waits,
            "match": "signal.results || signal.outcome",
            "outcome": "'yes'",
            "outcomes": {"yes": "end"},
        },
        "end": {
            **waits,
            "match": "signal.outcome != ''",
            "outcome": "signal.outcome",
            "outcomes": {"granted": "paper_again"},
        },
        "paper_again": {
            **waits,
            "match": "signal.revision > `2` && signal.outcome != ''",
            "outcome": "'yes'",
            "outcomes": {"yes": "end:granted"},
        },
    }
    case = case_of(tmp_path, steps, start="paper", at=agency)
    papers = [{"code": "KQ.G24.000001"}]

    def told(revision: int) -> None:
        said = change(number, agency, status=(4, 10)[revision > 1], revision=revision) | {
            "results": papers,
            "outcome": "granted" if revision > 1 else "",
        }
        hearing.case_signal(
            number=case.number, name="dossier-changed", payload=said, signal_id=uuid7(agency), at=agency
        )

    for revision in order:
        told(revision)
    assert states(case) == {"paper": "done", "end": "done", "paper_again": "waiting"}
    told(3)
    assert fresh(case).outcome == "granted"


def test_what_a_child_said_before_its_number_was_known_is_not_lost(tmp_path: Path, agency: datetime) -> None:
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    said = change("G24.26-261123-0001", agency + days(1), status=6)
    children.child_update(subsystem="VN/GOV/G24.26/onestop", change=said)
    hearing.case_signal(
        number=case.number, name="dossier-changed", payload=said, signal_id=uuid7(agency), at=agency
    )
    child_of(case, agency)
    assert [child.status for child in kit.card_of(case).children] == [6]
