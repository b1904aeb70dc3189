"""Texts, problems, the clock and identifiers."""

import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import clock, ids
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lienthong.ground.language import LANGUAGES
from lienthong.ground.text import Text

WORDS = st.text(max_size=40)
TEXTS = st.builds(Text, WORDS.filter(bool), WORDS.filter(bool))
NOON = datetime(2026, 11, 22, 12, tzinfo=clock.VIETNAM)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def test_vietnamese_is_said_to_whoever_does_not_ask_for_english() -> None:
    hello = Text("Xin chào", "Hello")
    assert [hello.say(language) for language in (*LANGUAGES, "", "fr")] == [
        "Xin chào",
        "Hello",
        "Xin chào",
        "Xin chào",
    ]


@given(
    st.text(min_size=1, max_size=20),
    st.tuples(TEXTS, TEXTS, TEXTS),
    st.sampled_from([400, 403, 404, 409, 413, 422, 503]),
    st.none() | WORDS,
)
def test_a_problem_sent_to_another_machine_arrives_whole(
    code: str, texts: tuple[Text, Text, Text], status: int, field: str | None
) -> None:
    problem = Problem(code, *texts, status=status, field=field)
    again = Problem.from_dict(problem.as_dict(), status)
    assert again.as_dict() == pickle.loads(pickle.dumps(problem)).as_dict() == problem.as_dict()  # noqa: S301
    assert again.status == status


@pytest.mark.parametrize(
    ("kind", "status"), [(Forbidden, 403), (NotFound, 404), (Conflict, 409), (Invalid, 422)]
)
def test_a_problem_of_a_known_status_is_its_own_class(kind: type[Problem], status: int) -> None:
    told = Text("a", "b")
    assert kind("x", told, told, told).status == status
    assert type(Problem.from_dict({"code": "x"}, status)) is kind


def test_a_problem_of_a_peer_with_one_language_is_still_said_in_both() -> None:
    problem = Problem.from_dict({"code": "x", "what": "Down", "why": {"en": "Maintenance"}}, 503)
    assert problem.what == Text("Down", "Down")
    assert problem.why == Text("Maintenance", "Maintenance")
    assert str(problem) == "x: Down Maintenance"


def test_a_held_clock_stands_still_and_is_given_back() -> None:
    with clock.fixed(NOON):
        assert clock.now() == clock.now() == NOON
        with clock.fixed(NOON + timedelta(days=1)):
            assert clock.today() == (NOON + timedelta(days=1)).date()
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_a_clock_without_a_zone_is_read_as_vietnams() -> None:
    with clock.fixed(NOON.replace(tzinfo=None)):
        assert clock.now() == NOON
    with clock.fixed(NOON.astimezone(UTC)):
        assert clock.now().tzinfo is clock.VIETNAM
        assert clock.now().hour == 12


def test_a_source_may_be_set_and_taken_back() -> None:
    clock.set_source(lambda: NOON)
    try:
        assert clock.now() == NOON
    finally:
        clock.set_source(None)
    assert clock.now() != NOON


def test_a_clock_of_the_environment_starts_where_it_says_and_runs_on() -> None:
    source = clock.source_from({"LIENTHONG_CLOCK": "2026-02-16T23:59:59"})
    first, second = source(), source()
    start = datetime(2026, 2, 16, 23, 59, 59, tzinfo=clock.VIETNAM)
    assert start <= first <= second < start + timedelta(minutes=1)


def test_a_shared_offset_moves_the_clock_by_that_much() -> None:
    shifted = clock.source_from({"LIENTHONG_CLOCK_OFFSET": "86400"})()
    real = clock.source_from({})()
    assert timedelta(hours=23, minutes=59) < shifted - real < timedelta(hours=24, minutes=1)


def test_a_clock_in_a_file_is_moved_on_while_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock.move(file, NOON)
    source = clock.source_from({"LIENTHONG_CLOCK_FILE": str(file), "LIENTHONG_CLOCK_OFFSET": "86400"})
    first = source()
    assert NOON <= first < NOON + timedelta(minutes=1)
    clock.move(file, NOON + timedelta(days=3))
    assert NOON + timedelta(days=3) <= source() < NOON + timedelta(days=3, minutes=1)


def test_a_clock_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        clock.source_from({"LIENTHONG_CLOCK": "yesterday"})


@given(MOMENTS)
def test_a_time_ordered_identifier_carries_its_millisecond(moment: datetime) -> None:
    made = ids.uuid7(moment)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=9)))
def test_identifiers_sort_by_time_to_the_microsecond(moment: datetime, later: timedelta) -> None:
    assert ids.uuid7(moment) < ids.uuid7(moment + later)


def test_identifiers_of_one_moment_differ() -> None:
    with clock.fixed(NOON):
        assert len({ids.uuid7() for _ in range(1000)}) == 1000


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4))
def test_a_derived_identifier_belongs_to_its_parts_alone(one: list[str], other: list[str]) -> None:
    assert (ids.derived(*one) == ids.derived(*other)) is (one == other)


def test_a_derived_identifier_never_changes_between_releases() -> None:
    assert ids.derived("case", 7) == ids.derived("case", "7") == UUID("031393be-e0b4-53c5-9fb3-fd34abbafcbc")
    assert ids.derived("case", 7).version == 5


def test_ground_stands_without_django() -> None:
    program = (
        "import sys, pkgutil, importlib, lienthong.ground as g\n"
        "for m in pkgutil.iter_modules(g.__path__): importlib.import_module('lienthong.ground.' + m.name)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg')])"
    )
    where = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=where
    )
    assert told.stdout.strip() == "[]"
