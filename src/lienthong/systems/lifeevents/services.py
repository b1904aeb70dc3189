"""Writes of linked procedures: the draft, its sending, and what child dossiers tell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import children, files, hearing
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework import services as casework
from lienthong.blocks.exchange.services import call
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Problem
from lienthong.ground.ids import derived, uuid7
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, appeal_words, mandates, parcels, rules, signing
from lienthong.systems.lifeevents.applications import Application, application_of
from lienthong.systems.lifeevents.models import Declared, Draft
from lienthong.systems.lifeevents.selectors import case_of, child_of, drafts_seen, package_of, subsystem
from lienthong.systems.lifeevents.telling import person_tell

DOSSIERS_WITHDRAW = "onestop/dossiers-withdraw/v1"
SUPPLEMENTS_ANSWER = "onestop/supplements-answer/v1"
RATINGS_RECORD = "onestop/ratings-record/v1"
SENDING = frozenset({"ready", "calling"})


def application_for(draft: Draft) -> Application:
    """Errors: application-unknown (404), where the procedure is no longer in force."""
    return application_of(package_of(draft.procedure))


def draft_start(*, by: Principal, procedure: str) -> Draft:
    """A new application, with what the registers know about the applicant: the person, or whom they act for.

    Errors: application-unknown (404); those of `mandates.package_problem` (403, 422).
    """
    package = package_of(procedure)
    if problem := mandates.package_problem(package, by.acting_for):
        raise problem
    chosen = by.acting_for
    organisation = acting.organisation_of(chosen) if chosen and chosen.kind == mandates.ORGANISATION else None
    return draft_begin(by.party, procedure, party=organisation, acting=acting.acting_record(by))


def draft_begin(
    owner: str,
    procedure: str,
    *,
    party: dict[str, Any] | None = None,
    present: dict[str, Any] | None = None,
    **given: Any,
) -> Draft:
    """An empty application with what the registers know.

    party: the organisation whose application it is; present: who stands at the counter for another;
    given: channel, taken_in_by, taken_in_at, acting.
    """
    package = package_of(procedure)
    known = application_of(package).known(owner, officer=given.get("taken_in_by", ""), party=party)
    if given.get("acting"):
        known["acting"] = given["acting"]
    if present:
        known["present"] = present
    # A package that takes both asks a person for what an organisation's register knows.
    kinds = package.get("applicants", [])
    answers = {"applicant_kind": mandates.ORGANISATION if party else mandates.PERSON} if kinds else {}
    now = clock.now()
    return Draft.objects.create(
        id=uuid7(now),
        owner=owner,
        procedure=procedure,
        answers=answers,
        known=known,
        started_at=now,
        changed_at=now,
        **given,
    )


def answers_problems(*, draft: Draft, answers: dict[str, Any]) -> list[Problem]:
    """What speaks against these answers by themselves, at their fields; nothing is stored."""
    merged = {**draft.answers, **answers}
    found = application_for(draft).page_problems(merged, draft.known, today=clock.today())
    return [problem for problem in found if problem.field in answers]


def draft_answer(*, draft: Draft, answers: dict[str, Any]) -> Draft:
    """Keep answers; what they give cause to ask is asked at once.

    Errors: what a register says against an answer (422), with the answer kept as it was typed.
    """
    application = application_for(draft)
    merged = {**draft.answers, **answers}
    known = application.looked_up(merged, draft.known)
    _save(draft, answers=merged, known=known)
    problem = application.answer_problem(merged, known)
    if problem is not None and problem.field in answers:
        raise problem
    return draft


def draft_file_add(*, draft: Draft, code: str, name: str, content: bytes, kind: str = "sector") -> None:
    """Keep an uploaded file with the draft, as a component of this kind. Errors: those of `files.upload_check`."""
    row = {**file_row(code=code, name=name, content=content), "kind": kind}
    _save(draft, files=[item for item in draft.files if item["code"] != code] + [row])


def draft_file_remove(*, draft: Draft, code: str) -> None:
    _save(draft, files=[item for item in draft.files if item["code"] != code])


def draft_file_class(*, draft: Draft, code: str, kind: str) -> None:
    """Say of a file that is kept which kind of component it is."""
    _save(draft, files=[{**item, "kind": kind} if item["code"] == code else item for item in draft.files])


def file_row(*, code: str, name: str, content: bytes) -> dict[str, Any]:
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
    return application_for(draft).declaration(
        draft.answers, draft.known, draft.files, today=clock.today(), language=language
    )


def fee_quote(*, wanted: dict[str, Any]) -> dict[str, Any]:
    """The fee as it stands today: lines with their article, and the total."""
    return call("fees/quote/v1", wanted, client=subsystem(), purpose="fee-collection")


def _own(by: Principal) -> Q:
    """The drafts of a person or of whom they act for, or those that the officer's agency took in."""
    return drafts_seen(by) if by.is_person else Q(taken_in_at=by.agency) & ~Q(taken_in_by="")


