"""What a case tells others: its changes to whoever opened it, and that a bill is no longer wanted."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from lienthong.blocks.casework.disposed import disposed_of
from lienthong.blocks.casework.models import Apology, Case, Result, Step, Supplement
from lienthong.blocks.casework.rules import Kind, State
from lienthong.blocks.exchange import outbox, selectors
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import clock

CHANGED = "onestop/dossier-changed/v1"
VOID = "fees/bills-void/v1"
_OF_THE_MOMENT = frozenset({"revision", "at"})


def subsystem_of(case: Case) -> str:
    """The subsystem that keeps the case."""
    return _subsystem(case.agency, case.system)


@lru_cache(maxsize=8192)
def _subsystem(agency: str, system: str) -> str:
    name = selectors.subsystem_of(member=agency, system=system)
    return name or f"{settings.LIENTHONG_INSTANCE}/GOV/{agency}/{system}"


def case_changed(case: Case) -> bool:
    """Tell the subsystem in `reply_to`, in the transaction of the change, where there is something new to tell.

    True where something was told; the caller saves the case, which remembers it.
    """
    if not case.reply_to:
        return False
    change = change_of(case)
    word = sha256_hex(canonical_json({key: change[key] for key in change.keys() - _OF_THE_MOMENT}))
    if word == case.told:
        return False
    case.told = word
    receiver, _, service = case.reply_to.partition("|")
    outbox.delivery_add(
        sender=subsystem_of(case),
        receiver=receiver,
        service=service,
        purpose="linked-procedure",
        case=case.number,
        body=change,
    )
    return True


def change_of(case: Case) -> dict[str, Any]:
    """The body of `onestop/dossier-changed/v1`."""
    bill = Step.objects.filter(case=case, kind=Kind.PAY, state=State.WAITING).first()
    supplement = Supplement.objects.filter(case=case, answered_at=None).order_by("-asked_at").first()
    apology = Apology.objects.filter(case=case).first()
    told = {"apology": _apology_said(apology)} if apology else {}
    # Only a dossier that was disposed of has no applicant's name: every other is spared the question.
    if not case.applicant_name and (gone := disposed_of(number=case.number)) is not None:
        told["disposal"] = gone.as_dict()
    return {
        **told,
        "number": case.number,
        "reference": case.reference,
        "revision": case.revision,
        "status": case.status,
        "outcome": case.outcome,
        "agency": case.agency,
        "due_at": _said(case.due_at) if case.due_at else None,
        "at": _said(clock.now()),
        "reason": _reason(case),
        "bill": {"bill": bill.answer["bill"], "total": bill.answer["total"]}
        if bill and bill.answer
        else None,
        "supplement": {"reason": supplement.reason, "due_at": _said(supplement.due_at)}
        if supplement and not case.outcome
        else None,
        "results": [
            {
                "code": row.code,
                "number": row.number,
                "title": {"vi": row.title_vi, "en": row.title_en},
                "check_code": row.check_code,
            }
            for row in Result.objects.filter(case=case).order_by("issued_at")
        ],
    }


def _said(moment: datetime) -> str:
    """One moment has one form: whether a case was read again or not, the same is no news."""
    return clock.in_vietnam(moment).isoformat()


def _apology_said(apology: Apology) -> dict[str, str]:
    """NgayHenTraTruoc and NgayHenTraMoi of the national portal, with the officer's reason."""
    return {
        "due_before": _said(apology.due_before),
        "promised_at": _said(apology.promised_at),
        "reason": apology.reason,
    }


def _reason(case: Case) -> dict[str, str] | None:
    """Why the case was refused or stopped, in the officer's words."""
    if case.outcome not in {"refused", "not-accepted", "lapsed"}:
        return None
    step = Step.objects.filter(case=case, kind=Kind.TASK).exclude(answer=None).order_by("-closed_at").first()
    note = (step.answer or {}).get("reason") if step else None
    return {"vi": note, "en": note} if note else None


def bill_void(case: Case, step: Step) -> None:
    """A case that closes leaves no bill to pay."""
    if not step.answer:
        return
    receiver = selectors.national_subsystem("fees")
    if receiver is None:
        return
    outbox.delivery_add(
        sender=subsystem_of(case),
        receiver=receiver,
        service=VOID,
        purpose="fee-collection",
        case=case.number,
        body={"bill": step.answer["bill"]},
    )
