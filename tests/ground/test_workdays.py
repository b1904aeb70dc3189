"""Working days against the calendar of the Government, and the laws that counting must obey."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import workdays
from lienthong.ground.clock import VIETNAM

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=VIETNAM)
)
LIMITS = st.integers(0, 400)


def at(day: int, month: int, year: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 1, 1), False),  # New Year
        (date(2026, 1, 2), False),  # swapped, announced 25 December 2025
        (date(2026, 1, 10), True),  # the Saturday worked for it
        (date(2026, 2, 17), False),  # Tết
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),  # Hùng Kings on a Sunday, so the Monday
        (date(2026, 8, 22), True),  # a Saturday, worked for 31 August
        (date(2026, 8, 31), False),
        (date(2026, 11, 24), False),  # Culture Day, from 2026
        (date(2025, 11, 24), True),
        (date(2014, 12, 27), True),  # worked in December for a January
        (date(2026, 11, 22), False),  # a Sunday
    ],
)
def test_holidays_and_swaps_are_those_of_the_government(*, day: date, worked: bool) -> None:
    assert workdays.is_working_day(day) is worked


def test_a_filing_at_three_o_clock_counts_today_and_a_second_later_tomorrow() -> None:
    assert workdays.received_on(at(19, 11, 2026, 15)) == date(2026, 11, 19)
    assert workdays.received_on(at(19, 11, 2026, 15) + timedelta(seconds=1)) == date(2026, 11, 20)


def test_a_filing_at_15_01_on_the_last_day_before_tet_counts_after_tet() -> None:
    assert workdays.received_on(at(13, 2, 2026, 15, 1)) == date(2026, 2, 23)
    assert workdays.due_at(at(13, 2, 2026, 15, 1), 3) == at(26, 2, 2026, 17)


def test_a_limit_runs_over_a_swapped_friday_and_a_worked_saturday() -> None:
    assert workdays.due_at(at(31, 12, 2025, 9), 2) == at(6, 1, 2026, 17)
    assert workdays.due_at(at(8, 1, 2026, 9), 2) == at(10, 1, 2026, 17)


def test_a_limit_of_no_days_ends_the_same_working_day() -> None:
    assert workdays.due_at(at(19, 11, 2026, 9), 0) == at(19, 11, 2026, 17)
    assert workdays.due_at(at(22, 11, 2026, 9), 0) == at(23, 11, 2026, 17)


def test_a_moment_of_another_zone_is_read_on_vietnams_clocks() -> None:
    late_in_utc = datetime.fromisoformat("2026-11-18T23:30:00+00:00")
    assert workdays.received_on(late_in_utc) == date(2026, 11, 19)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        workdays.due_at(at(19, 11, 2026, 9), -1)


def test_a_pause_over_a_weekend_and_a_holiday_adds_only_working_days() -> None:
    due = at(20, 11, 2026, 17)
    assert workdays.resume(due, at(19, 11, 2026, 10), at(25, 11, 2026, 9)) == at(26, 11, 2026, 17)


def test_a_pause_within_one_day_or_one_weekend_adds_nothing() -> None:
    due = at(20, 11, 2026, 17)
    assert workdays.resume(due, at(19, 11, 2026, 8), at(19, 11, 2026, 16)) == due
    assert workdays.resume(due, at(21, 11, 2026, 8), at(23, 11, 2026, 9)) == due


def test_a_calendar_of_its_own_follows_its_own_overrides() -> None:
    calendar = workdays.Calendar({date(2026, 11, 23): False, date(2026, 11, 22): True})
    assert calendar.is_working_day(date(2026, 11, 22))
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert not calendar.is_working_day(date(2026, 1, 10))


@given(MOMENTS, LIMITS)
def test_a_due_time_is_five_in_the_afternoon_of_a_working_day(received: datetime, limit: int) -> None:
    due = workdays.due_at(received, limit)
    assert due.time() == time(17)
    assert due.tzinfo is VIETNAM
    assert workdays.is_working_day(due.date())
    assert due > received


@given(DAYS, LIMITS)
def test_adding_and_counting_working_days_undo_each_other(day: date, count: int) -> None:
    start = workdays.next_working_day(day)
    assert workdays.working_days_between(start, workdays.add(start, count)) == count


@given(DAYS, st.integers(1, 60))
def test_adding_from_a_day_off_counts_the_first_working_day(day: date, count: int) -> None:
    assert workdays.working_days_between(day, workdays.add(day, count)) == count


@given(DAYS, st.integers(0, 800))
def test_counting_agrees_with_asking_every_day(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    days = [start + timedelta(days=number) for number in range(1, length + 1)]
    assert workdays.working_days_between(start, end) == sum(map(workdays.is_working_day, days))
    assert workdays.working_days_between(end, start) == -workdays.working_days_between(start, end)


@given(MOMENTS, MOMENTS)
def test_a_later_filing_is_never_due_earlier(one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    assert workdays.due_at(early, 5) <= workdays.due_at(late, 5)


@given(MOMENTS, LIMITS, st.timedeltas(timedelta(), timedelta(days=200)))
def test_a_pause_never_brings_a_due_time_forward(received: datetime, limit: int, pause: timedelta) -> None:
    due = workdays.due_at(received, limit)
    resumed = workdays.resume(due, received, received + pause)
    assert resumed >= due
    assert workdays.working_days_between(due.date(), resumed.date()) <= pause.days + 1
