"""Finding a procedure by everyday words, with or without marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lienthong.blocks.casework import selectors
from lienthong.ground import names
from lienthong.ground.text import Text

_HALF = 0.5


def packages_offered(*, on: date) -> list[dict[str, Any]]:
    """The packages in force that people may be shown: linked ones first, then by name."""
    found = [row.package for row in selectors.procedures_in_force(on=on) if not row.package.get("internal")]
    return sorted(found, key=lambda one: (not one.get("linked"), names.search_key(one["name"]["vi"])))


def packages_found(*, query: str, on: date) -> list[dict[str, Any]]:
    """Those that have all words of the query, the one that names them most first; linked ones lead."""
    if not names.search_key(query).split():
        return []
    scored = [(_score(package, query), package) for package in packages_offered(on=on)]
    return [package for score, package in sorted(scored, key=lambda row: -row[0]) if score > 0]


def _score(package: dict[str, Any], query: str) -> float:
    name, summary = package["name"], package.get("summary") or package["name"]
    texts = [name["vi"], name["en"], package["code"], *package.get("words", [])]
    score = words_score(query, texts, Text(summary["vi"], summary["en"]))
    return score + (_HALF if score and package.get("linked") else 0)


def words_score(query: str, texts: Sequence[str], summary: Text) -> float:
    """How well what is called by `texts` answers a query; 0 where it does not, or nothing is asked."""
    wanted = set(names.search_key(query).split())
    if not wanted:
        return 0
    best = max(len(wanted & set(names.search_key(text).split())) / len(wanted) for text in texts)
    words = set(names.search_key(" ".join([*texts, summary.vi, summary.en])).split())
    found = sum(any(word.startswith(part) for word in words) for part in wanted) / len(wanted)
    return 0 if found < 1 and best < _HALF else best + found
