"""What decides a dossier's status and moves its clock, over every combination of steps and moments."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.blocks.casework.rules import (
    LIVE,
    OUTCOME_STATUS,
    PAUSED,
    STATUS_TEXT,
    Kind,
    State,
    Status,
    StepView,
    due_after_change,
    is_on_time,
    status_of,
)
from lienthong.ground import workdays
from lienthong.ground.clock import VIETNAM

views = st.lists(
    st.builds(StepView, st.sampled_from(Kind), st.sampled_from(State), st.booleans()), max_size=8
)
moments = st.datetimes(datetime(2025, 7, 1), datetime(2027, 12, 31)).map(lambda m: m.replace(tzinfo=VIETNAM))
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)


@given(views, st.sampled_from(sorted(OUTCOME_STATUS)))
def test_a_closed_dossier_has_the_status_of_its_outcome_whatever_its_steps(
    steps: list[StepView], outcome: str
) -> None:
    assert status_of(steps, outcome=outcome) is OUTCOME_STATUS[outcome]


@given(views)
def test_an_open_dossier_is_received_in_progress_or_waits_for_its_applicant(steps: list[StepView]) -> None:
    assert status_of(steps, outcome="") in {
        Status.RECEIVED,
        Status.PROCESSING,
        Status.SUPPLEMENT,
        Status.FINANCIAL_DUTY,
    }


@given(views)
def test_finished_steps_and_joins_do_not_change_the_status(steps: list[StepView]) -> None:
    over = [StepView(Kind.TASK, state, True) for state in State if state not in LIVE]
    joins = [StepView(Kind.JOIN, State.WAITING, False)]
    assert status_of([*steps, *over, *joins], outcome="") is status_of(steps, outcome="")


@given(views)
def test_the_clock_stands_for_a_payment_only_when_nobody_else_works(steps: list[StepView]) -> None:
    if status_of(steps, outcome="") is Status.FINANCIAL_DUTY:
        live = [step for step in steps if step.state in LIVE and step.kind is not Kind.JOIN]
        assert {(step.kind, step.state) for step in live} == {(Kind.PAY, State.WAITING)}


@given(views)
def test_a_supplement_is_asked_for_exactly_while_a_task_is_suspended(steps: list[StepView]) -> None:
    asked = any(step.state is State.SUSPENDED for step in steps)
    assert (status_of(steps, outcome="") is Status.SUPPLEMENT) == asked


def test_a_task_that_nobody_took_is_received_and_one_in_hand_is_in_progress() -> None:
    assert status_of([StepView(Kind.TASK, State.OPEN, False)], outcome="") is Status.RECEIVED
    assert status_of([StepView(Kind.TASK, State.OPEN, True)], outcome="") is Status.PROCESSING


@given(st.sampled_from(Status), st.sampled_from(Status), moments, moments)
def test_pausing_keeps_the_limit_and_remembers_the_moment(
    before: Status, after: Status, due: datetime, now: datetime
) -> None:
    moved, paused = due_after_change(before=before, after=after, due_at=due, paused_at=None, now=now)
    assert moved == due
    assert (paused == now) == (before not in PAUSED and after in PAUSED)


@settings(deadline=None)  # the first year of a calendar takes a moment
@given(moments, st.integers(0, 40 * 24))
def test_the_time_of_a_pause_is_given_back_in_working_days(paused_at: datetime, hours: int) -> None:
    due = workdays.due_at(paused_at, 3)
    now = paused_at + timedelta(hours=hours)
    moved, paused = due_after_change(
        before=Status.SUPPLEMENT, after=Status.PROCESSING, due_at=due, paused_at=paused_at, now=now
    )
    assert paused is None
    assert moved == workdays.resume(due, paused_at, now)
    assert moved >= due
    lasted = max(0, workdays.working_days_between(paused_at.date(), now.date()))
    assert workdays.working_days_between(due.date(), moved.date()) <= lasted


@given(st.sampled_from(sorted(PAUSED)), st.sampled_from(sorted(PAUSED)), moments, moments, moments)
def test_from_one_pause_into_another_the_clock_goes_on_standing(
    before: Status, after: Status, due: datetime, paused_at: datetime, now: datetime
) -> None:
    assert due_after_change(before=before, after=after, due_at=due, paused_at=paused_at, now=now) == (
        due,
        paused_at,
    )


@pytest.mark.parametrize("status", sorted(PAUSED))
def test_a_dossier_without_a_limit_has_none_after_a_pause_either(status: Status) -> None:
    assert due_after_change(
        before=status, after=Status.PROCESSING, due_at=None, paused_at=MORNING, now=MORNING
    ) == (None, None)


@given(moments, st.integers(-10_000, 10_000))
def test_a_dossier_is_on_time_up_to_the_moment_of_its_limit(due: datetime, minutes: int) -> None:
    closed = due + timedelta(minutes=minutes)
    assert is_on_time(due_at=due, closed_at=closed) == (minutes <= 0)
    assert is_on_time(due_at=None, closed_at=closed)


def test_every_status_is_named_in_both_languages() -> None:
    assert set(STATUS_TEXT) == set(Status)
    assert all(text.vi and text.en and text.vi != text.en for text in STATUS_TEXT.values())
