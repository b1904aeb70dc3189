"""Indicator definitions: dated YAML under content/indicators, read once and checked whole."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from lienthong.blocks.insight.rules import Formula, Indicator, Measure, Window
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text


@cache
def indicators(folder: Path | None = None) -> dict[str, Indicator]:
    """Every indicator by id, in the order of the reports. Raise ValueError naming the file of a mistake."""
    found: dict[str, Indicator] = {}
    for path in sorted((folder or settings.LIENTHONG_CONTENT / "indicators").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for row in document["indicators"]:
            if row["id"] in found:
                raise ValueError(f"{path.name}: {row['id']} is defined twice")
            try:
                found[row["id"]] = _indicator(row, int(document["section"]))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}: {row['id']}: {error!r}") from error
    return found


def indicator_get(indicator_id: str) -> Indicator:
    """Errors: indicator-unknown (404)."""
    indicator = indicators().get(indicator_id)
    if indicator is None:
        raise NotFound(
            "indicator-unknown",
            Text(f"Không có chỉ số «{indicator_id}».", f"There is no indicator «{indicator_id}»."),
            Text("Mã chỉ số không đúng.", "Its id is wrong."),
            Text("Xem danh sách chỉ số.", "See the list of indicators."),
        )
    return indicator


def _indicator(row: dict[str, Any], section: int) -> Indicator:
    target = row.get("target") or {}
    definition = row.get("definition") or row["title"]
    return Indicator(
        id=row["id"],
        section=section,
        title=_text(row["title"]),
        unit=_text(row["unit"]),
        system=row["system"],
        better=row.get("better", "none"),
        owner=row["owner"],
        legal_basis=row["legal_basis"],
        valid_from=row.get("valid_from", date(2024, 1, 1)),
        target=target.get("value"),
        target_text=target.get("source", ""),
        formula=_formula(row["formula"]) if "formula" in row else None,
        definition=_text(definition),
    )


def _text(row: dict[str, str]) -> Text:
    return Text(row["vi"], row["en"])


def _formula(row: dict[str, Any]) -> Formula:
    formula = Formula(
        view=row["view"],
        measure=Measure(row["measure"]),
        window=Window(row["window"]),
        column=row.get("column", ""),
        where=row.get("where"),
        of=row.get("of"),
        over=_formula(row["over"]) if "over" in row else None,
        factor=int(row.get("factor", 1)),
    )
    if formula.measure in {Measure.DISTINCT, Measure.SUM, Measure.SHARE_DISTINCT} and not formula.column:
        raise ValueError("this measure needs a column")
    if formula.measure is Measure.SHARE and not formula.of:
        raise ValueError("a share needs `of`")
    return formula
