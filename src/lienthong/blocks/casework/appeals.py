"""Complaints and feedback as cases: what a complaint decided, who may not decide it, the dossier settled anew.

A complaint is a case of its own package; here is only what other cases do not have. The dossier that it is about
stands in its declaration, as `about.number`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lienthong.blocks.casework import appeal_rules, problems
from lienthong.blocks.casework.engine import plan_of
from lienthong.blocks.casework.models import Case, Child, Step
from lienthong.blocks.casework.rules import Kind, State
from lienthong.blocks.casework.selectors import CaseCard
from lienthong.ground.expressions import fill

SHOWN = 50
"""So many complaints and feedback about one case are told."""


@dataclass(frozen=True, slots=True)
class AppealRow:
    """A complaint or feedback about a dossier, as its agency's officer finds it; kind: `appeal_rules.KINDS`."""

    number: str
    kind: str
    status: int
    outcome: str
    due_at: datetime | None


def appeals_about(*, number: str, agency: str, applicant: str) -> list[AppealRow]:
    """What an applicant filed at this agency about one of their dossiers, the newest first."""
    rows = Case.objects.filter(applicant=applicant, agency=agency, data__about__number=number)
    rows = rows.filter(procedure__package__has_key="appeal").order_by("-opened_at")[:SHOWN]
    told = rows.values_list("number", "procedure__package__appeal", "status", "outcome", "due_at")
    return [AppealRow(*row) for row in told]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a complaint or feedback ended: its outcome, the officer's words, and who gave them."""

    number: str
    applicant: str
    outcome: str
    text: str
    ground: str
    officer: dict[str, Any]
    closed_at: datetime
    anew: bool
    about: str
    complaint: str


def settlement_of(*, number: str, agency: str) -> Settlement:
    """The decision of a complaint that has ended. Errors: case-unknown (404), not-closed (409)."""
    case = Case.objects.filter(number=number, agency=agency).select_related("procedure").first()
    if case is None or not case.procedure.package.get("appeal"):
        raise problems.case_unknown(number)
    if case.closed_at is None:
        raise problems.not_closed(number)
    places = list(plan_of(case.procedure_id).steps)  # type: ignore[attr-defined]
    tasks = Step.objects.filter(case=case, kind=Kind.TASK, state=State.DONE)
    step = max(tasks, key=lambda row: places.index(row.key), default=None)  # the package's last decision
    return Settlement(
        number,
        case.applicant,
        case.outcome,
        str((step.answer or {}).get("reason", "")) if step else "",
        str(case.data.get("ground", "")),
        step.officer if step else {},
        case.closed_at,
        appeal_rules.settled_anew(ground=case.data.get("ground", ""), outcome=case.outcome),
        str(case.data["about"]["number"]),
        str(case.data.get("text", "")),
    )


def decision_reason(card: CaseCard) -> str:
    """The officer's last words in a dossier."""
    said = [str(step.answer["reason"]) for step in card.steps if step.kind == Kind.TASK and step.answer]
    return next((reason for reason in reversed(said) if reason), "")


@dataclass(frozen=True, slots=True)
class Followed:
    """A complaint or feedback on the portal: its own case, and the agency's.

    filed_by: who filed it for the applicant, or empty; about: number of the dossier that it is about; kind:
    `appeal_rules.KINDS`; outcome and due_at: at the agency; answer: how it was settled, as the agency told it;
    renewed: the dossier that is settled anew.
    """

    number: str
    filed_by: str
    kind: str
    about: str
    ground: str
    agency: str
    opened_at: datetime
    outcome: str
    due_at: datetime | None
    answer: dict[str, Any] | None
    renewed: str


def appeals_followed(*, applicant: str, parent: str, system: str) -> list[Followed]:
    """What this applicant filed about the dossiers of their case `parent`, the newest first."""
    rows = Case.objects.filter(applicant=applicant, system=system, data__about__parent=parent)
    cases = list(rows.order_by("-opened_at")[:SHOWN])
    children: dict[Any, dict[str, Child]] = {case.pk: {} for case in cases}
    for child in Child.objects.filter(case__in=cases):
        children[child.case_id][child.step_key] = child  # type: ignore[attr-defined]
    asked = Step.objects.filter(case__in=cases, key="ask", state=State.DONE)
    answers = dict(asked.values_list("case_id", "answer"))
    return [_followed(case, children[case.pk], answers.get(case.pk)) for case in cases]


def _followed(case: Case, children: dict[str, Child], answer: dict[str, Any] | None) -> Followed:
    opened, renewed = children.get("open"), children.get("renew")
    return Followed(
        case.number,
        str(case.acting.get("number", "")),
        case.data["kind"],
        case.data["about"]["number"],
        case.data["declaration"].get("ground", ""),
        case.data["agency"],
        case.opened_at,
        opened.outcome if opened else case.outcome,
        opened.due_at if opened else None,
        answer,
        renewed.number if renewed else "",
    )


def case_hold(*, number: str, applicant: str) -> None:
    """Until the transaction ends, nobody else files about this case. Errors: case-unknown (404)."""
    if not Case.objects.select_for_update().filter(number=number, applicant=applicant).exists():
        raise problems.case_unknown(number)


def reason_with_ground(choice: Any, ground: str, reason: str) -> str:
    """What the applicant reads: the law's ground in its own words, then the officer's. Errors: ground-missing (422)."""
    grounds = choice.get("grounds") if isinstance(choice, dict) else None
    if not grounds:
        return reason
    given = next((row for row in grounds if row["code"] == ground), None)
    if given is None:
        raise problems.ground_missing()
    return f"{given['vi']}. {reason.strip()}"


def deciders_of(numbers: Iterable[str]) -> dict[str, frozenset[str]]:
    """Of each dossier, the officers who took a decision in it."""
    rows = Step.objects.filter(case__number__in=list(numbers), kind=Kind.TASK, state=State.DONE)
    found: dict[str, set[str]] = {}
    for number, given in rows.values_list("case__number", "officer"):
        found.setdefault(number, set()).add(str(given.get("code", "")))
    return {number: frozenset(codes - {""}) for number, codes in found.items()}


def barred_from(*, step: Step, config: dict[str, Any]) -> frozenset[str]:
    """Officers who may not do this task: those who decided what it is to judge (`not_decided_by` of its package).

    Nobody settles a complaint against their own decision.
    """
    wanted = config.get("not_decided_by")
    if wanted is None:
        return frozenset()
    number = str(fill(wanted, {"data": step.case.data}) or "")
    return deciders_of([number]).get(number, frozenset())
