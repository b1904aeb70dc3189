"""Reads of cases: an officer's queue, a dossier with its evidence, a person's cases, what is stuck."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from lienthong.blocks.casework.context import context_of
from lienthong.blocks.casework.disposed import is_disposed
from lienthong.blocks.casework.engine import plan_of
from lienthong.blocks.casework.models import (
    Case,
    CaseFile,
    Child,
    Entry,
    Procedure,
    Rating,
    Result,
    Signal,
    Step,
    Supplement,
)
from lienthong.blocks.casework.problems import case_unknown
from lienthong.blocks.casework.rules import ASKED, SIGNATURES, STATUS_TEXT, Kind, State, Status
from lienthong.ground import clock
from lienthong.ground.expressions import fill
from lienthong.ground.text import Text

PAGE = 50
COUNT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One task that waits for an officer."""

    step_id: UUID
    number: str
    title: str
    applicant_name: str
    procedure: Text
    task: Text
    due_at: datetime | None
    opened_at: datetime
    assignee: str
    status: Status
    revision: int

    @property
    def cursor(self) -> str:
        return f"{self.due_at.isoformat() if self.due_at else 'none'}|{self.step_id}"


def queue_page(
    *,
    agency: str,
    roles: frozenset[str],
    after: str | None = None,
    limit: int = PAGE,
    mine: frozenset[str] = frozenset(),
) -> list[QueueRow]:
    """Open tasks of an agency for these roles, the nearest deadline first; `after`: the last row's cursor.

    mine: only what these officers have in hand.
    """
    rows = Step.objects.filter(agency=agency, state=State.OPEN, role__in=[*roles, ""])
    if mine:
        rows = rows.filter(assignee__in=mine)
    rows = rows.select_related("case", "case__procedure").defer("case__data", "case__procedure__package")
    due, step_id = _place(after)
    timed, untimed = rows.exclude(due_at=None), rows.filter(due_at=None)
    if due is not None:
        timed = timed.extra(
            where=["(casework_step.due_at, casework_step.id) > (%s, %s)"], params=[due, step_id]
        )
    elif step_id is not None:  # the last row had no deadline: such rows come after all others
        timed, untimed = timed.none(), untimed.filter(id__gt=step_id)
    found = list(timed.order_by("due_at", "id")[:limit])
    if len(found) < limit:
        found += untimed.order_by("id")[: limit - len(found)]
    return [_queue_row(step) for step in found]


def _place(after: str | None) -> tuple[datetime | None, UUID | None]:
    """Deadline and step of a cursor; one that was not made here begins at the first page."""
    due, _, step_id = (after or "").partition("|")
    try:
        return (datetime.fromisoformat(due) if due != "none" else None), UUID(step_id)
    except ValueError:
        return None, None


