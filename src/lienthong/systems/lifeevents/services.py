"""Writes of linked procedures: the draft, its sending, and what child dossiers tell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import files
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework import services as casework
from lienthong.blocks.exchange import outbox
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Problem
from lienthong.ground.ids import derived, uuid7
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import rules
from lienthong.systems.lifeevents.known import PURPOSE, known_of, other_added
from lienthong.systems.lifeevents.models import DeclaredChild, Draft
from lienthong.systems.lifeevents.selectors import case_of, child_of, subsystem

LINKED_BIRTH = "9.000001"
NOTICES = "eid/notices-send/v1"
DOSSIERS_WITHDRAW = "onestop/dossiers-withdraw/v1"
SUPPLEMENTS_ANSWER = "onestop/supplements-answer/v1"
RATINGS_RECORD = "onestop/ratings-record/v1"
SENDING = frozenset({"ready", "calling"})


def draft_start(*, by: Principal, procedure: str = LINKED_BIRTH) -> Draft:
    """A new application, with what the registers know about the applicant."""
    known = known_of(by.subject)
    now = clock.now()
    return Draft.objects.create(
        id=uuid7(now), owner=by.subject, procedure=procedure, known=known, started_at=now, changed_at=now
    )


def draft_answer(*, draft: Draft, answers: dict[str, Any]) -> Draft:
    """Keep answers; another parent who is named is looked up at once.

    Errors: parent-unknown, parent-not-other (422), with the number kept as it was typed.
    """
    merged = {**draft.answers, **answers}
    number = rules.other_number(merged)
    known = other_added(draft.known, number)
    _save(draft, answers=merged, known=known)
    problem = rules.other_parent_problem(known["person"], known["others"].get(number)) if number else None
    if problem is not None:
        raise problem
    return draft


def draft_file_add(*, draft: Draft, code: str, name: str, content: bytes) -> None:
    """Keep an uploaded file with the draft. Errors: those of `files.upload_check`."""
    row = _file_row(code=code, name=name, content=content)
    _save(draft, files=[item for item in draft.files if item["code"] != code] + [row])


def draft_file_remove(*, draft: Draft, code: str) -> None:
    _save(draft, files=[item for item in draft.files if item["code"] != code])


def _file_row(*, code: str, name: str, content: bytes) -> dict[str, Any]:
    """The file as a dossier's component, its bytes kept."""
    return {
        "code": code,
        "media_type": files.upload_check(name=name, content=content),
        "name": name[:200],
        "sha256": files.file_keep(content),
        "size": len(content),
        "kind": "sector",
    }


def _save(draft: Draft, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.changed_at = clock.now()
    draft.save(update_fields=[*changes, "changed_at"])


def declaration_of(draft: Draft, *, language: str) -> dict[str, Any]:
    return rules.declaration(draft.answers, draft.known, draft.files, today=clock.today(), language=language)


def declaration_check(*, declaration: dict[str, Any]) -> list[Problem]:
    """What the register of births would object to, before anything is sent."""
    child = declaration["child"]
    body = {
        "child": {name: child[name] for name in child if name != "home_town"},
        "mother": declaration["mother"],
        "father": declaration["father"],
        "declarant": {name: declaration["declarant"][name] for name in ("number", "relation")},
    }
    answer = call("civilstatus/births-check/v1", body, client=subsystem(), purpose=PURPOSE)
    return [Problem.from_dict(row, status=422) for row in answer["problems"]]


def fee_quote(*, declaration: dict[str, Any]) -> dict[str, Any]:
    """The fee as it stands today: lines with their article, and the total."""
    body = {
        "procedure": "1.001193",
        "province": declaration["province"],
        "channel": "online",
        "applicant_classes": declaration["applicant_classes"],
        "on": clock.today().isoformat(),
        "items": declaration["fee_items"],
    }
    return call("fees/quote/v1", body, client=subsystem(), purpose="fee-collection")


def draft_submit(*, draft_id: UUID, by: Principal, language: str) -> str:
    """Send the application: a parent case with its first step, once, however often the button is pressed.

    Returns the case's number. Errors: what `declaration_check` found first; child-declared (409).
    """
    draft = Draft.objects.get(pk=draft_id, owner=by.subject)
    if draft.case_number:
        return draft.case_number
    declaration = declaration_of(draft, language=language)
    problems = declaration_check(declaration=declaration)
    if problems:
        raise problems[0]
    now = clock.now()
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft_id)
        if draft.case_number:
            return draft.case_number
        case = casework.case_open(
            opening=casework.Opening(
                system="lifeevents",
                agency=Subsystem.parse(subsystem()).member,
                procedure=draft.procedure,
                applicant=by.subject,
                applicant_name=by.name,
                channel="online",
                language=language,
                data=declaration,
                title=declaration["child"]["full_name"],
            ),
            at=now,
        )
        _declare_child(declaration, case.number, by)
        draft.case_number, draft.changed_at = case.number, now
        draft.save(update_fields=["case_number", "changed_at"])
        return str(case.number)


