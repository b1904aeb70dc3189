"""What an officer sees of a dossier: what was declared, the exchanges made, what keeps it from going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.casework.selectors import CaseCard, declaration_rows
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.provide import Offers
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import formats
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One exchange in words."""

    asker: Text
    holder: Text
    service: Text
    purpose: Text
    officer: str
    sent_at: datetime
    problem: str
    sealed: bool
    message_id: str


def declared(card: CaseCard) -> list[tuple[Text, Text]]:
    """What the package shows of a declaration, in words; before it, who applied for the applicant.

    Of another agency's request: what it asks, and what it discloses for that.
    """
    if card.asked:
        return _asked(card.data)
    rows = [(label, _said(value, form)) for label, value, form in declaration_rows(card)]
    return [*_acted(card), *rows, *_signed(card)]


def _asked(data: dict[str, Any]) -> list[tuple[Text, Text]]:
    law = [(Text("Căn cứ", "Legal basis"), Text(data["article"], data["article"]))] if data["article"] else []
    told = [
        (Text(row["vi"], row["en"]), _said(row["value"], row["format"]))
        for row in data["discloses"]
        if row["value"] not in {None, "", False}
    ]
    return [
        (Text("Cơ quan hỏi", "Asked by"), Text(**data["asker"])),
        (Text("Cho hồ sơ", "For the dossier"), Text(data["dossier"], data["dossier"])),
        (Text("Thủ tục", "Procedure"), Text(**data["procedure"])),
        (Text("Câu hỏi", "Question"), Text(**data["question"])),
        *law,
        *told,
    ]


def _signed(card: CaseCard) -> list[tuple[Text, Text]]:
    """Who signed the declaration together, and when."""
    rows = []
    for row in card.data.get("signatures") or ():
        at = datetime.fromisoformat(row["signed_at"])
        who = f"{row['name']} ({row['number']}), "
        said = Text(who + formats.datetime(at), who + formats.datetime(at, "en"))
        label = Text(f"Đã ký: {row['role']['vi']}", f"Signed: {row['role']['en']}")
        rows.append((label, said))
    return rows


def _acted(card: CaseCard) -> list[tuple[Text, Text]]:
    acting = card.acting
    if not acting:
        return []
    role, until = acting["role"], acting["until"]
    to = date.fromisoformat(until) if until else None
    who = f"{acting['name']} ({acting['number']})"
    return [
        (
            Text("Người có hồ sơ", "Applicant"),
            Text(f"{card.applicant_name} ({card.applicant})", f"{card.applicant_name} ({card.applicant})"),
        ),
        (
            Text("Người nộp thay", "Applied by"),
            Text(
                f"{who} · {role['vi']}" + (f", đến hết ngày {formats.date(to)}" if to else ""),
                f"{who} · {role['en']}" + (f", until {formats.date(to, 'en')}" if to else ""),
            ),
        ),
    ]


def _said(value: Any, form: str) -> Text:
    if form == "date":
        day = date.fromisoformat(str(value))
        return Text(formats.date(day, "vi"), formats.date(day, "en"))
    return Text(str(value), str(value))


def message_lines(*, case: str, besides: Sequence[str] = ()) -> list[MessageLine]:
    """The exchanges made for a dossier, and for the opinions that it asked for (`besides`: their numbers)."""
    return [
        MessageLine(
            _party(row.client),
            _party(row.provider),
            _service(row.service),
            _purpose(row.purpose),
            row.officer,
            row.sent_at,
            row.problem,
            row.sealed,
            row.message_id,
        )
        for row in exchange.messages_of_case(case=case, besides=besides)
    ]


def _party(name: str) -> Text:
    """The agency's short name; a member without an agency by its code."""
    member = Subsystem.parse(name).member
    try:
        return agency_get(member).short
    except Problem:
        return Text(member, member)


def _service(name: str) -> Text:
    """The title of a service that is offered here, else its name."""
    offered = Offers.services.get(name)
    return offered[0].title if offered else Text(name, name)


def _purpose(code: str) -> Text:
    try:
        return purpose_get(code).title
    except Problem:
        return Text(code, code)


def problem_of(card: CaseCard) -> Problem | None:
    """The newest problem of a step that did not go on, or that sent the dossier back to an officer."""
    if card.closed_at is not None:
        return None
    return next((Problem.from_dict(step.problem) for step in reversed(card.steps) if step.problem), None)
