"""Dossier numbers have no gaps and no doubles, however many dossiers come at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from lienthong.blocks.casework import numbers, services
from lienthong.blocks.casework.models import Case, NumberReservation
from lienthong.ground.errors import Conflict, NotFound
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import AGENCY, task

DAY = date(2026, 11, 23)
OTHER = "VN/GOV/G24/portal"
THREADS, EACH = 8, 5


def at_once(work: Callable[[int], object], count: int) -> list[object]:
    """`work` in as many threads, each with a connection of its own."""

    def run(number: int) -> object:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(count)))


def serials(found: list[object]) -> list[int]:
    return sorted(int(str(number).rsplit("-", 1)[1]) for number in found)


@pytest.mark.django_db(transaction=True)
def test_dossiers_opened_by_eight_threads_are_numbered_without_gap_or_double(
    tmp_path: Path, at: datetime
) -> None:
    kit.agency_enter()
    package = kit.package_of(tmp_path, {"review": task(approve="end:granted")}, start="review")
    services.procedure_publish(package=package, at=at)
    found = at_once(lambda _: kit.open_case(at).number, THREADS * EACH)
    assert serials(found) == list(range(1, THREADS * EACH + 1))
    assert Case.objects.count() == THREADS * EACH


@pytest.mark.django_db(transaction=True)
def test_a_dossier_that_was_not_opened_after_all_takes_no_number(at: datetime) -> None:
    def sometimes(number: int) -> object:
        try:
            with transaction.atomic():
                made = numbers.number_next(agency=AGENCY, day=DAY)
                if number % 3 == 0:
                    raise LookupError
                return made
        except LookupError:
            return None

    found = [number for number in at_once(sometimes, 24) if number is not None]
    assert serials(found) == list(range(1, 17))


@pytest.mark.django_db
def test_each_agency_and_each_day_begins_at_one() -> None:
    told = [
        numbers.number_next(agency=agency, day=day)
        for agency, day in ((AGENCY, DAY), (AGENCY, DAY), ("G24.26", DAY), (AGENCY, DAY + timedelta(days=1)))
    ]
    assert told == ["H26.12-261123-0001", "H26.12-261123-0002", "G24.26-261123-0001", "H26.12-261124-0001"]


@pytest.mark.django_db
def test_a_reserved_number_that_was_not_used_is_listed_as_void_the_next_day(at: datetime) -> None:
    used, unused = numbers.numbers_reserve(agency=AGENCY, count=2, reserved_for=OTHER, at=at)
    for _ in range(2):  # told again, it is used once
        numbers.number_use(number=used, reserved_for=OTHER, at=at)
    assert numbers.numbers_void(now=at + timedelta(hours=14)) == 0
    with pytest.raises(Conflict) as late:
        numbers.number_use(number=unused, reserved_for=OTHER, at=at + timedelta(days=1))
    assert late.value.code == "number-void"
    assert numbers.numbers_void(now=at + timedelta(days=1)) == 1
    assert numbers.numbers_voided(agency=AGENCY, since=DAY) == [unused]
    assert numbers.numbers_voided(agency=AGENCY, since=DAY, after=unused) == []


@pytest.mark.django_db
def test_a_number_is_used_by_whom_it_was_reserved_for(at: datetime) -> None:
    (number,) = numbers.numbers_reserve(agency=AGENCY, count=1, reserved_for=OTHER, at=at)
    with pytest.raises(NotFound):
        numbers.number_use(number=number, reserved_for="VN/GOV/G09/portal", at=at)
    numbers.number_use(number=number, reserved_for=OTHER, at=at)


@pytest.mark.django_db
def test_reserved_and_own_numbers_share_one_sequence(at: datetime) -> None:
    numbers.numbers_reserve(agency=AGENCY, count=1, reserved_for=OTHER, at=at)
    assert numbers.number_next(agency=AGENCY, day=DAY) == "H26.12-261123-0002"
    assert NumberReservation.objects.get().number == "H26.12-261123-0001"
