"""`lienthong retention`: what is due, holds, disposal under a decision of the agency, and its signed record."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from lienthong.config import setup
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text

_DAY = click.DateTime(["%Y-%m-%d"])
_OFFICER = click.option(
    "--officer", required=True, help="code of the head or archivist who enters it, at the agency"
)


@click.group()
def retention() -> None:
    """How long dossiers are kept, and their disposal under a decision of the agency."""


@retention.command("list")
@click.option("--agency", default="", help="only this agency's")
@click.option("--on", type=_DAY, help="as of that day; without it, today")
@click.option("--json", "as_json", is_flag=True)
def list_(agency: str, on: datetime | None, *, as_json: bool) -> None:
    """What is due, by agency, procedure, year of closing and part."""
    setup.django_ready()
    from lienthong.blocks.casework.due import due_counts
    from lienthong.ground import clock

    rows = due_counts(on=on.date() if on else clock.today(), agency=agency)
    _say_due(rows, as_json=as_json)


def _say_due(rows: list[Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=1))
        return
    for row in rows:
        held = f" ({row.held} held)" if row.held else ""
        click.echo(
            f"{row.agency}  {row.procedure}  {row.year}  {row.part}  {row.nomination}  {row.count}{held}"
        )
    click.echo(f"{sum(row.count for row in rows)} parts of dossiers due")


@retention.command("dispose")
@click.option("--number", required=True, help="the decision's number")
@click.option("--day", required=True, type=_DAY, help="the decision's day")
@click.option("--signer", required=True, help="who signed it")
@click.option("--minutes", required=True, help="number and day of the council's minutes")
@_OFFICER
@click.option("--dry-run", is_flag=True, help="say what would be disposed of, and keep everything")
def dispose(number: str, day: datetime, signer: str, minutes: str, officer: str, *, dry_run: bool) -> None:
    """Enter a decision and dispose of everything of the agency that is due, to the end. There is no way back."""
    setup.django_ready()
    from lienthong.blocks.casework import disposing, due
    from lienthong.ground import clock

    by = _officer(officer)
    if dry_run:
        rows = due.due_counts(on=clock.today(), agency=by.agency)
        _say_due([row for row in rows if row.nomination == "dispose"], as_json=False)
        click.echo("dry run: nothing was disposed of")
        return
    decided = disposing.Decided(number, day.date(), signer, minutes)
    decision = disposing.decision_enter(decided=decided, by=by, at=clock.now())
    while disposing.dispose_some(decision.pk):
        click.echo(".", nl=False, err=True)
    record = disposing.record_of(agency=by.agency, number=decision.number).record
    click.echo(
        f"{record['disposed']} parts disposed of, {record['kept']} kept, {record['files_removed']} files removed"
    )


@retention.command("hold")
@click.argument("dossier")
@click.option("--reason", required=True, help="complaint, denunciation, lawsuit or inspection")
@click.option("--note", required=True, help="the matter's number at the authority or court")
@click.option("--until", type=_DAY, help="the last day; without it, until the hold is lifted at the desk")
@_OFFICER
def hold(dossier: str, reason: str, note: str, until: datetime | None, officer: str) -> None:
    """Keep a dossier from disposal."""
    setup.django_ready()
    from lienthong.blocks.casework import holds

    last: date | None = until.date() if until else None
    holds.hold_place(number=dossier, reason=reason, note=note, until=last, by=_officer(officer))
    click.echo(f"{dossier} is on hold")


@retention.command("record")
@click.argument("number")
@click.option("--agency", required=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="write the record with its list there"
)
def record(number: str, agency: str, out: Path | None) -> None:
    """The signed record of a decision, verified anew; exit code 1 where it does not verify."""
    setup.django_ready()
    from lienthong.blocks.casework.disposing import record_of

    shown = record_of(agency=agency, number=number)
    if out is not None:
        whole = {
            "record": shown.record,
            "signature": shown.signature,
            "certificate": shown.certificate,
            "list": shown.listed,
        }
        out.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(json.dumps(shown.record, ensure_ascii=False, indent=1))
    click.echo(shown.wrong.en if shown.wrong else "signature and list verify")
    sys.exit(1 if shown.wrong else 0)


def _officer(code: str) -> Any:
    """The officer in whose name it is done. Errors: officer-unknown (404)."""
    from lienthong.blocks.access import selectors as access
    from lienthong.blocks.access.principals import Kind, Principal

    card = access.officer_get(code=code)
    if card is None:
        raise NotFound(
            "officer-unknown",
            Text(f"Không có cán bộ «{code}».", f"There is no officer «{code}»."),
            Text(
                "Quyết định và lệnh giữ lại được ghi dưới tên một cán bộ của cơ quan.",
                "A decision or a hold is entered in the name of an officer of the agency.",
            ),
            Text("Ghi mã cán bộ bằng --officer.", "Name the officer's code with --officer."),
        )
    return Principal(Kind.OFFICER, card.code, card.name, card.agency, card.roles)
