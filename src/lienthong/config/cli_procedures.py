"""The command line of procedure packages: from an empty folder to a procedure in force, and out of force again."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from lienthong.config import setup
from lienthong.ground import yamls

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FOLDERS = click.argument("folders", nargs=-1, type=_FOLDER)
_LANGUAGE = click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)


@click.group()
def procedures() -> None:
    """Procedure packages: data that officials can read, put into force without a programmer."""


@procedures.command("new")
@click.argument("code")
@click.option("--name-vi", prompt="Tên thủ tục (tiếng Việt)", help="its name in Vietnamese")
@click.option("--name-en", prompt="Name in English", help="its name in English")
@click.option("--agency-kind", prompt="Kind of agency", help="one of content/agency-kinds.yaml")
@click.option("--purpose", prompt="Purpose", help="one of content/purposes.yaml with `settles: true`")
@click.option(
    "--register", prompt="Code of its register", help="the register that its decisions are entered in"
)
@click.option("--owner", prompt="Agency that keeps the register", help="a ministry's code, such as G06")
@click.option("--basis", default="Văn bản, Điều …", help="the law and its article")
@click.option("--fee", type=click.IntRange(min=0), default=0, help="what it costs, in đồng; 0 for nothing")
def new(name_vi: str, name_en: str, **given: Any) -> None:
    """Write a procedure that works as it stands into the content folder, to be edited: package, register, examples."""
    setup.django_ready(server=False)
    from django.conf import settings

    from lienthong.ground import clock
    from lienthong.ground.text import Text
    from lienthong.systems.procedures.skeleton import Wanted, skeleton_write

    wanted = Wanted(name=Text(name_vi, name_en), **given)
    for path in skeleton_write(wanted, settings.LIENTHONG_CONTENT, today=clock.today()):
        click.echo(path)


@procedures.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--code", default="", help="the code, where the file does not say it")
@click.option("--agency-kind", required=True, help="one of content/agency-kinds.yaml")
@click.option("--purpose", required=True, help="one of content/purposes.yaml with `settles: true`")
@click.option("--register", required=True, help="the code of its register")
@click.option("--owner", required=True, help="the agency that keeps the register, such as G06")
def import_(file: Path, **given: Any) -> None:
    """Make a draft package of a procedure as the national portal tells it (the JSON answer of LayThuTuc)."""
    setup.django_ready(server=False)
    from django.conf import settings

    from lienthong.ground import clock
    from lienthong.ground.text import Text
    from lienthong.systems.procedures import portal_import
    from lienthong.systems.procedures.skeleton import Wanted, files_write

    wanted = Wanted(name=Text("", ""), basis="Văn bản, Điều …", **given)
    answer = json.loads(file.read_text(encoding="utf-8"))
    done = portal_import.procedure_import(answer, wanted, today=clock.today())
    for path in files_write(done.files, settings.LIENTHONG_CONTENT):
        click.echo(path)
    for line in done.left:
        click.echo(f"not placed: {line}")


@procedures.command("check")
@_FOLDERS
@click.option("--json", "as_json", is_flag=True, help="one JSON list of mistakes")
def check(folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Check packages, registers, retention and life events whole; every mistake with its line, and what to do."""
    setup.django_ready(server=False)
    from lienthong.config import procedure_checks as checks

    checked = folders or checks.folders_of_content()
    found = [
        *checks.mistakes_of(checked),
        *checks.mistakes_of_registers(),
        *checks.mistakes_of_retention(),
        *checks.mistakes_of_events(),
    ]
    wrong = sum(not mistake.warning for mistake in found)
    if as_json:
        click.echo(json.dumps([mistake.as_json() for mistake in found], ensure_ascii=False, indent=1))
    else:
        for mistake in found:
            click.echo(str(mistake), err=not mistake.warning)
        said = "1 package" if len(checked) == 1 else f"{len(checked)} packages"
        click.echo(f"{said}: {wrong} mistakes, {len(found) - wrong} warnings")
    sys.exit(1 if wrong else 0)


