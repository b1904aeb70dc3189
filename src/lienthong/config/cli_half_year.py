"""`lienthong half-year`: a half-year of dossiers through every package, and what it proves."""

from __future__ import annotations

import functools
import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import click

from lienthong.config import setup

NATIONAL = 13_900_000
"""Online dossiers of the first half of 2024 (report 000, figures.yaml portal.dossiers_half_year)."""
SHOWN = 50
"""Errors that are shown; the others are counted."""


@click.command("half-year")
@click.option("--scale", default=1000, show_default=True, help="one dossier stands for so many")
@click.option("--first", default="2026-01-01", show_default=True)
@click.option("--last", default="2026-06-30", show_default=True)
@click.option("--seed", default=2026, show_default=True)
@click.option("--hands", "count", default=2, show_default=True, help="processes")
@click.option("--json", "as_json", is_flag=True)
def half_year(scale: int, first: str, last: str, seed: int, count: int, *, as_json: bool) -> None:
    """Live a half-year of dossiers in a database of its own (lienthong_half_year, kept), and check it.

    13,900,000 dossiers of the report, divided by the scale: filed at the shares of the national reports, with
    officers' hours, supplements, lateness and ratings. It ends with error where a dossier was lost or stuck, or a
    figure differs.
    """
    days = (date.fromisoformat(first), date.fromisoformat(last))
    with setup.own_database("half_year"):
        from lienthong.nation import audit

        began = time.monotonic()
        told = _live(NATIONAL // scale, days, seed, count)
        took = time.monotonic() - began
        more = len(told.errors) - SHOWN
        found = {
            "dossiers": NATIONAL // scale,
            "scale": scale,
            "minutes": round(took / 60, 1),
            "filed": dict(told.filed),
            "not sent, for a rule": dict(told.stopped),
            "errors": [*told.errors[:SHOWN], *([f"… and {more} more"] if more > 0 else ())],
            **audit.cases_audit(),
            **audit.half_year_figures(first=days[0], last=days[1]),
        }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
    else:
        _say(found)
    sys.exit(1 if found["errors"] or found["wrong"] or found["differ"] else 0)


def _live(dossiers: int, days: tuple[date, date], seed: int, count: int) -> Any:
    from django.conf import settings

    from lienthong.ground import clock
    from lienthong.nation import examples, half_year, hands
    from lienthong.systems.procedures.services import package_publish

    first, last = days
    eve = datetime.combine(first - timedelta(days=1), datetime.min.time(), clock.VIETNAM)
    examples.stage_ready(at=eve)
    folders = sorted((settings.LIENTHONG_CONTENT / "procedures").iterdir())
    with clock.fixed(eve):
        packages = [package_publish(folder) for folder in folders]
    limits = half_year.limits_of(each.raw for each in packages)
    planned = half_year.lives(
        folders=folders, count=dossiers, first=first, last=last, seed=seed, shares=half_year.Calibration()
    )
    spawn = multiprocessing.get_context("spawn")
    ready = functools.partial(setup.django_ready, server=False)
    with (
        ProcessPoolExecutor(count, mp_context=spawn, initializer=ready) as executor,
        click.progressbar(length=dossiers, label="dossiers", file=sys.stderr) as bar,
    ):
        return half_year.run(
            planned=planned,
            limits=limits,
            acts=functools.partial(executor.map, hands.act),
            settle=hands.settle,
            seed=seed,
            progress=bar.update,
        )


def _say(found: dict[str, Any]) -> None:
    for name, value in found.items():
        if isinstance(value, list):
            click.echo(f"{name}: {len(value)}")
            for line in value:
                click.echo(f"  {line}")
        elif isinstance(value, dict):
            click.echo(f"{name}: " + ", ".join(f"{key} {said}" for key, said in value.items()))
        else:
            click.echo(f"{name}: {value}")
