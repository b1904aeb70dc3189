"""Working days of Vietnam's administration, and the moments that follow from them.

The base is the `holidays` package (Labour Code 2019, art. 112); `data/working_days.csv` holds what the
Government announced otherwise, day by day, and wins. Reception closes at 15:00, a day ends at 17:00.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Final

import holidays

from lienthong.ground.clock import VIETNAM, in_vietnam
from lienthong.ground.tables import rows

RECEPTION_CLOSES: Final = time(15)
DAY_ENDS: Final = time(17)
_SATURDAY: Final = 5


@cache
def announced() -> Mapping[date, bool]:
    """The days that were announced to differ from the base: True is worked."""
    table = rows("lienthong.ground", "data/working_days.csv")
    return {date.fromisoformat(row["date"]): row["status"] == "worked" for row in table}


class Calendar:
    """Working days, from the base and `overrides` (True is worked); without them, the announced ones."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        self._overrides = overrides
        self._years: dict[int, tuple[int, ...]] = {}

    def is_working_day(self, day: date) -> bool:
        days = self._working_days(day.year)
        at = bisect_left(days, day.toordinal())
        return at < len(days) and days[at] == day.toordinal()

    def next_working_day(self, day: date) -> date:
        """`day` itself if it is worked, otherwise the first one after it."""
        days, at = self._at_or_after(day)
        return date.fromordinal(days[at])

    def received_on(self, moment: datetime) -> date:
        """The working day a filing counts for: after 15:00, or on a day off, the next (Decree 63/2024)."""
        local = in_vietnam(moment)
        day = local.date()
        if local.time() > RECEPTION_CLOSES:
            day = date.fromordinal(day.toordinal() + 1)
        return self.next_working_day(day)

    def due_at(self, received: datetime, working_days: int) -> datetime:
        """17:00 on the n-th working day after the day of reception; 0 is the day of reception itself."""
        return self._evening(self.add(self.received_on(received), working_days))

    def add(self, day: date, working_days: int) -> date:
        """The n-th working day after `day`; 0 is `day` or the next working day. ValueError below 0."""
        if working_days < 0:
            raise ValueError(f"a time limit is not negative: {working_days}")
        days, at = self._at_or_after(day)
        year = date.fromordinal(days[at]).year
        # A day off begins no count of its own: the first working day after it is already the first one.
        at += working_days if days[at] == day.toordinal() or working_days == 0 else working_days - 1
        while at >= len(days):
            at -= len(days)
            year += 1
            days = self._working_days(year)
        return date.fromordinal(days[at])

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        total = sum(len(self._working_days(year)) for year in range(start.year, end.year))
        return total + self._until(end) - self._until(start)

    def resume(self, due: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
        """`due`, later by the working days the clock stood still; the day of the pause is not added."""
        first = self.next_working_day(in_vietnam(paused_at).date())
        paused = self.working_days_between(first, in_vietnam(resumed_at).date())
        if paused <= 0:
            return due
        local = in_vietnam(due)
        return datetime.combine(self.add(local.date(), paused), local.time(), VIETNAM)

    def _evening(self, day: date) -> datetime:
        return datetime.combine(day, DAY_ENDS, VIETNAM)

    def _until(self, day: date) -> int:
        return bisect_right(self._working_days(day.year), day.toordinal())

    def _at_or_after(self, day: date) -> tuple[tuple[int, ...], int]:
        days = self._working_days(day.year)
        at = bisect_left(days, day.toordinal())
        return (days, at) if at < len(days) else (self._working_days(day.year + 1), 0)

    def _working_days(self, year: int) -> tuple[int, ...]:
        """The ordinals of the year's working days, in order; computed once."""
        known = self._years.get(year)
        if known is None:
            overrides = announced() if self._overrides is None else self._overrides
            base = _base(year)
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            known = self._years[year] = tuple(
                number
                for number in range(first, last + 1)
                if overrides.get(date.fromordinal(number), number in base)
            )
        return known


@cache
def _base(year: int) -> frozenset[int]:
    """The ordinals of the year's working days as the `holidays` package knows them."""
    # A swap announced with next year's holidays may make a Saturday of this December a working day.
    calendar = holidays.country_holidays("VN", years=[year, year + 1])
    worked = calendar.weekend_workdays
    days = (date.fromordinal(number) for number in range(date(year, 1, 1).toordinal(), _after(year)))
    return frozenset(
        day.toordinal()
        for day in days
        if day in worked or (day.weekday() < _SATURDAY and day not in calendar)
    )


def _after(year: int) -> int:
    return date(year, 12, 31).toordinal() + 1


OFFICIAL: Final = Calendar()

is_working_day = OFFICIAL.is_working_day
next_working_day = OFFICIAL.next_working_day
received_on = OFFICIAL.received_on
due_at = OFFICIAL.due_at
add = OFFICIAL.add
working_days_between = OFFICIAL.working_days_between
resume = OFFICIAL.resume