def _queue_row(step: Step) -> QueueRow:
    case = step.case
    _, config = plan_of(case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
    return QueueRow(
        step.pk,
        case.number,
        case.title,
        case.applicant_name,
        Text(case.procedure.name_vi, case.procedure.name_en),
        Text(**config["title"]),
        step.due_at,
        step.opened_at,
        step.assignee,
        Status(case.status),
        case.revision,
    )


@dataclass(frozen=True, slots=True)
class OpenTask:
    procedure: str
    config: dict[str, Any]


def tasks_open(*, agency: str, steps: list[UUID]) -> dict[UUID, OpenTask]:
    """Of these steps, those that wait for an officer of the agency."""
    rows = Step.objects.filter(pk__in=steps, agency=agency, state=State.OPEN).select_related("case")
    plans = {step.pk: plan_of(step.case.procedure_id) for step in rows}  # type: ignore[attr-defined]
    return {step.pk: OpenTask(plans[step.pk].code, plans[step.pk].steps[step.key][1]) for step in rows}


def queue_counts(*, agency: str) -> dict[str, int]:
    """open, overdue, due today: what the head of the queue says, each counted up to COUNT_MAX."""
    now = clock.now()
    rows = Step.objects.filter(agency=agency, state=State.OPEN)
    evening = now.replace(hour=23, minute=59, second=59)
    return {
        "open": rows[:COUNT_MAX].count(),
        "overdue": rows.filter(due_at__lt=now)[:COUNT_MAX].count(),
        "today": rows.filter(due_at__gte=now, due_at__lte=evening)[:COUNT_MAX].count(),
    }


@dataclass(frozen=True)
class CaseCard:
    """A case with everything that its page shows."""

    id: UUID
    number: str
    system: str
    agency: str
    procedure: Text
    procedure_code: str
    package: dict[str, Any]
    applicant: str
    applicant_name: str
    acting: dict[str, Any]
    channel: str
    title: str
    status: Status
    outcome: str
    revision: int
    data: dict[str, Any]
    opened_at: datetime
    received_on: date
    due_at: datetime | None
    closed_at: datetime | None
    reference: str
    steps: list[Step] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    files: list[CaseFile] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    rating: Rating | None = None

    @property
    def status_text(self) -> Text:
        return STATUS_TEXT[self.status]

    @property
    def first_child(self) -> str:
        """The key of the step that opens the first dossier of a linked procedure."""
        return next((key for key, step in self.package["steps"].items() if step.get("child")), "")

    @property
    def open_task(self) -> Step | None:
        return next((s for s in self.steps if s.kind == Kind.TASK and s.state == State.OPEN), None)

    @property
    def asked(self) -> bool:
        """Whether it is another agency's request for an opinion, and no dossier."""
        return self.package["agency_kind"] == ASKED

    @property
    def unsigned(self) -> bool:
        """Whether it waits for signatures."""
        return any(s.signal == SIGNATURES and s.state == State.WAITING for s in self.steps)

    def task_config(self, step: Step) -> dict[str, Any]:
        return self.package["steps"][step.key]


def case_of_agency(*, number: str, agency: str) -> CaseCard:
    """A dossier as its own agency's officer sees it. Errors: case-unknown (404), also for other agencies'."""
    return _card(Case.objects.filter(number=number, agency=agency), number)


def case_of_applicant(*, number: str, applicant: str, system: str | None = None) -> CaseCard:
    """A case as the person who opened it sees it. Errors: case-unknown (404)."""
    rows = Case.objects.filter(number=number, applicant=applicant)
    return _card(rows if system is None else rows.filter(system=system), number)


def case_get(*, number: str) -> CaseCard:
    """For handlers and jobs, which checked the right already."""
    return _card(Case.objects.filter(number=number), number)


def _card(rows: Any, number: str) -> CaseCard:
    case = rows.select_related("procedure").defer("procedure__package").first()
    if case is None:
        raise case_unknown(number)
    return CaseCard(
        id=case.pk,
        number=case.number,
        system=case.system,
        agency=case.agency,
        procedure=Text(case.procedure.name_vi, case.procedure.name_en),
        procedure_code=case.procedure.code,
        package=package_in_order(case.procedure_id),
        applicant=case.applicant,
        applicant_name=case.applicant_name,
        acting=case.acting,
        channel=case.channel,
        title=case.title,
        status=Status(case.status),
        outcome=case.outcome,
        revision=case.revision,
        data=case.data,
        opened_at=case.opened_at,
        received_on=case.received_on,
        due_at=case.due_at,
        closed_at=case.closed_at,
        reference=case.reference,
        steps=list(case.steps.order_by("opened_at", "id")),
        results=list(case.results.order_by("issued_at")),
        files=list(case.files.order_by("id")[:500]),
        entries=list(case.entries.order_by("id")[:500]),
        children=list(case.children.order_by("id")),
        supplements=list(case.supplements.order_by("id")),
        rating=Rating.objects.filter(case=case).first(),
    )


def package_in_order(procedure_id: int) -> dict[str, Any]:
    """The package with its steps as they were written: PostgreSQL's jsonb does not keep the order of keys."""
    plan = plan_of(procedure_id)
    steps = plan.package["steps"]
    return {**plan.package, "steps": {key: steps[key] for key in plan.steps}}


@dataclass(frozen=True, slots=True)
class CaseRow:
    number: str
    title: str
    procedure: Text
    status: Status
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    disposed: bool = False

    @property
    def status_text(self) -> Text:
        return STATUS_TEXT[self.status]


def _case_row(case: Case) -> CaseRow:
    procedure = Text(case.procedure.name_vi, case.procedure.name_en)
    status = Status(case.status)
    title = case.title or case.number  # of one that was disposed of, the number is left
    gone = getattr(case, "disposed", False)
    return CaseRow(case.number, title, procedure, status, case.outcome, case.opened_at, case.due_at, gone)


def cases_of_applicant(
    *,
    applicant: str,
    system: str | None = None,
    before: datetime | None = None,
    limit: int = PAGE,
    acted_by: str = "",
) -> list[CaseRow]:
    """An applicant's cases, the newest first; `acted_by`: only those that this person sent for them."""
    rows = (
        Case.objects.filter(applicant=applicant)
        .annotate(disposed=is_disposed())
        .select_related("procedure")
        .defer("data", "procedure__package")
    )
    if system is not None:
        rows = rows.filter(system=system)
    if acted_by:
        rows = rows.filter(acting__number=acted_by)
    if before is not None:
        rows = rows.filter(opened_at__lt=before)
    return [_case_row(case) for case in rows.order_by("-opened_at")[:limit]]


def cases_search(*, agency: str, query: str, limit: int = PAGE) -> list[CaseRow]:
    """An agency's dossiers by number, former number, the applicant's number, or words of the title; newest first."""
    rows = Case.objects.filter(agency=agency).select_related("procedure").defer("data", "procedure__package")
    text = query.strip()
    if text.isdigit():
        rows = rows.filter(applicant=text)
    elif " " not in text and any(mark in text for mark in "-/."):
        rows = rows.filter(Q(number=text.upper()) | Q(moved_in__former_number=text))
    else:
        rows = rows.filter(title__icontains=text)
    return [_case_row(case) for case in rows.order_by("-opened_at")[:limit]]


@dataclass(frozen=True, slots=True)
class StuckRow:
    """Work that does not go on by itself, with the reason and what would help."""

    step_id: UUID
    number: str
    agency: str
    step: str
    kind: str
    state: str
    since: datetime
    tries: int
    problem: dict[str, Any] | None


def work_stuck(*, limit: int = 200, longer_than: timedelta = timedelta(minutes=1)) -> list[StuckRow]:
    """Steps that are stuck, or that have been tried in vain for so long."""
    late = clock.now() - longer_than
    stuck = Step.objects.filter(state=State.STUCK)
    trying = Step.objects.filter(state__in=[State.READY, State.CALLING], opened_at__lt=late)
    rows = [*stuck.select_related("case")[:limit], *trying.select_related("case")[:limit]]
    return [
        StuckRow(s.pk, s.case.number, s.agency, s.key, s.kind, s.state, s.opened_at, s.tries, s.problem)
        for s in rows
    ]


def procedures_in_force(*, on: date) -> list[Procedure]:
    """The newest version of each procedure in force that day."""
    rows = Procedure.objects.filter(valid__contains=on).order_by("code", "-version")
    return list(rows.distinct("code"))


def result_by_check_code(check_code: str) -> Result | None:
    return Result.objects.select_related("case").filter(check_code=check_code.upper()).first()


def result_find(*, number: str, code: str) -> Result | None:
    return (
        Result.objects.select_related("case").filter(number=number, code=code).order_by("-issued_at").first()
    )


def signals_besides(*, number: str, signal_id: UUID) -> list[dict[str, Any]]:
    """All that a case was told besides this signal."""
    rows = Signal.objects.filter(case__number=number).exclude(pk=signal_id)
    return list(rows.values_list("payload", flat=True))


def step_config(step: Step) -> dict[str, Any]:
    _, config = plan_of(step.case.procedure_id).steps[step.key]  # type: ignore[attr-defined]
    return config


def declaration_rows(card: CaseCard) -> list[tuple[Text, Any, str]]:
    """(label, value, format) of what the package shows of a declaration, empty values left out."""
    context = context_of(Case.objects.get(pk=card.id))
    rows = []
    for row in card.package.get("show", []):
        value = fill(row["value"], context)
        if value not in (None, "", [], False):
            rows.append((Text(row["vi"], row["en"]), value, row.get("format", "")))
    return rows
