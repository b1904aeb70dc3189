"""Who has which task: the head assigns, work is spread evenly, a substitute acts for who is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet

from lienthong.blocks.access import selectors as access
from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.casework import appeals, engine, problems, services
from lienthong.blocks.casework.models import Absence, Case, Step
from lienthong.blocks.casework.rules import Kind, State
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Forbidden, Invalid
from lienthong.ground.text import Text

SPREAD_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Load:
    """An officer's open tasks, and who acts in their place today, if they are away."""

    officer: access.OfficerCard
    open: int
    substitute: str


def absences_of(*, agency: str) -> list[Absence]:
    """Present and coming absences at an agency."""
    return list(
        Absence.objects.filter(agency=agency, to_day__gte=clock.today()).order_by("from_day", "id")[:200]
    )


def away(*, agency: str, on: date) -> dict[str, str]:
    """Who is away that day, and the substitute of each."""
    rows = Absence.objects.filter(agency=agency, from_day__lte=on, to_day__gte=on).order_by("id")
    return dict(rows.values_list("officer", "substitute"))


def standing_in_for(*, by: Principal) -> frozenset[str]:
    """The officers in whose place this one acts today."""
    absent = away(agency=by.agency, on=clock.today())
    return frozenset(officer for officer, substitute in absent.items() if substitute == by.subject)


def loads(*, agency: str) -> list[Load]:
    """The active officers of an agency, each with the work in hand."""
    absent = away(agency=agency, on=clock.today())
    counts = _counts(agency)
    return [
        Load(officer, counts[officer.code], absent.get(officer.code, ""))
        for officer in access.officers_of(agency=agency)
        if officer.active
    ]


def _in_hand(*, agency: str) -> QuerySet[Step]:
    """Open work of an agency that an officer has taken or was given."""
    return Step.objects.filter(agency=agency, state__in=[State.OPEN, State.SUSPENDED]).exclude(assignee="")


def _counts(agency: str) -> Counter[str]:
    rows = _in_hand(agency=agency)
    return Counter(dict(rows.values_list("assignee").annotate(count=Count("id"))))


def absence_record(*, by: Principal, officer: str, substitute: str, from_day: date, to_day: date) -> None:
    """An officer is away from the first to the last day; the substitute decides meanwhile, in their place.

    Errors: absence-days, substitute-unfit (422); absent-already (409).
    """
    if to_day < from_day or to_day < clock.today():
        raise Invalid(
            "absence-days",
            Text("Khoảng ngày vắng chưa đúng.", "The days of absence are not right."),
            Text(
                "Ngày cuối phải sau ngày đầu và chưa qua.",
                "The last day is on or after the first, and not past.",
            ),
            Text("Xem lại hai ngày.", "Look at both days again."),
            field="to_day",
        )
    own = {card.code: card for card in access.officers_of(agency=by.agency) if card.active}
    if officer not in own or substitute not in own or officer == substitute:
        raise _unfit(
            Text(
                "Chọn hai người khác nhau của cơ quan mình.", "Choose two different officers of your agency."
            )
        )
    needed = own[officer].roles & {Role.CASE, Role.SIGN}
    if not needed <= own[substitute].roles:
        raise _unfit(
            Text(
                "Chọn người giữ cùng vai trò, hoặc cấp vai trò trước.",
                "Choose who holds the same roles, or grant them first.",
            )
        )
    with transaction.atomic():
        overlapping = Absence.objects.filter(agency=by.agency, from_day__lte=to_day, to_day__gte=from_day)
        if overlapping.filter(officer__in=[officer, substitute]).exists():
            raise Conflict(
                "absent-already",
                Text(
                    "Một trong hai người đã vắng trong những ngày này.",
                    "One of the two is away on these days already.",
                ),
                Text(
                    "Mỗi người có một người thay, và người thay phải có mặt.",
                    "One substitute each, who must be present.",
                ),
                Text(
                    "Kết thúc lượt vắng kia trước, hoặc chọn người khác.",
                    "End that absence first, or choose another.",
                ),
                field="officer",
            )
        Absence.objects.create(
            officer=officer,
            agency=by.agency,
            substitute=substitute,
            from_day=from_day,
            to_day=to_day,
            recorded_by=by.subject,
            recorded_at=clock.now(),
        )


def absence_remove(*, by: Principal, absence_id: int) -> None:
    """The officer is back, or did not leave."""
    Absence.objects.filter(pk=absence_id, agency=by.agency).delete()


def task_assign(*, number: str, step_id: UUID, by: Principal, officer: str) -> None:
    """The head gives an open task to an officer who may do it. Errors: case-unknown (404), assignee-unfit (422)."""
    with transaction.atomic():
        case, step = services.open_task(number, step_id, by)
        card = access.officer_get(code=officer)
        if card is None or not card.active or card.agency != by.agency or not _may(card.roles, step.role):
            raise assignee_unfit()
        if card.code in _barred(step):
            raise assignee_unfit()
        _give(case, step, card, by)


def _give(case: Case, step: Step, card: access.OfficerCard, by: Principal) -> None:
    step.assignee = card.code
    step.save(update_fields=["assignee"])
    text = Text(f"{by.name} phân công cho {card.name}.", f"{by.name} assigned it to {card.name}.")
    engine.entry_add(case, kind="assigned", actor=by.subject, text=text)
    engine.status_settle(case)


