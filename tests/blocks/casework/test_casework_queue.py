"""The desk's queue: nearest deadline first, page after page without loss or double, at a constant price."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from lienthong.blocks.casework import selectors, services
from lienthong.blocks.casework.models import Case, Step
from lienthong.ground import clock
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import AGENCY, task

pytestmark = pytest.mark.django_db

ROLES = frozenset({"sign"})
DOSSIERS = 23


@pytest.fixture
def queue(tmp_path: Path, agency: datetime) -> list[Case]:
    """Dossiers of several days, two of them without a limit; one of another agency."""
    package = kit.package_of(tmp_path, {"review": task(approve="end:granted")}, start="review")
    services.procedure_publish(package=package, at=agency)
    kit.agency_enter("H26.04")
    kit.open_case(agency, agency="H26.04")
    made = []
    for number in range(DOSSIERS):
        with clock.fixed(at := agency + timedelta(days=(number * 7) % 5)):
            made.append(kit.open_case(at, title=f"Hồ sơ {number}"))
    Step.objects.filter(case__in=made[:2]).update(due_at=None)
    return made


def pages(limit: int) -> list[list[selectors.QueueRow]]:
    found: list[list[selectors.QueueRow]] = []
    after = None
    while page := selectors.queue_page(agency=AGENCY, roles=ROLES, after=after, limit=limit):
        found.append(page)
        after = page[-1].cursor
        assert len(found) <= DOSSIERS + 1
    return found


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 22, 23, 50])
def test_pages_of_any_length_show_each_dossier_once(queue: list[Case], limit: int) -> None:
    rows = [row for page in pages(limit) for row in page]
    assert sorted(row.number for row in rows) == sorted(case.number for case in queue)


def test_the_nearest_deadline_comes_first_and_no_deadline_last(queue: list[Case]) -> None:
    dues = [row.due_at for page in pages(50) for row in page]
    dated = [due for due in dues if due is not None]
    assert dated == sorted(dated)
    assert dues == [*dated, None, None]


def test_what_is_decided_between_two_pages_shifts_nobody_out(queue: list[Case]) -> None:
    first = selectors.queue_page(agency=AGENCY, roles=ROLES, limit=5)
    done = Case.objects.get(number=first[0].number)
    kit.decide(done, "review", "approve")
    rest = []
    after: str | None = first[-1].cursor
    while page := selectors.queue_page(agency=AGENCY, roles=ROLES, limit=5, after=after):
        rest += page
        after = page[-1].cursor
    assert len({row.number for row in [*first, *rest]}) == DOSSIERS


@pytest.mark.parametrize("limit", [3, 20])
def test_a_page_costs_the_same_number_of_queries_whatever_its_length(
    queue: list[Case], django_assert_num_queries: DjangoAssertNumQueries, limit: int
) -> None:
    selectors.queue_page(agency=AGENCY, roles=ROLES, limit=1)
    with django_assert_num_queries(1):
        selectors.queue_page(agency=AGENCY, roles=ROLES, limit=limit)


def test_an_officer_sees_the_work_of_their_roles_and_can_ask_for_their_own(queue: list[Case]) -> None:
    assert selectors.queue_page(agency=AGENCY, roles=frozenset({"finance"})) == []
    taken = queue[4]
    services.task_claim(number=taken.number, step_id=kit.step_of(taken, "review").pk, by=kit.officer())
    (row,) = selectors.queue_page(agency=AGENCY, roles=ROLES, mine=frozenset({kit.officer().subject}))
    assert row.number == taken.number


def test_the_head_of_the_queue_counts_open_overdue_and_today(queue: list[Case], agency: datetime) -> None:
    with clock.fixed(agency + timedelta(days=40)):
        counts = selectors.queue_counts(agency=AGENCY)
    assert counts == {"open": DOSSIERS, "overdue": DOSSIERS - 2, "today": 0}


@given(st.text(max_size=60))
def test_a_cursor_that_was_not_made_here_begins_at_the_first_page(text: str) -> None:
    assert selectors._place(text) == (None, None)
