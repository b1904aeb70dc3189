"""What lists read together: cases with their parts, names of the day; and what keeps a desk's figures cheap."""

from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from lienthong.blocks.casework import assigning, following, selectors, services
from lienthong.blocks.casework.in_force import procedure_in_force
from lienthong.blocks.casework.models import Case
from lienthong.ground.text import Text
from tests.blocks.casework import casework_kit as kit

pytestmark = pytest.mark.django_db
CODE = "8.000001"


@pytest.fixture
def case(tmp_path: Path, agency: datetime) -> Case:
    return kit.case_of(tmp_path, {"review": kit.task(approve="end:granted")}, start="review", at=agency)


@pytest.mark.parametrize("day", ["2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01", "2027-01-01"])
def test_a_name_is_that_of_the_version_in_force_on_the_day(
    tmp_path: Path, agency: datetime, case: Case, day: str
) -> None:
    renamed = kit.package_of(
        tmp_path,
        {"review": kit.task(approve="end:granted")},
        start="review",
        version=2,
        valid_from="2026-07-01",
        name={"vi": "Thử lại", "en": "Trial again"},
    )
    services.procedure_publish(package=renamed, at=agency)
    on = date.fromisoformat(day)
    row = procedure_in_force(code=CODE, on=on)
    told = Text(row.name_vi, row.name_en) if row else Text(CODE, CODE)
    assert following.Names([CODE]).on(CODE, on) == told
    assert following.Names([]).on(CODE, on) == Text(CODE, CODE)


def test_only_the_persons_own_cases_are_followed_newest_first_at_one_price(
    agency: datetime, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [kit.open_case(agency) for _ in range(5)]
    Case.objects.filter(pk=others[0].pk).update(applicant="001099000009")
    numbers = [case.number, *(other.number for other in others)]
    newest = sorted([case, *others[1:]], key=lambda one: one.opened_at, reverse=True)
    selectors.package_in_order(case.procedure.pk)
    with django_assert_num_queries(3):
        found = following.cases_followed(applicant=case.applicant, numbers=numbers)
    assert {one.number for one in found} == {one.number for one in newest}
    assert list(found[0].package["steps"]) == ["review"]


def test_work_in_hand_is_counted_from_an_index_whatever_waits_besides(case: Case) -> None:
    """A desk may have a million open dossiers; an officer's page counts those in hand alone."""
    query = assigning._in_hand(agency=case.agency)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        statement, parameters = query.query.sql_with_params()
        cursor.execute(f"explain {statement}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "step_in_hand" in plan
