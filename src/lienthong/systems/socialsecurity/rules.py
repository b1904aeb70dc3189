"""Health insurance of children under six: Law on Health Insurance 25/2008/QH12, as amended 2014 and 2024."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Final

from lienthong.ground.errors import Conflict, Invalid, Problem
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class ChildCover:
    """From the day `valid_from`: whom the State insures as a child, and what its card says."""

    valid_from: date
    months: int
    """Under so many months of age: art. 12(3)."""
    object_code: str
    benefit_level: str
    benefit_percent: int
    """What the fund pays: art. 22(1)(a)."""
    school_from: tuple[int, int]
    """Month and day until which a child of that age who is not at school yet stays covered: art. 16(3)."""


CHILD_COVER: Final = (
    ChildCover(
        date(2015, 1, 1),
        months=72,
        object_code="TE1",
        benefit_level="1",
        benefit_percent=100,
        school_from=(9, 30),
    ),
)


@dataclass(frozen=True, slots=True)
class Card:
    """valid_to is the last day."""

    object_code: str
    benefit_level: str
    benefit_percent: int
    valid_from: date
    valid_to: date


def child_cover(on: date) -> ChildCover:
    """The rule in force that day; before the first one, the first."""
    return max((row for row in CHILD_COVER if row.valid_from <= on), key=_from, default=CHILD_COVER[0])


def _from(row: ChildCover) -> date:
    return row.valid_from


def turns(birth_date: date, months: int) -> date:
    """The day on which so many months are complete; in a shorter month its last day."""
    year, month = divmod(birth_date.year * 12 + birth_date.month - 1 + months, 12)
    return date(year, month + 1, min(birth_date.day, calendar.monthrange(year, month + 1)[1]))


def card_of(*, birth_date: date, on: date) -> Card:
    """What a child's card says, issued on that day.

    It counts from birth to the end of the month in which the child turns six, or to 30 September of that
    year where that is later: school begins by then (art. 16(3); Decree 146/2018, art. 13(5)).
    """
    rule = child_cover(on)
    six = turns(birth_date, rule.months)
    month_end = date(six.year, six.month, calendar.monthrange(six.year, six.month)[1])
    return Card(
        rule.object_code,
        rule.benefit_level,
        rule.benefit_percent,
        birth_date,
        max(month_end, date(six.year, *rule.school_from)),
    )


def cards_check(*, birth_date: date, on: date, held: str | None = None) -> list[Problem]:
    """held: the number of a card in force. Everything that stands against issue on that day."""
    found: list[Problem] = []
    what = Text("Chưa cấp được thẻ bảo hiểm y tế.", "No health-insurance card can be issued.")
    rule = child_cover(on)
    if birth_date > on:
        found.append(
            Invalid(
                "birth-in-future",
                what,
                Text(
                    f"Ngày sinh {birth_date:%d/%m/%Y} sau ngày cấp thẻ.",
                    f"The date of birth, {birth_date:%d/%m/%Y}, is after the day of issue.",
                ),
                Text("Kiểm tra lại ngày sinh.", "Check the date of birth."),
                field="birth_date",
            )
        )
    if on >= turns(birth_date, rule.months):
        found.append(
            Invalid(
                "not-under-six",
                what,
                Text(
                    "Người này đã đủ 6 tuổi; thẻ này cấp cho trẻ dưới 6 tuổi (Điều 12 Luật Bảo hiểm y tế).",
                    "The person is six or older; this card is for children under six "
                    "(Law on Health Insurance, article 12).",
                ),
                Text(
                    "Tham gia bảo hiểm y tế theo trường học hoặc hộ gia đình.",
                    "Join through the school or the household.",
                ),
                field="birth_date",
            )
        )
    if held is not None:
        found.append(issued_already(held))
    return found


def issued_already(card_number: str) -> Conflict:
    return Conflict(
        "card-issued-already",
        Text("Trẻ này đã có thẻ bảo hiểm y tế.", "This child has a health-insurance card already."),
        Text(
            f"Thẻ số {card_number} còn giá trị sử dụng.",
            f"Card {card_number} is in force.",
        ),
        Text("Dùng thẻ đã cấp; nếu có sai sót, đề nghị đổi thẻ.", "Use it; if it is wrong, ask for another."),
        field="person_number",
    )


def card_number(serial: int) -> str:
    """Ten digits, as on cards since 1 April 2021 (Decision 1666/QĐ-BHXH)."""
    if not 0 <= serial < 10**10:
        raise ValueError(f"a card number has ten digits: {serial}")
    return f"{serial:010}"
