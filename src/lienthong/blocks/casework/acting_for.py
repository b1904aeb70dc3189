"""What the journal says of an act that somebody did for the applicant."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.casework.models import Case
from lienthong.ground.text import Text


def who(case: Case, acting: dict[str, Any] | None = None) -> str:
    """Who did something for the applicant: the person acting (the case's own, by default), or the applicant."""
    return str((case.acting if acting is None else acting).get("number") or case.applicant)


def said(text: Text, acting: dict[str, Any] | None) -> Text:
    """With the name of whoever did it for the applicant."""
    by = f" ({acting['name']})" if acting else ""
    return Text(f"{text.vi}{by}", f"{text.en}{by}")
