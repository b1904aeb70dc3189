"""What a case is told by others: signals, kept until a step takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from lienthong.blocks.casework import engine, kinds, problems
from lienthong.blocks.casework.context import context_of
from lienthong.blocks.casework.models import Case, Signal, Step
from lienthong.blocks.casework.rules import Kind, State


def case_signal(*, number: str, name: str, payload: dict[str, Any], signal_id: UUID, at: datetime) -> None:
    """Tell a case something, in the caller's transaction. The step that waits for it takes it, now or later.

    Errors: case-unknown (404).
    """
    case = Case.objects.select_for_update().filter(number=number).first()
    if case is None:
        raise problems.case_unknown(number)
    if Signal.objects.filter(pk=signal_id).exists():  # told again; who tells the case holds its lock
        return
    signal = Signal(id=signal_id, case=case, name=name, payload=payload, received_at=at)
    signal.save(force_insert=True)
    if case.closed_at is not None:
        return
    waiting = list(Step.objects.filter(case=case, state=State.WAITING, signal=name).order_by("opened_at"))
    context = context_of(case) if any(step.kind != Kind.PAY for step in waiting) else {}
    for step in waiting:
        taken = (
            kinds.bill_settle(case, step, signal)
            if step.kind == Kind.PAY
            else engine.signal_offer(case, step, signal, context)
        )
        if taken:
            return
