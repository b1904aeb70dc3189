"""The simulated half-year: when who acts."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import clock, workdays
from lienthong.nation.half_year import waited

moments = st.datetimes(datetime(2026, 1, 5, 6), datetime(2026, 6, 30, 22)).map(
    lambda moment: moment.replace(tzinfo=clock.VIETNAM)
)


def test_nine_days_are_nine_days_but_over_tet_as_many_working_days() -> None:
    monday = datetime(2026, 1, 12, 10, tzinfo=clock.VIETNAM)
    assert waited(monday, 9) == monday + timedelta(days=9)
    before_tet = datetime(2026, 2, 11, 10, tzinfo=clock.VIETNAM)
    assert waited(before_tet, 9).date() > date(2026, 2, 22)


@given(now=moments, days=st.integers(1, 30))
def test_a_wait_is_never_shorter_in_days_nor_in_working_days(now: datetime, days: int) -> None:
    until = waited(now, days)
    assert until >= now + timedelta(days=days)
    passed = [now.date() + timedelta(days=n) for n in range(1, (until.date() - now.date()).days + 1)]
    usual = sum((now + timedelta(days=n)).weekday() < 5 for n in range(1, days + 1))
    assert sum(map(workdays.is_working_day, passed)) >= usual
