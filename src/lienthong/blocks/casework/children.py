"""Dossiers of other agencies that belong to a parent case: known by subsystem, number and last word only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lienthong.blocks.casework.disposed import disposed_of
from lienthong.blocks.casework.models import Case, Child, Signal, Step


def child_record(case: Case, step: Step, *, provider: str, procedure: str, answer: dict[str, Any]) -> None:
    """Remember a dossier that was opened at another agency for this case."""
    Child.objects.update_or_create(
        subsystem=provider,
        number=answer["number"],
        defaults={
            "case": case,
            "step_key": step.key,
            "agency": provider.split("/")[2],
            "procedure": procedure,
            "status": answer["status"],
            "due_at": datetime.fromisoformat(answer["due_at"]) if answer.get("due_at") else None,
            "changed_at": step.opened_at,
        },
    )
    told = Signal.objects.filter(case=case, payload__number=answer["number"]).order_by("id")
    for signal in told:  # what the child said before its number was known here
        child_update(subsystem=provider, change=signal.payload)


def child_update(*, subsystem: str, change: dict[str, Any]) -> Child | None:
    """What a child dossier told its parent, in the caller's transaction; an older message changes nothing.

    Of two of one moment the dossier's revision says which is older: they may arrive in any order. The child, where
    it is known here.
    """
    known = Child.objects.select_related("case").select_for_update(of=("self",))
    child = known.filter(subsystem=subsystem, number=change["number"]).first()
    moment, revision = datetime.fromisoformat(change["at"]), change["revision"]
    if child is None or (child.changed_at, child.revision) > (moment, revision):
        return child
    child.status, child.outcome = change["status"], change["outcome"]
    child.due_at = datetime.fromisoformat(change["due_at"]) if change["due_at"] else None
    child.reason, child.bill, child.results = change["reason"], change["bill"], change["results"]
    child.supplement, child.apology = change["supplement"], change.get("apology")
    child.parcel = change.get("parcel")
    child.opinions = change.get("opinions") or []
    child.disposal = change.get("disposal")
    if child.disposal and disposed_of(number=child.case.number):
        child.reason, child.results = None, []  # nothing comes back into what was disposed of here before
    child.changed_at, child.revision = moment, revision
    child.save()
    return child
