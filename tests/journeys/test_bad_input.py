"""What cannot be is refused with what, why and what next, in both languages; nothing that was typed is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from lienthong.blocks.access.principals import Kind, Principal
from lienthong.blocks.casework.models import Case
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.errors import Problem
from lienthong.systems.lifeevents import services as lifeevents
from lienthong.systems.lifeevents.models import Declared, Draft
from lienthong.systems.population.models import Person
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.journeys import people
from tests.systems import country

MOTHER = Principal(Kind.PERSON, "001195000001", "Nguyễn Thị Ánh")
FATHER = Principal(Kind.PERSON, "001093000002", "Trần Quốc Bảo")
NOBODY = "001195999999"


def family_ready(at: datetime) -> None:
    country.country_join(at)
    packages_publish()
    country.family_enter(at)
    run_jobs()


@pytest.fixture
def family(db: None, at: datetime) -> datetime:
    family_ready(at)
    return at


def drafted(by: Principal, **answers: object) -> Draft:
    """A draft with everything answered; what is refused on the way is kept all the same."""
    draft = lifeevents.draft_start(by=by, procedure="9.000001")
    given = people.answers(**answers)
    if by is FATHER:
        given["other_parent"] = answers.get("other_parent", MOTHER.subject)
    try:
        lifeevents.draft_answer(draft=draft, answers=given)
    except Problem as problem:
        assert_told(problem)
    return draft


def refused(draft: Draft, by: Principal) -> Problem:
    """The problem with which a draft is not sent; the draft stands as it was typed."""
    typed = Draft.objects.get(pk=draft.pk).answers
    with pytest.raises(Problem) as caught:
        lifeevents.draft_submit(draft_id=draft.pk, by=by, language="vi")
    kept = Draft.objects.get(pk=draft.pk)
    assert (kept.answers, kept.case_number) == (typed, "")
    assert not Case.objects.exists()
    assert not Declared.objects.exists()
    return assert_told(caught.value)


def assert_told(problem: Problem) -> Problem:
    """What, why and what next, in two languages that differ."""
    for text in (problem.what, problem.why, problem.next_step):
        assert text.vi.strip()
        assert text.en.strip()
        assert text.vi != text.en
    return problem


def dies(number: str, on: datetime, at: datetime) -> None:
    registry.record_change(
        Person,
        key=number,
        content={"alive": False, "death_date": on.date()},
        provenance=Provenance("G01", reason="Khai tử"),
        at=at,
        valid_from=on.date(),
    )


@pytest.mark.django_db
def test_a_birth_in_the_future_is_not_sent(family: datetime) -> None:
    problem = refused(drafted(MOTHER, birth_date="2026-12-24"), MOTHER)
    assert (problem.code, problem.field) == ("birth-in-future", "child.birth_date")
    assert "24/12/2026" in problem.why.vi


@pytest.mark.django_db
def test_a_mother_whose_number_nobody_has_is_told_at_her_number_and_not_sent(family: datetime) -> None:
    draft = lifeevents.draft_start(by=FATHER, procedure="9.000001")
    answers = people.answers(other_parent="number", other_parent_number=NOBODY)
    with pytest.raises(Problem) as caught:
        lifeevents.draft_answer(draft=draft, answers=answers)
    assert (assert_told(caught.value).code, caught.value.field) == ("parent-unknown", "other_parent_number")
    assert Draft.objects.get(pk=draft.pk).answers["other_parent_number"] == NOBODY


@pytest.mark.django_db
def test_a_mother_who_had_died_before_the_birth_is_the_reason_named(family: datetime) -> None:
    dies(MOTHER.subject, family - timedelta(days=30), family)
    problem = refused(drafted(FATHER), FATHER)
    assert (problem.code, problem.field) == ("mother-dead", "mother.number")
    assert "died" in problem.why.en


@pytest.mark.django_db
def test_the_same_child_declared_again_by_the_same_parent_leads_to_the_first_dossier(
    family: datetime,
) -> None:
    first = people.declare(MOTHER)
    with pytest.raises(Problem) as caught:
        people.declare(MOTHER)
    assert assert_told(caught.value).code == "declared-already"
    assert first in caught.value.next_step.vi
    assert Case.objects.filter(system="lifeevents").count() == 1


@pytest.mark.django_db
def test_the_other_parent_is_told_of_the_first_declaration_but_not_of_its_number(family: datetime) -> None:
    first = people.declare(MOTHER)
    second = drafted(FATHER)
    with pytest.raises(Problem) as caught:
        lifeevents.draft_submit(draft_id=second.pk, by=FATHER, language="vi")
    said = assert_told(caught.value)
    assert said.code == "declared-already"
    assert "Someone else" in said.why.en
    assert first not in f"{said.what} {said.why} {said.next_step}"
    assert Draft.objects.get(pk=second.pk).answers["child_name"] == "Trần Minh An"


@pytest.mark.django_db
def test_a_twin_of_another_name_is_declared_beside_the_first_child(family: datetime) -> None:
    assert people.declare(MOTHER) != people.declare(MOTHER, child_name="Trần Minh Bình")


def at_once(*acts: Callable[[], str]) -> list[str]:
    """The acts begin at one moment; the case's number of each, or its problem's code."""
    start = Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        try:
            start.wait(20)
            return act()
        except Problem as problem:
            return assert_told(problem).code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_parents_who_declare_at_the_same_moment_one_is_told_of_the_other(at: datetime) -> None:
    family_ready(at)
    drafts = [(drafted(by).pk, by) for by in (MOTHER, FATHER)]
    came_to = at_once(
        *[
            lambda pk=pk, by=by: lifeevents.draft_submit(draft_id=pk, by=by, language="vi")
            for pk, by in drafts
        ]
    )
    (case,) = Case.objects.all()
    assert came_to == sorted([case.number, "declared-already"])
    assert Declared.objects.get().case_number == case.number


@pytest.mark.django_db(transaction=True)
def test_the_button_pressed_twice_at_the_same_moment_sends_one_application(at: datetime) -> None:
    family_ready(at)
    draft = drafted(MOTHER)
    came_to = at_once(*[lambda: lifeevents.draft_submit(draft_id=draft.pk, by=MOTHER, language="vi")] * 4)
    assert came_to == [Case.objects.get().number] * 4
