"""Requests for an opinion between agencies: at the one that is asked a case of its own, at the other an answer.

Such a case is no dossier: it has no applicant but the agency that asks, a number of a series of its own, and no facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lienthong.blocks.casework import announce, engine, hearing, numbers, problems, services
from lienthong.blocks.casework.models import Case, Step
from lienthong.blocks.casework.rules import ASKED, OPINION, OPINIONS
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground.text import Text

PROCEDURE = "9.000010"
"""The package by which an agency gives its opinion."""


@dataclass(frozen=True, slots=True)
class Request:
    """What another agency wants to know, and what it discloses for it. asked_in: the message that asked."""

    agency: str
    asked_by: str
    asked_in: str
    dossier: str
    procedure: Text
    question: Text
    article: str
    discloses: list[dict[str, Any]]
    working_days: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An agency's opinion on what it was asked in a message, over the name of the officer who decided it."""

    sender: str
    asked_in: str
    dossier: str
    opinion: str
    reason: str
    officer: dict[str, Any]
    at: datetime


def request_open(*, request: Request, at: datetime) -> Case:
    """A piece of work at the asked agency's desk. Errors: procedure-not-in-force (404)."""
    asker = agency_get(Subsystem.parse(request.asked_by).member)
    data = {
        "asked_by": request.asked_by,
        "asked_in": request.asked_in,
        "asker": asker.name.as_dict(),
        "dossier": request.dossier,
        "procedure": request.procedure.as_dict(),
        "question": request.question.as_dict(),
        "article": request.article,
        "discloses": request.discloses,
    }
    opening = services.Opening(
        system="onestop",
        agency=request.agency,
        procedure=PROCEDURE,
        applicant=asker.code,
        applicant_name=asker.name.vi[:120],
        channel="agency",
        data=data,
        title=request.procedure.vi[:200],
        number=numbers.request_number_next(agency=request.agency, day=at.date()),
        working_days=request.working_days,
    )
    return services.case_open(opening=opening, at=at)


_ENDED: dict[str, Text] = {
    "time-passed": Text(
        "Đã hết hạn cho ý kiến; cơ quan hỏi giải quyết tiếp mà không chờ nữa.",
        "The time to answer has passed; the agency that asked goes on without.",
    ),
    "no-longer-needed": Text(
        "Hồ sơ của cơ quan hỏi đã kết thúc; không cần cho ý kiến nữa.",
        "The dossier of the agency that asked has ended; no opinion is needed.",
    ),
}


def request_end(*, number: str, agency: str, asked_by: str, why: str) -> None:
    """Whoever asked need not be answered any more; what was answered already stays. Errors: case-unknown (404)."""
    with transaction.atomic():
        found = Case.objects.filter(number=number, agency=agency, procedure__agency_kind=ASKED).first()
        if found is None or found.data["asked_by"] != asked_by:
            raise problems.case_unknown(number)
        case = engine.case_lock(found.pk)
        if case.closed_at is not None:
            return
        engine.entry_add(case, kind="withdrawn", actor=asked_by, text=_ENDED[why])
        engine.case_close(case, outcome="lapsed")
        engine.status_settle(case)


def opinion_take(*, answer: Answer, signal_id: UUID) -> None:
    """An opinion reached the case that asked for it; a closed case has no more use for it.

    Errors: opinion-unasked (404), where the sender was not asked this.
    """
    with transaction.atomic():
        sent = Step.objects.filter(message_id=answer.asked_in, signal=OPINION).select_related("case").first()
        known = sent is not None and sent.case.number == answer.dossier
        if sent is None or not known or (sent.request or {}).get("provider") != answer.sender:
            raise problems.opinion_unasked(answer.dossier)
        case = engine.case_lock(sent.case_id)  # type: ignore[attr-defined]
        if case.closed_at is not None:
            return
        name, said = announce.agency_of(sent), OPINIONS[answer.opinion]
        text = Text(
            f"{name.vi}: {said.vi}. {answer.reason}".strip(),
            f"{name.en}: {said.en}. {answer.reason}".strip(),
        )
        engine.entry_add(case, kind="opinion", actor=answer.sender, text=text)
        payload = {
            "asked_in": answer.asked_in,
            "opinion": answer.opinion,
            "reason": answer.reason,
            "officer": answer.officer,
            "at": answer.at.isoformat(),
        }
        hearing.case_signal(
            number=case.number, name=OPINION, payload=payload, signal_id=signal_id, at=answer.at
        )
