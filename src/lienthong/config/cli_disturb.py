"""`lienthong disturb`: the same dossiers twice, once in peace and once while processes are killed; the same end."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from lienthong.config import setup

PEOPLE = 20
"""Of the nation beside those of the dossiers."""
PATIENCE_S = 300.0
"""Of a person at a page that does not come."""
_PREPARED, _OWN = "prepared", "lienthong"


@dataclass(frozen=True)
class Plan:
    """How many dossiers are filed between which days, by how many hands."""

    dossiers: int
    first: str
    last: str
    seed: int
    hands: int

    @property
    def eve(self) -> datetime:
        from lienthong.ground import clock

        return datetime.combine(
            date.fromisoformat(self.first) - timedelta(days=1), datetime.min.time(), clock.VIETNAM
        )


@click.command("disturb")
@click.option("--dossiers", default=1000, show_default=True)
@click.option("--every", "every_s", default=12.0, show_default=True, help="seconds between blows, on average")
@click.option("--most", default=10_000, show_default=True, help="kills at most")
@click.option("--first", default="2026-03-02", show_default=True, help="the first day on which one is filed")
@click.option("--last", default="2026-03-13", show_default=True)
@click.option("--seed", default=2026, show_default=True, help="of the dossiers, their lives and the blows")
@click.option("--hands", default=3, show_default=True, help="browsers at once")
def disturb(every_s: float, most: int, **given: Any) -> None:
    """Live dossiers over HTTP twice, on a system of its own: in peace, and with kill -9 of web, worker and database.

    Blows fall at random moments; who is killed is started again by its supervisor. It ends with error where what
    was left behind differs: cases, decisions, papers, registers, bills, notices, days, the log's chain, the books.
    """
    plan = Plan(**given)
    var = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var").resolve()
    shutil.rmtree(var / "disturbed", ignore_errors=True)
    (var / "disturbed").mkdir(parents=True)
    file = var / "disturbed" / "clock"
    os.environ["LIENTHONG_CLOCK_FILE"] = str(file)
    from lienthong.ground import clock

    clock.move(file, plan.eve)
    keep = os.environ.get("LIENTHONG_KEEP_CONNECTIONS", "1")
    os.environ["LIENTHONG_KEEP_CONNECTIONS"] = "0"  # nobody may be connected to a database that is copied
    with setup.own_system("disturbed") as serve:
        os.environ["LIENTHONG_KEEP_CONNECTIONS"] = keep
        system = _System(var / "disturbed", file, plan)
        system.prepare()
        peace = system.run(serve, blows=None)
        from lienthong.nation import disturbed

        blows = disturbed.Blows(seed=plan.seed, every_s=every_s, most=most)
        war = system.run(serve, blows=blows)
        wrong = [*(f"in peace: {line}" for line in peace["wrong"]), *disturbed.differences(peace, war)]
    for line in wrong:
        click.echo(line)
    text = json.dumps(war, sort_keys=True, ensure_ascii=False, default=str)
    fell = ", ".join(f"{name} {count}" for name, count in sorted(blows.fell.items()))
    click.echo(
        f"{plan.dossiers} dossiers, {sum(blows.fell.values())} kills ({fell}), {system.took[0]:.0f} s in peace,"
        f" {system.took[1]:.0f} s disturbed: "
        + (
            f"{len(wrong)} differences"
            if wrong
            else f"the same end, {hashlib.sha256(text.encode()).hexdigest()}"
        )
    )
    sys.exit(1 if wrong or not blows.fell else 0)


class _System:
    """The prepared nation, and copies of it to run in."""

    def __init__(self, var: Path, file: Path, plan: Plan) -> None:
        self.var, self.file, self.plan = var, file, plan
        self.planned: list[tuple[datetime, Any]] = []
        self.contexts: dict[int, dict[str, Any]] = {}
        self.took: list[float] = []

    def prepare(self) -> None:
        """The nation, everybody who will come, and officers; then a copy is put aside."""
        from lienthong.nation import build, disturbed

        setup.migrate()
        build.nation_make(people=PEOPLE, seed=self.plan.seed, progress=_progress)
        self.planned = self._planned()
        self.contexts = disturbed.people_ready(self.planned)
        self._copy(_OWN, _PREPARED)

    def run(self, serve: Callable[[], AbstractContextManager[None]], *, blows: Any) -> dict[str, Any]:
        from lienthong.ground import clock
        from lienthong.nation import disturbed
        from lienthong.nation.browsing import Person

        self._fresh()
        clock.move(self.file, self.plan.eve + timedelta(hours=1))
        Person.patience_s = PATIENCE_S
        with serve(), _progress("disturbed" if blows else "in peace", self.plan.dossiers) as bar:
            began = time.monotonic()
            run = disturbed.Run(
                file=self.file,
                planned=[(at, replace(life)) for at, life in self.planned],
                contexts=self.contexts,
                limits=self._limits(),
                seed=self.plan.seed,
                hands=self.plan.hands,
                blows=blows,
            )
            end = run.live(bar.update)
            self.took.append(time.monotonic() - began)
        return end

    def _planned(self) -> Any:
        from lienthong.config.procedure_checks import folders_of_content
        from lienthong.nation import half_year

        return half_year.lives(
            folders=folders_of_content(),
            count=self.plan.dossiers,
            first=date.fromisoformat(self.plan.first),
            last=date.fromisoformat(self.plan.last),
            seed=self.plan.seed,
            shares=half_year.Calibration(),
        )

    def _limits(self) -> dict[str, int]:
        from lienthong.blocks.casework.packages import package_read
        from lienthong.config.procedure_checks import folders_of_content
        from lienthong.nation import half_year

        return half_year.limits_of(package_read(folder).raw for folder in folders_of_content())

    def _fresh(self) -> None:
        """The prepared nation, and nothing of an earlier run."""
        self._copy(_PREPARED, _OWN)
        shutil.rmtree(self.var / "files", ignore_errors=True)
        for left in self.var.glob("*.sqlite*"):
            left.unlink()

    def _copy(self, source: str, target: str) -> None:
        from django.conf import settings
        from django.db import connections

        connections.close_all()
        admin = make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname="postgres")
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {target} with (force)").format(**names))
            connection.execute(sql.SQL("create database {target} template {source}").format(**names))


def _progress(label: str, length: int) -> Any:
    return click.progressbar(length=length, label=f"{label:<24}", file=sys.stderr)
