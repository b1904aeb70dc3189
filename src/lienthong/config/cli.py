"""The command line. Long work shows its progress; `--json` where a machine may read."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lienthong.config import setup
from lienthong.config.cli_disturb import disturb
from lienthong.config.cli_exchange import evidence, gateway
from lienthong.config.cli_half_year import half_year
from lienthong.config.cli_import import import_
from lienthong.config.cli_procedures import procedures
from lienthong.config.cli_retention import retention
from lienthong.ground.errors import Problem

AWAY = ("civilstatus", "residence", "socialsecurity")
"""The systems that `journey birth --split` moves into instances of their own."""


class Explaining(click.Group):
    """A Problem is told as what, why and what next, in both languages, with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            for text in (problem.what, problem.why, problem.next_step):
                click.echo(f"{text.vi}\n  {text.en}", err=True)
            sys.exit(1)


@click.group(cls=Explaining)
@click.version_option(package_name="lienthong")
def main() -> None:
    """Liên thông: apply once, agencies ask each other."""


@main.command()
def migrate() -> None:
    """Bring the database to this version, and publish the procedure packages."""
    setup.django_ready()
    setup.migrate()
    from lienthong.systems.procedures.services import packages_publish

    click.echo(f"migrated; {packages_publish()} procedure packages in force")


@main.command()
@click.option("--people", default=20_000, show_default=True, help="how many people to make")
@click.option("--seed", default=2026, show_default=True, help="the same seed makes the same nation")
@click.option("--if-empty", is_flag=True, help="do nothing where there is a nation already")
def nation(people: int, seed: int, *, if_empty: bool) -> None:
    """Make households, agencies, officers and accounts; print the test sign-ins."""
    setup.django_ready()
    setup.migrate()
    from lienthong.nation import build

    if not (if_empty and build.nation_exists()):
        build.nation_make(people=people, seed=seed, progress=_progress)
    click.echo(build.sign_ins_text())


def _progress(label: str, length: int) -> contextlib.AbstractContextManager[Any]:
    return click.progressbar(length=length, label=f"{label:<24}", file=sys.stderr)


@main.command()
@click.option("--people", default=20_000, show_default=True, help="people of a new nation")
@click.option("--demo", is_flag=True, help="run the main journey once, then stop")
def up(people: int, *, demo: bool) -> None:
    """Serve portal, desk and console; a new nation runs the main journey once first."""
    setup.django_ready()
    setup.migrate()
    from lienthong.config.supervisor import Supervisor
    from lienthong.nation import build, journey_birth

    new = not build.nation_exists()
    if new:
        build.nation_make(people=people, seed=2026, progress=_progress)
    try:
        with Supervisor() as running:
            if demo or new:
                result = journey_birth.run(echo=click.echo)
                if demo:
                    click.echo(result.last_line())
                    return
            click.echo(build.sign_ins_text())
            running.watch()
    except KeyboardInterrupt:
        click.echo("stopped")


@main.command()
@click.option("--concurrency", default=4, show_default=True)
def worker(concurrency: int) -> None:
    """Run jobs and the sweeps of the clock."""
    setup.django_ready()
    from lienthong.config import worker as program

    program.run(concurrency=concurrency)


@main.command()
@click.argument("document", type=click.Path(exists=True, path_type=Path))
def join(document: Path) -> None:
    """Make this instance, with the systems of LIENTHONG_SYSTEMS, part of the country of that configuration."""
    setup.django_ready()
    setup.migrate()
    from django.conf import settings

    from lienthong.blocks.exchange import configuration
    from lienthong.ground import clock

    given = json.loads(document.read_text(encoding="utf-8"))
    systems = frozenset(settings.LIENTHONG_SYSTEMS)
    count = configuration.document_apply(given=given, systems=systems, at=clock.now())
    click.echo(f"joined {given['instance']}: {count} subsystems, {len(systems)} of its systems here")


@main.command()
@click.argument("subject")
def code(subject: str) -> None:
    """The one-time code of a synthetic account, for signing in by hand."""
    setup.django_ready()
    from django.conf import settings

    from lienthong.ground import clock
    from lienthong.systems.eid.services import code_now

    if settings.LIENTHONG_PRODUCTION:
        raise click.ClickException("codes are not printed in production")
    click.echo(code_now(subject=subject, at=clock.now()))


@main.group()
def journey() -> None:
    """Drive the running system over HTTP as people would."""


@journey.command("birth")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi")
@click.option("--papers", type=click.Path(path_type=Path), help="folder for the signed papers")
@click.option("--split", is_flag=True, help="on a system of its own, in four instances behind four gateways")
@click.option("--away", type=click.Choice(AWAY), help="with --split: this instance is down for a while")
def journey_birth_command(language: str, papers: Path | None, away: str | None, *, split: bool) -> None:
    """A parent, three officers, three papers."""
    if split:
        from lienthong.config import split_journey

        split_journey.run(language=language, progress=_progress, away=away)
        return
    setup.django_ready()
    from lienthong.nation import journey_birth

    result = journey_birth.run(echo=click.echo, language=language)
    if papers is not None:
        papers.mkdir(parents=True, exist_ok=True)
        for name, content in result.files.items():
            (papers / name).write_bytes(content)
    click.echo(result.last_line())


