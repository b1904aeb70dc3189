"""Bringing a file of an earlier system in, row by row: what fits is kept, what does not is reported with its reason."""

from __future__ import annotations

import contextlib
import csv
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from lienthong.ground.errors import Problem
from lienthong.ground.mappings import Mapping, rows_read

BATCH = 500
"""Rows of one transaction: after a kill, the same command goes on where it was."""

Row = tuple[int, dict[str, Any]]
TakeIn = Callable[[dict[str, Any]], str]
"""Take in what a mapping made of a row, or say by a Problem why not; what became of it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that does not fit. line: of the file, or place in its list."""

    line: int
    row: dict[str, Any]
    problem: Problem

    def words(self, language: str) -> str:
        where = f" [{self.problem.field}]" if self.problem.field else ""
        said = (self.problem.what, self.problem.why, self.problem.next_step)
        return f"{self.problem.code}{where}: " + " ".join(text.say(language) for text in said)


@dataclass
class Report:
    """fates: how many rows became what; refused: each that did not fit."""

    fates: Counter[str] = field(default_factory=Counter[str])
    refused: list[Refused] = field(default_factory=list[Refused])

    @property
    def reasons(self) -> Counter[str]:
        return Counter(f"{one.problem.code} {one.problem.field or ''}".strip() for one in self.refused)

    def write(self, path: Path) -> None:
        """The refused rows with their reasons, as CSV: to be mended, and brought again."""
        names = dict.fromkeys(name for one in self.refused for name in one.row)
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow([*names, "line", "vi", "en"])
            for one in self.refused:
                cells = [one.row.get(name) for name in names]
                writer.writerow(
                    [*map(_safe, cells), one.line, _safe(one.words("vi")), _safe(one.words("en"))]
                )


def source_name(path: Path) -> str:
    """How provenance names the file: its name and the start of its SHA-256."""
    with path.open("rb") as handle:
        return f"{path.name} sha256 {hashlib.file_digest(handle, 'sha256').hexdigest()[:16]}"


def bring_in(path: Path, mapping: Mapping, take_in: TakeIn, *, whole: bool, dry_run: bool = False) -> Report:
    """Every row of the file, each by itself.

    whole: rows are written in batches, a transaction each; otherwise `take_in` commits by itself, and knows of a dry
    run. dry_run: with `whole`, all is done and undone, so that rows that speak against each other are found too.
    """
    report = Report()
    rows = rows_read(path, mapping)
    if dry_run and whole:
        with transaction.atomic():
            for row in rows:
                _row(report, row, mapping, take_in, savepoint=True)
            transaction.set_rollback(True)
        return report
    while batch := list(islice(rows, BATCH)):
        if whole:
            with transaction.atomic():
                for row in batch:
                    _row(report, row, mapping, take_in, savepoint=True)
        else:
            for row in batch:
                _row(report, row, mapping, take_in, savepoint=False)
    return report


def _row(report: Report, row: Row, mapping: Mapping, take_in: TakeIn, *, savepoint: bool) -> None:
    line, cells = row
    try:
        with transaction.atomic() if savepoint else contextlib.nullcontext():
            report.fates[take_in(mapping.filled(cells))] += 1
    except Problem as problem:
        report.refused.append(Refused(line, cells, problem))


def _safe(cell: Any) -> Any:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@"} else cell
