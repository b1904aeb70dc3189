"""Reads of a person's drafts and of what linked procedures know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from lienthong.blocks.casework import following
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.rules import PAUSED, Status
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.registry.agencies import agency_get, agency_serving
from lienthong.ground import clock, expressions
from lienthong.ground.errors import NotFound
from lienthong.ground.expressions import fill
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.tracking import Part, phase_of, phase_unopened


def subsystem() -> str:
    """The subsystem that speaks for linked procedures."""
    name = exchange.national_subsystem("lifeevents")
    if name is None:
        raise RuntimeError("no subsystem runs lifeevents: run `lienthong nation` first")
    return name


def draft_get(*, draft_id: UUID, owner: str) -> Draft:
    """A person's own draft. Errors: draft-unknown (404)."""
    draft = Draft.objects.filter(pk=draft_id, owner=owner, taken_in_by="").first()
    if draft is None:
        raise NotFound(
            "draft-unknown",
            Text("Không tìm thấy tờ khai này.", "This application is not here."),
            Text(
                "Tờ khai thuộc tài khoản khác, hoặc chưa được lưu.",
                "It is another account's, or was not saved.",
            ),
            Text("Mở «Hồ sơ của tôi», hoặc bắt đầu tờ khai mới.", "Open «My dossiers», or start anew."),
        )
    return draft


def package_of(code: str) -> dict[str, Any]:
    """The procedure in force that can be applied for here. Errors: application-unknown (404)."""
    row = cases.procedure_in_force(code=code, on=clock.today())
    if row is None or not row.package.get("form"):
        raise NotFound(
            "application-unknown",
            Text("Không có tờ khai trực tuyến cho việc này.", "There is no online application for this."),
            Text(
                "Mã thủ tục không đúng, hoặc thủ tục được nộp trong một việc liên thông.",
                "The code is wrong, or the procedure is part of a linked one.",
            ),
            Text("Tìm việc bạn cần ở trang chủ.", "Look for what you need on the home page."),
        )
    return row.package


def case_of(*, number: str, applicant: str) -> cases.CaseCard:
    """A person's own linked case. Errors: case-unknown (404), also for another's."""
    return cases.case_of_applicant(number=number, applicant=applicant, system="lifeevents")


def child_of(card: cases.CaseCard, number: str) -> Any:
    """A dossier of the case at one of the agencies. Errors: child-unknown (404)."""
    child = next((row for row in card.children if row.number == number), None)
    if child is None:
        raise NotFound(
            "child-unknown",
            Text(
                f"Hồ sơ {card.number} không có phần «{number}».",
                f"Dossier {card.number} has no part «{number}».",
            ),
            Text("Mã hồ sơ của cơ quan không đúng.", "The agency's dossier number is wrong."),
            Text("Mở lại trang theo dõi và chọn từ đó.", "Open the tracking page and choose from there."),
        )
    return child


def drafts_of(*, owner: str) -> list[Draft]:
    """Applications not yet sent, the last changed first."""
    return list(
        Draft.objects.filter(owner=owner, case_number="", taken_in_by="").order_by("-changed_at")[:20]
    )


def tracking_parts(card: cases.CaseCard | following.Followed) -> list[Part]:
    """The parts of a linked case in the package's order, opened or not; what was not chosen is none."""
    return parts_of([card])[0]


def parts_of(cards: Sequence[cases.CaseCard | following.Followed]) -> list[list[Part]]:
    """The parts of each of several linked cases."""
    chosen = [_chosen(card) for card in cards]
    names = following.Names(code for steps in chosen for _, _, code in steps)
    return [_parts(card, steps, names) for card, steps in zip(cards, chosen, strict=True)]


def _chosen(card: cases.CaseCard | following.Followed) -> list[tuple[str, dict[str, Any], str]]:
    """Key, step and procedure of each part that was chosen or is opened."""
    opened = {child.step_key for child in card.children}
    return [
        (key, step, str(fill(step["child"], {"data": card.data})))
        for key, step in card.package["steps"].items()
        if step.get("child")
        and (key in opened or expressions.holds(step.get("when", "`true`"), {"data": card.data}))
    ]


def _parts(
    card: cases.CaseCard | following.Followed,
    steps: list[tuple[str, dict[str, Any], str]],
    names: following.Names,
) -> list[Part]:
    opened = {child.step_key: child for child in card.children}
    parts: list[Part] = []
    for key, step, code in steps:
        name, child = names.on(code, card.received_on), opened.get(key)
        unopened = None if child else _unopened(card, step, name, code=code, first=not parts)
        parts.append(unopened or _opened(child, name))
    return parts


def _opened(child: Any, name: Text) -> Part:
    return Part(
        procedure=child.procedure,
        name=name,
        agency=agency_get(child.agency).name,
        phase=phase_of(
            outcome=child.outcome,
            bill=child.bill,
            supplement=child.supplement,
            paused=Status(child.status) in PAUSED,
        ),
        number=child.number,
        due_at=child.due_at,
        reason=Text(child.reason["vi"], child.reason["en"]) if child.reason else None,
        bill=child.bill if not child.outcome else None,
        supplement=child.supplement if not child.outcome else None,
        results=list(child.results),
        apology=child.apology if not child.outcome else None,
    )


def _unopened(
    card: cases.CaseCard | following.Followed, step: dict[str, Any], name: Text, *, code: str, first: bool
) -> Part:
    phase = phase_unopened(closed=card.closed_at is not None, first=first)
    try:
        to = step["to"]
        kind, unit = fill([to["agency_kind"], to["unit"]], {"data": card.data})
        agency = agency_serving(kind=str(kind), unit=str(unit)).name
    except NotFound:  # the step that opens it will be stuck and say so
        agency = Text("", "")
    return Part(code, name, agency, phase)
