"""The command line of procedure packages: check, test by examples, publish."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from lienthong.config import setup

_FOLDERS = click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def procedures() -> None:
    """Procedure packages: data that officials can read, put into force without a programmer."""


def _all() -> tuple[Path, ...]:
    from django.conf import settings

    return tuple(sorted((settings.LIENTHONG_CONTENT / "procedures").iterdir()))


@procedures.command("check")
@_FOLDERS
def check(folders: tuple[Path, ...]) -> None:
    """Check packages whole and print every mistake."""
    setup.django_ready(server=False)
    from lienthong.blocks.casework.packages import PackageError, package_read

    wrong = 0
    for folder in folders or _all():
        try:
            package = package_read(folder)
            click.echo(f"{package.code} v{package.version}: {len(package.steps)} steps")
        except PackageError as error:
            wrong += 1
            click.echo(str(error), err=True)
    sys.exit(1 if wrong else 0)


@procedures.command("test")
@_FOLDERS
@click.option("--all", "every", is_flag=True, help="every package under content/procedures")
def test(folders: tuple[Path, ...], *, every: bool) -> None:
    """Play the example dossiers of packages through the real engine, in a database of their own.

    The nation of that database has agencies, no people: each example brings a family. Nothing of yours is touched.
    """
    if not folders and not every:
        raise click.UsageError("name the folders of packages, or --all")
    with setup.scratch_system("examples"):
        from lienthong.nation import examples
        from lienthong.systems.procedures.services import package_publish

        stage = examples.stage_ready()
        began, failed, played = time.monotonic(), 0, 0
        for folder in folders or _all():
            package_publish(folder)
            for example in examples.examples_of(folder):
                played += 1
                try:
                    ended = examples.example_play(example, stage)
                except examples.ExampleError as error:
                    failed += 1
                    click.echo(f"✗ {example.procedure} {example.name}: {error}", err=True)
                else:
                    click.echo(f"✓ {example.procedure} {example.name}: {ended.said}")
    click.echo(
        f"{played - failed} of {played} example dossiers as expected in {time.monotonic() - began:.0f} s"
    )
    sys.exit(1 if failed or not played else 0)


@procedures.command("publish")
@_FOLDERS
def publish(folders: tuple[Path, ...]) -> None:
    """Put packages into force from their `valid_from` on; dossiers that run keep the version they began under."""
    setup.django_ready()
    from lienthong.systems.procedures.services import package_publish

    for folder in folders or _all():
        package = package_publish(folder)
        click.echo(f"{package.code} v{package.version}: in force from {package.valid_from:%d/%m/%Y}")
