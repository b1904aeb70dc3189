"""What a route demands of who enters. A route that declares nothing lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.ground.errors import Forbidden, Problem
from lienthong.ground.text import Text

View = TypeVar("View", bound=Callable[..., Any])


class SignInNeeded(Problem):
    """Nobody is signed in; a page answers with the sign-in page, an API with 401."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        super().__init__(
            "sign-in-needed",
            Text("Bạn cần đăng nhập.", "You need to sign in."),
            Text(
                "Trang này chỉ dành cho người đã đăng nhập.",
                "This page is only for people who have signed in.",
            ),
            Text("Đăng nhập rồi tiếp tục.", "Sign in and go on."),
            status=401,
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """kind None admits anyone, and `why` says why; roles: one of them suffices, none means any."""

    kind: Kind | None
    roles: frozenset[Role] = frozenset()
    why: str = ""

    def check(self, principal: Principal | None) -> None:
        """Raise SignInNeeded or Forbidden unless the principal may enter."""
        if self.kind is None:
            return
        if principal is None or principal.kind is not self.kind:
            raise SignInNeeded(self.kind)
        if self.roles and self.roles.isdisjoint(principal.roles):
            raise Forbidden(
                "role-missing",
                Text("Bạn không có quyền vào trang này.", "You may not enter this page."),
                Text(
                    f"Trang này cần một trong các vai trò: {', '.join(sorted(self.roles))}.",
                    f"It needs one of the roles: {', '.join(sorted(self.roles))}.",
                ),
                Text(
                    "Người quản trị của cơ quan bạn có thể cấp vai trò này.",
                    "Your agency's administrator can grant it.",
                ),
            )


def anyone(why: str) -> Demand:
    return Demand(None, why=why)


person = Demand(Kind.PERSON)


def officer(*roles: Role) -> Demand:
    return Demand(Kind.OFFICER, frozenset(roles))


def demand(wanted: Demand) -> Callable[[View], View]:
    """Declare what a view demands; the middleware enforces it before the view runs."""

    def declare(view: View) -> View:
        view.demand = wanted  # type: ignore[attr-defined]
        return view

    return declare
