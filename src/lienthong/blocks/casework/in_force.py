"""Which version of a procedure takes new cases."""

from __future__ import annotations

from datetime import date, datetime

from lienthong.blocks.casework import problems
from lienthong.blocks.casework.models import Procedure
from lienthong.ground.kept import Kept

_kept: Kept[tuple[str, date], Procedure] = Kept()


def procedure_in_force(*, code: str, on: date) -> Procedure | None:
    """The newest version in force that day; one just published counts within five seconds."""

    def read() -> Procedure | None:
        return Procedure.objects.filter(code=code, valid__contains=on).order_by("-version").first()

    return _kept.get((code, on), read)


def procedure_at(code: str, at: datetime) -> Procedure:
    """As `procedure_in_force`. Errors: procedure-not-in-force (404)."""
    row = procedure_in_force(code=code, on=at.date())
    if row is None:
        raise problems.procedure_not_in_force(code)
    return row


def procedures_forget() -> None:
    """Read procedures afresh at the next opening."""
    _kept.forget()
