"""`lienthong import`: an agency moves in with what it has: a register, or the open dossiers of another system."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import click

from lienthong.config import setup
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN = 20


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", required=True, type=_FILE, help="what a row becomes (YAML)")
@click.option("--dry-run", is_flag=True, help="say what would come of every row, and keep nothing")
@click.option(
    "--report", "report_file", type=click.Path(dir_okay=False, path_type=Path), help="refused rows as CSV"
)
@click.option("--officer", default="", help="dossiers: who brings them in, at the agency that decides them")
@click.option("--files", "folder", type=_FOLDER, help="dossiers: where their papers lie")
@click.option("--json", "as_json", is_flag=True)
def import_(
    file: Path,
    mapping_file: Path,
    report_file: Path | None,
    officer: str,
    folder: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring a CSV or JSON file in. The same file brought again changes nothing.

    A register is corrected by a mended file; a dossier that was brought in is worked on here from then on. Ends with
    exit code 1 where a row did not fit.
    """
    setup.django_ready()
    from lienthong.config import moving_in
    from lienthong.ground.mappings import mapping_read

    mapping = mapping_read(mapping_file)
    whole = mapping.into == "register"
    take_in = (
        register_taker(mapping, file)
        if whole
        else dossiers_taker(file, officer=officer, folder=folder, dry_run=dry_run)
    )
    report = moving_in.bring_in(file, mapping, take_in, whole=whole, dry_run=dry_run)
    if report_file is not None:
        report.write(report_file)
    _say(report, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if report.refused else 0)


def register_taker(mapping: Any, file: Path) -> Any:
    """Takes each row into the mapping's register. Errors: register-unknown (404)."""
    from lienthong.blocks.registry import moving_in as registry
    from lienthong.blocks.registry.declarations import register_get
    from lienthong.config.moving_in import source_name
    from lienthong.ground import clock

    register = register_get(str(mapping.raw.get("register", ""))).code
    take = functools.partial(
        registry.record_take_in, register=register, source=source_name(file), at=clock.now()
    )
    return lambda filled: take(old=registry.old_record(filled))


def dossiers_taker(file: Path, *, officer: str, folder: Path | None, dry_run: bool) -> Any:
    """Takes each row in as a dossier, in this officer's name. Errors: officer-unknown (404)."""
    from lienthong.blocks.access import selectors as access
    from lienthong.blocks.access.principals import Kind, Principal, Role
    from lienthong.config.moving_in import source_name
    from lienthong.systems.lifeevents import moving_in as lifeevents

    card = access.officer_get(code=officer)
    if card is None or Role.INTAKE not in card.roles:
        raise NotFound(
            "officer-unknown",
            Text(f"Không có cán bộ tiếp nhận «{officer}».", f"There is no intake officer «{officer}»."),
            Text(
                "Hồ sơ được chuyển vào dưới tên một cán bộ có vai trò tiếp nhận.",
                "Dossiers are brought in in the name of an officer who may take in.",
            ),
            Text("Ghi mã cán bộ bằng --officer.", "Name the officer's code with --officer."),
        )
    by = Principal(Kind.OFFICER, card.code, card.name, card.agency, card.roles)
    source = source_name(file)
    return lambda filled: lifeevents.dossier_take_in(
        lifeevents.old_dossier(filled), by=by, folder=folder, source=source, dry_run=dry_run
    )


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
