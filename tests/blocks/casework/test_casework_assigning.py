"""Who has which task; who acts for whom; what a late dossier is told."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import apologies, assigning, deadlines
from lienthong.blocks.casework.models import Apology, Case, Entry
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text
from tests.blocks.casework import casework_kit as kit
from tests.systems.country import OTHER_COMMITTEE

pytestmark = pytest.mark.django_db
TITLE = Text("Chủ tịch", "Chair")


def enter(number: int, *roles: Role, agency: str = kit.AGENCY) -> Principal:
    code, name = f"{agency}-S{number:02}", f"Cán bộ {number}"
    access.officer_enter(code=code, agency=agency, name=name, title=TITLE)
    by = Principal(Kind.OFFICER, "quan-tri", "Quản trị", agency, frozenset({Role.ADMINISTRATOR}))
    for role in roles:
        access.role_grant(by=by, officer=code, role=role, at=clock.now())
    return Principal(Kind.OFFICER, code, name, agency, frozenset(roles))


@pytest.fixture
def cases(agency: datetime, tmp_path: Path) -> list[Case]:
    """Four dossiers whose one task needs the role to sign."""
    steps = {"review": kit.task(approve="end:granted")}
    first = kit.case_of(tmp_path, steps, start="review", at=agency)
    return [first, *(kit.open_case(agency) for _ in range(3))]


def assignee(case: Case) -> str:
    return kit.step_of(case, "review").assignee


def journal(case: Case) -> list[str]:
    return list(Entry.objects.filter(case=case).order_by("id").values_list("vi", flat=True))


def test_the_head_gives_a_task_to_an_officer_who_may_do_it(cases: list[Case]) -> None:
    head, deputy, clerk = enter(1, Role.SIGN), enter(2, Role.SIGN), enter(3, Role.INTAKE)
    stranger = enter(9, Role.SIGN, agency=OTHER_COMMITTEE)
    case = cases[0]
    given = {"number": case.number, "step_id": kit.step_of(case, "review").pk}
    assigning.task_assign(**given, by=head, officer=deputy.subject)
    assert assignee(case) == deputy.subject
    assert journal(case)[-1] == "Cán bộ 1 phân công cho Cán bộ 2."
    for unfit in (clerk, stranger):
        with pytest.raises(Invalid):
            assigning.task_assign(**given, by=head, officer=unfit.subject)
    with pytest.raises(NotFound):
        assigning.task_assign(**given, by=stranger, officer=stranger.subject)


def test_tasks_are_spread_evenly_among_who_is_there_and_holds_the_role(cases: list[Case]) -> None:
    head, deputy, third = enter(1, Role.SIGN), enter(2, Role.SIGN), enter(3, Role.SIGN)
    enter(4, Role.INTAKE)
    assigning.absence_record(
        by=head, officer=third.subject, substitute=head.subject, from_day=clock.today(), to_day=clock.today()
    )
    assert assigning.tasks_spread(by=head) == 4
    held = sorted(assignee(case) for case in cases)
    assert held == [head.subject] * 2 + [deputy.subject] * 2
    assert assigning.tasks_spread(by=head) == 0
    assert {row.officer.code: row.open for row in assigning.loads(agency=kit.AGENCY)}[deputy.subject] == 2


def test_a_substitute_acts_in_place_of_who_is_away_and_the_journal_says_so(cases: list[Case]) -> None:
    head, deputy = enter(1, Role.SIGN), enter(2, Role.SIGN)
    days = {"from_day": clock.today(), "to_day": clock.today() + timedelta(days=2)}
    case, step = cases[0], kit.step_of(cases[0], "review")
    assigning.task_assign(number=case.number, step_id=step.pk, by=head, officer=head.subject)
    assigning.absence_record(by=head, officer=head.subject, substitute=deputy.subject, **days)
    assert assigning.standing_in_for(by=deputy) == {head.subject}
    with pytest.raises(Conflict):
        assigning.absence_record(by=head, officer=deputy.subject, substitute=head.subject, **days)
    revision = kit.fresh(case).revision
    decision = {"outcome": "approve", "title": TITLE, "revision": revision}
    assigning.task_decide(number=case.number, step_id=step.pk, by=deputy, **decision)
    assert "Cán bộ 2 làm thay Cán bộ 1, đang vắng." in journal(case)
    with clock.fixed(clock.now() + timedelta(days=3)):
        assert assigning.standing_in_for(by=deputy) == frozenset()


@pytest.mark.parametrize("wrong", ["same", "role", "days", "stranger"])
def test_an_absence_that_cannot_be_is_refused(cases: list[Case], wrong: str) -> None:
    head, clerk = enter(1, Role.SIGN), enter(2, Role.INTAKE)
    deputy, stranger = enter(3, Role.SIGN), enter(9, Role.SIGN, agency=OTHER_COMMITTEE)
    substitute = {"same": head, "role": clerk, "days": deputy, "stranger": stranger}[wrong]
    back = timedelta(days=-1 if wrong == "days" else 1)
    with pytest.raises(Invalid):
        assigning.absence_record(
            by=head,
            officer=head.subject,
            substitute=substitute.subject,
            from_day=clock.today(),
            to_day=clock.today() + back,
        )


def test_who_lacks_the_steps_role_does_not_decide(cases: list[Case]) -> None:
    examiner = enter(1, Role.CASE)
    step = kit.step_of(cases[0], "review")
    with pytest.raises(Forbidden):
        assigning.task_decide(
            number=cases[0].number, step_id=step.pk, by=examiner, outcome="approve", title=TITLE, revision=1
        )


def test_a_late_dossier_gets_one_apology_with_another_day(cases: list[Case]) -> None:
    case = cases[0]
    assert case.due_at is not None
    assert deadlines.sweep_deadlines() == 0
    with clock.fixed(case.due_at + timedelta(minutes=2)):
        assert deadlines.sweep_deadlines() == 4
        assert deadlines.sweep_deadlines() == 0
        letter = Apology.objects.get(case=case)
        assert letter.due_before == case.due_at < letter.promised_at
        assert "Xin lỗi vì chậm trả kết quả" in journal(case)[-1]
        assert kit.fresh(case).due_at == case.due_at
        day = clock.in_vietnam(letter.promised_at).date() + timedelta(days=7)
        given = {"number": case.number, "by": enter(1, Role.SIGN), "reason": "Chờ xác minh"}
        apologies.apology_redate(**given, day=day)
        letter.refresh_from_db()
        assert (clock.in_vietnam(letter.promised_at).date(), letter.reason) == (day, "Chờ xác minh")
        for wrong in ({"day": clock.today() - timedelta(days=1)}, {"day": day, "reason": " "}):
            with pytest.raises(Invalid):
                apologies.apology_redate(**{**given, **wrong})
        with pytest.raises(NotFound):
            apologies.apology_redate(**{**given, "by": enter(9, Role.SIGN, agency=OTHER_COMMITTEE)}, day=day)


def test_what_waits_for_the_applicant_or_is_settled_is_not_late(cases: list[Case]) -> None:
    kit.ask(cases[0], "review")
    kit.decide(cases[1], "review", "approve")
    due = cases[0].due_at
    assert due is not None
    with clock.fixed(due + timedelta(minutes=2)):
        deadlines.sweep_deadlines()
        assert set(Apology.objects.values_list("case_id", flat=True)) == {cases[2].pk, cases[3].pk}
        with pytest.raises(Conflict):
            apologies.apology_redate(
                number=cases[0].number, by=kit.officer(), day=clock.today() + timedelta(days=1), reason="x"
            )
