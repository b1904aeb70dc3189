"""What an example dossier must have left behind: outcome, papers, records, and what the registers answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from lienthong.blocks.casework.selectors import CaseCard
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry import declared
from lienthong.ground import expressions
from lienthong.systems.lifeevents.selectors import subsystem


def difference(
    expect: dict[str, Any], card: CaseCard, children: list[CaseCard], context: dict[str, Any], on: date
) -> str:
    """The first thing that is not as expected, in words; empty where all is."""
    if card.outcome != expect["outcome"]:
        told = [
            (
                child.number,
                child.outcome,
                [(s.key, s.state, s.problem) for s in child.steps if not s.closed_at],
            )
            for child in children
        ]
        return f"outcome {card.outcome!r}, expected {expect['outcome']!r}; dossiers {told}"
    results = sorted(result.code for child in children for result in child.results)
    if results != sorted(expect.get("results", [])):
        return f"results {results}"
    for wanted in expect.get("records", ()):
        if said := _record_difference(wanted, context, on):
            return said
    numbers = {result.code: result.number for child in children for result in child.results}
    asking = {**context, "results": numbers, "answered": {}}
    for wanted in expect.get("asked", ()):
        if said := _answer_difference(wanted, asking, card.number):
            return said
    return ""


def _record_difference(wanted: dict[str, Any], context: dict[str, Any], on: date) -> str:
    claims = expressions.fill(wanted["claims"], context)
    day = date.fromisoformat(str(expressions.fill(wanted.get("on", on.isoformat()), context)))
    found = declared.declared_find(register=wanted["register"], claims=claims, on=day)
    if len(found) != wanted.get("count", 1):
        return f"{len(found)} records of {wanted['register']} with {claims} on {day}"
    return ""


def _answer_difference(wanted: dict[str, Any], context: dict[str, Any], case: str) -> str:
    """A register with rules of its own is asked over the exchange, as agencies ask it.

    A body may ask on with what was answered before: `answered`, by the service's name.
    """
    body = expressions.fill(wanted["body"], context)
    service = str(wanted["service"])
    answer = call(service, body, client=subsystem(), purpose="linked-procedure", case=case)
    context["answered"][service.split("/")[1]] = answer
    claims = expressions.fill(wanted["claims"], context)
    wrong = {name: answer.get(name) for name, value in claims.items() if answer.get(name) != value}
    return f"{service} answers {wrong}, expected {claims}" if wrong else ""
