"""Writes: officers, roles, and who is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from lienthong.blocks.access.models import Officer, OfficerRole
from lienthong.blocks.access.principals import ActingFor, Kind, Principal, Role
from lienthong.ground.errors import Conflict, Forbidden, NotFound
from lienthong.ground.text import Text


def principal_of(request: HttpRequest) -> Principal:
    """The principal of a request whose route demands one."""
    principal: Principal | None = request.principal  # type: ignore[attr-defined]
    if principal is None:
        raise RuntimeError("this route declares no demand for a principal")
    return principal


def session_begin(*, session: SessionBase, kind: Kind, subject: str, name: str) -> None:
    """Sign in: a new session key, so that nobody fixed it beforehand."""
    kept: dict[str, Any] = {key: session[key] for key in ("language",) if key in session}
    session.flush()
    session.update({**kept, "kind": kind.value, "subject": subject, "name": name})


def acting_choose(*, session: SessionBase, acting_for: ActingFor | None) -> None:
    """From now on the signed-in person acts for another, or for themselves again."""
    if acting_for is None:
        session.pop("acting_for", None)
    else:
        session["acting_for"] = acting_for.as_dict()


def officer_enter(*, code: str, agency: str, name: str, title: Text) -> None:
    Officer.objects.update_or_create(
        code=code, defaults={"agency": agency, "name": name, "title_vi": title.vi, "title_en": title.en}
    )


def role_grant(*, by: Principal, officer: str, role: Role, at: datetime) -> None:
    """Grant a role at the administrator's own agency. Errors: role-held (409), officer-unknown (404)."""
    card = _own_officer(by, officer)
    try:
        with transaction.atomic():
            OfficerRole.objects.create(officer=card, role=role.value, granted_at=at, granted_by=by.subject)
    except IntegrityError as error:
        raise Conflict(
            "role-held",
            Text(f"{card.name} đã có vai trò này.", f"{card.name} holds this role already."),
            Text("Mỗi vai trò chỉ cấp một lần.", "A role is granted once."),
            Text("Không cần làm gì thêm.", "There is nothing to do."),
        ) from error


def role_revoke(*, by: Principal, officer: str, role: Role, at: datetime) -> None:
    card = _own_officer(by, officer)
    if card.code == by.subject and role is Role.ADMINISTRATOR:
        raise Forbidden(
            "own-administrator-role",
            Text(
                "Bạn không thể tự bỏ vai trò quản trị của mình.",
                "You cannot take away your own administrator role.",
            ),
            Text(
                "Cơ quan sẽ không còn ai cấp quyền được.", "The agency would have nobody left to grant roles."
            ),
            Text("Hãy nhờ một người quản trị khác.", "Ask another administrator."),
        )
    OfficerRole.objects.filter(officer=card, role=role.value, revoked_at=None).update(
        revoked_at=at, revoked_by=by.subject
    )


def _own_officer(by: Principal, code: str) -> Officer:
    if not by.holds(Role.ADMINISTRATOR):
        raise Forbidden(
            "not-administrator",
            Text("Bạn không quản trị cơ quan này.", "You do not administer this agency."),
            Text(
                "Chỉ người quản trị của cơ quan cấp và thu vai trò.",
                "Only its administrator grants and takes roles.",
            ),
            Text("Hãy liên hệ người quản trị của cơ quan.", "Ask the agency's administrator."),
        )
    card = Officer.objects.filter(code=code, agency=by.agency).first()
    if card is None:
        raise NotFound(
            "officer-unknown",
            Text("Cơ quan không có cán bộ này.", "Your agency has no such officer."),
            Text(
                "Mã cán bộ không đúng, hoặc thuộc cơ quan khác.", "The code is wrong, or of another agency."
            ),
            Text("Kiểm tra lại mã cán bộ.", "Check the officer's code."),
        )
    return card
