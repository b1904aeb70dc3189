"""How a case moves: one step, one small transaction. The case's row is locked first, so its steps never race.

Nothing here calls another system; the kinds of steps do, between two of these transactions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q
from procrastinate.contrib.django import app

from lienthong.blocks.casework import announce
from lienthong.blocks.casework.context import context_of
from lienthong.blocks.casework.models import (
    Case,
    Closing,
    Deadline,
    Entry,
    Procedure,
    Signal,
    StatusChange,
    Step,
)
from lienthong.blocks.casework.rules import (
    AUTOMATIC,
    LIVE,
    OPINION,
    OUTCOME_STATUS,
    STANDS,
    Kind,
    State,
    Status,
    StepView,
    due_after_change,
    is_on_time,
    promised_at,
    status_of,
)
from lienthong.blocks.registry.bulk import Statement, jobs_deferred, rows_insert
from lienthong.ground import clock, expressions, workdays
from lienthong.ground.errors import Problem
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text

LOST_AFTER = timedelta(seconds=15)
"""A step to be run whose job did not take it for so long is given a new job."""


@dataclass(frozen=True)
class Plan:
    """A compiled procedure in memory: definitions and transitions of one version."""

    code: str
    package: dict[str, Any]
    steps: dict[str, tuple[Kind, dict[str, Any]]]
    transitions: dict[tuple[str, str], tuple[str, ...]]


@lru_cache(maxsize=512)
def plan_of(procedure_id: int) -> Plan:
    """A published version never changes, so it is read once."""
    procedure = Procedure.objects.get(pk=procedure_id)
    steps = {
        row.key: (Kind(row.kind), row.config)
        for row in procedure.steps.order_by("position")  # type: ignore[attr-defined]
    }
    transitions: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in procedure.transitions.order_by("id"):  # type: ignore[attr-defined]
        key = (row.source, row.outcome)
        transitions[key] = (*transitions.get(key, ()), row.target)
    return Plan(procedure.code, procedure.package, steps, transitions)


def case_lock(case_id: UUID) -> Case:
    return Case.objects.select_for_update().get(pk=case_id)


def entry_add(case: Case, *, kind: str, actor: str, text: Text) -> None:
    Entry.objects.create(case=case, at=clock.now(), actor=actor, kind=kind, vi=text.vi, en=text.en)


STEP_RUN = "casework.step_run"


def job_defer(step: Step) -> None:
    """Enqueue in the transaction of the change; a second job for a step that has one waiting is pointless."""
    app.configure_task(STEP_RUN, queueing_lock=None).defer(step_id=str(step.pk))


def jobs_of(steps: Iterable[Step]) -> Statement | None:
    """The jobs of those of these new steps that run by themselves, for `rows_insert`."""
    ready = (step for step in steps if step.kind in AUTOMATIC and step.state == State.READY)
    return jobs_deferred(STEP_RUN, [({"step_id": str(step.pk)}, None) for step in ready])


def first_steps(case: Case) -> list[Step]:
    """The steps that a new case opens with, not yet written: forks followed, what does not apply skipped."""
    plan = plan_of(case.procedure_id)  # type: ignore[attr-defined]
    context: dict[str, Any] | None = None
    joins: dict[str, Step] = {}
    steps: list[Step] = []
    ways = [(target, "") for target in plan.transitions["", "start"]]
    while ways:
        key, source = ways.pop(0)
        if key.startswith("end:"):
            raise ValueError(f"{plan.code}: a case cannot end as it begins")
        kind, config = plan.steps[key]
        step = joins.get(key) or _new_step(case, key, kind, config, rounds=0)
        if step not in steps:
            steps.append(step)
        outcome = None
        if kind is Kind.JOIN:
            joins[key] = step
            step.state, step.answer = (
                State.WAITING,
                {"arrived": [*(step.answer or {}).get("arrived", []), source]},
            )
            outcome = "done" if set(step.answer["arrived"]) >= set(config["of"]) else None
        elif kind is Kind.FORK:
            outcome = "done"
        elif "when" in config:
            context = context or context_of(case, fresh=True)
            outcome = None if expressions.holds(config["when"], context) else "skipped"
        if outcome is not None:
            step.state = State.SKIPPED if outcome == "skipped" else State.DONE
            step.outcome, step.closed_at = ("done" if outcome == "done" else ""), case.opened_at
            ways += [(target, key) for target in plan.transitions[key, "done"]]
    return steps


def steps_begun(case: Case, steps: list[Step]) -> None:
    """Deadlines of a new case's steps, and word to whoever opened it."""
    for step in steps:
        if step.state in {State.WAITING, State.OPEN}:
            _, config = plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
            _clock_begin(case, step, config)
    if announce.case_changed(case, steps):
        Case.objects.filter(pk=case.pk).update(told=case.told)


