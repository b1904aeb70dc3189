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


def _logged(database: str) -> str:
    """How many exchanges a gateway's log holds, by side."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select side, count(*) from gateway.message group by side order by side"
        ).fetchall()
    return ", ".join(f"{count} as {side}" for side, count in rows)
