"""The automatic kinds of steps: call, pay, issue. Each is two transactions around work that may be repeated.

The first stores what will be asked (message id and frozen body), so that a process killed anywhere in
between asks the very same again; the second stores the answer and opens what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lienthong.blocks.casework import announce, children, engine, files, moving_in, opinions, papers
from lienthong.blocks.casework.context import context_of
from lienthong.blocks.casework.models import Case, Result, Step
from lienthong.blocks.casework.rules import OPINION, Kind, State
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.agencies import agency_get, agency_serving
from lienthong.blocks.registry.declarations import register_get
from lienthong.blocks.trust import pdf as trust_pdf
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.expressions import fill
from lienthong.ground.ids import derived
from lienthong.ground.text import Text

OPEN_BILL = "fees/bills-open/v1"
RUNNABLE = frozenset({State.READY, State.CALLING})


@dataclass(frozen=True, slots=True)
class _Prepared:
    case: Case
    step: Step
    config: dict[str, Any]


def step_run(step_id: UUID | str) -> None:
    """Run an automatic step; nothing happens where it has run already."""
    try:
        prepared = _prepare(step_id)
    except Problem as problem:  # nobody serves the place, or the like: there is nothing to send
        _failed(step_id, problem)
        return
    if prepared is None:
        return
    try:
        answer, outcome = _work(prepared)
    except Problem as problem:
        _failed(step_id, problem)
        return
    with transaction.atomic(durable=True):
        case, step = _reload(prepared)
        if step.state in RUNNABLE:
            _store(case, step, prepared.config, answer, outcome)


def _prepare(step_id: UUID | str) -> _Prepared | None:
    with transaction.atomic(durable=True):
        case = Case.objects.select_for_update(of=("self",)).filter(steps=step_id).first()
        if case is None:
            return None
        step = Step.objects.get(pk=step_id)
        if step.state not in RUNNABLE:
            return None
        kind, config = engine.plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
        if step.request is None:
            step.request = _frozen(case, kind, config)
            step.message_id = derived(case.pk, step.key, step.round)
        step.state = State.CALLING
        step.tries += 1
        step.retry_at = clock.now() + engine.LOST_AFTER
        step.save(update_fields=["request", "message_id", "state", "tries", "retry_at"])
        return _Prepared(case, step, config)


def _failed(step_id: UUID | str, problem: Problem) -> None:
    with transaction.atomic(durable=True):
        case = engine.case_lock(Step.objects.values_list("case_id", flat=True).get(pk=step_id))
        step = Step.objects.get(pk=step_id)
        if step.state in RUNNABLE:
            engine.step_problem(case, step, problem)


def _reload(prepared: _Prepared) -> tuple[Case, Step]:
    case = engine.case_lock(prepared.case.pk)
    return case, Step.objects.get(pk=prepared.step.pk)


def _frozen(case: Case, kind: Kind, config: dict[str, Any]) -> dict[str, Any]:
    """Everything that the step will ask or print, as it is at this moment."""
    context = context_of(case)
    if kind is Kind.CALL:
        return {
            "body": _body(config, context),
            "officer": _officer(config, context),
            **({"subjects": fill(config["subjects"], context)} if "subjects" in config else {}),
            **_to(config, context),
        }
    if kind is Kind.PAY:
        return {"body": _bill(case, config, context), "officer": "", "provider": None}
    return {
        "papers": _numbered(config, context),
        "owners": [owner for owner in fill(config["owners"], context) if owner],
        "data": {**_letterhead(config, context), **fill(config["data"], context)},
        "officer": fill(config["signer"], context),
        "issued_at": clock.now().isoformat(),
    }


def _letterhead(config: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """What every paper shows of who issues it; a package may say otherwise."""
    signer = fill(config["signer"], context) or {}
    return {
        "place": context["case"]["place"],
        "parent_agency": None,
        "agency": context["case"]["agency_name"]["vi"],
        "heading": config["title"],
        "signer": {
            "authority": None,
            "title": (signer.get("title") or {}).get("vi", ""),
            "name": signer.get("name", ""),
        },
    }


def _numbered(config: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
    """Number and check code of each copy; a paper of which one is issued keeps its number bare."""
    number = str(fill(config["number"], context))
    if "copies" not in config:
        return [{"number": number, "check_code": files.check_code_new(), "copy": 1}]
    copies = int(fill(config["copies"], context))
    return [
        {"number": f"{number}-{copy}", "check_code": files.check_code_new(), "copy": copy}
        for copy in range(1, copies + 1)
    ]


def _officer(config: dict[str, Any], context: dict[str, Any]) -> str:
    return str(fill(config["officer"], context) or "") if "officer" in config else ""


def _body(config: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """What is asked; of a declared register, which one."""
    register = {"register_code": config["register"]} if "register" in config else {}
    return {**register, **fill(config["body"], context)}


def _to(config: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """The provider: the national one, a register's owner, a subsystem by name, or who serves a place."""
    if register := config.get("register"):
        owner = register_get(register).owner
        return {"provider": exchange.subsystem_of(member=owner, system="registers")}
    to = config.get("to")
    if to is None:
        return {"provider": None}
    if "subsystem" in to:
        return {"provider": str(fill(to["subsystem"], context))}
    card = agency_serving(kind=str(fill(to["agency_kind"], context)), unit=str(fill(to["unit"], context)))
    system = str(config["service"]).split("/", maxsplit=1)[0]
    return {"provider": exchange.subsystem_of(member=card.code, system=system)}


