"""What a list of a person's linked cases tells of each, read together: a page costs the same however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lienthong.blocks.casework.models import Case, Child, Procedure
from lienthong.blocks.casework.selectors import package_in_order
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


def cases_followed(*, applicant: str, numbers: Iterable[str]) -> list[Followed]:
    """Of these cases, the person's own, the newest first."""
    rows = Case.objects.filter(applicant=applicant, number__in=list(numbers)).order_by("-opened_at")
    cases = list(rows)
    children: dict[Any, list[Child]] = {case.pk: [] for case in cases}
    for child in Child.objects.filter(case__in=cases).order_by("id"):
        children[child.case_id].append(child)  # type: ignore[attr-defined]
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
        )
        for case in cases
    ]


class Names:
    """What procedures are called, each by its version of the day; read at once."""

    def __init__(self, codes: Iterable[str]) -> None:
        rows = Procedure.objects.filter(code__in=set(codes)).order_by("-version")
        self._rows = list(rows.values_list("code", "valid", "name_vi", "name_en"))

    def on(self, code: str, day: date) -> Text:
        """The newest version's in force that day; the code, where there is none."""
        found = (Text(vi, en) for known, valid, vi, en in self._rows if known == code and day in valid)
        return next(found, Text(code, code))
