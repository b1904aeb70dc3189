"""After a first complaint: how it was settled, and the second to the superior agency (Law on Complaints, art. 33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import appeal_rules
from lienthong.blocks.casework import appeals as casework_appeals
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.appeal_rules import FIRST, SECOND
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.registry.agencies import AgencyCard
from lienthong.blocks.registry.superiors import superior_of, superior_said
from lienthong.ground import clock
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import appeal_words, appeals, selectors
from lienthong.systems.lifeevents.appeals import Filing


@dataclass(frozen=True, slots=True)
class Again:
    """A second complaint that may be filed here: to whom, and until when without a reason for being late."""

    agency: AgencyCard
    until: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """How a complaint or feedback was settled, for its own page."""

    text: str
    officer: str
    title: Text
    closed_at: datetime
    next: Text | None


def answered_of(card: cases.CaseCard) -> Answered | None:
    """The agency's decision on a complaint, as the portal was told; None while there is none."""
    step = next((row for row in card.steps if row.key == "ask" and row.answer), None)
    if step is None or not step.answer:
        return None
    told, closed_at = step.answer, datetime.fromisoformat(step.answer["closed_at"])
    said = appeal_words.next_said(
        kind=card.data["kind"],
        outcome=told["outcome"],
        closed_at=closed_at,
        superior=superior_said(card.data["agency"]),
        second_open=again_of(card) is not None,
    )
    return Answered(told["text"], told["officer_name"], Text(**told["officer_title"]), closed_at, said)


def again_of(card: cases.CaseCard) -> Again | None:
    """Whether a first complaint may go on to the superior here: it was not wholly right, or was not settled in time."""
    if card.data.get("kind") != FIRST or card.outcome == "withdrawn":
        return None
    child = next((row for row in card.children if row.step_key == "open"), None)
    above = superior_of(card.data["agency"])
    if child is None or above is None or exchange.subsystem_of(member=above.code, system="onestop") is None:
        return None
    now = clock.now()
    if child.outcome in {"refused", "partly"}:
        begins = child.changed_at
    elif not child.outcome and child.due_at is not None and now > child.due_at:
        begins = child.due_at
    else:
        return None
    until = appeal_rules.again_until(begins)
    return Again(above, until, appeal_rules.is_late(until=until, now=now))


def again_file(*, number: str, by: Principal, filing: Filing, language: str) -> str:
    """Complain a second time, to the superior of the agency that settled `number`. The number of its case.

    Errors: case-unknown (404); second-not-open, complaint-open, complaint-settled (409); late-reason-missing, those of
    `files.upload_check` (422).
    """
    card = selectors.case_of(number=number, by=by)
    again = again_of(card)
    if again is None:
        raise appeal_words.second_not_open()
    if again.late and not filing.late_reason.strip():
        raise appeal_words.late_reason_missing(again.until)
    first: dict[str, Any] = card.data["declaration"]
    declaration = {
        **{name: first[name] for name in ("about", "ground", "ground_said")},
        "first": {"number": next(row.number for row in card.children if row.step_key == "open")},
        "text": filing.text.strip(),
        "wish": filing.wish.strip(),
        "late_reason": filing.late_reason.strip() if again.late else "",
    }
    with transaction.atomic():
        casework_appeals.case_hold(number=number, applicant=by.party)
        for row in appeals.followed(first["about"]["parent"], by):
            same = (
                row.kind == SECOND and row.about == first["about"]["number"] and row.ground == first["ground"]
            )
            if same and not row.outcome:
                raise appeal_words.complaint_open(row.number)
            if same and row.outcome in appeals.SETTLED:
                raise appeal_words.complaint_settled(row.number)
        return appeals.appeal_open(
            agency=again.agency,
            kind=SECOND,
            card=card,
            by=by,
            declaration=declaration,
            filing=filing,
            language=language,
        )