def _bill(case: Case, config: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    return {
        "payer": case.applicant,
        "payer_name": case.applicant_name,
        "procedure": engine.plan_of(case.procedure_id).code,  # type: ignore[attr-defined]
        "province": str(fill(config.get("province", ""), context)),
        "agency": case.agency,
        "channel": case.channel,
        "applicant_classes": fill(config.get("applicant_classes", []), context),
        "on": case.received_on.isoformat(),
        "items": fill(config["items"], context),
        "reply_to": f"{announce.subsystem_of(case)}|{case.system}/events-receive/v1",
        "reference": case.number,
    }


def _work(prepared: _Prepared) -> tuple[Any, str]:
    """What may be repeated: the call with the frozen body, or the paper. (answer, outcome)."""
    case, step, config = prepared.case, prepared.step, prepared.config
    request: dict[str, Any] = step.request or {}
    if step.kind == Kind.ISSUE:
        return {"papers": [_paper(case, config, request, paper) for paper in request["papers"]]}, "done"
    if step.kind == Kind.PAY and moving_in.paid_before(case):
        return {"bill": "", "total": 0, "status": "settled", "lines": []}, "done"
    service = OPEN_BILL if step.kind == Kind.PAY else str(config["service"])
    answer = call(
        service,
        request["body"],
        client=announce.subsystem_of(case),
        provider=request["provider"],
        purpose="fee-collection" if step.kind == Kind.PAY else str(config["purpose"]),
        case=case.number,
        officer=request["officer"],
        message_id=step.message_id,
    )
    return answer, "done"


def _store(case: Case, step: Step, config: dict[str, Any], answer: Any, outcome: str) -> None:
    if case.closed_at is not None:
        _take_back(case, step, answer)
        return
    if step.kind == Kind.PAY and answer["status"] != "settled":
        step.answer, step.state, step.signal = answer, State.WAITING, "bill-settled"
        step.save(update_fields=["answer", "state", "signal"])
        for signal in engine.Signal.objects.filter(case=case, name="bill-settled", taken_by=None):
            if bill_settle(case, step, signal):
                return
        engine.status_settle(case)
        return
    if step.kind == Kind.CALL and config.get("child"):
        provider = (step.request or {})["provider"]
        procedure = str(fill(config["child"], {"data": case.data}))
        children.child_record(case, step, provider=provider, procedure=procedure, answer=answer)
    if step.signal == OPINION:
        step.answer = answer
        opinions.asked(case, step)
    if step.kind == Kind.ISSUE:
        for paper in answer["papers"]:
            _result_add(case, step, config, paper)
    engine.step_finish(case, step, outcome=outcome, answer=answer)


def _take_back(case: Case, step: Step, answer: Any) -> None:
    """The case ended while its bill was being made, or an opinion asked for."""
    step.answer, step.state, step.closed_at = answer, State.CANCELLED, clock.now()
    step.save(update_fields=["answer", "state", "closed_at"])
    if step.signal == OPINION:
        announce.disclosed(case, step)
        announce.opinion_end(case, step, why="no-longer-needed")
    elif answer["status"] != "settled":
        announce.bill_void(case, step)


def bill_settle(case: Case, step: Step, signal: engine.Signal) -> bool:
    """A payment reached its waiting step."""
    if not step.answer or signal.payload.get("bill") != step.answer["bill"]:
        return False
    signal.taken_by = step
    signal.save(update_fields=["taken_by"])
    text = Text(f"Đã nhận {signal.payload['total']} đồng.", f"VND {signal.payload['total']} received.")
    engine.entry_add(case, kind="payment", actor="fees", text=text)
    engine.step_finish(case, step, outcome="done", answer={**step.answer, **signal.payload})
    return True


def _paper(
    case: Case, config: dict[str, Any], request: dict[str, Any], paper: dict[str, Any]
) -> dict[str, Any]:
    """Render, sign with the officer's key and the agency's seal, keep the file; may be repeated."""
    issued_at = clock.in_vietnam(datetime.fromisoformat(request["issued_at"]))
    unsigned = papers.paper_render(
        template=Path(settings.LIENTHONG_CONTENT) / "papers" / config["template"],
        data={
            **request["data"],
            "paper_number": paper["number"],
            "copy": paper["copy"],
            "issued_at": request["issued_at"],
        },
        number=case.number,
        check_url=f"{settings.LIENTHONG_URL}/check/{paper['check_code']}/",
        language=case.language,
    )
    officer = request["officer"]
    agency = agency_get(case.agency)
    reason = f"{config['title']['vi']} {paper['number']}"
    signed = trust_pdf.pdf_sign(
        pdf=unsigned,
        signers=[
            trust_pdf.SignerRef(subject_id=officer["code"], reason=reason, name=officer["name"]),
            trust_pdf.SignerRef(
                subject_id=announce.subsystem_of(case).rsplit("/", 1)[0], reason=reason, name=agency.name.vi
            ),
        ],
        at=issued_at,
    )
    sha256 = files.file_keep(signed)
    return {
        "number": paper["number"],
        "check_code": paper["check_code"],
        "sha256": sha256,
        "size": len(signed),
        "signatures": 2,
    }


def _result_add(case: Case, step: Step, config: dict[str, Any], paper: dict[str, Any]) -> None:
    request: dict[str, Any] = step.request or {}
    now = clock.now()
    Result.objects.create(
        case=case,
        step=step,
        code=config["result"],
        number=paper["number"],
        title_vi=config["title"]["vi"],
        title_en=config["title"]["en"],
        owners=request["owners"],
        sha256=paper["sha256"],
        size=paper["size"],
        check_code=paper["check_code"],
        signatures=paper["signatures"],
        issued_at=now,
        recorded_at=now,
    )
    text = Text(f"Đã ký và cấp {config['title']['vi']}.", f"{config['title']['en']} signed and issued.")
    engine.entry_add(case, kind="result", actor=request["officer"]["code"], text=text)


def sweep_steps(limit: int = 200) -> int:
    """Give a new job to every step whose job was lost with its worker, or whose time to retry has come."""
    now = clock.now()
    lost = Step.objects.filter(state__in=RUNNABLE, retry_at__lte=now)
    ready_since = now - timedelta(seconds=5)
    steps = list(lost.exclude(state=State.READY, opened_at__gt=ready_since).order_by("retry_at")[:limit])
    for step in steps:
        with transaction.atomic():
            Step.objects.filter(pk=step.pk).update(retry_at=now + engine.LOST_AFTER)
            engine.job_defer(step)
    return len(steps)