def problems_before_sending(*, draft: Draft, declaration: dict[str, Any]) -> list[Problem]:
    """Papers that are missing, and what the deciding agency's register would object to."""
    package = package_of(draft.procedure)
    missing = rules.documents_missing(package, draft.answers, draft.files)
    return [*missing, *application_of(package).problems(declaration)]


def draft_submit(
    *, draft_id: UUID, by: Principal, language: str, former: dict[str, Any] | None = None
) -> str:
    """Send the application: a parent case with its first step, once, however often the button is pressed.

    former: what another one-stop system knew of it (`onestop.contract.Former`). Whoever acts for another is checked
    again. Returns the case's number. Errors: those of `acting.mandate_checked` and `mandates.package_problem`; what
    the deciding agency's register objects to; declared-already (409).
    """
    draft = Draft.objects.get(_own(by), pk=draft_id)
    if draft.case_number:
        return draft.case_number
    if by.is_person:
        _acts_still(draft, by)
    declaration = declaration_of(draft, language=language)
    for problem in problems_before_sending(draft=draft, declaration=declaration):
        raise problem
    opening = application_for(draft).opening(declaration)
    now = clock.now()
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft_id)
        if draft.case_number:
            return draft.case_number
        if by.is_person:  # a colleague may send what another representative began
            draft.acting = acting.acting_record(by)
        case = casework.case_open(
            opening=casework.Opening(
                system="lifeevents",
                agency=Subsystem.parse(subsystem()).member,
                procedure=opening.procedure,
                applicant=draft.owner,
                applicant_name=draft.known["person"]["full_name"],
                acting=draft.acting,
                channel=draft.channel,
                language=language,
                data=opening.data | ({"former": former} if former else {}),
                title=opening.title,
            ),
            at=now,
        )
        signing.signatures_ask(draft=draft, number=case.number, data=opening.data, at=now)
        if opening.once:
            _declare_once(opening.once, case.number, draft.owner)
        if former:
            _declare_once(rules.former_key(draft.taken_in_at, former["number"]), case.number, draft.owner)
        draft.case_number, draft.changed_at = case.number, now
        draft.save(update_fields=["case_number", "changed_at", "acting"])
        return str(case.number)


def _acts_still(draft: Draft, by: Principal) -> None:
    """The right to act for the applicant as it stands now; the declaration names who sends."""
    if by.acting_for is not None:
        acting.mandate_checked(person=by.subject, chosen=by.acting_for)
        draft.known = {**draft.known, "acting": acting.acting_record(by)}
    if problem := mandates.package_problem(package_of(draft.procedure), by.acting_for):
        raise problem


def _declare_once(key: str, number: str, applicant: str) -> None:
    """One thing, one declaration at a time: whoever comes second is told of the first."""
    earlier = Declared.objects.filter(key=key).first()
    if earlier is not None and cases.case_get(number=earlier.case_number).outcome == "lapsed":
        earlier.delete()  # not everybody signed in time, so no agency ever had it
    try:
        with transaction.atomic():
            Declared.objects.create(
                key=key, case_number=number, declared_by=applicant, declared_at=clock.now()
            )
    except IntegrityError as error:
        first = Declared.objects.filter(key=key).first()
        own = first is not None and first.declared_by == applicant
        raise rules.declared_already(first.case_number if first and own else "", own=own) from error


