from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text
from lienthong.systems.fees import rules
from lienthong.systems.fees.rules import Asked, Item, Period, Rate, Waiver, Wanted

FILE = Path(__file__).resolve().parents[3] / "content" / "fees.yaml"
TABLE = rules.table_read(yaml.safe_load(FILE.read_text(encoding="utf-8")))
DAY = date(2026, 11, 23)
ONLINE_HANOI = Asked("01", "online", DAY)
ELSEWHERE = Asked("79", "online", DAY)

days = st.dates(date(2010, 1, 1), date(2040, 12, 31))
amounts = st.integers(0, 10**9)
quantities = st.integers(1, rules.QUANTITY_MAX)


def item(*rates: Rate, waivers: tuple[Waiver, ...] = ()) -> Item:
    return Item("x", Text("Khoản", "Item"), rates, waivers)


def table(*items: Item) -> rules.FeeTable:
    return rules.FeeTable({one.code: one for one in items})


def line(code: str, asked: Asked, quantity: int = 1) -> rules.Line:
    return TABLE.lines([Wanted(code, quantity)], asked)[0]


def test_an_extract_costs_eight_thousand_dong_a_copy_in_every_province() -> None:
    assert line("civil-status-extract", ONLINE_HANOI, 2).amount == 16_000
    assert line("civil-status-extract", ELSEWHERE, 3).amount == 24_000
    assert "281/2016/TT-BTC" in line("civil-status-extract", ELSEWHERE).article


def test_a_birth_registered_on_time_is_free_by_law_and_not_by_waiver() -> None:
    free = line("birth-registration", ONLINE_HANOI)
    assert (free.amount, free.waived) == (0, False)
    assert "Điều 11" in free.article


def test_a_late_registration_is_free_online_where_the_province_says_so_and_nowhere_else() -> None:
    assert line("birth-registration-late", ONLINE_HANOI).amount == 0
    assert "07/2023/NQ-HĐND" in line("birth-registration-late", ONLINE_HANOI).article
    assert line("birth-registration-late", Asked("01", "counter", DAY)).amount == 8_000
    assert line("birth-registration-late", ELSEWHERE).amount == 8_000
    assert line("birth-registration-late", Asked("01", "online", date(2023, 7, 9))).amount == 8_000


@pytest.mark.parametrize("payer", ["merit", "poor-household", "disabled"])
@pytest.mark.parametrize("code", ["civil-status-extract", "birth-registration-late"])
def test_a_waived_class_owes_nothing_and_the_article_of_the_waiver_is_named(code: str, payer: str) -> None:
    waived = line(code, Asked("79", "counter", DAY, frozenset({payer})), 2)
    assert (waived.amount, waived.waived, waived.unit_price) == (0, True, 8_000)
    assert waived.article != line(code, ELSEWHERE).article


def test_a_class_without_a_waiver_pays() -> None:
    assert line("civil-status-extract", Asked("79", "online", DAY, frozenset({"student"}))).amount == 8_000


