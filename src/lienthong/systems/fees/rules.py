"""The dated fee table: what each item costs on a day, in a province, through a channel, for a class of payer.

Pure. Legal basis: Law on Fees and Charges 97/2015/QH13; each rate and each waiver names its own article.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from lienthong.ground.errors import Invalid
from lienthong.ground.money import check_dong
from lienthong.ground.text import Text

QUANTITY_MAX: Final = 100
CHANNELS: Final = frozenset({"online", "counter", "post"})
LAPSES_AFTER: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Period:
    """From a day on, to a last day or for good."""

    first: date
    last: date | None = None

    def holds(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)

    def meets(self, other: Period) -> bool:
        """Whether the two have a day in common."""
        return (self.last is None or other.first <= self.last) and (
            other.last is None or self.first <= other.last
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount` đồng each; an empty province or channel means every one."""

    amount: int
    period: Period
    article: str
    province: str = ""
    channel: str = ""

    @property
    def particular(self) -> tuple[bool, bool]:
        return (self.province != "", self.channel != "")

    def covers(self, *, province: str, channel: str) -> bool:
        return self.province in {"", province} and self.channel in {"", channel}


@dataclass(frozen=True, slots=True)
class Waiver:
    classes: frozenset[str]
    period: Period
    article: str


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    title: Text
    rates: tuple[Rate, ...]
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: so many of an item."""

    code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Under which circumstances; `classes` are those of the payer."""

    province: str
    channel: str
    on: date
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` is what is owed: unit price times quantity, or 0 when waived; `article` is what decided."""

    code: str
    title: Text
    unit_price: int
    quantity: int
    amount: int
    waived: bool
    article: str


@dataclass(frozen=True, slots=True)
class FeeTable:
    items: Mapping[str, Item]

    def lines(self, wanted: Sequence[Wanted], asked: Asked) -> tuple[Line, ...]:
        """A line for each wanted item. Errors: fee-unknown, fee-quantity, fee-channel, fee-not-set (422)."""
        if asked.channel not in CHANNELS:
            raise _refused(
                "fee-channel",
                Text(f"Không có hình thức nộp «{asked.channel}».", f"No channel «{asked.channel}»."),
                "channel",
            )
        return tuple(self._line(one, asked) for one in wanted)

    def _line(self, wanted: Wanted, asked: Asked) -> Line:
        item = self.items.get(wanted.code)
        if item is None:
            raise _refused(
                "fee-unknown",
                Text(f"Biểu phí không có khoản «{wanted.code}».", f"The table has no item «{wanted.code}»."),
                "items",
            )
        if not 1 <= wanted.quantity <= QUANTITY_MAX:
            raise _refused(
                "fee-quantity",
                Text(f"Số lượng phải từ 1 đến {QUANTITY_MAX}.", f"The quantity is from 1 to {QUANTITY_MAX}."),
                "items",
            )
        rate = rate_of(item, asked)
        waiver = next(
            (w for w in item.waivers if w.period.holds(asked.on) and w.classes & asked.classes), None
        )
        waived = waiver is not None and rate.amount > 0
        return Line(
            code=item.code,
            title=item.title,
            unit_price=rate.amount,
            quantity=wanted.quantity,
            amount=0 if waived else rate.amount * wanted.quantity,
            waived=waived,
            article=waiver.article if waived and waiver else rate.article,
        )


def rate_of(item: Item, asked: Asked) -> Rate:
    """The most particular rate in force. Errors: fee-not-set (422)."""
    fitting = [
        rate
        for rate in item.rates
        if rate.period.holds(asked.on) and rate.covers(province=asked.province, channel=asked.channel)
    ]
    if not fitting:
        raise _refused(
            "fee-not-set",
            Text(
                f"Chưa có mức thu cho «{item.title.vi}» vào ngày này.",
                f"No rate for «{item.title.en}» was in force that day.",
            ),
            "on",
        )
    return max(fitting, key=lambda rate: rate.particular)


def total(lines: Iterable[Line]) -> int:
    return sum(line.amount for line in lines)


def table_read(data: Mapping[str, Any]) -> FeeTable:
    """The table of content/fees.yaml. ValueError where it contradicts itself."""
    known = {str(row["code"]) for row in data["classes"]}
    items = [_item(row) for row in data["items"]]
    table = FeeTable({item.code: item for item in items})
    if len(table.items) != len(items):
        raise ValueError("an item stands twice in the fee table")
    for item in items:
        _check_item(item, known)
    return table


def _item(row: Mapping[str, Any]) -> Item:
    rates = [
        Rate(
            check_dong(rate["amount"]),
            Period(rate["valid_from"], rate.get("valid_to")),
            str(rate["article"]),
            str(rate.get("province", "")),
            str(rate.get("channel", "")),
        )
        for rate in row["rates"]
    ]
    waivers = [
        Waiver(
            frozenset(str(name) for name in waiver["classes"]),
            Period(waiver["valid_from"], waiver.get("valid_to")),
            str(waiver["article"]),
        )
        for waiver in row.get("waivers", [])
    ]
    title = Text(str(row["title"]["vi"]), str(row["title"]["en"]))
    return Item(str(row["code"]), title, tuple(rates), tuple(waivers))


def _check_item(item: Item, known: set[str]) -> None:
    for waiver in item.waivers:
        if unknown := waiver.classes - known:
            raise ValueError(f"{item.code}: unknown classes {sorted(unknown)}")
    for at, rate in enumerate(item.rates):
        if rate.channel and rate.channel not in CHANNELS:
            raise ValueError(f"{item.code}: unknown channel {rate.channel}")
        for other in item.rates[at + 1 :]:
            same = (rate.province, rate.channel) == (other.province, other.channel)
            if same and rate.period.meets(other.period):
                raise ValueError(f"{item.code}: two rates for the same case from {other.period.first} on")


def _refused(code: str, why: Text, field: str) -> Invalid:
    return Invalid(
        code,
        Text("Chưa tính được phí, lệ phí.", "The fee cannot be worked out."),
        why,
        Text("Xem biểu phí của thủ tục rồi thử lại.", "See the procedure's fee table and try again."),
        field=field,
    )
