"""The front door of casework: publish a package, open a case, decide, supplement, withdraw, signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import (
    acting_for,
    appeals,
    engine,
    in_force,
    moving_in,
    numbers,
    problems,
)
from lienthong.blocks.casework.models import (
    Case,
    CaseFile,
    Deadline,
    Entry,
    Procedure,
    Rating,
    StatusChange,
    Step,
    StepDefinition,
    Supplement,
    Transition,
)
from lienthong.blocks.casework.packages import Package
from lienthong.blocks.casework.rules import Kind, State, Status, limit_of
from lienthong.blocks.registry.bulk import NewRow, rows_insert
from lienthong.ground import clock, workdays
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that came with a case; kind as Circular 01/2023 divides digitised components."""

    code: str
    name: str
    sha256: str
    size: int
    media_type: str
    kind: str = "sector"


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a complete case needs, in one call. acting: who acts for the applicant, and by what right.

    number, working_days: where they do not come from the agency's dossier numbers and the procedure's limit.
    under: the row of the version that it is settled under; else the one in force.
    """

    system: str
    agency: str
    procedure: str
    applicant: str
    applicant_name: str
    channel: str
    data: dict[str, Any]
    title: str = ""
    language: str = "vi"
    reply_to: str = ""
    reference: str = ""
    acting: dict[str, Any] = field(default_factory=dict[str, Any])
    files: list[FileRef] = field(default_factory=list)
    former: moving_in.Former | None = None
    number: str = ""
    working_days: int | None = None
    under: Procedure | None = None


def procedure_publish(*, package: Package, at: datetime) -> int:
    """Compile a package to rows; the same version published again must be the same package. Its row's id."""
    existing = Procedure.objects.filter(code=package.code, version=package.version).first()
    if existing is not None:
        if existing.package_hash != package.hash:
            raise problems.version_taken(package.code, package.version)
        return int(existing.pk)
    raw = package.raw
    with transaction.atomic():
        row = Procedure.objects.create(
            code=package.code,
            version=package.version,
            valid=DateRange(package.valid_from, package.valid_to),
            name_vi=raw["name"]["vi"],
            name_en=raw["name"]["en"],
            agency_kind=raw["agency_kind"],
            level=raw["level"],
            essential=bool(raw.get("essential")),
            package=raw,
            package_hash=package.hash,
            published_at=at,
        )
        StepDefinition.objects.bulk_create(
            StepDefinition(procedure=row, key=step.key, kind=step.kind, position=index, config=step.config)
            for index, step in enumerate(package.steps)
        )
        Transition.objects.bulk_create(
            Transition(procedure=row, source=source, outcome=outcome, target=target)
            for source, outcome, target in package.transitions
        )
    in_force.procedures_forget()
    return int(row.pk)


def case_open(*, opening: Opening, at: datetime) -> Case:
    """Number, case, status, files, journal, first steps and their jobs, in the caller's or one transaction.

    Errors: procedure-not-in-force (404). The clock starts on the day of receipt (15:00 cut-off).
    """
    procedure = opening.under or in_force.procedure_at(opening.procedure, at)
    settles = {"data": opening.data, "agency_kind": procedure.agency_kind}
    limit = opening.working_days or limit_of(procedure.package.get("time_limit"), settles)
    former = opening.former
    with transaction.atomic(savepoint=False):
        case = Case(
            id=uuid7(at),
            number=moving_in.number_of(former, agency=opening.agency, at=at)
            if former
            else opening.number or numbers.number_next(agency=opening.agency, day=at.date()),
            system=opening.system,
            agency=opening.agency,
            procedure=procedure,
            applicant=opening.applicant,
            applicant_name=opening.applicant_name,
            acting=opening.acting,
            channel=opening.channel,
            language=opening.language,
            data=opening.data,
            title=opening.title,
            status=Status.NEW,
            revision=1,
            reply_to=opening.reply_to,
            reference=opening.reference,
            opened_at=at,
            received_on=workdays.received_on(at),
            due_at=workdays.due_at(at, limit) if limit is not None else None,
            recorded_at=at,
        )
        if former:
            moving_in.as_promised(case, former)
        _case_write(case, opening, at)
        if former:
            moving_in.moved_in(case, former, at)
    return case


