"""`lienthong journey birth --split`: the main journey through four instances and four gateways, on loopback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import psycopg

from lienthong.config import setup

PEOPLE = 300


def run(*, language: str, progress: Callable[[str, int], Any]) -> None:
    """A small nation of its own under `var/split`; prints the journey, and what each gateway wrote down."""
    with setup.own_system("split"):
        setup.migrate()
        from lienthong.config import split
        from lienthong.config.supervisor import Supervisor, children
        from lienthong.nation import build, journey_birth

        if not build.nation_exists():
            build.nation_make(people=PEOPLE, seed=2026, progress=progress)
        where = split.places()
        split.split_make(where)
        with Supervisor([*split.programs(where), *children(where[0].environment())]):
            result = journey_birth.run(echo=click.echo, language=language)
        for place in where:
            click.echo(f"gateway {place.server}: {_logged(place.database)}")
        click.echo(result.last_line())


def _logged(database: str) -> str:
    """How many exchanges a gateway's log holds, by side."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select side, count(*) from gateway.message group by side order by side"
        ).fetchall()
    return ", ".join(f"{count} as {side}" for side, count in rows)
