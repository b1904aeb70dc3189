"""`lienthong import`: an agency moves in with what it has: a register, or the open dossiers of another system."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import click

from lienthong.config import setup

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 20


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", required=True, type=_FILE, help="what a row becomes (YAML)")
@click.option("--dry-run", is_flag=True, help="say what would come of every row, and keep nothing")
@click.option(
    "--report", "report_file", type=click.Path(dir_okay=False, path_type=Path), help="refused rows as CSV"
)
@click.option("--json", "as_json", is_flag=True)
def import_(
    file: Path, mapping_file: Path, report_file: Path | None, *, dry_run: bool, as_json: bool
) -> None:
    """Bring a CSV or JSON file in. The same file brought again changes nothing; a mended one corrects.

    Ends with exit code 1 where a row did not fit.
    """
    setup.django_ready()
    from lienthong.config import moving_in
    from lienthong.ground.mappings import mapping_read

    mapping = mapping_read(mapping_file)
    take_in = _register(mapping, file)
    report = moving_in.bring_in(file, mapping, take_in, whole=True, dry_run=dry_run)
    if report_file is not None:
        report.write(report_file)
    _say(report, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if report.refused else 0)


def _register(mapping: Any, file: Path) -> Any:
    from lienthong.blocks.registry import moving_in as registry
    from lienthong.blocks.registry.declarations import register_get
    from lienthong.config.moving_in import source_name
    from lienthong.ground import clock

    register = register_get(str(mapping.raw.get("register", ""))).code
    take = functools.partial(
        registry.record_take_in, register=register, source=source_name(file), at=clock.now()
    )
    return lambda filled: take(old=registry.old_record(filled))


def _say(report: Any, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        refused = [
            {"line": one.line, "row": one.row, "problem": one.problem.as_dict()} for one in report.refused
        ]
        found = {"dry_run": dry_run, **report.fates, "refused": refused}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in report.refused[:_SHOWN]:
        click.echo(f"line {one.line}: {one.words('vi')}\n  {one.words('en')}")
    if len(report.refused) > _SHOWN:
        click.echo(f"... and {len(report.refused) - _SHOWN} more; --report writes all of them")
    for reason, count in report.reasons.most_common():
        click.echo(f"{count} × {reason}")
    fates = ", ".join(f"{count} {fate}" for fate, count in sorted(report.fates.items())) or "nothing"
    ending = " (dry run: nothing was kept)" if dry_run else ""
    click.echo(f"{fates}; {len(report.refused)} refused{ending}")