def _case_write(case: Case, opening: Opening, at: datetime) -> None:
    """The case and all that it begins with, in one statement, with the jobs of its first steps."""
    steps = engine.first_steps(case)
    changes = [(0, Status.NEW)]
    if (status := engine.status_derived(steps)) is not Status.NEW:
        changes.append((Status.NEW, status))
    case.status = status
    text = Text(f"Tiếp nhận hồ sơ {case.number}.", f"Dossier {case.number} received.")
    rows_insert(
        [
            case,
            *(
                NewRow(
                    StatusChange, case_id=case.pk, before=before, after=after, happened_at=at, recorded_at=at
                )
                for before, after in changes
            ),
            NewRow(
                Entry,
                case_id=case.pk,
                at=at,
                actor=acting_for.who(case),
                kind="opened",
                vi=text.vi,
                en=text.en,
            ),
            *_files(case, opening.files, at),
            *steps,
        ],
        besides=engine.jobs_of(steps),
    )
    engine.steps_begun(case, steps)


def _files(case: Case, files: list[FileRef], at: datetime) -> list[NewRow]:
    return [
        NewRow(
            CaseFile,
            case_id=case.pk,
            code=item.code,
            name=item.name,
            sha256=item.sha256,
            size=item.size,
            media_type=item.media_type,
            kind=item.kind,
            added_at=at,
        )
        for item in files
    ]


def task_claim(*, number: str, step_id: UUID, by: Principal) -> None:
    """The officer takes the task in hand; from then on the dossier is in progress."""
    with transaction.atomic():
        case, step = open_task(number, step_id, by)
        step.assignee = by.subject
        step.save(update_fields=["assignee"])
        text = Text(f"{by.name} nhận xử lý.", f"{by.name} took it in hand.")
        engine.entry_add(case, kind="claimed", actor=by.subject, text=text)
        engine.status_settle(case)


def task_decide(
    *,
    number: str,
    step_id: UUID,
    outcome: str,
    by: Principal,
    title: Text,
    revision: int,
    reason: str = "",
    ground: str = "",
) -> None:
    """Approve or refuse, once: whoever decides on a page that is no longer current is told what happened.

    ground: of the law's closed list, where the package has one for this decision; it is told before the reason.
    Errors: outcome-unknown, reason-missing, ground-missing (422), decided-already, changed-meanwhile (409).
    """
    with transaction.atomic():
        case, step = open_task(number, step_id, by)
        if case.revision != revision:
            raise problems.changed_meanwhile(case.number)
        _, config = engine.plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
        choice = config["outcomes"].get(outcome)
        if choice is None:
            raise problems.outcome_unknown(outcome)
        if isinstance(choice, dict) and choice.get("reason") and not reason.strip():
            raise problems.reason_missing()
        reason = appeals.reason_with_ground(choice, ground, reason)
        step.officer = {"code": by.subject, "name": by.name, "title": title.as_dict()}
        step.assignee = step.assignee or by.subject
        step.save(update_fields=["assignee"])
        label = Text(**choice["label"]) if isinstance(choice, dict) else Text(outcome, outcome)
        text = Text(f"{by.name}: {label.vi}. {reason}".strip(), f"{by.name}: {label.en}. {reason}".strip())
        engine.entry_add(case, kind="decided", actor=by.subject, text=text)
        engine.step_finish(case, step, outcome=outcome, answer={"reason": reason.strip()})


def supplement_ask(*, number: str, step_id: UUID, by: Principal, reason: str, revision: int) -> None:
    """Ask the applicant, once and in writing, for what is missing; the clock stands until the answer."""
    with transaction.atomic():
        case, step = open_task(number, step_id, by)
        if case.revision != revision:
            raise problems.changed_meanwhile(case.number)
        if not reason.strip():
            raise problems.reason_missing()
        _, config = engine.plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
        now, allowed = clock.now(), int(config.get("supplement_working_days", 30))
        if not allowed:
            raise problems.no_supplement_here(number)
        due = workdays.due_at(now, allowed)
        step.state, step.assignee = State.SUSPENDED, step.assignee or by.subject
        step.save(update_fields=["state", "assignee"])
        Supplement.objects.create(
            case=case,
            step=step,
            reason=reason.strip(),
            asked_by={"code": by.subject, "name": by.name},
            asked_at=now,
            due_at=due,
        )
        Deadline.objects.create(case=case, step=step, kind="supplement", due_at=due)
        text = Text(f"Yêu cầu bổ sung: {reason}", f"Supplement asked for: {reason}")
        engine.entry_add(case, kind="supplement-asked", actor=by.subject, text=text)
        engine.status_settle(case)


