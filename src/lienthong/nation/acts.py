"""The acts of an example dossier: what applicants, signers and officers do with an application that was sent."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import typst

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import ActingFor, Basis, Kind, Principal, Role
from lienthong.blocks.casework import announce, selectors
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.rules import OPINION, State
from lienthong.blocks.casework.selectors import CaseCard
from lienthong.blocks.registry.agencies import agency_get
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.ground.text import Text
from lienthong.nation import paying
from lienthong.nation.jobs_now import run_jobs
from lienthong.systems.lifeevents import services as lifeevents
from lienthong.systems.lifeevents import signing

PATIENCE = 100


@cache
def page_scanned(words: str) -> bytes:
    """A page of paper, as an applicant photographs it into a PDF."""
    return typst.compile(f"= {words}\n#v(2cm)\nBản chụp giấy tờ, dùng cho hồ sơ mẫu.".encode(), format="pdf")


class ExampleError(AssertionError):
    """An example did not end as it says."""


class NothingToDoError(ExampleError):
    """The act has no object: nothing is to pay by this channel, or the dossier has lapsed meanwhile."""


def act_name(act: str | dict[str, Any]) -> str:
    return act if isinstance(act, str) else next(iter(act))


def act_do(number: str, act: str | dict[str, Any]) -> None:
    """One act on the application with this number, now. Errors: ExampleError, where it cannot be done."""
    if (name := act_name(act)) != "wait_days":
        ACTS[name](number, act if isinstance(act, dict) else {name: True})


def open_dossier(number: str, procedure: str | None) -> CaseCard:
    """The first open dossier of an application, of this procedure. Errors: NothingToDoError."""
    card = selectors.case_get(number=number)
    for child in card.children:
        dossier = selectors.case_get(number=child.number)
        if dossier.closed_at is None and procedure in {None, dossier.procedure_code}:
            return dossier
    raise NothingToDoError(f"{number}: no open dossier of {procedure or 'any procedure'}")


def officer_of(agency: str) -> Principal:
    """An officer of an agency who may decide and sign there, with a certificate."""
    at = clock.now()
    code = f"{agency}-S01"
    kind = agency_kinds()[agency_get(agency).kind]
    access.officer_enter(code=code, agency=agency, name="Lê Văn Cường", title=kind.signs)
    trust.signer_ensure(subject_id=code, kind="officer", name="Lê Văn Cường", organisation=agency, at=at)
    return Principal(Kind.OFFICER, code, "Lê Văn Cường", agency, frozenset({Role.SIGN, Role.CASE}))


def _decide(number: str, act: dict[str, Any]) -> None:
    dossier = open_dossier(number, act.get("of"))
    if dossier.open_task is None and bills_of(number):  # the channel of this playing costs something
        _pay(number, act)
        dossier = _task_awaited(number, act.get("of"))
    by, task = officer_of(dossier.agency), dossier.open_task
    if task is None:
        waits = [(step.key, step.state, step.problem) for step in dossier.steps if step.closed_at is None]
        raise ExampleError(f"{dossier.number}: no task is open; it waits at {waits}")
    kind = agency_kinds()[agency_get(dossier.agency).kind]
    casework.task_claim(number=dossier.number, step_id=task.pk, by=by)
    revision = selectors.case_get(number=dossier.number).revision
    common = {"number": dossier.number, "step_id": task.pk, "by": by, "revision": revision}
    if "supplement" in act:
        casework.supplement_ask(**common, reason=str(act["supplement"]))
    else:
        reason = str(act.get("reason", ""))
        casework.task_decide(**common, outcome=str(act["decide"]), title=kind.signs, reason=reason)


def request_awaited(number: str, kind: str) -> CaseCard:
    """At an agency of this kind, the request for an opinion that an application waits for.

    Errors: NothingToDoError, also where its time has passed.
    """
    for child in selectors.case_get(number=number).children:
        dossier = selectors.case_get(number=child.number)
        for step in dossier.steps:
            if step.state == State.WAITING and step.signal == OPINION:
                asked = announce.asking_of(step).answer or {}
                request = selectors.case_get(number=asked["number"])
                if agency_get(request.agency).kind == kind and request.open_task is not None:
                    return request
    raise NothingToDoError(f"{number}: no opinion of {kind} is waited for")


def _opinion(number: str, act: dict[str, Any]) -> None:
    """An agency that was asked answers; `by` names its kind."""
    request = request_awaited(number, str(act["by"]))
    task = request.open_task
    if task is None:
        raise NothingToDoError(f"{request.number} was answered meanwhile")
    casework.task_decide(
        number=request.number,
        step_id=task.pk,
        outcome=str(act["opinion"]),
        by=officer_of(request.agency),
        title=agency_kinds()[agency_get(request.agency).kind].signs,
        revision=request.revision,
        reason=str(act.get("reason", "")),
    )


def _task_awaited(number: str, procedure: str | None) -> CaseCard:
    """The dossier, once what the payment set going has come to its task; another hand may be at it."""
    for _ in range(PATIENCE):
        run_jobs()
        if open_dossier(number, procedure).open_task is not None:
            break
        time.sleep(0.05)
    return open_dossier(number, procedure)


def _answer(number: str, act: dict[str, Any]) -> None:
    dossier = open_dossier(number, act.get("of"))
    lifeevents.supplement_send(
        parent=number,
        number=dossier.number,
        by=applicant_of(number),
        text=str(act["answer"]),
        uploads=[("bo-sung.pdf", page_scanned("bo-sung"))],
    )


def _pay(number: str, _act: dict[str, Any]) -> None:
    bills = bills_of(number)
    if not bills:
        raise NothingToDoError(f"{number}: nothing is to pay")
    for bill in bills:
        paying.bill_pay(bill=bill, payer=applicant_of(number).party, at=clock.now())


def rest_paid(number: str) -> None:
    """Pay what this channel costs and the example, which came by another, does not name."""
    run_jobs()
    if bills_of(number):
        _pay(number, {})


def bills_of(number: str) -> list[str]:
    """What is to be paid now."""
    card = selectors.case_get(number=number)
    bills = [child.bill["bill"] for child in card.children if child.bill and not child.outcome]
    return [bill for bill in bills if paying.is_open(bill)]


def _withdraw(number: str, _act: dict[str, Any]) -> None:
    lifeevents.case_withdraw(number=number, by=applicant_of(number))


def rate(number: str, score: int) -> None:
    """The applicant's rating, 1 to 5. Errors: not-closed (409)."""
    lifeevents.case_rate(number=number, by=applicant_of(number), score=score, text="")