@procedures.command("test")
@_FOLDERS
@click.option("--all", "every", is_flag=True, help="every package under content/procedures")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="as if they had been written for that day")
def test(folders: tuple[Path, ...], *, every: bool, on: datetime | None) -> None:
    """Play the example dossiers of packages through the real engine, in a database of their own.

    The nation of that database has agencies, no people: each example brings a family. Nothing of yours is touched.
    """
    if not folders and not every:
        raise click.UsageError("name the folders of packages, or --all")
    with setup.scratch_system("examples"):
        from lienthong.config.procedure_checks import folders_of_content
        from lienthong.ground import clock
        from lienthong.nation import examples
        from lienthong.nation.acts import ExampleError
        from lienthong.systems.procedures.services import package_publish

        eve = clock.in_vietnam(on - timedelta(days=1)) if on else None
        stage = examples.stage_ready(at=eve)
        began, failed, played = time.monotonic(), 0, 0
        chosen = folders or folders_of_content()
        with clock.fixed(eve) if eve else nullcontext():
            for folder in [*folders_of_content(), *chosen]:  # a linked one needs those that it links
                package_publish(folder)
        for folder in chosen:
            for written in examples.examples_of(folder.resolve()):
                example = examples.example_moved(written, on.date()) if on else written
                played += 1
                try:
                    ended = examples.example_play(example, stage)
                except ExampleError as error:
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
    """Put packages into force from their `valid_from` on; dossiers that run keep the version they began under.

    What a new purpose or a new register needs on the exchange is granted with it, and told.
    """
    setup.django_ready()
    from lienthong.config import procedure_checks as checks
    from lienthong.config.procedure_rights import rights_missing_grant
    from lienthong.systems.procedures.services import package_publish

    chosen = folders or checks.folders_of_content()
    wrong = [mistake for mistake in checks.mistakes_of(chosen) if not mistake.warning]
    if wrong:
        raise click.ClickException("\n".join(["nothing is published:", *map(str, wrong)]))
    for folder in chosen:
        package = package_publish(folder)
        click.echo(f"{package.code} v{package.version}: in force from {package.valid_from:%d/%m/%Y}")
        for line in rights_missing_grant(package.raw):
            click.echo(f"  {line}")


@procedures.command("withdraw")
@click.argument("code")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="2026-12-31")
def withdraw(code: str, since: datetime) -> None:
    """Take no dossiers of a procedure from a day on; those that run are settled as they began."""
    setup.django_ready()
    from lienthong.blocks.casework.versions import procedure_withdraw

    closed = procedure_withdraw(code=code, since=since.date())
    said = ", ".join(f"v{version}" for version in closed) or "nothing was open"
    click.echo(f"{code}: no new dossiers from {since:%d/%m/%Y} on ({said})")


@procedures.command("play")
@click.argument("folder", type=_FOLDER)
@click.argument("example")
def play(folder: Path, example: str) -> None:
    """Play one example dossier in this instance's own nation, with a new family, and name its papers.

    For a sandbox, while no `lienthong up` runs on it.
    """
    setup.django_ready()
    from django.conf import settings

    from lienthong.config.procedure_play import example_now
    from lienthong.nation.acts import ExampleError
    from lienthong.nation.examples import examples_of

    if settings.LIENTHONG_PRODUCTION:
        raise click.ClickException("examples are not played in production")
    found = [each for each in examples_of(folder.resolve()) if each.name == example]
    if not found:
        raise click.ClickException(f"{folder} has no example «{example}»")
    try:
        played = example_now(found[0])
    except ExampleError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{played.number or found[0].name}: {played.said}")
    for child in played.children:
        for result in child.results:
            click.echo(f"{result.title_en} No. {result.number}")
            click.echo(f"check page: {settings.LIENTHONG_URL}/check/{result.check_code}/")


@procedures.command("show")
@click.argument("what")
@_LANGUAGE
def show(what: str, language: str) -> None:
    """A package as an officer reads it: a folder, or the code of a published procedure."""
    folder = Path(what)
    setup.django_ready(server=not folder.is_dir())
    from lienthong.systems.procedures.sheet import package_text

    click.echo(package_text(_raw(folder) if folder.is_dir() else _in_force(what), language))


@procedures.command("diff")
@click.argument("folder", type=_FOLDER)
@click.argument("other", type=_FOLDER, required=False)
@_LANGUAGE
def diff(folder: Path, other: Path | None, language: str) -> None:
    """What changes, as an official says it: from what is in force to FOLDER, or from FOLDER to OTHER."""
    setup.django_ready(server=other is None)
    from django.conf import settings

    from lienthong.blocks.casework.package_diff import fee_changes, package_changes

    new = _raw(other or folder)
    old = _raw(folder) if other else _in_force(str(new["code"]))
    fees = folder if other else settings.LIENTHONG_CONTENT / "procedures" / str(new["code"])
    changes = [*package_changes(old, new), *fee_changes(_fees(fees), _fees(other or folder))]
    for change in changes:
        click.echo(change.say(language))
    if not changes:
        click.echo("Không có thay đổi." if language == "vi" else "Nothing changes.")


def _raw(folder: Path) -> dict[str, Any]:
    from lienthong.blocks.casework.packages import PackageError, package_read

    try:
        return package_read(folder).raw
    except PackageError as error:
        raise click.ClickException(str(error)) from error


def _in_force(code: str) -> dict[str, Any]:
    """The version in force today, or else the newest."""
    from lienthong.blocks.casework.versions import versions_of
    from lienthong.ground import clock

    versions = versions_of(code)
    if not versions:
        raise click.ClickException(f"«{code}» is no folder and no published procedure")
    today: date = clock.today()
    holding = (
        row
        for row in versions
        if row.valid_from and row.valid_from <= today and not (row.valid_to and row.valid_to <= today)
    )
    return next(holding, versions[0]).package


def _fees(folder: Path) -> dict[str, Any]:

    path = folder / "fees.yaml"
    return yamls.load(path.read_text(encoding="utf-8")) if path.exists() else {"items": []}
