"""Which closed dossiers are due: the dated rules as questions to the database, counted and in batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import ExtractYear

from lienthong.blocks.casework import retention_rules as rules
from lienthong.blocks.casework.holds import is_held
from lienthong.blocks.casework.models import Case, Child, Procedure, Result
from lienthong.blocks.casework.retention_models import Disposal
from lienthong.blocks.casework.retention_rules import (
    NOMINATION_TEXT,
    PART_TEXT,
    Nomination,
    Part,
    RetentionClass,
    RetentionTable,
)
from lienthong.ground import clock, yamls
from lienthong.ground.text import Text

ROWS_MAX: Final = 2000
_NOTHING: Final = Q(pk__in=[])


def table() -> RetentionTable:
    """The table of content/retention.yaml, read once."""
    return _read(Path(settings.LIENTHONG_CONTENT) / "retention.yaml")


@cache
def _read(path: Path) -> RetentionTable:
    return rules.table_read(yamls.load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Classed:
    """Which class each published procedure is of, read at once. rows: Procedure's key; codes: the newest version's."""

    rows: dict[int, RetentionClass]
    codes: dict[str, RetentionClass]

    def of_code(self, code: str) -> RetentionClass:
        """Of a dossier at another agency, known by its procedure's code only."""
        return self.codes.get(code) or table().class_of(code)


def classed() -> Classed:
    known = table()
    named = KeyTextTransform("retention", "package")
    found = list(
        Procedure.objects.annotate(named=named).order_by("version").values_list("pk", "code", "named")
    )
    rows = {pk: known.class_of(code, name or "") for pk, code, name in found}
    return Classed(rows, {code: rows[pk] for pk, code, _ in found})


@dataclass(frozen=True, slots=True)
class DueRow:
    """So many dossiers of a procedure that closed in a year, of which one part is due."""

    agency: str
    procedure: str
    name: Text
    year: int
    part: Part
    nomination: Nomination
    count: int
    held: int

    @property
    def part_text(self) -> Text:
        return PART_TEXT[self.part]

    @property
    def nomination_text(self) -> Text:
        return NOMINATION_TEXT[self.nomination]

    def as_dict(self) -> dict[str, Any]:
        return {
            "agency": self.agency,
            "procedure": self.procedure,
            "year": self.year,
            "part": self.part.value,
            "nomination": self.nomination.value,
            "count": self.count,
            "held": self.held,
        }


def due_counts(*, on: date, agency: str = "") -> list[DueRow]:
    """What is due that day, by agency, procedure, year of closing and part; `held`: of these, kept by a hold."""
    known = classed()
    return [
        row
        for part in Part
        for nomination in (Nomination.DISPOSE, Nomination.TRANSFER)
        for row in _counted(known, part, nomination, on, agency)
    ][:ROWS_MAX]


def _counted(known: Classed, part: Part, nomination: Nomination, on: date, agency: str) -> list[DueRow]:
    rows = _due(known, part, nomination, on, agency)
    rows = rows.annotate(year=ExtractYear("closed_at", tzinfo=clock.VIETNAM), code=F("procedure__code"))
    rows = rows.values("agency", "code", "year").annotate(count=Count("pk"))
    held = {
        (row["agency"], row["code"], row["year"]): row["count"] for row in rows.filter(is_held(on))[:ROWS_MAX]
    }
    names = {
        code: Text(vi, en)
        for code, vi, en in Procedure.objects.order_by("version").values_list("code", "name_vi", "name_en")
    }
    return [
        DueRow(
            row["agency"],
            row["code"],
            names[row["code"]],
            row["year"],
            part,
            nomination,
            row["count"],
            held.get((row["agency"], row["code"], row["year"]), 0),
        )
        for row in rows.order_by("agency", "year", "code")[:ROWS_MAX]
    ]


def due_cases(*, part: Part, on: date, agency: str) -> QuerySet[Case]:
    """The agency's dossiers of which a part may be disposed of that day, the earliest closed first."""
    rows = _due(classed(), part, Nomination.DISPOSE, on, agency).exclude(is_held(on))
    return rows.order_by("closed_at", "pk")


def _due(known: Classed, part: Part, nomination: Nomination, on: date, agency: str) -> QuerySet[Case]:
    rows = Case.objects.filter(agency=agency) if agency else Case.objects.exclude(closed_at=None)
    rows = rows.filter(_own(known, part, nomination, on))
    # A linked dossier is kept as long as the longest kept of its parts.
    kept = Child.objects.filter(case=OuterRef("pk")).exclude(_of_parts(known, part, on))
    rows = rows.exclude(Exists(kept))
    if part is Part.DOSSIER:
        rows = rows.exclude(parts_left())
    rows = rows.exclude(Exists(Disposal.objects.filter(case=OuterRef("pk"), part=part, kept_why="")))
    return rows.filter(Exists(Result.objects.filter(case=OuterRef("pk")))) if part is Part.RESULTS else rows


def _own(known: Classed, part: Part, nomination: Nomination, on: date) -> Q:
    found = _NOTHING
    for each in table().classes.values():
        spans = rules.spans_due(each.of(part), on=on, nomination=nomination)
        mine = [pk for pk, its in known.rows.items() if its.code == each.code]
        found |= Q(procedure_id__in=mine) & closed_in(spans, "closed_at")
    return found


def parts_left() -> Exists:
    """Of a linked case: an agency has not yet disposed of its part, whose papers may lie here only."""
    return Exists(Child.objects.filter(case=OuterRef("pk"), disposal__isnull=True))


def _of_parts(known: Classed, part: Part, on: date) -> Q:
    """Of a child dossier: its own class would let it go too, had it closed with its parent."""
    found = _NOTHING
    explicit = {*known.codes, *(code for each in table().classes.values() for code in each.procedures)}
    for each in table().classes.values():
        spans = closed_in(
            rules.spans_due(each.of(part), on=on, nomination=Nomination.DISPOSE), "case__closed_at"
        )
        found |= Q(procedure__in=[code for code in explicit if known.of_code(code).code == each.code]) & spans
        if each.code == table().default:
            found |= ~Q(procedure__in=explicit) & spans
    return found


def closed_in(spans: list[rules.Span], field: str) -> Q:
    """Closed on a day of one of the spans, as days are in Viet Nam."""
    found = _NOTHING
    for span in spans:
        one = Q(**{f"{field}__lt": _midnight(span.last + timedelta(days=1))})
        if span.first != date.min:
            one &= Q(**{f"{field}__gte": _midnight(span.first)})
        found |= one
    return found


def verdict_of(case: Case, parts: list[str], known: Classed, part: Part, on: date) -> rules.Verdict:
    """Of one part of a closed dossier, with all the rules of its own class and of those of its parts' procedures."""
    if case.closed_at is None:
        return rules.Verdict(Nomination.KEEP, None, ())
    classes = [known.rows[case.procedure_id], *(known.of_code(code) for code in parts)]  # type: ignore[attr-defined]
    return rules.verdict(
        [rule for each in classes for rule in each.of(part)],
        closed=clock.in_vietnam(case.closed_at).date(),
        on=on,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.VIETNAM)