@pytest.mark.parametrize(
    ("wanted", "asked", "code"),
    [
        (Wanted("nothing", 1), ELSEWHERE, "fee-unknown"),
        (Wanted("civil-status-extract", 0), ELSEWHERE, "fee-quantity"),
        (Wanted("civil-status-extract", 101), ELSEWHERE, "fee-quantity"),
        (Wanted("civil-status-extract", 1), Asked("79", "pigeon", DAY), "fee-channel"),
        (Wanted("civil-status-extract", 1), Asked("79", "online", date(2016, 12, 31)), "fee-not-set"),
    ],
)
def test_what_the_table_cannot_answer_is_refused_with_a_reason(
    wanted: Wanted, asked: Asked, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        TABLE.lines([wanted], asked)
    assert refused.value.code == code
    assert refused.value.why.vi


def test_a_table_that_contradicts_itself_is_not_read() -> None:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    first = data["items"][0]
    twice = {**first, "rates": [*first["rates"], {**first["rates"][0], "amount": 9000}]}
    with pytest.raises(ValueError, match="two rates"):
        rules.table_read({**data, "items": [twice]})
    with pytest.raises(ValueError, match="twice"):
        rules.table_read({**data, "items": [first, first]})
    waivers = [{"classes": ["nobles"], "valid_from": DAY, "article": "?"}]
    with pytest.raises(ValueError, match="nobles"):
        rules.table_read({**data, "items": [{**first, "waivers": waivers}]})
    channel = {**first, "rates": [{**first["rates"][0], "channel": "pigeon"}]}
    with pytest.raises(ValueError, match="pigeon"):
        rules.table_read({**data, "items": [channel]})


@given(days, st.none() | st.integers(0, 5000), days)
def test_a_period_holds_from_its_first_day_to_its_last(first: date, length: int | None, day: date) -> None:
    last = None if length is None else first + timedelta(days=length)
    period = Period(first, last)
    assert period.holds(day) == (day >= first and (last is None or day <= last))
    assert period.holds(first)


@given(days, st.integers(0, 3000), days, st.integers(0, 3000), days)
def test_periods_that_do_not_meet_have_no_day_in_common(
    first: date, one: int, second: date, other: int, day: date
) -> None:
    a, b = Period(first, first + timedelta(days=one)), Period(second, second + timedelta(days=other))
    assert a.meets(b) == b.meets(a)
    if not a.meets(b):
        assert not (a.holds(day) and b.holds(day))
    elif a.holds(second) or b.holds(first):
        assert a.meets(b)


@given(amounts, quantities)
def test_an_amount_is_unit_price_times_quantity_and_the_total_is_their_sum(
    amount: int, quantity: int
) -> None:
    made = table(item(Rate(amount, Period(date(2020, 1, 1)), "a")))
    lines = made.lines([Wanted("x", quantity), Wanted("x", 1)], ELSEWHERE)
    assert lines[0].amount == amount * quantity
    assert rules.total(lines) == amount * (quantity + 1)


@given(amounts, amounts, amounts, amounts, st.permutations(range(4)))
def test_the_most_particular_rate_decides_in_whatever_order_they_stand(
    country: int, channel: int, province: int, both: int, order: list[int]
) -> None:
    since = Period(date(2020, 1, 1))
    rates = [
        Rate(country, since, "country"),
        Rate(channel, since, "channel", channel="online"),
        Rate(province, since, "province", province="01"),
        Rate(both, since, "both", province="01", channel="online"),
    ]
    made = table(item(*(rates[place] for place in order)))

    def article(asked: Asked) -> str:
        return made.lines([Wanted("x", 1)], asked)[0].article

    assert article(ONLINE_HANOI) == "both"
    assert article(Asked("01", "counter", DAY)) == "province"
    assert article(ELSEWHERE) == "channel"
    assert article(Asked("79", "post", DAY)) == "country"


@given(amounts, quantities, st.sets(st.sampled_from(["merit", "poor", "other"])))
def test_a_waiver_never_raises_what_is_owed_and_marks_only_what_it_took_away(
    amount: int, quantity: int, classes: set[str]
) -> None:
    waiver = Waiver(frozenset({"merit", "poor"}), Period(date(2020, 1, 1)), "waiver")
    made = table(item(Rate(amount, Period(date(2020, 1, 1)), "rate"), waivers=(waiver,)))
    found = made.lines([Wanted("x", quantity)], Asked("79", "online", DAY, frozenset(classes)))[0]
    assert 0 <= found.amount <= amount * quantity
    assert found.waived == (amount > 0 and bool(classes & {"merit", "poor"}))
    assert found.article == ("waiver" if found.waived else "rate")


@given(amounts, amounts, days)
def test_the_rate_of_its_day_counts_so_the_past_can_be_worked_out_again(
    old: int, new: int, turn: date
) -> None:
    rates = (
        Rate(old, Period(date(2000, 1, 1), turn - timedelta(days=1)), "old"),
        Rate(new, Period(turn), "new"),
    )
    made = table(item(*rates))

    def on(day: date) -> rules.Line:
        return made.lines([Wanted("x", 1)], Asked("79", "online", day))[0]

    assert (on(turn).amount, on(turn).article) == (new, "new")
    assert (on(turn - timedelta(days=1)).amount, on(turn - timedelta(days=1)).article) == (old, "old")