def dossier_changed(*, sender: str, change: dict[str, Any], message_id: str) -> None:
    """A child dossier changed: remember it, wake the parent, tell the applicant what needs an act."""
    signal_id = derived(message_id, change["reference"])
    # The signal first: it waits for the case, so that a child whose number is just being stored is known.
    hearing.case_signal(
        number=change["reference"],
        name="dossier-changed",
        payload=change,
        signal_id=signal_id,
        at=clock.now(),
    )
    child = children.child_update(subsystem=sender, change=change)
    parcels.wish_forward(sender=sender, change=change)
    if change["outcome"] == "refused" and child is not None:
        card = cases.case_get(number=change["reference"])
        if child.step_key == card.first_child:
            declared = Declared.objects.filter(case_number=change["reference"])
            declared.exclude(key__startswith=rules.FORMER).delete()
    complaint = child is not None and child.procedure in appeal_words.COMPLAINTS
    if change["supplement"] or change["bill"] or change.get("parcel") or complaint:
        _notice_for(cases.case_get(number=change["reference"]), change, signal_id)


def _notice_for(card: cases.CaseCard, change: dict[str, Any], signal_id: UUID) -> None:
    """A supplement or a payment waits for the applicant: say so by mail and SMS, once for each."""
    besides = cases.signals_besides(number=card.number, signal_id=signal_id)
    earlier = [word for word in besides if word.get("number") == change["number"]]
    if change["supplement"] and all(word["supplement"] != change["supplement"] for word in earlier):
        subject = Text(
            f"Hồ sơ {change['number']} cần bổ sung", f"Dossier {change['number']} needs more from you"
        )
        text = Text(change["supplement"]["reason"], change["supplement"]["reason"])
    elif change["bill"] and all(word["bill"] != change["bill"] for word in earlier):
        subject = Text(f"Hồ sơ {change['number']} chờ nộp phí", f"Dossier {change['number']} awaits payment")
        text = Text("Mở hồ sơ trên Cổng để nộp phí.", "Open the dossier on the portal to pay.")
    elif (moved := parcels.notice_of(change)) and all(
        word.get("parcel") != change["parcel"] for word in earlier
    ):
        subject, text = moved
    elif accepted := appeal_words.acceptance_told(card, change, earlier):
        subject, text = accepted
    else:
        return
    for to in acting.told_of(card.applicant, card.acting):
        person_tell(to=to, subject=subject, text=text, case=card.number)


def child_act(*, service: str, parent: str, number: str, by: Principal, body: dict[str, Any]) -> None:
    """Something that the applicant does to a child dossier: answer a supplement, withdraw, rate.

    Errors: case-unknown (404), child-unknown (404); the agency's own.
    """
    card = case_of(number=parent, by=by)
    child = child_of(card, number)
    record = acting.acting_record(by)
    call(
        service,
        {"number": number, "applicant": by.party, **({"acting": record} if record else {}), **body},
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
    documents = [file_row(code="supplement", name=name, content=content) for name, content in uploads]
    draft = Draft.objects.filter(case_number=parent, owner=by.party).first()
    if draft is not None and documents:
        _save(draft, files=[*draft.files, *documents])
    body = {"text": text, "documents": documents}
    child_act(service=SUPPLEMENTS_ANSWER, parent=parent, number=number, by=by, body=body)


def case_withdraw(*, number: str, by: Principal) -> None:
    """Take back the case and each of its dossiers that is not settled; doing it again finishes what was left.

    The parent goes first, so that no further dossier is opened in between.
    Errors: case-unknown (404), case-sending, closed-already (409).
    """
    card = case_of(number=number, by=by)
    if any(card.package["steps"][step.key].get("child") and step.state in SENDING for step in card.steps):
        raise _case_sending(number)
    if card.outcome != "withdrawn":
        with transaction.atomic():
            casework.case_withdraw(number=number, applicant=by.party, acting=acting.acting_record(by))
            if not any(child.results for child in card.children):
                Declared.objects.filter(case_number=number).delete()
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
    card = case_of(number=number, by=by)
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
    casework.case_rate(number=number, applicant=by.party, score=score, text=text, at=clock.now())


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
