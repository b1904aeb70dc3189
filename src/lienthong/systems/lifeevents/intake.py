"""Taking in at the counter and by post: an officer types for the applicant, at whichever centre that is.

The deciding agency follows the place; a centre takes in for its own province (Decree 118/2025/NĐ-CP).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.rules import limit_of
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock, units, workdays
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import services
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.selectors import package_of

PROVINCE_DIGITS = 2
SHOWN = 20
CHANNELS: dict[str, Text] = {
    "counter": Text("Tại quầy", "At the counter"),
    "post": Text("Qua bưu chính công ích", "By public post"),
}


def draft_taken_in(*, draft_id: UUID, by: Principal) -> Draft:
    """A draft of the officer's own agency. Errors: draft-unknown (404), also for another agency's."""
    draft = Draft.objects.filter(pk=draft_id, taken_in_at=by.agency).exclude(taken_in_by="").first()
    if draft is None:
        raise NotFound(
            "draft-unknown",
            Text("Không tìm thấy tờ khai này.", "This application is not here."),
            Text(
                "Tờ khai do cơ quan khác tiếp nhận, hoặc đã bỏ.",
                "Another agency took it in, or it was dropped.",
            ),
            Text("Mở lại từ trang Tiếp nhận.", "Open it again from the intake page."),
        )
    return draft


def drafts_open(*, by: Principal) -> list[Draft]:
    """What the agency began to take in and has not sent, the last changed first."""
    rows = Draft.objects.filter(taken_in_at=by.agency, case_number="").exclude(taken_in_by="")
    return list(rows.order_by("-changed_at")[:SHOWN])


def drafts_sent(*, by: Principal) -> list[Draft]:
    """What the agency took in last, for its receipts."""
    rows = Draft.objects.filter(taken_in_at=by.agency).exclude(taken_in_by="").exclude(case_number="")
    return list(rows.order_by("-changed_at")[:SHOWN])


def draft_drop(*, draft: Draft) -> None:
    """Forget a draft that was begun for the wrong person. Errors: sent-already (409)."""
    if Draft.objects.filter(pk=draft.pk, case_number="").delete()[0] == 0:
        raise Conflict(
            "sent-already",
            Text("Tờ khai đã gửi.", "The application was sent."),
            Text("Hồ sơ đã có mã, không bỏ được nữa.", "It has a number and cannot be dropped."),
            Text("Người nộp có thể rút hồ sơ trên Cổng.", "The applicant may withdraw it on the portal."),
        )


def intake_problems(*, draft: Draft, declaration: dict[str, Any]) -> list[Problem]:
    """What speaks against sending it from here: the place, then what speaks against it from anywhere."""
    own, theirs = _province(agency_get(draft.taken_in_at).unit), _province(str(declaration.get("unit") or ""))
    elsewhere = [other_province(theirs)] if own and theirs and own != theirs else []
    return [*elsewhere, *services.problems_before_sending(draft=draft, declaration=declaration)]


def intake_submit(*, draft_id: UUID, by: Principal, language: str) -> str:
    """Send what was taken in; the case's number. Errors: other-province (422), those of `draft_submit`."""
    draft = draft_taken_in(draft_id=draft_id, by=by)
    declaration = services.declaration_of(draft, language=language)
    for problem in intake_problems(draft=draft, declaration=declaration):
        raise problem
    return services.draft_submit(draft_id=draft_id, by=by, language=language)


def _province(unit: str) -> str:
    return units.commune(unit, clock.today()).province_code if len(unit) > PROVINCE_DIGITS else unit


def other_province(code: str) -> Invalid:
    name = units.province(code, clock.today()).name
    return Invalid(
        "other-province",
        Text(f"Hồ sơ này thuộc {name.vi}.", f"This dossier belongs to {name.en}."),
        Text(
            "Trung tâm tiếp nhận mọi hồ sơ trong tỉnh, không phân biệt địa giới xã, phường (Nghị định 118/2025).",
            "A centre takes in for every commune of its own province (Decree 118/2025).",
        ),
        Text(
            f"Hướng dẫn người nộp gửi trên Cổng, hoặc tới trung tâm bất kỳ ở {name.vi}.",
            f"Let the applicant use the portal, or any centre in {name.en}.",
        ),
    )


def expected_at(*, draft: Draft, card: cases.CaseCard) -> datetime | None:
    """When the result is promised: the latest of the agencies' limits, or the procedure's until they have it."""
    promised = [moment for moment in (card.due_at, *(child.due_at for child in card.children)) if moment]
    if promised:
        return max(promised)
    package = package_of(draft.procedure)
    settles = {"data": card.data.get("declaration", card.data), "agency_kind": package["agency_kind"]}
    limit = limit_of(package.get("time_limit"), settles)
    return workdays.due_at(card.opened_at, limit) if limit is not None else None
