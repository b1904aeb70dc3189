"""Purposes for which personal data may be read, each with its legal basis (content/purposes.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from lienthong.ground import yamls
from lienthong.ground.errors import Forbidden
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Purpose:
    """settles: dossiers are settled for it, so one-stop desks and the portal may ask registers for it."""

    code: str
    title: Text
    legal_basis: str
    settles: bool = False


@cache
def _all(path: Path) -> dict[str, Purpose]:
    rows = yamls.load(path.read_text(encoding="utf-8"))
    return {
        r["code"]: Purpose(r["code"], Text(r["vi"], r["en"]), r["legal_basis"], bool(r.get("settles")))
        for r in rows
    }


def purpose_get(code: str) -> Purpose:
    """The declared purpose. Errors: purpose-undeclared (403)."""
    purpose = _all(settings.LIENTHONG_CONTENT / "purposes.yaml").get(code)
    if purpose is None:
        raise Forbidden(
            "purpose-undeclared",
            Text("Không thể đọc dữ liệu cho mục đích này.", "Data cannot be read for this purpose."),
            Text(f"Mục đích «{code}» chưa được công bố.", f"The purpose «{code}» is not published."),
            Text(
                "Dùng một mục đích đã công bố trong content/purposes.yaml.",
                "Use one of content/purposes.yaml.",
            ),
        )
    return purpose


def purposes_all() -> list[Purpose]:
    """Every declared purpose, in the order of the list."""
    return list(_all(settings.LIENTHONG_CONTENT / "purposes.yaml").values())


SETTLING = "settling"
"""In a contract's grants: each purpose for which dossiers are settled."""


def purposes_meant(code: str) -> list[str]:
    """The purposes that a grant names: one, or every settling one."""
    if code != SETTLING:
        return [code]
    return [purpose.code for purpose in purposes_all() if purpose.settles]