def _declare_child(declaration: dict[str, Any], number: str, by: Principal) -> None:
    """One child, one declaration: the second parent is shown the first one's."""
    key = _key(declaration)
    try:
        with transaction.atomic():
            DeclaredChild.objects.create(
                key=key, case_number=number, declared_by=by.subject, declared_at=clock.now()
            )
    except IntegrityError as error:
        first = DeclaredChild.objects.filter(key=key).first()
        own = first is not None and first.declared_by == by.subject
        known_as = first.case_number if first and own else ""
        raise Conflict(
            "child-declared",
            Text("Trẻ này đã được khai sinh.", "This child has been declared already."),
            Text(
                "Bạn đã gửi tờ khai trước đó." if own else "Cha hoặc mẹ còn lại đã gửi tờ khai trước.",
                "You sent a declaration before."
                if own
                else "The other parent sent a declaration before you.",
            ),
            Text(
                f"Theo dõi hồ sơ {known_as}; nếu là con sinh đôi, hãy kiểm tra tên con.",
                f"Follow dossier {known_as}; for a twin, check the child's name.",
            ),
            field="child_name",
        ) from error


def _key(declaration: dict[str, Any]) -> str:
    return rules.child_key(
        mother=(declaration["mother"] or {}).get("number", ""),
        father=(declaration["father"] or {}).get("number", ""),
        birth_date=declaration["child"]["birth_date"],
        name=declaration["child"]["full_name"],
    )


def dossier_changed(*, sender: str, change: dict[str, Any], message_id: str) -> None:
    """A child dossier changed: remember it, wake the parent, tell the applicant what needs an act."""
    signal_id = derived(message_id, change["reference"])
    # The signal first: it waits for the case, so that a child whose number is just being stored is known.
    casework.case_signal(
        number=change["reference"],
        name="dossier-changed",
        payload=change,
        signal_id=signal_id,
        at=clock.now(),
    )
    card = cases.case_get(number=change["reference"])
    earlier = cases.signals_besides(number=change["reference"], signal_id=signal_id)
    casework.child_update(subsystem=sender, change=change)
    child = next((child for child in card.children if child.number == change["number"]), None)
    if change["outcome"] == "refused" and child is not None and child.procedure == "1.001193":
        DeclaredChild.objects.filter(case_number=change["reference"]).delete()
    _notice_for(card, change, [word for word in earlier if word.get("number") == change["number"]])


def _notice_for(card: cases.CaseCard, change: dict[str, Any], earlier: list[dict[str, Any]]) -> None:
    """A supplement or a payment waits for the applicant: say so by mail and SMS, once for each."""
    receiver = exchange.national_subsystem("eid")
    if receiver is None:
        return
    if change["supplement"] and all(word["supplement"] != change["supplement"] for word in earlier):
        subject = Text(
            f"Hồ sơ {change['number']} cần bổ sung", f"Dossier {change['number']} needs more from you"
        )
        text = Text(change["supplement"]["reason"], change["supplement"]["reason"])
    elif change["bill"] and all(word["bill"] != change["bill"] for word in earlier):
        subject = Text(f"Hồ sơ {change['number']} chờ nộp phí", f"Dossier {change['number']} awaits payment")
        text = Text("Mở hồ sơ trên Cổng để nộp phí.", "Open the dossier on the portal to pay.")
    else:
        return
    outbox.delivery_add(
        sender=subsystem(),
        receiver=receiver,
        service=NOTICES,
        purpose="notification",
        case=card.number,
        body={
            "to": card.applicant,
            "case": card.number,
            "subject": subject.as_dict(),
            "text": text.as_dict(),
        },
    )


