"""What a case tells others: its changes to whoever opened it, that a bill or an opinion is no longer wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.casework.disposed import disposed_of
from lienthong.blocks.casework.models import Apology, Case, Deadline, Parcel, Result, Step, Supplement
from lienthong.blocks.casework.rules import OPINION, Kind, State, Status
from lienthong.blocks.exchange import outbox, selectors
from lienthong.blocks.registry.agencies import agency_get
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import clock
from lienthong.ground.text import Text

CHANGED = "onestop/dossier-changed/v1"
VOID = "fees/bills-void/v1"
OPINION_END = "onestop/opinions-end/v1"
COORDINATION = "coordination"
PERSONAL_NUMBER = 12
WHAT_LONGEST = 200
_OF_THE_MOMENT = frozenset({"revision", "at"})


def subsystem_of(case: Case) -> str:
    """The subsystem that keeps the case."""
    name = selectors.subsystem_of(member=case.agency, system=case.system)
    return name or f"{settings.LIENTHONG_INSTANCE}/GOV/{case.agency}/{case.system}"


def case_changed(case: Case, steps: Sequence[Step]) -> bool:
    """Tell the subsystem in `reply_to`, in the transaction of the change, where there is something new to tell.

    steps: all steps of the case. True where something was told; the caller saves the case, which remembers it.
    """
    if not case.reply_to:
        return False
    change = change_of(case, steps)
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


def change_of(case: Case, steps: Sequence[Step]) -> dict[str, Any]:
    """The body of `onestop/dossier-changed/v1`; only what the steps say is there is read."""
    waiting = [step for step in steps if step.state == State.WAITING]
    bill = next((step for step in waiting if step.kind == Kind.PAY), None)
    issued = any(step.kind == Kind.ISSUE and step.state == State.DONE for step in steps)
    supplement = None
    if case.status == Status.SUPPLEMENT:
        supplement = Supplement.objects.filter(case=case, answered_at=None).order_by("-asked_at").first()
    apology = Apology.objects.filter(case=case).first()
    told: dict[str, Any] = {"apology": _apology_said(apology)} if apology else {}
    if case.by_post:
        told["parcel"] = _parcel_said(case)
    # Only a dossier that was disposed of has no applicant's name: every other is spared the question.
    if not case.applicant_name and (gone := disposed_of(number=case.number)) is not None:
        told["disposal"] = gone.as_dict()
    asked = [step for step in waiting if step.kind == Kind.WAIT and step.signal == OPINION]
    if asked:
        told["opinions"] = _opinions_said(case, asked)
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
        if supplement
        else None,
        "results": [
            {
                "code": row.code,
                "number": row.number,
                "title": {"vi": row.title_vi, "en": row.title_en},
                "check_code": row.check_code,
            }
            for row in (Result.objects.filter(case=case).order_by("issued_at") if issued else ())
        ],
    }


def _said(moment: datetime) -> str:
    """One moment has one form: whether a case was read again or not, the same is no news."""
    return clock.in_vietnam(moment).isoformat()


def _opinions_said(case: Case, asked: list[Step]) -> list[dict[str, Any]]:
    """The agencies whose opinion is waited for, and until when."""
    until = dict(Deadline.objects.filter(step__in=asked, kind="wait").values_list("step_id", "due_at"))
    calls = Step.objects.filter(case=case, kind=Kind.CALL, signal=OPINION)
    sent = {(call.key, call.round): call for call in calls}
    return [
        {
            "agency": agency_of(sent[f"{step.key}_sent", step.round]).as_dict(),
            "until": _said(until[step.pk]),
        }
        for step in asked
    ]


def agency_of(sent: Step) -> Text:
    """The name of the agency that a step asked; empty while its question is not frozen."""
    return agency_get(_asked(sent).split("/")[2]).name if sent.request else Text("", "")


def _asked(sent: Step) -> str:
    """The subsystem that was asked."""
    return str((sent.request or {})["provider"])


def asking_of(step: Step) -> Step:
    """The step that asked for the opinion that this one waits for."""
    return Step.objects.get(case_id=step.case_id, key=f"{step.key}_sent", round=step.round)  # type: ignore[attr-defined]


def opinion_end(case: Case, sent: Step, *, why: str) -> None:
    """An agency need not answer any more: `time-passed`, or `no-longer-needed`."""
    outbox.delivery_add(
        sender=subsystem_of(case),
        receiver=_asked(sent),
        service=OPINION_END,
        purpose=COORDINATION,
        case=case.number,
        body={"number": (sent.answer or {})["number"], "why": why},
    )


def disclosed(case: Case, sent: Step) -> None:
    """Persons see in their access log what another agency was told of them with a question.

    The agency that asks holds the data, and the one that is asked reads it: so the former tells it.
    """
    request: dict[str, Any] = sent.request or {}
    rows = request["body"]["discloses"]
    persons = {str(each) for each in request["subjects"] if len(str(each or "")) == PERSONAL_NUMBER}
    receiver = selectors.national_subsystem("population")
    if not rows or not persons or receiver is None:
        return
    now = _said(clock.now())
    said = {name: _shortened([row[name] for row in rows]) for name in ("vi", "en")}
    reads = [
        {
            "subject": person,
            "what": said,
            "reader": request["provider"],
            "holder": subsystem_of(case),
            "service": "onestop/opinions-ask/v1",
            "legal_basis": purpose_get(COORDINATION).legal_basis,
            "purpose": COORDINATION,
            "case": case.number,
            "officer": "",
            "message_id": str(sent.message_id),
            "read_at": now,
        }
        for person in sorted(persons)
    ]
    outbox.delivery_add(
        sender=subsystem_of(case),
        receiver=receiver,
        service=outbox.READS_SERVICE,
        purpose="own-data",
        case=case.number,
        body={"reads": reads},
    )


def _shortened(labels: list[str]) -> str:
    """The fields by their names, as many as the log has place for."""
    said = ", ".join(labels)
    return said if len(said) <= WHAT_LONGEST else said[: WHAT_LONGEST - 1] + "…"


def _apology_said(apology: Apology) -> dict[str, str]:
    """NgayHenTraTruoc and NgayHenTraMoi of the national portal, with the officer's reason."""
    return {
        "due_before": _said(apology.due_before),
        "promised_at": _said(apology.promised_at),
        "reason": apology.reason,
    }


def _parcel_said(case: Case) -> dict[str, str]:
    """Where the papers are that go by post; to whom they go is not told again."""
    parcel = Parcel.objects.get(case=case)
    return {
        "state": parcel.state,
        "tracking": parcel.tracking,
        "why": parcel.why,
        "at": _said(parcel.changed_at),
    }


def _reason(case: Case) -> dict[str, str] | None:
    """Why the case was refused or stopped, in the officer's words."""
    if case.outcome not in {"refused", "not-accepted", "lapsed"}:
        return None
    step = Step.objects.filter(case=case, kind=Kind.TASK).exclude(answer=None).order_by("-closed_at").first()
    note = (step.answer or {}).get("reason") if step else None
    return {"vi": note, "en": note} if note else None


def taken_back(case: Case, step: Step) -> None:
    """A case that closes leaves no bill to pay, and no opinion to be given."""
    if step.kind == Kind.PAY:
        bill_void(case, step)
    elif step.kind == Kind.WAIT and step.signal == OPINION:
        opinion_end(case, asking_of(step), why="no-longer-needed")


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
