"""What a package's expressions see of a case."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.casework import announce
from lienthong.blocks.casework.models import Case, Result, Step
from lienthong.blocks.casework.rules import Kind
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock, units


def context_of(case: Case, *, fresh: bool = False) -> dict[str, Any]:
    """What a package's expressions see; a fresh case has neither steps nor results."""
    agency = agency_get(case.agency)
    steps: dict[str, Any] = {}
    issued = False
    for step in () if fresh else Step.objects.filter(case=case).order_by("round", "opened_at"):
        issued = issued or step.kind == Kind.ISSUE
        steps[step.key] = {
            "answer": step.answer,
            "outcome": step.outcome,
            "officer": step.officer,
            "state": step.state,
            "closed_at": step.closed_at.isoformat() if step.closed_at else None,
        }
    results: dict[str, list[dict[str, Any]]] = {}
    for row in Result.objects.filter(case=case).order_by("id") if issued else ():
        paper = {
            "result_code": row.code,
            "number": row.number,
            "title": {"vi": row.title_vi, "en": row.title_en},
            "sha256": row.sha256,
            "size": row.size,
            "check_code": row.check_code,
            "issued_on": clock.in_vietnam(row.issued_at).date().isoformat(),
        }
        results.setdefault(row.code, []).append(paper)
    return {
        "case": {
            "number": case.number,
            "agency": case.agency,
            "agency_name": agency.name.as_dict(),
            "unit": agency.unit,
            "place": _place(agency.unit),
            "applicant": case.applicant,
            "applicant_name": case.applicant_name,
            "acting": case.acting or None,
            "channel": case.channel,
            "received_on": case.received_on.isoformat(),
            "today": clock.today().isoformat(),
            "now": clock.now().isoformat(),
            "subsystem": announce.subsystem_of(case),
            "reference": case.reference,
        },
        "data": case.data,
        "steps": steps,
        "results": results,
    }


def _place(unit: str) -> str:
    """The short name of the commune or province that an agency serves, as papers name the place today.

    A province that was merged while a dossier was open is what it became part of.
    """
    if not unit:
        return ""
    (found, *_) = units.successors(unit, clock.today())
    return found.short.vi
