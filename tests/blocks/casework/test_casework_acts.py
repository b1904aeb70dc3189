"""Officers, applicant and other systems act on one case in any order: what holds after each act."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lienthong.blocks.casework import deadlines, services
from lienthong.blocks.casework.models import Case, Closing, StatusChange, Step, Supplement
from lienthong.blocks.casework.rules import LIVE, PAUSED, Kind, State, Status, StepView, status_of
from lienthong.ground import clock
from lienthong.ground.errors import Conflict
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import task

START = datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM)
STEPS = {
    "begin": {"kind": "fork", "branches": ["left", "right"]},
    "left": task(done="gather", again="left_again"),
    "left_again": task(done="left_over"),
    "left_over": {"kind": "join", "of": ["left_again"], "next": "gather"},
    "right": {
        "kind": "wait",
        "signal": "word",
        "match": "signal.says",
        "outcome": "signal.says",
        "outcomes": {"yes": "gather", "no": "end:refused"},
        "timeout_working_days": 30,
        "on_timeout": "end:lapsed",
    },
    "gather": {"kind": "join", "of": ["right"], "next": "last"},
    "last": task(approve="end:granted", refuse="end:refused"),
}


class Acts(RuleBasedStateMachine):
    """One case; every act may be refused, and none may break what holds."""

    @initialize()
    def opened(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = START
        self.seen = 0
        with clock.fixed(self.now), tempfile.TemporaryDirectory() as folder:
            kit.agency_enter()
            self.case: Case = kit.case_of(Path(folder), STEPS, start="begin", at=self.now)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Refusals are part of the game; time goes on."""
        self.now += timedelta(minutes=7)
        with clock.fixed(self.now):
            try:
                with transaction.atomic():
                    yield
            except Conflict as refusal:
                assert refusal.why.vi
                assert refusal.next_step.en

    def tasks(self, *states: State) -> list[Step]:
        return list(
            Step.objects.filter(case=self.case, kind=Kind.TASK, state__in=states).order_by("opened_at")
        )

    @rule(pick=st.integers(0, 3), stale=st.booleans())
    def decide(self, pick: int, *, stale: bool) -> None:
        for step in self.tasks(State.OPEN, State.SUSPENDED)[:1]:
            outcomes = sorted(STEPS[step.key]["outcomes"])  # type: ignore[arg-type]
            more: dict[str, Any] = {"revision": 0} if stale else {}
            with self.acting():
                kit.decide(self.case, step.key, outcomes[pick % len(outcomes)], **more)

    @rule()
    def claim(self) -> None:
        for step in self.tasks(State.OPEN)[:1]:
            with self.acting():
                services.task_claim(number=self.case.number, step_id=step.pk, by=kit.officer(2))

    @rule()
    def supplement(self) -> None:
        for step in self.tasks(State.OPEN)[:1]:
            with self.acting():
                kit.ask(self.case, step.key)

    @rule()
    def answer(self) -> None:
        with self.acting():
            kit.answer(self.case, self.now)

    @rule()
    def withdraw(self) -> None:
        with self.acting():
            services.case_withdraw(number=self.case.number, applicant=kit.APPLICANT)

    @rule(says=st.sampled_from(["yes", "no", ""]))
    def word(self, says: str) -> None:
        with self.acting():
            kit.tell(self.case, "word", {"says": says})

    @rule(days=st.integers(1, 50))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.acting():
            deadlines.sweep_deadlines()

    @invariant()
    def status_is_what_the_steps_say(self) -> None:
        case = kit.fresh(self.case)
        steps = [
            StepView(Kind(step.kind), State(step.state), bool(step.assignee))
            for step in Step.objects.filter(case=case)
        ]
        assert case.status == status_of(steps, outcome=case.outcome)
        last = StatusChange.objects.filter(case=case).latest("id")
        assert last.after == case.status

    @invariant()
    def status_changes_follow_one_another(self) -> None:
        changes = StatusChange.objects.filter(case=self.case).order_by("id").values_list("before", "after")
        rows = list(changes)
        assert all(one[1] == two[0] for one, two in pairwise(rows))

    @invariant()
    def a_case_ends_at_most_once_and_leaves_nothing_alive(self) -> None:
        case = kit.fresh(self.case)
        assert Closing.objects.filter(case=case).count() == int(bool(case.outcome))
        assert bool(case.outcome) == (case.closed_at is not None)
        if case.outcome:
            assert not Step.objects.filter(case=case, state__in=LIVE).exists()

    @invariant()
    def the_clock_stands_in_five_six_and_eight_only(self) -> None:
        case = kit.fresh(self.case)
        assert (case.paused_at is not None) == (Status(case.status) in PAUSED)

    @invariant()
    def a_suspended_task_has_one_open_request(self) -> None:
        suspended = Step.objects.filter(case=self.case, state=State.SUSPENDED).count()
        waiting = Supplement.objects.filter(case=self.case, answered_at=None).count()
        assert suspended <= waiting

    @invariant()
    def every_act_on_the_case_raises_its_revision(self) -> None:
        revision = kit.fresh(self.case).revision
        assert revision >= self.seen
        self.seen = revision


@pytest.mark.django_db
def test_no_order_of_acts_breaks_a_case() -> None:
    run_state_machine_as_test(
        Acts,
        settings=settings(
            max_examples=40,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
