"""Law of the house: kill the worker at any moment, start another, and everything is where it should be.

The worker is killed with SIGKILL on each side of each transaction of a step, in all four packages and in each
automatic kind; the end is compared with that of a journey that nothing disturbed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lienthong.ground import clock
from tests import conftest as database

ROOT = Path(__file__).resolve().parents[2]
PREPARED = f"{database.DATABASE}_prepared"
PATIENCE_S = 90.0
COUNTRY = "lienthong_country"
SHIFT = datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM) - datetime.now(UTC)
CLOCK = {"LIENTHONG_CLOCK_OFFSET": str(SHIFT.total_seconds())}  # people and workers share one shifted clock

# By boundary: the automatic steps at which the worker dies there. Every package and kind stands in each row.
BIRTH, RESIDENCE, CARD, LINKED = "1.001193", "1.004222", "1.003077", "9.000001"
STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "before": (
        (LINKED, "open_birth"),
        (BIRTH, "fee"),
        (BIRTH, "ask_mother"),
        (BIRTH, "certificate"),
        (RESIDENCE, "ask_household"),
        (RESIDENCE, "notice"),
        (CARD, "ask_applicant"),
        (CARD, "card"),
    ),
    "frozen": (
        (LINKED, "open_residence"),
        (BIRTH, "fee"),
        (BIRTH, "check"),
        (BIRTH, "extracts"),
        (RESIDENCE, "check"),
        (RESIDENCE, "notice"),
        (CARD, "check"),
        (CARD, "card"),
    ),
    "provider": (
        (LINKED, "open_birth"),
        (BIRTH, "fee"),
        (BIRTH, "allocate"),
        (BIRTH, "certificate"),
        (RESIDENCE, "register"),
        (RESIDENCE, "notice"),
        (CARD, "register"),
        (CARD, "card"),
    ),
    "answered": (
        (LINKED, "open_card"),
        (BIRTH, "fee"),
        (BIRTH, "allocate"),
        (BIRTH, "register"),
        (BIRTH, "extracts"),
        (RESIDENCE, "register"),
        (RESIDENCE, "notice"),
        (CARD, "register"),
        (CARD, "card"),
    ),
    "storing": (
        (LINKED, "open_residence"),
        (BIRTH, "fee"),
        (BIRTH, "register"),
        (BIRTH, "certificate"),
        (RESIDENCE, "deposit"),
        (RESIDENCE, "notice"),
        (CARD, "deposit"),
        (CARD, "card"),
    ),
    "stored": (
        (LINKED, "child"),
        (BIRTH, "fee"),
        (BIRTH, "deposit"),
        (BIRTH, "deposit_extracts"),
        (BIRTH, "extracts"),
        (RESIDENCE, "register"),
        (RESIDENCE, "notice"),
        (CARD, "register"),
        (CARD, "card"),
    ),
}
EVENTS = (
    "lifeevents/dossier-events/v1",
    "onestop/events-receive/v1",
    "population/births-receive/v1",
    "eid/notices-send/v1",
)
EVENT_BOUNDARIES = ("before", "provider", "answered", "stored")


class Workers:
    """The process that starts a worker after each killed one."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.killed_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **CLOCK, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        )

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, f"the workers' process ended: {self.process.poll()}"
        return line

    def leave(self) -> None:
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()

    def end(self) -> list[Any]:
        """Stop; where they died, in order."""
        self.say("end")
        return [json.loads(line) for line in iter(self.hear, "ended")]


@contextmanager
def journey_in(workers: Workers, template: str, points: list[tuple[str, str, str]]) -> Iterator[str]:
    """A fresh copy of the prepared country in which a birth has just been declared; workers run."""
    from lienthong.blocks.access.principals import Kind, Principal
    from tests.journeys import people

    fresh(template)
    workers.say(json.dumps(points))
    try:
        yield people.declare(Principal(Kind.PERSON, "001195000001", "Nguyễn Thị Ánh"))
    finally:
        from django.db import connections

        died = workers.end()
        connections.close_all()
    assert sorted(died) == sorted(map(list, points))


def fresh(template: str) -> None:
    """This process' database anew; nobody is connected to it."""
    from django.db import connections

    connections.close_all()
    database.clone_database(database.DATABASE, template)


@pytest.fixture(scope="module")
def workers(django_db_setup: None, django_db_blocker: Any) -> Generator[Workers]:
    """A family and its officers in the prepared country, in a database of their own to copy from."""
    from django.db import connections

    from lienthong.blocks.trust.services import caches_clear
    from tests.jobs import run_jobs
    from tests.journeys import people
    from tests.systems import country

    with django_db_blocker.unblock():
        made = Workers()
        clock.set_source(clock.source_from(CLOCK))
        caches_clear()
        fresh(COUNTRY)
        country.family_enter(clock.now())
        for agency in people.AGENCIES:
            people.officer_join(f"{agency}-S01", agency, clock.now())
        run_jobs()
        connections.close_all()
        database.clone_database(PREPARED, database.DATABASE)
        assert made.hear() == "ready"
        yield made
        made.leave()
        clock.set_source(None)
        fresh("lienthong_template")  # what other tests of this process begin with
        database.server_execute(
            database.sql.SQL("drop database {}").format(database.sql.Identifier(PREPARED))
        )


@pytest.fixture(scope="module")
def undisturbed(workers: Workers) -> dict[str, Any]:
    """What a journey leaves behind when nothing dies."""
    from lienthong.nation import evidence
    from tests.journeys import people

    with journey_in(workers, PREPARED, []) as case:
        people.live_until_settled(case, patience_s=PATIENCE_S)
        return evidence.evidence_of(case=case)


def test_the_undisturbed_journey_leaves_one_of_each(undisturbed: dict[str, Any]) -> None:
    assert undisturbed["numbers"] == [[1]]
    assert undisturbed["births"] == undisturbed["residences"] == undisturbed["cards"] == [["in-force", 1]]
    assert undisturbed["bills"] == [["settled", 16000, 1, 1]]
    assert undisturbed["papers"] == [
        ["KQ.G01.000010", 1, 2],
        ["KQ.G15.000001", 1, 3],
        ["KQ.G15.000002", 2, 6],
        ["KQ.G24.000001", 1, 2],
    ]
    assert [outcome for _, _, outcome, _ in undisturbed["cases"]] == ["granted"] * 4
    assert {missing for _, missing in undisturbed["numbers_missing"]} == {0}


@pytest.mark.parametrize("boundary", STEPS)
def test_a_worker_killed_at_this_boundary_of_its_steps_changes_nothing_of_the_end(
    boundary: str, workers: Workers, undisturbed: dict[str, Any]
) -> None:
    _killed_at([(*step, boundary) for step in STEPS[boundary]], workers, undisturbed)


def test_a_worker_killed_while_it_delivers_messages_changes_nothing_of_the_end(
    workers: Workers, undisturbed: dict[str, Any]
) -> None:
    points = [(service, "event", boundary) for service in EVENTS for boundary in EVENT_BOUNDARIES]
    _killed_at(points, workers, undisturbed)


def _killed_at(points: list[tuple[str, str, str]], workers: Workers, undisturbed: dict[str, Any]) -> None:
    from lienthong.nation import evidence
    from tests.journeys import people

    with journey_in(workers, PREPARED, points) as case:
        people.live_until_settled(case, patience_s=PATIENCE_S)
        found = evidence.evidence_of(case=case)
        assert evidence.differences(undisturbed, found) == []
        assert evidence.books_and_log() == []