def step_finish(case: Case, step: Step, *, outcome: str, answer: Any = None) -> None:
    """The step is done; open what follows. The caller holds the case's lock."""
    step.state, step.outcome, step.closed_at = State.DONE, outcome, clock.now()
    if answer is not None:
        step.answer = answer
    step.problem = None
    step.save(update_fields=["state", "outcome", "closed_at", "answer", "problem", "officer", "request"])
    if step.kind not in AUTOMATIC:  # those have no clock
        Deadline.objects.filter(step=step, handled_at=None).update(handled_at=clock.now())
    _follow(case, step, outcome)
    status_settle(case)


def _follow(case: Case, step: Step, outcome: str) -> None:
    targets = plan_of(case.procedure_id).transitions.get((step.key, outcome))  # type: ignore[attr-defined]
    if targets is None:
        raise ValueError(f"{case.number}: step {step.key} has no way on for outcome {outcome!r}")
    for target in targets:
        _enter(case, target, source=step.key)


def _enter(case: Case, key: str, *, source: str) -> None:
    if key.startswith("end:"):
        case_close(case, outcome=key.removeprefix("end:"))
        return
    kind, config = plan_of(case.procedure_id).steps[key]  # type: ignore[attr-defined]
    if kind is Kind.JOIN:
        _arrive(case, key, config, source)
        return
    rounds = Step.objects.filter(case=case, key=key).count()
    step = _new_step(case, key, kind, config, rounds=rounds)
    if "when" in config and not expressions.holds(config["when"], context_of(case)):
        step.state, step.closed_at = State.SKIPPED, clock.now()
        step.save()
        _follow(case, step, "done")
        return
    if kind is Kind.FORK:
        step.state, step.outcome, step.closed_at = State.DONE, "done", clock.now()
    rows_insert([step], besides=jobs_of([step]))
    if kind is Kind.FORK:
        _follow(case, step, "done")
    elif kind not in AUTOMATIC:
        _clock_begin(case, step, config)


def _new_step(case: Case, key: str, kind: Kind, config: dict[str, Any], *, rounds: int) -> Step:
    now = clock.now()
    state = {Kind.TASK: State.OPEN, Kind.WAIT: State.WAITING}.get(kind, State.READY)
    step = Step(
        id=uuid7(now),
        case=case,
        agency=case.agency,
        key=key,
        round=rounds + 1,
        kind=kind,
        state=state,
        opened_at=now,
        retry_at=now if kind in AUTOMATIC else None,
        signal=config.get("signal", ""),
        role=config.get("role", ""),
    )
    if kind is Kind.TASK:
        limit = config.get("limit_working_days")
        if (promise := config.get("promises")) is not None:
            days = expressions.fill(promise, context_of(case))
            case.due_at = promised_at(days, opened_at=case.opened_at, now=now)
        step.due_at = workdays.due_at(now, int(limit)) if limit is not None else case.due_at
    return step


def _arrive(case: Case, key: str, config: dict[str, Any], source: str) -> None:
    """A branch reached a join; the last one opens the way."""
    step = Step.objects.filter(case=case, key=key, state=State.WAITING).first()
    if step is None:
        rounds = Step.objects.filter(case=case, key=key).count()
        step = _new_step(case, key, Kind.JOIN, config, rounds=rounds)
        step.state, step.answer = State.WAITING, {"arrived": []}
        step.save()
    arrived = sorted({*step.answer["arrived"], source})  # type: ignore[index]
    step.answer = {"arrived": arrived}
    step.save(update_fields=["answer"])
    if set(arrived) >= set(config["of"]):
        outcome = (
            str(expressions.value(config["outcome"], context_of(case))) if "outcome" in config else "done"
        )
        step.state, step.outcome, step.closed_at = State.DONE, outcome, clock.now()
        step.save(update_fields=["state", "outcome", "closed_at"])
        _follow(case, step, outcome)


def _clock_begin(case: Case, step: Step, config: dict[str, Any]) -> None:
    """A wait listens, and may run out; a task that nobody settles in time goes to somebody else."""
    if step.kind == Kind.WAIT:
        _wait_begin(case, step, config)
    elif step.kind == Kind.TASK and "escalate" in config:
        due = workdays.due_at(clock.now(), int(config["escalate"]["working_days"]))
        Deadline.objects.create(case=case, step=step, kind="escalate", due_at=due)


def _wait_begin(case: Case, step: Step, config: dict[str, Any]) -> None:
    days = config.get("timeout_working_days")
    if isinstance(days, str):
        days = expressions.fill(days, context_of(case))
    if days is not None:
        due = workdays.due_at(clock.now(), int(days))
        Deadline.objects.create(case=case, step=step, kind="wait", due_at=due)
    heard = _heard(case, step)
    context = context_of(case) if heard else {}
    for signal in heard:
        if signal_offer(case, step, signal, context):
            return


