"""The paper by post: the applicant's wish, told to every agency that issues one, also to those asked later.

Decision 45/2016/QĐ-TTg, art. 5. The electronic result is the result; what goes by post is its print.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from lienthong.blocks.access.principals import Basis
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.parcel_rules import ADDRESS_MAY_CHANGE
from lienthong.blocks.exchange import outbox
from lienthong.ground import clock
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.selectors import subsystem

PARCELS_ASK: Final = "onestop/parcels-ask/v1"


def is_offered(card: cases.CaseCard) -> bool:
    """Whether an agency issues, or may still issue, a paper that the post does not have already."""
    if card.package.get("appeal") or card.outcome == "withdrawn":
        return False
    return card.closed_at is None or any(_takes(child) for child in card.children)


def _takes(child: Any) -> bool:
    if child.disposal or (child.outcome and not child.results):
        return False
    return child.parcel is None or child.parcel["state"] in ADDRESS_MAY_CHANGE


def offer(card: cases.CaseCard) -> dict[str, bool] | None:
    """What the tracking page says of it: whether it was asked for; None where it is not offered."""
    draft = draft_of(number=card.number) if is_offered(card) else None
    return {"asked": bool(draft.post_to)} if draft else None


def draft_of(*, number: str) -> Draft | None:
    """What the case was sent from; it keeps the wish. A complaint has none."""
    return Draft.objects.filter(case_number=number).first()


def proposed(draft: Draft) -> dict[str, str]:
    """To whom the paper would go: as asked before, or to whoever applies, at the address that is registered."""
    if draft.post_to:
        return dict(draft.post_to)
    person = draft.known["person"]
    acting = draft.acting if draft.acting.get("basis") == Basis.PARENT else {}
    return {
        "name": str(acting.get("name") or person["full_name"]),
        "address": str(person.get("full_address") or person.get("address") or ""),
    }


def wish_keep(*, card: cases.CaseCard, recipient: dict[str, str] | None) -> None:
    """Keep the wish with the application, and tell the agencies that have a part of it.

    Errors: post-not-offered (409).
    """
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(case_number=card.number).first()
        if draft is None or not is_offered(card):
            raise not_offered(card.number)
        draft.post_to, draft.changed_at = recipient or {}, clock.now()
        draft.save(update_fields=["post_to", "changed_at"])
        for child in card.children:
            if _takes(child):
                _tell(child.subsystem, child.number, draft.owner, recipient, card.number)


def wish_forward(*, sender: str, change: dict[str, Any]) -> None:
    """An agency told of its dossier and does not know the wish yet: it gets it."""
    if change.get("parcel") or change.get("disposal") or (change["outcome"] and not change["results"]):
        return
    rows = Draft.objects.filter(case_number=change["reference"]).exclude(post_to={})
    for owner, recipient in rows.values_list("owner", "post_to"):
        _tell(sender, change["number"], owner, recipient, change["reference"])


def _tell(receiver: str, number: str, applicant: str, recipient: dict[str, str] | None, case: str) -> None:
    outbox.delivery_add(
        sender=subsystem(),
        receiver=receiver,
        service=PARCELS_ASK,
        purpose="linked-procedure",
        case=case,
        body={"number": number, "applicant": applicant, "recipient": recipient},
    )


def notice_of(change: dict[str, Any]) -> tuple[Text, Text] | None:
    """What the applicant is told when the post has the paper, or brought it back: subject and text."""
    parcel, number = change.get("parcel") or {}, change["number"]
    if parcel.get("state") == "posted":
        return (
            Text(f"Bản giấy của hồ sơ {number} đã gửi", f"The paper of dossier {number} is on its way"),
            Text(
                f"Bưu điện đang chuyển, số hiệu bưu gửi {parcel['tracking']}.",
                f"The post has it, item number {parcel['tracking']}.",
            ),
        )
    if parcel.get("state") == "returned":
        return (
            Text(f"Bản giấy của hồ sơ {number} bị trả lại", f"The paper of dossier {number} came back"),
            Text(
                f"Lý do: {parcel['why']} Mở hồ sơ trên Cổng để sửa địa chỉ rồi gửi lại.",
                f"Why: {parcel['why']} Open the dossier on the portal, mend the address and send again.",
            ),
        )
    return None


def not_offered(number: str) -> Conflict:
    return Conflict(
        "post-not-offered",
        Text(f"Hồ sơ {number} không còn gửi bản giấy được.", f"No paper of {number} can be posted now."),
        Text(
            "Hồ sơ không cấp giấy tờ, hoặc bưu điện đã nhận bản giấy.",
            "It issues no paper, or the post has the paper already.",
        ),
        Text("Mở lại hồ sơ để xem bản giấy ở đâu.", "Open the dossier again to see where the paper is."),
    )