def applicant_of(number: str) -> Principal:
    """Whoever sent it: the applicant, or the person acting for them."""
    card = selectors.case_get(number=number)
    if not card.acting:
        return Principal(Kind.PERSON, card.applicant, card.applicant_name)
    given = card.acting
    chosen = ActingFor(
        card.applicant,
        card.applicant_name,
        given["kind"],
        Basis(given["basis"]),
        Text(**given["role"]),
        given["source"],
        clock.now(),
        given["until"],
    )
    return Principal(Kind.PERSON, given["number"], given["name"], acting_for=chosen)


def signer_asked(number: str) -> Principal:
    """The next who is asked to sign. Errors: NothingToDoError."""
    asked = next((row for row in signing.signatures_of(number) if row.state == signing.ASKED), None)
    if asked is None:
        raise NothingToDoError(f"{number}: nobody is asked to sign")
    return Principal(Kind.PERSON, asked.number, asked.name)


def _sign(number: str, act: dict[str, Any]) -> None:
    """The next who is asked signs, or declines."""
    by = signer_asked(number)
    signing.sign(number=number, by=by, agrees="decline" not in act, reason=str(act.get("decline", "")))


ACTS = {
    "sign": _sign,
    "decline": _sign,
    "decide": _decide,
    "supplement": _decide,
    "opinion": _opinion,
    "answer": _answer,
    "pay": _pay,
    "withdraw": _withdraw,
}
