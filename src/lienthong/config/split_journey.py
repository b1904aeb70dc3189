"""`lienthong journey birth --split`: the main journey through four instances and four gateways, on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psycopg

from lienthong.config import setup

PEOPLE = 300
AWAY_AFTER = "the birth is registered"
"""The step of the journey after which the instance named by --away goes down."""
WAITS_S = 60.0


def run(*, language: str, progress: Callable[[str, int], Any], away: str | None = None) -> None:
    """A small nation of its own under `var/split`; prints the journey, and what each gateway wrote down.

    The report of the month, over the facts of all instances, is left there as `report.json`.

    away: the instance whose processes and gateway are down from AWAY_AFTER on, until a case waits for it.
    """
    with setup.own_system("split"):
        setup.migrate()
        from lienthong.config import split
        from lienthong.config.supervisor import Supervisor, children
        from lienthong.nation import build, journey_birth

        if not build.nation_exists():
            build.nation_make(people=PEOPLE, seed=2026, progress=progress)
        where = split.places()
        split.split_make(where)
        with Supervisor([*split.programs(where), *children(where[0].environment())]) as running:
            outage = Outage(running, away) if away else None
            try:
                result = journey_birth.run(echo=outage or click.echo, language=language)
                databases_settle([place.database for place in where])
                click.echo(f"report {report_of_all()}")
            finally:
                if outage is not None:
                    outage.over.set()
        for place in where:
            click.echo(f"gateway {place.server}: {_logged(place.database)}")
        click.echo(result.last_line())


class Outage:
    """Listens to the journey; takes the instance down at its step, and brings it back once somebody waits for it."""

    def __init__(self, running: Any, away: str) -> None:
        self.running = running
        self.away = away
        self.over = threading.Event()

    def __call__(self, line: str) -> None:
        click.echo(line)
        if AWAY_AFTER in line:
            for child in self._programs():
                child.stop()
            click.echo(f"    {self.away} is down")
            threading.Thread(target=self._wait_and_revive).start()

    def _programs(self) -> list[Any]:
        return [child for child in self.running.children if child.name.startswith(f"{self.away}-")]

    def _wait_and_revive(self) -> None:
        from django.db import connection

        try:
            click.echo(f"    {self._waiting()}")
            click.echo(f"    the report says: {self._missed()}")
        finally:
            connection.close()
            for child in self._programs():
                child.start(Path(self.running.logs))
            click.echo(f"    {self.away} is back")
            self.over.wait()  # programs end with the thread that started them

    def _waiting(self) -> str:
        """The first step that could not be done, and for whom it waits."""
        from lienthong.blocks.casework.selectors import work_stuck

        end = time.monotonic() + WAITS_S
        while time.monotonic() < end:
            for row in work_stuck(longer_than=timedelta()):
                if row.problem:
                    return f"{row.number} waits at {row.step}: {row.problem['why']['en']}"
            time.sleep(0.2)
        return f"nothing waited for {self.away} within {WAITS_S:.0f} s"

    def _missed(self) -> str:
        """What a report made now says of the instance that is down."""
        from lienthong.ground import clock
        from lienthong.systems.reporting import services as reporting

        end = time.monotonic() + WAITS_S
        while time.monotonic() < end:
            reporting.facts_ask()
            time.sleep(1)
            made = reporting.report_make(month=f"{clock.today():%Y-%m}")
            for source in made.sources:
                if source["subsystem"].endswith(f"/{self.away}") and source["problem"]:
                    lines = reporting.sources_said(made, "en")
                    return next(line for line in lines if source["subsystem"] in line)
        return f"nothing of {self.away} within {WAITS_S:.0f} s"


def databases_settle(databases: list[str]) -> None:
    """Wait until every event, notice and job of these instances has been dealt with.

    Raise RuntimeError after WAITS_S. The report's own collecting does not count: it never ends.
    """
    end = time.monotonic() + WAITS_S
    while any(_open_work(database) for database in databases):
        if time.monotonic() > end:
            raise RuntimeError(f"work was left over after {WAITS_S:.0f} s")
        time.sleep(0.3)


def _open_work(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "select (select count(*) from exchange_delivery where delivered_at is null)"
            " + (select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
            " and task_name <> 'reporting.collect')"
        ).fetchone()
    return row[0] if row else 0


def report_of_all() -> str:
    """Make the report of this moment once every instance told its facts up to it; what it holds, in words."""
    from django.conf import settings

    from lienthong.blocks.insight.sources import sources_at
    from lienthong.ground import clock
    from lienthong.systems.reporting import services as reporting

    as_of = clock.now()
    end = time.monotonic() + WAITS_S
    while not all(source.complete for source in sources_at(as_of)) and time.monotonic() < end:
        reporting.facts_ask()
        time.sleep(1)
    made = reporting.report_make(month=f"{as_of:%Y-%m}", as_of=as_of)
    (Path(settings.LIENTHONG_VAR) / "report.json").write_text(made.as_json(), encoding="utf-8")
    said = [f"{row['subsystem']} {'told' if row['complete'] else 'missing'}" for row in made.sources]
    figures = sum(figure["value"] is not None for figure in made.figures)
    return f"{made.month:%Y-%m} as of {as_of.isoformat()}: {figures} figures; {', '.join(said)}"


def _logged(database: str) -> str:
    """How many exchanges a gateway's log holds, by side."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select side, count(*) from gateway.message group by side order by side"
        ).fetchall()
    return ", ".join(f"{count} as {side}" for side, count in rows)
