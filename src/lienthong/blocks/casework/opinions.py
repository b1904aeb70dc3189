"""Opinions that a case asks of other agencies: what its journal says of them, and what its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from lienthong.blocks.casework import announce, engine
from lienthong.blocks.casework.models import Case, Deadline, Signal, Step
from lienthong.blocks.casework.rules import OPINION, OPINIONS, Kind, State
from lienthong.ground import clock, formats
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text


class Standing(StrEnum):
    """How far an opinion is."""

    BEING_ASKED = "being-asked"
    AWAITED = "awaited"
    GIVEN = "given"
    SILENT = "silent"
    NOT_ASKED = "not-asked"
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one agency was asked, and what it said.

    until: the end of its time; late: said after that; number: of the request at that agency.
    """

    agency: Text
    question: Text
    standing: Standing
    asked_at: datetime
    until: datetime | None
    number: str
    answer: Text | None = None
    code: str = ""
    reason: str = ""
    by: Text | None = None
    given_at: datetime | None = None
    late: bool = False
    problem: Problem | None = None


def asked(case: Case, sent: Step) -> None:
    """The agency has the question: the journal says so, and the persons concerned see what was told of them."""
    until = clock.in_vietnam(datetime.fromisoformat((sent.answer or {})["due_at"]))
    name = announce.agency_of(sent)
    text = Text(
        f"Đã hỏi ý kiến {name.vi}, trả lời trước {formats.datetime(until)}.",
        f"{name.en} was asked for its opinion, to answer before {formats.datetime(until, 'en')}.",
    )
    engine.entry_add(case, kind="opinion-asked", actor=sent.key, text=text)
    announce.disclosed(case, sent)


def silent(case: Case, step: Step) -> None:
    """The time has passed without an answer: it counts as none, the case goes on, and the agency need not answer."""
    sent = announce.asking_of(step)
    name = announce.agency_of(sent)
    text = Text(
        f"{name.vi} không trả lời trong thời hạn; hồ sơ được giải quyết tiếp.",
        f"{name.en} did not answer in time; the dossier goes on.",
    )
    engine.entry_add(case, kind="opinion-silent", actor="clock", text=text)
    announce.opinion_end(case, sent, why="time-passed")


def opinions_of(*, case_id: Any, steps: Sequence[Step]) -> list[Opinion]:
    """The opinions of a case in the order in which they were asked; steps: all of the case's."""
    calls = [step for step in steps if step.kind == Kind.CALL and step.signal == OPINION]
    if not calls:
        return []
    waits = {(step.key, step.round): step for step in steps if step.kind == Kind.WAIT}
    until = dict(Deadline.objects.filter(case_id=case_id, kind="wait").values_list("step_id", "due_at"))
    loose = Signal.objects.filter(case_id=case_id, name=OPINION, taken_by=None)
    late = {row["asked_in"]: row for row in loose.values_list("payload", flat=True)}
    return [
        _opinion(sent, waits.get((sent.key.removesuffix("_sent"), sent.round)), until, late)
        for sent in calls
        if sent.state != State.SKIPPED
    ]


def _opinion(
    sent: Step, wait: Step | None, until: dict[Any, datetime], late: dict[str, dict[str, Any]]
) -> Opinion:
    asked_in = str((sent.answer or {}).get("asked_in", ""))
    after = late.get(asked_in)
    given = wait.answer if wait and wait.outcome in OPINIONS else after
    question = (sent.request or {}).get("body", {}).get("question", {"vi": "", "en": ""})
    found = Opinion(
        agency=announce.agency_of(sent),
        question=Text(str(question["vi"]), str(question["en"])),
        standing=_standing(sent, wait),
        asked_at=sent.opened_at,
        until=until.get(wait.pk) if wait else None,
        number=str((sent.answer or {}).get("number", "")),
        problem=Problem.from_dict(sent.problem) if sent.problem and sent.outcome == "problem" else None,
    )
    if not given:
        return found
    title = given["officer"]["title"]
    return replace(
        found,
        answer=OPINIONS[given["opinion"]],
        code=given["opinion"],
        reason=given["reason"],
        by=Text(f"{given['officer']['name']}, {title['vi']}", f"{given['officer']['name']}, {title['en']}"),
        given_at=clock.in_vietnam(datetime.fromisoformat(given["at"])),
        late=given is after and found.standing is Standing.SILENT,
    )


def _standing(sent: Step, wait: Step | None) -> Standing:
    if sent.outcome == "problem":
        return Standing.NOT_ASKED
    if State.CANCELLED in {sent.state, wait.state if wait else ""}:
        return Standing.TAKEN_BACK
    if wait is None:
        return Standing.BEING_ASKED
    if wait.outcome in OPINIONS:
        return Standing.GIVEN
    return Standing.AWAITED if wait.state == State.WAITING else Standing.SILENT