def _heard(case: Case, step: Step) -> list[Signal]:
    """What no step took; of dossiers also the last word of each, whichever other step took that."""
    rows = list(Signal.objects.filter(case=case, name=step.signal).select_related("taken_by").order_by("id"))
    free = [row for row in rows if row.taken_by is None]
    if step.signal != STANDS:
        return free
    last: dict[str, Signal] = {}
    for row in rows:
        before = last.setdefault(row.payload["number"], row)
        if row.payload.get("revision", 0) > before.payload.get("revision", 0):  # older words had none
            last[row.payload["number"]] = row
    return free + [row for row in last.values() if row.taken_by is not None and row.taken_by.key != step.key]


def signal_offer(case: Case, step: Step, signal: Signal, context: dict[str, Any]) -> bool:
    """Let a waiting step take the signal, when it is the one that it waits for. context: of the case, as it is now."""
    _, config = plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
    context = {**context, "signal": signal.payload}
    if not expressions.holds(config["match"], context):
        return False
    signal.taken_by = step
    signal.save(update_fields=["taken_by"])
    step_finish(case, step, outcome=str(expressions.value(config["outcome"], context)), answer=signal.payload)
    return True


def case_close(case: Case, *, outcome: str) -> None:
    """The end: live steps are cancelled, the closing is written once."""
    now = clock.now()
    # What is being asked for at this moment is taken back once its number is known (`kinds`).
    asks = Q(kind=Kind.PAY) | Q(signal=OPINION)
    live = Step.objects.filter(case=case, state__in=LIVE).exclude(asks, state=State.CALLING)
    for step in live.filter(asks):
        announce.taken_back(case, step)
    live.update(state=State.CANCELLED, closed_at=now)
    Deadline.objects.filter(case=case, handled_at=None).update(handled_at=now)
    case.outcome, case.closed_at = outcome, now
    end_status = OUTCOME_STATUS[outcome]
    due, _ = due_after_change(
        before=Status(case.status),
        after=Status.SETTLED,
        due_at=case.due_at,
        paused_at=case.paused_at,
        now=now,
    )
    Closing.objects.create(
        case=case,
        outcome=outcome,
        due_at=due,
        happened_at=now,
        recorded_at=now,
        on_time=is_on_time(due_at=due, closed_at=now),
    )
    if end_status is Status.DELIVERED and case.status != Status.SETTLED:
        _status_set(case, Status.SETTLED)


def status_derived(steps: Iterable[Step], *, outcome: str = "") -> Status:
    return status_of(
        [StepView(Kind(step.kind), State(step.state), bool(step.assignee)) for step in steps], outcome=outcome
    )


def steps_of(case: Case) -> list[Step]:
    """All steps, with what a status and a word to others are made of."""
    return list(
        Step.objects.filter(case=case).only("case_id", "key", "round", "kind", "state", "signal", "assignee")
    )


def status_settle(case: Case) -> None:
    """Derive the status from the steps, move the clock accordingly, and tell whoever asked to be told."""
    steps = steps_of(case)
    _status_set(case, status_derived(steps, outcome=case.outcome))
    case.revision += 1
    announce.case_changed(case, steps)
    case.save()


def told_beside(case: Case) -> None:
    """Whoever opened the case hears of what is no decision about it, an apology or a parcel: the revision stays."""
    if announce.case_changed(case, steps_of(case)):
        case.save(update_fields=["told"])


def _status_set(case: Case, after: Status) -> None:
    before = Status(case.status)
    if before is after:
        return
    now = clock.now()
    case.due_at, case.paused_at = due_after_change(
        before=before, after=after, due_at=case.due_at, paused_at=case.paused_at, now=now
    )
    case.status = after
    StatusChange.objects.create(case=case, before=before, after=after, happened_at=now, recorded_at=now)


def step_problem(case: Case, step: Step, problem: Problem) -> None:
    """A step could not be done: try again later, go the package's other way, or wait for a person."""
    step.problem = problem.as_dict()
    transient = problem.unanswered or problem.status == 429  # noqa: PLR2004 - HTTP's too many
    if transient:
        step.retry_at = clock.now() + timedelta(seconds=min(2**step.tries, 3600))
        step.save(update_fields=["problem", "retry_at"])
        return
    if case.closed_at is not None:
        step.state, step.closed_at = State.CANCELLED, clock.now()
        step.save(update_fields=["problem", "state", "closed_at"])
        return
    entry_add(case, kind="problem", actor=step.key, text=Text(_told(problem, "vi"), _told(problem, "en")))
    if (step.key, "problem") in plan_of(case.procedure_id).transitions:  # type: ignore[attr-defined]
        step.state, step.outcome, step.closed_at = State.DONE, "problem", clock.now()
        step.save(update_fields=["state", "outcome", "closed_at", "problem"])
        _follow(case, step, "problem")
    else:
        step.state = State.STUCK
        step.save(update_fields=["state", "problem"])
    status_settle(case)


def _told(problem: Problem, language: str) -> str:
    return f"{problem.what.say(language)} {problem.why.say(language)}"
