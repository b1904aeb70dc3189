"""What a package may name: purposes, kinds of agencies, registers, templates, services, fee items."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lienthong.blocks.casework.rules import ASKED
from lienthong.ground import yamls

ANY_AGENCY: Final = "any"
"""The kind of a package that every agency settles, whatever its kind: a complaint goes to who decided."""


@dataclass(frozen=True, slots=True)
class Known:
    """None: that list is not at hand, and nothing of it is refused."""

    purposes: frozenset[str] | None = None
    settling: frozenset[str] | None = None
    agency_kinds: frozenset[str] | None = None
    registers: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    services: frozenset[str] | None = None
    fee_items: frozenset[str] | None = None
    payer_classes: frozenset[str] | None = None
    retention: frozenset[str] | None = None


def known_of(content: Path, *, services: frozenset[str] | None, folder: Path | None = None) -> Known:
    """What a content folder offers; `folder`: a package outside it, whose own fee items count too."""
    purposes = _yaml(content / "purposes.yaml")
    table = _yaml(content / "fees.yaml")
    further = [*content.glob("procedures/*/fees.yaml"), *((folder / "fees.yaml",) if folder else ())]
    items = [*table["items"], *(row for path in further if path.exists() for row in _rows(path, "items"))]
    return Known(
        purposes=frozenset(row["code"] for row in purposes),
        settling=frozenset(row["code"] for row in purposes if row.get("settles")),
        agency_kinds=frozenset(
            {"linked", ASKED, ANY_AGENCY, *(row["code"] for row in _yaml(content / "agency-kinds.yaml"))}
        ),
        registers=frozenset(path.stem for path in content.glob("registers/*.yaml")),
        templates=frozenset(path.name for path in content.glob("papers/*.typ")),
        services=services,
        fee_items=frozenset(str(row["code"]) for row in items),
        payer_classes=frozenset(str(row["code"]) for row in table["classes"]),
        retention=frozenset(str(row["code"]) for row in _rows(content / "retention.yaml", "classes")),
    )


def _yaml(path: Path) -> Any:
    return yamls.load(path.read_text(encoding="utf-8"))


def _rows(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows with a code that a table has under `name`; one that is not YAML is told by its own check."""
    try:
        found = _yaml(path)
    except yaml.YAMLError:
        return []
    rows = found.get(name) or [] if isinstance(found, dict) else []
    return [row for row in rows if isinstance(row, dict) and "code" in row]
