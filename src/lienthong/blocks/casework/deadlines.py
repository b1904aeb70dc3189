"""What the clock does by itself: supplements lapse, waits run out, work goes up, apologies. Swept from rows."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from lienthong.blocks.casework import apologies, engine, opinions
from lienthong.blocks.casework.models import Deadline, Step
from lienthong.blocks.casework.rules import OPINION, State
from lienthong.ground import clock, workdays
from lienthong.ground.text import Text

BATCH = 200


def sweep_deadlines() -> int:
    """Handle every deadline that has passed, and say sorry for what is late; the number handled."""
    # An act in the minute of the deadline is still in time, so the sweep waits that minute out.
    past = clock.now() - timedelta(minutes=1)
    due = Deadline.objects.filter(handled_at=None, due_at__lt=past).order_by("due_at")
    handled = 0
    for pk, case_id in list(due.values_list("pk", "case_id")[:BATCH]):
        with transaction.atomic():
            case = engine.case_lock(case_id)
            deadline = Deadline.objects.select_related("step").get(pk=pk)
            if deadline.handled_at is not None:
                continue
            deadline.handled_at = clock.now()
            deadline.save(update_fields=["handled_at"])
            if deadline.step is not None:
                _handle(case, deadline.kind, deadline.step)
            handled += 1
    return handled + apologies.sweep_late()


def _handle(case: engine.Case, kind: str, step: Step) -> None:
    if kind == "supplement" and step.state == State.SUSPENDED:
        text = Text(
            "Đã hết hạn bổ sung mà chưa có bổ sung; dừng xử lý hồ sơ.",
            "The time to supplement has passed without an answer; the dossier is stopped.",
        )
        engine.entry_add(case, kind="lapse", actor="clock", text=text)
        engine.case_close(case, outcome="lapsed")
        engine.status_settle(case)
    elif kind == "wait" and step.state == State.WAITING:
        if step.signal == OPINION:
            opinions.silent(case, step)
        engine.step_finish(case, step, outcome="timeout")
    elif kind == "escalate" and step.state in {State.OPEN, State.SUSPENDED}:
        _escalate(case, step)


def _escalate(case: engine.Case, step: Step) -> None:
    """Nobody settled it in time: it goes to the role that the package names, and lies at the top of its queue.

    While a supplement is awaited the clock of the dossier stands, and so does this: it begins again afterwards.
    """
    _, config = engine.plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
    wanted = config["escalate"]
    if step.state == State.SUSPENDED:
        due = workdays.due_at(clock.now(), int(wanted["working_days"]))
        Deadline.objects.create(case=case, step=step, kind="escalate", due_at=due)
        return
    had = step.assignee
    step.role, step.assignee, step.due_at = wanted["role"], "", clock.now()
    step.save(update_fields=["role", "assignee", "due_at"])
    by = Text(f" Trước do {had} xử lý.", f" {had} had it.") if had else Text("", "")
    text = Text(
        f"Quá {wanted['working_days']} ngày làm việc chưa xử lý; chuyển lên cấp trên.{by.vi}",
        f"Not settled within {wanted['working_days']} working days; passed to the superior.{by.en}",
    )
    engine.entry_add(case, kind="escalated", actor="clock", text=text)
    engine.status_settle(case)
