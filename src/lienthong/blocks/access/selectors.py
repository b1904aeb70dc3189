"""Reads of who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lienthong.blocks.access.models import Officer, OfficerRole
from lienthong.blocks.access.principals import ActingFor, Kind, Principal, Role
from lienthong.ground import clock
from lienthong.ground.text import Text

CHOICE_HOLDS = timedelta(minutes=30)
"""So long after a register was asked last, a person acts for themselves again."""


@dataclass(frozen=True, slots=True)
class OfficerCard:
    code: str
    agency: str
    name: str
    title: Text
    active: bool
    roles: frozenset[Role]


def _card(officer: Officer, roles: frozenset[Role]) -> OfficerCard:
    return OfficerCard(
        officer.code,
        officer.agency,
        officer.name,
        Text(officer.title_vi, officer.title_en),
        officer.active,
        roles,
    )


def officer_get(*, code: str) -> OfficerCard | None:
    officer = Officer.objects.filter(code=code).first()
    if officer is None:
        return None
    held = OfficerRole.objects.filter(officer=officer, revoked_at=None).values_list("role", flat=True)
    return _card(officer, frozenset(Role(role) for role in held))


def officers_of(*, agency: str) -> list[OfficerCard]:
    """At most 500 officers of an agency, by code."""
    officers = Officer.objects.filter(agency=agency).order_by("code").prefetch_related("role_grants")[:500]
    return [
        _card(o, frozenset(Role(g.role) for g in o.role_grants.all() if g.revoked_at is None))  # type: ignore[attr-defined]
        for o in officers
    ]


def role_trail(*, agency: str) -> list[OfficerRole]:
    """The newest 200 grants and revocations at an agency."""
    return list(
        OfficerRole.objects.filter(officer__agency=agency)
        .select_related("officer")
        .order_by("-granted_at")[:200]
    )


def principal_of_session(session: Mapping[str, Any]) -> Principal | None:
    """The signed-in principal; an officer's roles are read afresh, so that a taken role is gone at once."""
    kind, subject = session.get("kind"), session.get("subject")
    if kind == Kind.PERSON:
        chosen = session.get("acting_for")
        acting_for = ActingFor.from_dict(chosen) if chosen else None
        if acting_for is not None and clock.now() - acting_for.checked_at >= CHOICE_HOLDS:
            acting_for = None
        return Principal(Kind.PERSON, str(subject), str(session.get("name", "")), acting_for=acting_for)
    if kind == Kind.OFFICER:
        card = officer_get(code=str(subject))
        if card is not None and card.active:
            return Principal(Kind.OFFICER, card.code, card.name, card.agency, card.roles)
    return None
