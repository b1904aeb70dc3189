"""Complaints and feedback: who may, until when, and by when an agency answers (Law on Complaints 02/2011/QH13)."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework import appeal_rules
from lienthong.blocks.casework.appeal_rules import Difficulty, Ground
from lienthong.blocks.casework.packages import package_read
from lienthong.ground import clock, expressions, workdays

MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2040, 1, 1)).map(clock.in_vietnam)
DAYS = st.integers(0, 120)
OUTCOMES = st.sampled_from(
    ["", "granted", "partly", "refused", "not-accepted", "lapsed", "failed", "withdrawn"]
)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=clock.VIETNAM)  # type: ignore[arg-type,misc]


@given(MOMENTS, DAYS)
def test_a_limit_of_calendar_days_ends_on_a_working_day_and_never_before_them(
    start: datetime, days: int
) -> None:
    end = appeal_rules.ends_at(start, days)
    assert workdays.is_working_day(end.date())
    assert end.date() >= start.date() + timedelta(days=days)
    assert (end.hour, end.minute) == (23, 59)
    between = (
        start.date() + timedelta(days=days + extra)
        for extra in range((end.date() - start.date()).days - days)
    )
    assert not any(workdays.is_working_day(day) for day in between)


@given(MOMENTS, DAYS, DAYS)
def test_more_days_never_end_earlier(start: datetime, days: int, more: int) -> None:
    assert appeal_rules.ends_at(start, days) <= appeal_rules.ends_at(start, days + more)


def test_the_days_of_the_law() -> None:
    # 1 September 2026 and ninety days: Monday 30 November; a day off moves the end to the next working day.
    assert appeal_rules.file_until(at(2026, 9, 1, 8, 0)) == at(2026, 11, 30, 23, 59)
    assert appeal_rules.file_until(at(2026, 8, 30, 8, 0)) == at(
        2026, 11, 30, 23, 59
    )  # the 28th is a Saturday
    limits = appeal_rules.limits_on(date(2026, 11, 23))
    assert (limits.accept, limits.again, limits.again_remote) == (10, 30, 45)
    assert [limits.settle_first[each] for each in Difficulty] == [30, 45, 60]
    assert [limits.settle_second[each] for each in Difficulty] == [45, 60, 70]
    with pytest.raises(ValueError, match="no limits"):
        appeal_rules.limits_on(date(2012, 6, 30))
    with pytest.raises(ValueError, match="not negative"):
        appeal_rules.last_day(date(2026, 11, 23), -1)


@given(MOMENTS, st.integers(0, 59))
def test_the_last_minute_is_in_time_and_the_next_is_late(known: datetime, seconds: int) -> None:
    until = appeal_rules.file_until(known)
    assert not appeal_rules.is_late(until=until, now=until + timedelta(seconds=seconds))
    assert appeal_rules.is_late(until=until, now=until + timedelta(minutes=1, seconds=seconds))
    assert not appeal_rules.is_late(until=None, now=known)


@given(MOMENTS, st.integers(0, 10), st.sampled_from([*Difficulty]))
def test_the_promised_day_tells_whether_a_complaint_was_accepted(
    received: datetime, after: int, difficulty: Difficulty
) -> None:
    limits, day = appeal_rules.limits_on(received.date()), workdays.received_on(received)
    awaits = appeal_rules.ends_at(received, limits.accept)
    assert not appeal_rules.is_accepted(received_on=day, due_at=awaits)
    accepted = received + timedelta(days=after)
    settles = appeal_rules.ends_at(accepted, limits.settle_first[difficulty])
    assert appeal_rules.is_accepted(received_on=day, due_at=settles)
    assert not appeal_rules.is_accepted(received_on=day, due_at=None)


@given(OUTCOMES, st.none() | MOMENTS, MOMENTS, MOMENTS)
def test_a_dossier_is_complained_of_for_what_happened_to_it(
    outcome: str, due: datetime | None, ended: datetime, now: datetime
) -> None:
    grounds = appeal_rules.grounds_open(
        outcome=outcome, due_at=due, ended_at=ended if outcome else None, now=now
    )
    if outcome == "withdrawn":
        assert grounds == ()
        return
    assert (Ground.DECISION in grounds) == (outcome in appeal_rules.REFUSALS)
    assert (Ground.RESULT in grounds) == (outcome in {"granted", "partly"})
    moment = ended if outcome else now
    assert (Ground.LATE in grounds) == (due is not None and moment > due)


@given(st.sampled_from(["", *Ground]), OUTCOMES)
def test_only_a_decision_that_falls_is_taken_anew(ground: str, outcome: str) -> None:
    anew = appeal_rules.settled_anew(ground=ground, outcome=outcome)
    assert anew == (ground == "decision" and outcome in {"granted", "partly"})


PACKAGES = Path(__file__).resolve().parents[3] / "content" / "procedures"


@pytest.mark.parametrize(("code", "limits"), [("9.000020", "settle_first"), ("9.000021", "settle_second")])
def test_the_packages_promise_what_the_law_says(code: str, limits: str) -> None:
    package = package_read(PACKAGES / code)
    law = appeal_rules.limits_on(package.valid_from)
    steps = {step.key: step.config for step in package.steps}
    assert steps["accept"]["promises"] == {"calendar_days": law.accept}
    for difficulty, days in getattr(law, limits).items():
        assert difficulty in steps["accept"]["outcomes"]
        context = {"steps": {"accept": {"outcome": difficulty.value}}}
        assert expressions.fill(steps["settle"]["promises"], context) == {"calendar_days": days}
    assert len(steps["accept"]["outcomes"]["decline"]["grounds"]) == 9


def test_feedback_is_promised_as_the_decree_says() -> None:
    package = package_read(PACKAGES / "9.000022")
    assert package.raw["time_limit"]["working_days"] == appeal_rules.FEEDBACK_WORKING_DAYS
    steps = {step.key: step.config for step in package.steps}
    promised = {"working_days_from_receipt": appeal_rules.FEEDBACK_HARD_WORKING_DAYS}
    assert steps["answer_longer"]["promises"] == promised
