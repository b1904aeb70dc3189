"""A register never forgets: what holds for any run of entries, corrections, changes and revocations."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.range import TimestamptzRange

from lienthong.blocks.registry import selectors, services
from lienthong.blocks.registry.base import Provenance, State
from lienthong.blocks.registry.models import DeclaredRecord
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM)
DAY = date(2026, 11, 1)
DAYS = [DAY + timedelta(days=each) for each in range(6)]
OFFICE = Provenance("H26.12", "H26.12-261123-0001", "m1", "cb01", "vì vậy")
KEY = "hospital:01-001"
SOON = timedelta(milliseconds=1)


@contextmanager
def undone() -> Generator[None]:
    """Each example begins with an empty register."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def enter(value: int = 1, *, at: datetime = START, key: str = KEY, **more: Any) -> DeclaredRecord:
    content = {"register": "hospital", "data": {"value": value}}
    given_ = {"valid_from": DAY, **more}
    return services.record_enter(DeclaredRecord, key=key, content=content, provenance=OFFICE, at=at, **given_)


def correct(value: int, *, at: datetime) -> DeclaredRecord:
    content = {"data": {"value": value}}
    return services.record_correct(DeclaredRecord, key=KEY, content=content, provenance=OFFICE, at=at)


def change(value: int, *, at: datetime, valid_from: date) -> DeclaredRecord:
    content = {"data": {"value": value}}
    return services.record_change(
        DeclaredRecord, key=KEY, content=content, provenance=OFFICE, at=at, valid_from=valid_from
    )


def revoke(*, at: datetime) -> DeclaredRecord:
    return services.record_revoke(DeclaredRecord, key=KEY, provenance=OFFICE, at=at)


def value_on(day: date, known_at: datetime | None = None) -> int | None:
    record = selectors.record_get(DeclaredRecord, key=KEY, on=day, known_at=known_at)
    return None if record is None else record.data["value"]


def view(known_at: datetime | None = None) -> list[int | None]:
    return [value_on(day, known_at) for day in DAYS]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "correct", "change", "revoke"]),
        st.integers(0, 99),
        st.sampled_from(DAYS),
        st.none() | st.sampled_from(DAYS),
        st.integers(0, 2),
    ),
    max_size=6,
)


def apply(step: tuple[str, int, date, date | None, int], at: datetime) -> None:
    name, value, first, last, _ = step
    try:
        if name == "enter":
            enter(value, at=at, valid_from=first, valid_to=last if last and last > first else None)
        elif name == "correct":
            correct(value, at=at)
        elif name == "change":
            change(value, at=at, valid_from=first)
        else:
            revoke(at=at)
    except Problem:
        pass


@given(STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_two_versions_overlap_none_is_lost_and_what_was_known_stays_known(
    db: None, steps: list[tuple[str, int, date, date | None, int]]
) -> None:
    with undone():
        at, seen, before = START, {}, {}
        for step in steps:
            at += timedelta(seconds=step[-1])
            apply(step, at)
            seen[at] = view(at + SOON)
            after = {row.pk: row for row in selectors.record_history(DeclaredRecord, key=KEY)}
            assert set(before) <= set(after)
            assert all(after[pk].data == row.data for pk, row in before.items())
            before = after
        rows = list(before.values())
        assert all(selectors.record_is_intact(row) for row in rows)
        assert not any(overlap(one, other) for one in rows for other in rows if one.pk < other.pk)
        assert {moment: view(moment + SOON) for moment in seen} == seen
        assert view() == view(at + SOON)


def overlap(one: DeclaredRecord, other: DeclaredRecord) -> bool:
    days = [day for day in DAYS if day in one.valid and day in other.valid]
    moments = [one.recorded.lower, other.recorded.lower]
    return bool(days) and any(moment in one.recorded and moment in other.recorded for moment in moments)


def test_a_correction_replaces_the_value_for_its_whole_validity_and_says_why() -> None:
    enter(1)
    row = correct(2, at=START + timedelta(hours=1))
    assert (value_on(DAY), row.state, row.reason) == (2, State.CORRECTED, "vì vậy")
    assert value_on(DAY, known_at=START + SOON) == 1


def test_a_change_leaves_the_days_before_it_as_they_were() -> None:
    enter(1)
    change(2, at=START + timedelta(hours=1), valid_from=DAYS[3])
    assert [value_on(DAYS[day]) for day in (0, 2, 3, 5)] == [1, 1, 2, 2]
    assert view(START + SOON) == [1] * 6


def test_a_change_after_the_end_of_a_record_is_refused_and_leaves_it_open() -> None:
    enter(1, valid_to=DAYS[3])
    with pytest.raises(Invalid) as raised:
        change(2, at=START + timedelta(hours=1), valid_from=DAYS[3])
    assert raised.value.code == "record-ended"
    assert [row.recorded.upper for row in selectors.record_history(DeclaredRecord, key=KEY)] == [None]


def test_a_revoked_record_is_not_in_force_and_its_key_may_be_entered_anew() -> None:
    enter(1)
    revoke(at=START + timedelta(hours=1))
    assert value_on(DAY) is None
    with pytest.raises(NotFound):
        correct(2, at=START + timedelta(hours=2))
    enter(3, at=START + timedelta(hours=2))
    assert value_on(DAY) == 3
    assert len(selectors.record_history(DeclaredRecord, key=KEY)) == 3


def test_two_changes_at_one_moment_both_leave_their_trace() -> None:
    enter(1)
    correct(2, at=START)
    correct(3, at=START)
    history = selectors.record_history(DeclaredRecord, key=KEY)
    assert [row.data["value"] for row in history] == [1, 2, 3]
    assert all(selectors.record_is_intact(row) for row in history)


def test_a_key_is_entered_once_for_a_period_and_again_for_another() -> None:
    enter(1, valid_to=DAYS[3])
    with pytest.raises(Conflict) as raised:
        enter(2, valid_from=DAYS[2])
    assert raised.value.code == "record-exists"
    enter(2, valid_from=DAYS[3])
    assert [value_on(DAYS[day]) for day in (2, 3)] == [1, 2]


def test_the_database_itself_refuses_an_overlap() -> None:
    row = enter(1)
    row.pk = None
    with pytest.raises(IntegrityError, match="no_overlap"), transaction.atomic():
        DeclaredRecord.objects.bulk_create([row])


@pytest.mark.parametrize(
    "changed",
    [
        {"data": {"value": 2}},
        {"state": State.REVOKED},
        {"officer": "cb02"},
        {"case": ""},
        {"recorded": TimestamptzRange(START - SOON, None)},
    ],
)
def test_a_record_that_was_altered_in_the_table_is_not_intact(changed: dict[str, Any]) -> None:
    row = enter(1)
    DeclaredRecord.objects.filter(pk=row.pk).update(**changed)
    assert not selectors.record_is_intact(DeclaredRecord.objects.get(pk=row.pk))


def test_many_keys_are_read_at_once_and_changes_in_the_order_of_recording() -> None:
    for index in range(5):
        enter(index, key=f"hospital:{index}", at=START + timedelta(seconds=index))
    keys = [f"hospital:{index}" for index in (4, 2, 9)]
    found = selectors.records_get(DeclaredRecord, keys=keys, on=DAY)
    assert {key: row.data["value"] for key, row in found.items()} == {"hospital:4": 4, "hospital:2": 2}
    first = selectors.records_changed_since(DeclaredRecord, cursor=None, limit=2)
    rest = selectors.records_changed_since(DeclaredRecord, cursor=str(first[-1].pk), limit=9)
    assert [row.data["value"] for row in [*first, *rest]] == [0, 1, 2, 3, 4]