@main.command()
@click.option("--month", required=True, help="e.g. 2026-11")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi")
@click.option("--as-of", help="ISO moment; without it, now")
@click.option("--json", "as_json", is_flag=True, help="print the figures as JSON and write no files")
@click.option("--out", type=click.Path(path_type=Path), help="folder for the HTML and the PDF")
def report(month: str, language: str, as_of: str | None, out: Path | None, *, as_json: bool) -> None:
    """The national report of a month: HTML, PDF and JSON."""
    setup.django_ready()
    from lienthong.systems.reporting import services as reporting

    made = reporting.report_make(month=month, as_of=datetime.fromisoformat(as_of) if as_of else None)
    for line in reporting.sources_said(made, language):
        click.echo(line, err=True)
    if as_json:
        click.echo(made.as_json())
        return
    for path in reporting.report_write(report=made, language=language, folder=out):
        click.echo(str(path))


@main.group()
def exchange() -> None:
    """The exchange's evidence."""


@exchange.command("audit")
@click.option("--json", "as_json", is_flag=True)
def exchange_audit(*, as_json: bool) -> None:
    """Check every signature and chain of the message log."""
    setup.django_ready()
    from lienthong.blocks.exchange.log import log_check

    check = log_check()
    if as_json:
        click.echo(json.dumps({"seals": check.seals, "rows": check.rows, "broken": check.broken}))
    else:
        counted = f"{check.rows} rows, {check.signatures} signatures, {check.seals} seals"
        click.echo(f"{counted}: {check.broken or 'whole'}")
    sys.exit(1 if check.broken else 0)


@main.group()
def ledger() -> None:
    """The ledger."""


@ledger.command("audit")
def ledger_audit() -> None:
    """Add every balance again from its entries."""
    setup.django_ready()
    from lienthong.blocks.ledger.selectors import audit

    differences = audit()
    click.echo(f"{len(differences)} differences")
    sys.exit(1 if differences else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True)
def stuck(*, as_json: bool) -> None:
    """Work that does not go on by itself, and why."""
    setup.django_ready()
    from lienthong.blocks.casework.selectors import work_stuck

    rows = work_stuck()
    for row in rows:
        why = (row.problem or {}).get("why", {})
        line = {
            "dossier": row.number,
            "step": row.step,
            "state": row.state,
            "tries": row.tries,
            "why": why.get("en"),
        }
        click.echo(
            json.dumps(line, ensure_ascii=False) if as_json else "  ".join(str(v) for v in line.values())
        )
    if not as_json:
        click.echo(f"{len(rows)} steps stuck")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Write database, files and keys into one archive."""
    setup.django_ready()
    from lienthong.config import archive

    made = archive.backup(target, at=datetime.now(UTC))
    click.echo(f"{made.tables} tables, {made.files} files: {target}")


@main.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def restore(source: Path) -> None:
    """Bring an archive back into an empty database and empty folders."""
    setup.django_ready()
    from lienthong.config import archive

    archive.restore(source)
    click.echo("restored")


@main.command()
@click.option("--people", default=300, show_default=True, help="people of its own small nation")
@click.option("--process", "processes", multiple=True, help="worker, web or database; without it, all three")
@click.option("--step", "steps", multiple=True, type=int, help="number of a told step; without it, all")
def kills(people: int, processes: tuple[str, ...], steps: tuple[int, ...]) -> None:
    """Kill each process at each step of the main journey, on a system of its own, and print what became of it."""
    with setup.own_system("kills") as serve:
        from lienthong.nation import build
        from lienthong.nation import kills as matrix

        setup.migrate()
        if not build.nation_exists():
            build.nation_make(people=people, seed=2026, progress=_progress)
        with serve():
            expected, boundaries = matrix.undisturbed()
            cells = []
            for boundary in boundaries:
                for process in processes or matrix.PROCESSES:
                    if not steps or boundary.step in steps:
                        cells.append(matrix.cell_run(boundary, process, expected))
                        cell = cells[-1]
                        said = "; ".join([cell.verdict, *cell.wrong])
                        click.echo(
                            f"{boundary.step} {boundary.text[:60]}: {process} killed: {said}", err=True
                        )
    click.echo(matrix.table(cells))
    sys.exit(1 if any(cell.wrong for cell in cells) else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi")
def screenshots(folder: Path, language: str) -> None:
    """Picture the running system's portal, tracking page, desk and report; needs Chromium."""
    setup.django_ready()
    from lienthong.nation import screenshots as pictures

    for path in pictures.take(folder=folder, echo=click.echo, language=language):
        click.echo(f"{path}: {path.stat().st_size // 1024} KiB")


main.add_command(procedures)
main.add_command(half_year)
main.add_command(disturb)
main.add_command(import_)
main.add_command(retention)
main.add_command(gateway)
main.add_command(evidence)

if __name__ == "__main__":
    main()