def child_act(*, service: str, parent: str, number: str, by: Principal, body: dict[str, Any]) -> None:
    """Something that the applicant does to a child dossier: answer a supplement, withdraw, rate.

    Errors: case-unknown (404), child-unknown (404); the agency's own.
    """
    card = case_of(number=parent, applicant=by.subject)
    child = child_of(card, number)
    call(
        service,
        {"number": number, "applicant": by.subject, **body},
        client=subsystem(),
        provider=child.subsystem,
        purpose="linked-procedure",
        case=parent,
    )


def supplement_send(
    *, parent: str, number: str, by: Principal, text: str, uploads: list[tuple[str, bytes]]
) -> None:
    """Answer an agency's request for more, with files (name, content).

    Errors: those of `files.upload_check`; supplement-late, no-supplement-asked (409).
    """
    documents = [_file_row(code="supplement", name=name, content=content) for name, content in uploads]
    draft = Draft.objects.filter(case_number=parent, owner=by.subject).first()
    if draft is not None and documents:
        _save(draft, files=[*draft.files, *documents])
    body = {"text": text, "documents": documents}
    child_act(service=SUPPLEMENTS_ANSWER, parent=parent, number=number, by=by, body=body)


def case_withdraw(*, number: str, by: Principal) -> None:
    """Take back the case and each of its dossiers that is not settled; doing it again finishes what was left.

    The parent goes first, so that no further dossier is opened in between.
    Errors: case-unknown (404), case-sending, closed-already (409).
    """
    card = case_of(number=number, applicant=by.subject)
    if any(card.package["steps"][step.key].get("child") and step.state in SENDING for step in card.steps):
        raise _case_sending(number)
    if card.outcome != "withdrawn":
        with transaction.atomic():
            casework.case_withdraw(number=number, applicant=by.subject)
            if not any(child.results for child in card.children):
                DeclaredChild.objects.filter(case_number=number).delete()
    for child in card.children:
        if not child.outcome:
            _unless_done(
                "closed-already",
                service=DOSSIERS_WITHDRAW,
                parent=number,
                number=child.number,
                by=by,
                body={},
            )


def case_rate(*, number: str, by: Principal, score: int, text: str) -> None:
    """The applicant's rating, for the linked case and for each agency that settled a part.

    Errors: case-unknown (404), not-closed, rated-already (409).
    """
    card = case_of(number=number, applicant=by.subject)
    if card.closed_at is not None and card.rating is None:
        body = {"score": score, "text": text}
        for child in card.children:
            if child.outcome:
                _unless_done(
                    "rated-already",
                    service=RATINGS_RECORD,
                    parent=number,
                    number=child.number,
                    by=by,
                    body=body,
                )
    casework.case_rate(number=number, applicant=by.subject, score=score, text=text, at=clock.now())


def _unless_done(code: str, **act: Any) -> None:
    """An act on a child that may have been done in an earlier try."""
    try:
        child_act(**act)
    except Conflict as problem:
        if problem.code != code:
            raise


def _case_sending(number: str) -> Conflict:
    return Conflict(
        "case-sending",
        Text(f"Hồ sơ {number} đang được chuyển đi.", f"Dossier {number} is on its way."),
        Text(
            "Một phần của hồ sơ đang được gửi tới cơ quan giải quyết.",
            "A part of it is being sent to the agency that decides.",
        ),
        Text("Thử lại sau ít phút.", "Try again in a few minutes."),
    )
