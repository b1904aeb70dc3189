"""Reads of a person's drafts and of what linked procedures know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import appeal_rules, following
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.disposed import Disposed
from lienthong.blocks.casework.in_force import procedure_in_force
from lienthong.blocks.casework.problems import case_unknown, procedure_not_in_force
from lienthong.blocks.casework.rules import PAUSED, Status
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.registry.agencies import agency_get, agency_serving
from lienthong.ground import clock, expressions
from lienthong.ground.errors import NotFound
from lienthong.ground.expressions import fill
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import appeal_words
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.tracking import Part, phase_of, phase_unopened


def subsystem() -> str:
    """The subsystem that speaks for linked procedures."""
    name = exchange.national_subsystem("lifeevents")
    if name is None:
        raise RuntimeError("no subsystem runs lifeevents: run `lienthong nation` first")
    return name


def drafts_seen(by: Principal) -> Q:
    """The drafts of a person, or of whom they act for; whoever is authorised sees what they began themselves."""
    rows = Q(owner=by.party, taken_in_by="")
    if by.acting_for is None:
        return rows & Q(acting={})
    rows &= Q(acting__basis=by.acting_for.basis.value)
    return rows if by.acting_for.sees_all else rows & Q(acting__number=by.subject)


def draft_get(*, draft_id: UUID, by: Principal) -> Draft:
    """A draft of the person, or of whom they act for. Errors: draft-unknown (404)."""
    draft = Draft.objects.filter(drafts_seen(by), pk=draft_id).first()
    if draft is None:
        raise NotFound(
            "draft-unknown",
            Text("Không tìm thấy tờ khai này.", "This application is not here."),
            Text(
                "Tờ khai của người khác hoặc của tổ chức bạn đang không làm cho, hoặc chưa được lưu.",
                "It is another's, or of an organisation that you do not act for now, or was not saved.",
            ),
            Text(
                "Xem lại bạn đang làm cho ai, mở «Hồ sơ của tôi», hoặc bắt đầu tờ khai mới.",
                "Look for whom you are acting, open «My dossiers», or start anew.",
            ),
        )
    return draft


def package_of(code: str) -> dict[str, Any]:
    """The procedure in force that can be applied for here. Errors: application-unknown (404)."""
    row = procedure_in_force(code=code, on=clock.today())
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


def package_any(code: str) -> dict[str, Any]:
    """A procedure in force, also one that nobody applies for by itself. Errors: procedure-not-in-force (404)."""
    row = procedure_in_force(code=code, on=clock.today())
    if row is None:
        raise procedure_not_in_force(code)
    return row.package


def case_of(*, number: str, by: Principal) -> cases.CaseCard:
    """A case of the person, or of whom they act for. Errors: case-unknown (404), also for another's."""
    card = cases.case_of_applicant(number=number, applicant=by.party, system="lifeevents")
    if by.acting_for and not by.acting_for.sees_all and card.acting.get("number") != by.subject:
        raise case_unknown(number)
    return card


def cases_of(by: Principal) -> list[cases.CaseRow]:
    """The same, the newest first."""
    own_only = by.acting_for is not None and not by.acting_for.sees_all
    return cases.cases_of_applicant(
        applicant=by.party, system="lifeevents", acted_by=by.subject if own_only else ""
    )


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


def drafts_of(by: Principal) -> list[Draft]:
    """Applications not yet sent, the last changed first."""
    return list(Draft.objects.filter(drafts_seen(by), case_number="").order_by("-changed_at")[:20])


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
        part = unopened or _opened(child, name)
        parts.append(_as_appeal(part, card.data["kind"], child) if _is_appeal(card, key) else part)
    return parts


def _is_appeal(card: cases.CaseCard | following.Followed, key: str) -> bool:
    """Whether this part is a complaint or feedback itself, and not the dossier that is settled anew after it."""
    return card.package.get("appeal") == appeal_rules.PORTAL and key == "open"


def _as_appeal(part: Part, kind: str, child: Any) -> Part:
    tag = appeal_words.tag_of(kind=kind, outcome=child.outcome) if child else None
    return replace(part, appeal=kind, tag=tag)


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
        outcome=child.outcome,
        due_at=child.due_at,
        reason=Text(child.reason["vi"], child.reason["en"]) if child.reason else None,
        bill=child.bill if not child.outcome else None,
        supplement=child.supplement if not child.outcome else None,
        results=list(child.results),
        apology=child.apology if not child.outcome else None,
        opinions=list(child.opinions) if not child.outcome else [],
        parcel=child.parcel,
        gone=Disposed.from_dict(child.disposal).said if child.disposal else None,
    )


def _unopened(
    card: cases.CaseCard | following.Followed, step: dict[str, Any], name: Text, *, code: str, first: bool
) -> Part:
    phase = phase_unopened(closed=card.closed_at is not None, first=first, unsigned=card.unsigned)
    try:
        to = step["to"]
        kind, unit = fill([to["agency_kind"], to["unit"]], {"data": card.data})
        agency = agency_serving(kind=str(kind), unit=str(unit)).name
    except NotFound:  # the step that opens it will be stuck and say so
        agency = Text("", "")
    return Part(code, name, agency, phase)
