"""Dates, times and numbers as a page writes them: 22/11/2026 and 1.234,5; 22 November 2026 and 1,234.5."""

import datetime as dt
from decimal import Decimal
from typing import Final

from lienthong.ground.clock import in_vietnam
from lienthong.ground.language import ENGLISH

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SWAPPED: Final = str.maketrans(",.", ".,")


def date(value: dt.date, language: str = "vi") -> str:
    """`22/11/2026`, or `22 November 2026`; of a moment, the day in Vietnam."""
    if isinstance(value, dt.datetime):
        value = in_vietnam(value).date()
    if language == ENGLISH:
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def time(value: dt.time | dt.datetime, language: str = "vi") -> str:  # noqa: ARG001 - both languages write 15:00
    """`15:00`; of a moment, the time in Vietnam."""
    if isinstance(value, dt.datetime):
        value = in_vietnam(value).time()
    return f"{value.hour:02}:{value.minute:02}"


def datetime(value: dt.datetime, language: str = "vi") -> str:
    """`15:00 ngày 22/11/2026`, or `22 November 2026, 15:00`."""
    if language == ENGLISH:
        return f"{date(value, language)}, {time(value, language)}"
    return f"{time(value, language)} ngày {date(value, language)}"


def number(value: float | Decimal, language: str = "vi", *, decimals: int | None = None) -> str:
    """`1.234,5`, or `1,234.5`; `decimals` rounds to a fixed number of places."""
    exact = value if isinstance(value, int) else Decimal(str(value))
    places = decimals if decimals is not None else 0 if isinstance(exact, int) else None
    written = f"{exact:,f}" if places is None else f"{exact:,.{places}f}"
    return written if language == ENGLISH else written.translate(_SWAPPED)
