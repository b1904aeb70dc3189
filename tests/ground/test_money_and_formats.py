"""Whole đồng, and how dates, times and numbers are written in both languages."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import formats, money
from lienthong.ground.clock import VIETNAM
from lienthong.ground.errors import Invalid

AMOUNTS = st.integers(-(10**15), 10**15)


def test_money_is_written_as_each_language_writes_it() -> None:
    assert money.format_dong(50_000) == "50.000 đồng"
    assert money.format_dong(50_000, "en") == "VND 50,000"
    assert money.format_dong(0) == "0 đồng"
    assert money.format_dong(-1_500, "vi") == "-1.500 đồng"
    assert money.format_dong(-1_500, "en") == "-VND 1,500"


@pytest.mark.parametrize("value", [5.0, "50000", None, True, Decimal(5), -1, 10**15 + 1])
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(Invalid) as caught:
        money.check_dong(value, field="fee")
    assert (caught.value.code, caught.value.field) == ("money.invalid", "fee")


def test_a_negative_amount_passes_only_where_it_is_asked_for() -> None:
    assert money.check_dong(-1, allow_negative=True) == -1
    with pytest.raises(Invalid, match="more than"):
        money.check_dong(-(10**15) - 1, allow_negative=True)


@given(AMOUNTS)
def test_an_amount_written_can_be_read_again(amount: int) -> None:
    vietnamese = money.format_dong(amount).removesuffix(" đồng").replace(".", "")
    english = money.format_dong(amount, "en").replace("VND ", "").replace(",", "")
    assert int(vietnamese) == int(english) == money.check_dong(amount, allow_negative=True)


def test_a_day_is_written_as_each_language_writes_it() -> None:
    assert formats.date(date(2026, 11, 22)) == "22/11/2026"
    assert formats.date(date(2026, 11, 2), "en") == "2 November 2026"
    assert formats.date(date(2026, 1, 2), "vi") == "02/01/2026"


def test_a_moment_is_written_on_vietnams_clocks() -> None:
    moment = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
    assert formats.date(moment) == "22/11/2026"
    assert formats.time(moment) == formats.time(time(1, 5)) == "01:05"
    assert formats.datetime(moment) == "01:05 ngày 22/11/2026"
    assert formats.datetime(moment, "en") == "22 November 2026, 01:05"


def test_a_number_is_written_as_each_language_writes_it() -> None:
    assert formats.number(1234.5) == "1.234,5"
    assert formats.number(1234.5, "en") == "1,234.5"
    assert formats.number(3321) == "3.321"
    assert formats.number(Decimal("0.10"), "en") == "0.10"
    assert formats.number(97, decimals=1) == "97,0"
    assert formats.number(2 / 3, "en", decimals=2) == "0.67"


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(["vi", "en"]))
def test_a_number_written_can_be_read_again(value: Decimal, language: str) -> None:
    written = formats.number(value, language)
    if language == "vi":
        written = written.translate(str.maketrans(",.", ".,"))
    assert Decimal(written.replace(",", "")) == value


@given(st.datetimes(datetime(1900, 1, 1), datetime(2399, 1, 1)))
def test_a_moment_written_can_be_read_again(moment: datetime) -> None:
    local = moment.replace(tzinfo=VIETNAM, second=0, microsecond=0)
    english = datetime.strptime(formats.datetime(local, "en"), "%d %B %Y, %H:%M")  # noqa: DTZ007
    vietnamese = datetime.strptime(formats.datetime(local), "%H:%M ngày %d/%m/%Y")  # noqa: DTZ007
    assert english == vietnamese == local.replace(tzinfo=None)
