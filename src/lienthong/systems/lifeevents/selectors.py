"""Reads of a person's drafts and of what linked procedures know."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lienthong.blocks.exchange import selectors as exchange
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.models import DeclaredChild, Draft


def subsystem() -> str:
    """The subsystem that speaks for linked procedures."""
    name = exchange.national_subsystem("lifeevents")
    if name is None:
        raise RuntimeError("no subsystem runs lifeevents: run `lienthong nation` first")
    return name


def draft_get(*, draft_id: UUID, owner: str) -> Draft:
    """A person's own draft. Errors: draft-unknown (404)."""
    draft = Draft.objects.filter(pk=draft_id, owner=owner).first()
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


def drafts_of(*, owner: str) -> list[Draft]:
    """Applications not yet sent, the last changed first."""
    return list(Draft.objects.filter(owner=owner, case_number="").order_by("-changed_at")[:20])


def declared_child(key: str) -> DeclaredChild | None:
    return DeclaredChild.objects.filter(key=key).first()


def answers_of(draft: Draft) -> dict[str, Any]:
    return dict(draft.answers)
