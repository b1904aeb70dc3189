"""What leaves a dossier with each part, and what stays of it for evidence and figures.

Stays: number, procedure, agency, channel, days, status history, closing, who decided what and when (officers by name,
the applicant by number), hashes and sizes of files, numbers of papers, the score of a rating, the disposal itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from lienthong.blocks.casework import files
from lienthong.blocks.casework.models import (
    Apology,
    Case,
    CaseFile,
    Child,
    Entry,
    Parcel,
    Rating,
    Result,
    Signal,
    Step,
    Supplement,
)
from lienthong.blocks.casework.retention_models import Disposal, DisposalDecision
from lienthong.blocks.casework.retention_rules import Part
from lienthong.blocks.exchange.bodies import bodies_dispose
from lienthong.blocks.trust.wire import canonical_json, sha256_hex

Cleared = Mapping[str, Mapping[str, Any]]
Clearing = Callable[[Collection[str]], Cleared]
"""Empties what a room keeps of these cases, by number; says of each `content` (what was there) and its `files`."""
_ROOMS: dict[str, Clearing] = {}


def clearing(room: str, clear: Clearing) -> None:
    """Declare, as the apps load, how a room empties what it keeps of a case whose data is disposed of."""
    _ROOMS[room] = clear


# What goes, by model: field and what stands there afterwards.
_GOES: Final[tuple[tuple[Any, dict[str, Any]], ...]] = (
    (Step, {"request": None, "answer": None, "problem": None}),
    (Signal, {"payload": {}}),
    (
        Child,
        {"reason": None, "bill": None, "supplement": None, "apology": None, "parcel": None, "results": []},
    ),
    (Supplement, {"reason": "", "answer": "", "documents": []}),
    (Entry, {"vi": "", "en": ""}),
    (Rating, {"text": ""}),
    (Apology, {"reason": ""}),
    (Parcel, {"recipient": {}, "why": ""}),
    (CaseFile, {"name": ""}),
)
_OF_CASE: Final[dict[str, Any]] = {"data": {}, "title": "", "applicant_name": ""}


def parts_clear(part: Part, rows: Sequence[Disposal], decision: DisposalDecision, *, at: Any) -> None:
    """Empty one part of these dossiers, whose rows are locked; each row learns what it was; the caller saves it."""
    if not rows:
        return
    _CLEARED_BY[part](rows)
    found = {file["sha256"] for row in rows for file in row.files}
    files.files_condemn(found, decision=decision, at=at)
    for row in rows:
        row.disposed_at = at


def _dossiers(rows: Sequence[Disposal]) -> None:
    cases: dict[UUID, Case] = {row.case.pk: row.case for row in rows}
    content: dict[UUID, dict[str, Any]] = {
        pk: {**{name: getattr(case, name) for name in _OF_CASE}, "acting": case.acting}
        for pk, case in cases.items()
    }
    for model, goes in _GOES:
        of_model = model.objects.filter(case__in=list(cases))
        for row in of_model.order_by("pk").values("case_id", *goes):
            pk = row.pop("case_id")
            content[pk].setdefault(model.__name__, []).append(row)
    papers: dict[UUID, list[dict[str, Any]]] = {pk: [] for pk in cases}
    for pk, sha256, size in CaseFile.objects.filter(case__in=list(cases)).values_list(
        "case_id", "sha256", "size"
    ):
        papers[pk].append({"sha256": sha256, "size": size})
    numbers = {case.number: pk for pk, case in cases.items()}
    for room, clear in _ROOMS.items():
        for number, cleared in clear(list(numbers)).items():
            content[numbers[number]][room] = cleared["content"]
            papers[numbers[number]] += cleared["files"]
    for row in rows:
        row.content_hash = _hash(content[row.case.pk])
        row.files = list({paper["sha256"]: paper for paper in papers[row.case.pk]}.values())
    _empty(cases)


def _empty(cases: Mapping[UUID, Case]) -> None:
    for model, goes in _GOES:
        model.objects.filter(case__in=list(cases)).update(**goes)
    Case.objects.filter(pk__in=list(cases)).update(**_OF_CASE)
    for case in cases.values():
        for name, empty in _OF_CASE.items():
            setattr(case, name, empty)
    # Whoever acted finds the dossier again by their number, and learns that it is gone.
    acted = [case for case in cases.values() if case.acting]
    for case in acted:
        case.acting = {"number": case.acting.get("number", "")}
    Case.objects.bulk_update(acted, ["acting"])


def _results(rows: Sequence[Disposal]) -> None:
    cases = [row.case.pk for row in rows]
    found: dict[UUID, list[dict[str, Any]]] = {pk: [] for pk in cases}
    kept = Result.objects.filter(case__in=cases).order_by("pk")
    for pk, number, owners, sha256, size in kept.values_list("case_id", "number", "owners", "sha256", "size"):
        found[pk].append({"number": number, "owners": owners, "sha256": sha256, "size": size})
    for row in rows:
        row.content_hash = _hash(found[row.case.pk])
        row.files = [{"sha256": one["sha256"], "size": one["size"]} for one in found[row.case.pk]]
    kept.update(owners=[])


def _messages(rows: Sequence[Disposal]) -> None:
    bodies_dispose(cases=[row.case.number for row in rows])


_CLEARED_BY: Final[dict[Part, Callable[[Sequence[Disposal]], None]]] = {
    Part.DOSSIER: _dossiers,
    Part.RESULTS: _results,
    Part.MESSAGES: _messages,
}


def _hash(content: Any) -> str:
    return sha256_hex(canonical_json(content))


def files_referred(hashes: Collection[str]) -> set[str]:
    """Of these, those that a dossier still has, or that list what a decision disposed of."""
    gone = Disposal.objects.exclude(disposed_at=None)
    papers = CaseFile.objects.filter(sha256__in=hashes).exclude(
        case__in=gone.filter(part=Part.DOSSIER).values("case")
    )
    results = Result.objects.filter(sha256__in=hashes).exclude(
        case__in=gone.filter(part=Part.RESULTS).values("case")
    )
    lists = DisposalDecision.objects.filter(list_sha256__in=hashes)
    return {
        *papers.values_list("sha256", flat=True),
        *results.values_list("sha256", flat=True),
        *lists.values_list("list_sha256", flat=True),
    }