def supplement_answer(
    *,
    number: str,
    applicant: str,
    answer: str,
    files: list[FileRef],
    at: datetime,
    acting: dict[str, Any] | None = None,
) -> None:
    """The applicant's answer; in time up to and including the minute of the deadline.

    Errors: no-supplement-asked (409), supplement-late (409).
    """
    with transaction.atomic():
        case = _own_case(number, applicant)
        asked = Supplement.objects.filter(case=case, answered_at=None).order_by("-asked_at").first()
        if asked is None:
            raise problems.no_supplement_asked(number)
        if case.closed_at is not None or at.replace(second=0, microsecond=0) > asked.due_at:
            raise problems.supplement_late(number, asked.due_at)
        asked.answer, asked.answered_at = answer.strip(), at
        asked.documents = [item.sha256 for item in files]
        asked.save(update_fields=["answer", "answered_at", "documents"])
        files_add(case=case, files=files, at=at)
        step = asked.step
        step.state = State.OPEN
        step.save(update_fields=["state"])
        Deadline.objects.filter(step=step, kind="supplement", handled_at=None).update(handled_at=at)
        text = acting_for.said(Text("Người nộp đã bổ sung.", "The applicant answered."), acting)
        engine.entry_add(
            case, kind="supplement-answered", actor=acting_for.who(case, acting or {}), text=text
        )
        engine.status_settle(case)


def files_add(*, case: Case, files: list[FileRef], at: datetime) -> None:
    if files:
        rows_insert(_files(case, files, at))


def case_withdraw(*, number: str, applicant: str, acting: dict[str, Any] | None = None) -> None:
    """The applicant takes the dossier back before it is settled. Errors: closed-already (409)."""
    with transaction.atomic():
        case = _own_case(number, applicant)
        if case.closed_at is not None:
            raise problems.closed_already(number)
        text = acting_for.said(Text("Người nộp rút hồ sơ.", "The applicant withdrew the dossier."), acting)
        engine.entry_add(case, kind="withdrawn", actor=acting_for.who(case, acting or {}), text=text)
        engine.case_close(case, outcome="withdrawn")
        engine.status_settle(case)


def case_rate(*, number: str, applicant: str, score: int, text: str, at: datetime) -> None:
    """One rating for each closed case, given once. Errors: not-closed, rated-already (409)."""
    with transaction.atomic():
        case = _own_case(number, applicant)
        if case.closed_at is None:
            raise problems.not_closed(number)
        _, fresh = Rating.objects.get_or_create(
            case=case, defaults={"score": score, "text": text.strip(), "rated_at": at, "recorded_at": at}
        )
        if not fresh:
            raise problems.rated_already(number)


def step_retry(*, step_id: UUID, by: str) -> None:
    """An operator lets a stuck step run again. Errors: case-unknown (404)."""
    with transaction.atomic():
        step = Step.objects.select_related("case").filter(pk=step_id).first()
        if step is None:
            raise problems.case_unknown(str(step_id))
        case = engine.case_lock(step.case_id)  # type: ignore[attr-defined]
        if step.state != State.STUCK:
            return
        step.state, step.retry_at, step.problem = State.READY, clock.now(), None
        step.save(update_fields=["state", "retry_at", "problem"])
        engine.entry_add(
            case, kind="retried", actor=by, text=Text("Cho chạy lại bước kẹt.", "Stuck step retried.")
        )
        engine.job_defer(step)
        engine.status_settle(case)


def open_task(number: str, step_id: UUID, by: Principal) -> tuple[Case, Step]:
    """The case, locked, and its open task; an officer of another agency finds neither."""
    found = Case.objects.filter(number=number, agency=by.agency).values_list("pk", flat=True).first()
    if found is None:
        raise problems.case_unknown(number)
    case = engine.case_lock(found)
    step = Step.objects.filter(pk=step_id, case=case).first()
    if step is None or step.kind != Kind.TASK:
        raise problems.case_unknown(number)
    if step.state != State.OPEN:
        raise problems.decided_already(number, step.officer.get("name", ""))
    return case, step


def _own_case(number: str, applicant: str) -> Case:
    found = Case.objects.filter(number=number, applicant=applicant).values_list("pk", flat=True).first()
    if found is None:
        raise problems.case_unknown(number)
    return engine.case_lock(found)
