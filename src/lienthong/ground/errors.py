"""Errors that say what happened, why, and what to do next, in both languages."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from lienthong.ground.text import Text


class Problem(Exception):  # noqa: N818 - it is shown to people as a problem, not as a failure of the program
    """`code` is stable and for machines; `field` names the form field, if any; `status` is HTTP's."""

    default_status: ClassVar[int] = 400

    def __init__(
        self,
        code: str,
        what: Text,
        why: Text,
        next_step: Text,
        *,
        status: int | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {what.en} {why.en}")
        self.code = code
        self.what = what
        self.why = why
        self.next_step = next_step
        self.status = self.default_status if status is None else status
        self.field = field

    @property
    def unanswered(self) -> bool:
        """HTTP's 5xx: who was asked is away or failed, and said nothing about the matter."""
        return self.status >= 500  # noqa: PLR2004 - HTTP's class

    def as_dict(self) -> dict[str, Any]:
        """JSON: {"code", "what": {"vi", "en"}, "why": ..., "next": ..., "field"}."""
        return {
            "code": self.code,
            "what": self.what.as_dict(),
            "why": self.why.as_dict(),
            "next": self.next_step.as_dict(),
            "field": self.field,
        }

    def __reduce__(self) -> tuple[Callable[..., "Problem"], tuple[dict[str, Any], int]]:
        """It crosses from one process to another whole."""
        return Problem.from_dict, (self.as_dict(), self.status)

    @staticmethod
    def from_dict(data: Mapping[str, Any], status: int = 400) -> "Problem":
        """The problem another machine sent; 403, 404, 409 and 422 come back as their own class."""
        code = str(data.get("code") or "unknown")
        what, why, next_step = (_text(data.get(key)) for key in ("what", "why", "next"))
        field = data.get("field")
        field = None if field is None else str(field)
        kind = _BY_STATUS.get(status)
        if kind is None:
            return Problem(code, what, why, next_step, status=status, field=field)
        return kind(code, what, why, next_step, field=field)


class _FixedStatus(Problem):
    def __init__(
        self, code: str, what: Text, why: Text, next_step: Text, *, field: str | None = None
    ) -> None:
        super().__init__(code, what, why, next_step, field=field)


class Forbidden(_FixedStatus):
    default_status = 403


class NotFound(_FixedStatus):
    default_status = 404


class Conflict(_FixedStatus):
    default_status = 409


class Invalid(_FixedStatus):
    default_status = 422


_BY_STATUS: dict[int, type[_FixedStatus]] = {
    kind.default_status: kind for kind in (Forbidden, NotFound, Conflict, Invalid)
}


def _text(value: object) -> Text:
    """A text as JSON, or one bare sentence from a peer that knows one language only."""
    if isinstance(value, Mapping):
        known = cast("Mapping[str, object]", value)
        vi, en = str(known.get("vi") or ""), str(known.get("en") or "")
        return Text(vi or en, en or vi)
    bare = "" if value is None else str(value)
    return Text(bare, bare)
