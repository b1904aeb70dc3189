"""Which version of a procedure takes new cases."""

from __future__ import annotations

import time
from datetime import date, datetime

from lienthong.blocks.casework import problems
from lienthong.blocks.casework.models import Procedure

KEPT_S = 5.0
_kept: dict[tuple[str, date], tuple[float, Procedure]] = {}


def procedure_at(code: str, at: datetime) -> Procedure:
    """The newest version in force that day; one just published counts within five seconds.

    Errors: procedure-not-in-force (404).
    """
    key = (code, at.date())
    kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    row = Procedure.objects.filter(code=code, valid__contains=at.date()).order_by("-version").first()
    if row is None:
        raise problems.procedure_not_in_force(code)
    _kept[key] = (time.monotonic(), row)
    return row


def procedures_forget() -> None:
    """Read procedures afresh at the next opening."""
    _kept.clear()
