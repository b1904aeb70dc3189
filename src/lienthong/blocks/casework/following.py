"""What lists of a person's linked cases tell, read together: a page costs the same however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform

from lienthong.blocks.casework.models import Case, Child, Entry, Procedure, Step
from lienthong.blocks.casework.rules import SIGNATURES, State
from lienthong.blocks.casework.selectors import PAGE, package_in_order
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Followed:
    """A linked case without its steps, journal and files; named as a CaseCard's fields are."""

    number: str
    outcome: str
    package: dict[str, Any]
    data: dict[str, Any]
    received_on: date
    due_at: datetime | None
    closed_at: datetime | None
    children: list[Child]
    unsigned: bool


def cases_followed(*, applicant: str, numbers: Iterable[str]) -> list[Followed]:
    """Of these cases, the person's own, the newest first."""
    rows = Case.objects.filter(applicant=applicant, number__in=list(numbers)).order_by("-opened_at")
    cases = list(rows)
    children: dict[Any, list[Child]] = {case.pk: [] for case in cases}
    for child in Child.objects.filter(case__in=cases).order_by("id"):
        children[child.case_id].append(child)  # type: ignore[attr-defined]
    waiting = Step.objects.filter(case__in=cases, signal=SIGNATURES, state=State.WAITING)
    unsigned = set(waiting.values_list("case_id", flat=True))
    return [
        Followed(
            case.number,
            case.outcome,
            package_in_order(case.procedure_id),  # type: ignore[attr-defined]
            case.data,
            case.received_on,
            case.due_at,
            case.closed_at,
            children[case.pk],
            case.pk in unsigned,
        )
        for case in cases
    ]


def titles_of(numbers: Iterable[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Title and declaration of cases by number, for who was asked about each; read at once."""
    rows = Case.objects.filter(number__in=list(numbers)).values_list("number", "title", "data")
    return {number: (title, data) for number, title, data in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dossier at an agency that waits for its applicant: a supplement, or a payment."""

    number: str
    case_number: str
    applicant: str
    acting: dict[str, Any]
    supplement: dict[str, Any] | None
    bill: dict[str, Any] | None
    changed_at: datetime


def children_waiting(*, system: str) -> Iterator[Waiting]:
    """Every child dossier of a system's cases that waits for its applicant."""
    asked = Q(supplement__isnull=False) | Q(bill__isnull=False)
    rows = (
        Child.objects.filter(asked, case__system=system, outcome="")
        .order_by("id")
        .values_list(
            "number", "case__number", "case__applicant", "case__acting", "supplement", "bill", "changed_at"
        )
    )
    return (Waiting(*row) for row in rows.iterator(chunk_size=500))


class Names:
    """What procedures are called, each by its version of the day; read at once."""

    def __init__(self, codes: Iterable[str]) -> None:
        rows = Procedure.objects.filter(code__in=set(codes)).order_by("-version")
        self._rows = list(rows.values_list("code", "valid", "name_vi", "name_en"))

    def on(self, code: str, day: date) -> Text:
        """The newest version's in force that day; the code, where there is none."""
        found = (Text(vi, en) for known, valid, vi, en in self._rows if known == code and day in valid)
        return next(found, Text(code, code))


@dataclass(frozen=True, slots=True)
class ActRow:
    """Something that another did for an applicant."""

    at: datetime
    number: str
    title: str
    procedure: Text
    who: str
    what: Text


def acts_for(*, applicant: str, system: str, limit: int = PAGE) -> list[ActRow]:
    """All that others did in an applicant's name, the newest first."""
    rows = Entry.objects.filter(case__applicant=applicant, case__system=system).exclude(case__acting={})
    rows = rows.annotate(agent=KeyTextTransform("number", "case__acting")).filter(actor=F("agent"))
    rows = rows.select_related("case", "case__procedure").order_by("-at", "-id")[:limit]
    return [
        ActRow(
            row.at,
            row.case.number,
            row.case.title,
            Text(row.case.procedure.name_vi, row.case.procedure.name_en),
            row.case.acting.get("name", ""),
            Text(row.vi, row.en),
        )
        for row in rows
    ]