def tasks_spread(*, by: Principal) -> int:
    """Give the unassigned tasks, the most urgent first, each to who has least in hand and is not away; how many."""
    absent = away(agency=by.agency, on=clock.today())
    counts = _counts(by.agency)
    present = [
        card for card in access.officers_of(agency=by.agency) if card.active and card.code not in absent
    ]
    waiting = Step.objects.filter(agency=by.agency, state=State.OPEN, kind=Kind.TASK, assignee="")
    given = 0
    for step_id, case_id in list(
        waiting.order_by("due_at", "id").values_list("pk", "case_id")[:SPREAD_AT_ONCE]
    ):
        with transaction.atomic():
            case = engine.case_lock(case_id)
            step = Step.objects.filter(pk=step_id, state=State.OPEN, assignee="").first()
            if step is None:
                continue
            barred = _barred(step)
            fit = [card for card in present if _may(card.roles, step.role) and card.code not in barred]
            if not fit:
                continue
            card = min(fit, key=lambda one: (counts[one.code], one.code))
            _give(case, step, card, by)
            counts[card.code] += 1
            given += 1
    return given


def _may(roles: Iterable[Role], wanted: str) -> bool:
    held = frozenset(roles)
    return Role(wanted) in held if wanted else bool(held & {Role.INTAKE, Role.CASE, Role.SIGN})


def may_decide(*, step: Step, by: Principal) -> bool:
    """Whether this officer holds the step's role, and does not judge their own decision."""
    return _may(by.roles, step.role) and by.subject not in _barred(step)


def is_barred(*, step: Step, by: Principal) -> bool:
    """Whether this officer decided what the task is to judge."""
    return by.subject in _barred(step)


def _barred(step: Step) -> frozenset[str]:
    return appeals.barred_from(step=step, config=_config(step))


def _config(step: Step) -> dict[str, Any]:
    return engine.plan_of(step.case.procedure_id).steps[step.key][1]  # type: ignore[attr-defined]


def task_claim(*, number: str, step_id: UUID, by: Principal) -> None:
    """As `services.task_claim`, by who may decide the task where it judges a decision. Errors: own-decision (403)."""
    with transaction.atomic():
        case, step = services.open_task(number, step_id, by)
        if by.subject in _barred(step):
            raise problems.own_decision(case.data["about"]["number"])
        services.task_claim(number=number, step_id=step_id, by=by)


def task_decide(*, number: str, step_id: UUID, by: Principal, **decision: Any) -> None:
    """As `services.task_decide`, by who holds the role; in whose place, if the one who had it is away.

    Errors: role-missing, own-decision (403), those of `services.task_decide`.
    """
    with transaction.atomic():
        step = _checked(number, step_id, by)
        services.task_decide(number=number, step_id=step_id, by=by, **decision)
        _note_place(step, by)


def supplement_ask(*, number: str, step_id: UUID, by: Principal, reason: str, revision: int) -> None:
    """As `services.supplement_ask`, with the same care for role and place."""
    with transaction.atomic():
        step = _checked(number, step_id, by)
        services.supplement_ask(number=number, step_id=step_id, by=by, reason=reason, revision=revision)
        _note_place(step, by)


def _checked(number: str, step_id: UUID, by: Principal) -> Step:
    """The task, its case locked."""
    case, step = services.open_task(number, step_id, by)
    if by.subject in _barred(step):
        raise problems.own_decision(case.data["about"]["number"])
    if not _may(by.roles, step.role):
        raise Forbidden(
            "role-missing",
            Text("Bạn không giữ vai trò của bước này.", "You do not hold this step's role."),
            Text(
                "Quyết định cần đúng vai trò mà thủ tục nêu.",
                "The decision needs the role that the procedure names.",
            ),
            Text(
                "Người quản trị của cơ quan bạn có thể cấp vai trò.",
                "Your agency's administrator can grant it.",
            ),
        )
    return step


def _note_place(step: Step, by: Principal) -> None:
    if step.assignee not in standing_in_for(by=by):
        return
    absent = access.officer_get(code=step.assignee)
    name = absent.name if absent else step.assignee
    text = Text(f"{by.name} làm thay {name}, đang vắng.", f"{by.name} acted in place of {name}, who is away.")
    engine.entry_add(step.case, kind="stood-in", actor=by.subject, text=text)


def assignee_unfit() -> Invalid:
    return Invalid(
        "assignee-unfit",
        Text("Không phân công được cho người này.", "This officer cannot be given the task."),
        Text(
            "Người này không thuộc cơ quan, hoặc không giữ vai trò của bước.",
            "They are not of the agency, or lack the step's role.",
        ),
        Text("Chọn người khác, hoặc cấp vai trò trước.", "Choose another, or grant the role first."),
        field="assignee",
    )


def _unfit(next_step: Text) -> Invalid:
    return Invalid(
        "substitute-unfit",
        Text("Người thay chưa phù hợp.", "The substitute does not fit."),
        Text("Người thay quyết định như người vắng.", "A substitute decides as the absent officer would."),
        next_step,
        field="substitute",
    )
