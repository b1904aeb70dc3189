"""When an account is locked, and when a code counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lienthong.systems.eid import rules

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2049, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.integers(1, 12))
def test_exactly_the_fifth_wrong_try_in_a_row_locks(now: datetime, wrong: int) -> None:
    tries = rules.after_right()
    for count in range(1, wrong + 1):
        tries = rules.after_wrong(tries, now=now)
        assert rules.is_locked(tries, now=now) == (count >= rules.WRONG_TRIES_MAX)


@given(MOMENTS)
def test_a_lock_ends_after_a_quarter_of_an_hour_and_the_count_begins_anew(now: datetime) -> None:
    tries = rules.after_right()
    for _ in range(rules.WRONG_TRIES_MAX):
        tries = rules.after_wrong(tries, now=now)
    end = now + rules.LOCKED_FOR
    assert rules.is_locked(tries, now=end - timedelta(microseconds=1))
    assert not rules.is_locked(tries, now=end)
    assert rules.after_wrong(tries, now=end) == rules.Tries(1, None)


@given(MOMENTS, st.integers(0, 120))
def test_a_codes_half_minute_never_goes_back(now: datetime, seconds: int) -> None:
    steps = rules.code_step(now + timedelta(seconds=seconds)) - rules.code_step(now)
    assert steps in {seconds // rules.CODE_STEP_S, seconds // rules.CODE_STEP_S + 1}
