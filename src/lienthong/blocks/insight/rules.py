"""What an indicator is, and over which time it is counted. Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from lienthong.ground.clock import VIETNAM
from lienthong.ground.text import Text


class Window(StrEnum):
    """The time whose facts count, for the report of a month."""

    MONTH = "month"
    YEAR_TO_DATE = "year_to_date"
    HALF_YEAR = "half_year"
    TO_DATE = "to_date"


class Measure(StrEnum):
    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    SHARE = "share"  # % of the rows that meet `of`, among those that meet `where`
    SHARE_DISTINCT = "share_distinct"  # % by a column's distinct values, over another view's rows
    PER_DAY = "per_day"


@dataclass(frozen=True, slots=True)
class Formula:
    """view: of the schema `facts`; column: for distinct and sum; factor: what a row is worth in the unit."""

    view: str
    measure: Measure
    window: Window
    column: str = ""
    where: Mapping[str, Any] | None = None
    of: Mapping[str, Any] | None = None
    over: Formula | None = None
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Indicator:
    """formula None: the system that would give it is not connected. better: up, down or none."""

    id: str
    section: int
    title: Text
    unit: Text
    system: str
    better: str
    owner: str
    legal_basis: str
    valid_from: date
    target: float | None
    target_text: str
    formula: Formula | None
    definition: Text

    @property
    def connected(self) -> bool:
        return self.formula is not None


@dataclass(frozen=True, slots=True)
class Span:
    """start None: since the beginning. end: the first moment after the period."""

    start: datetime | None
    end: datetime

    def label(self) -> str:
        """The ISO period, both days included."""
        last = (self.end - timedelta(seconds=1)).date().isoformat()
        return f"{self.start.date().isoformat()}/{last}" if self.start else f"../{last}"

    def days(self) -> int:
        return max(1, (self.end - self.start).days) if self.start else 1


def month_parse(month: str) -> date:
    """`2026-11` as its first day. Raise ValueError on anything else."""
    return date.fromisoformat(f"{month}-01")


def month_before(first: date, count: int) -> date:
    index = first.year * 12 + first.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def span_of(window: Window, *, month: date, as_of: datetime) -> Span:
    """The period of a month's report, cut just after `as_of`: what happened later is not yet known."""
    following = month_before(month, -1)
    end = min(datetime.combine(following, time(), VIETNAM), as_of + timedelta(microseconds=1))
    starts = {
        Window.MONTH: month,
        Window.YEAR_TO_DATE: date(month.year, 1, 1),
        Window.HALF_YEAR: date(month.year, 1 if month.month <= 6 else 7, 1),  # noqa: PLR2004 - June
    }
    first = starts.get(window)
    start = datetime.combine(first, time(), VIETNAM) if first else None
    return Span(start, max(end, start) if start else end)


def rounded(value: float) -> float | int:
    """Whole numbers stay whole; shares have two decimals."""
    whole = round(value)
    return whole if abs(value - whole) < 1e-9 else round(value, 2)  # noqa: PLR2004 - beneath any share


SECTIONS: dict[int, Text] = {
    1: Text("Hoàn thiện thể chế, chính sách", "Legal framework and policies"),
    2: Text("Lãnh đạo, chỉ đạo", "Leadership and governance"),
    3: Text("Phát triển dữ liệu số", "Digital data"),
    4: Text("Phát triển hạ tầng số", "Digital infrastructure"),
    5: Text("Chính phủ số và dịch vụ công trực tuyến", "Digital government and online public services"),
    6: Text("Kinh tế số và xã hội số", "Digital economy and digital society"),
    7: Text("An toàn thông tin mạng", "Cybersecurity"),
}
