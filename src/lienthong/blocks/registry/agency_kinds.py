"""Kinds of agencies (content/agency-kinds.yaml): what they serve, and in which words people hear of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from lienthong.ground import yamls
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class AgencyKind:
    """serves: commune | province. signs, examines: the titles of its officers.

    superior: who settles a complaint against it a second time; superior_kind: the kind of that agency, or empty.
    """

    code: str
    serves: str
    title: Text
    decides: Text
    signs: Text
    examines: Text
    superior: Text
    superior_kind: str = ""


@cache
def _all(path: Path) -> dict[str, AgencyKind]:
    rows: list[dict[str, Any]] = yamls.load(path.read_text(encoding="utf-8"))
    words = ("title", "decides", "signs", "examines", "superior")
    return {
        row["code"]: AgencyKind(
            row["code"],
            row["serves"],
            *(Text(**row[name]) for name in words),
            superior_kind=row.get("superior_kind", ""),
        )
        for row in rows
    }


def agency_kinds() -> dict[str, AgencyKind]:
    """Every kind by its code."""
    return _all(settings.LIENTHONG_CONTENT / "agency-kinds.yaml")
