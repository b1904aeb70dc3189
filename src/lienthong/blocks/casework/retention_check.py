"""The check of content/retention.yaml: every mistake with its line, and what to do."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from lienthong.blocks.casework.package_source import Mistake, Place, Source
from lienthong.blocks.casework.retention_rules import Nomination, Part

_PARTS: Final = frozenset(part.value for part in Part)
_NOMINATIONS: Final = frozenset(name.value for name in Nomination)


def retention_mistakes(path: Path, *, procedures: frozenset[str] | None = None) -> list[Mistake]:
    """Mistakes of a retention table; procedures: the codes that there are, None where they are not at hand."""
    source = Source.read(path)
    if source.value is None:
        return source.mistakes
    table = source.mapping((), source.value, "the retention table")
    source.keys((), table, "default classes drafts", "", "the retention table")
    listed: dict[str, str] = {}
    classes: set[str] = set()
    for at, row in source.rows(("classes",), table.get("classes"), "classes"):
        said = f"class «{row.get('code')}»"
        source.keys(at, row, "code title procedures rules", "", said)
        source.words((*at, "title"), row.get("title"), f"the title of {said}")
        if str(row.get("code")) in classes:
            source.add((*at, "code"), f"{said} stands twice", "keep one of them")
        classes.add(str(row.get("code")))
        _codes_check(source, at, row, listed, procedures)
        _rules_check(source, at, row, said)
    if "default" in table and table["default"] not in classes:
        source.add(
            ("default",), f"the class «{table['default']}» is unknown", "use one of the classes' codes"
        )
    _drafts_check(source, table)
    return sorted(source.mistakes, key=lambda each: each.line)


def _codes_check(
    source: Source, at: Place, row: dict[str, Any], listed: dict[str, str], known: frozenset[str] | None
) -> None:
    for index, code in enumerate(row.get("procedures") or []):
        here: Place = (*at, "procedures", index)
        if known is not None and str(code) not in known:
            said = "take it away, or write its package"
            source.add(here, f"the procedure «{code}» is unknown", said, warning=True)
        if str(code) in listed:
            source.add(
                here,
                f"procedure «{code}» is of class «{listed[str(code)]}» already",
                "list it under one class",
            )
        listed[str(code)] = str(row.get("code"))


def _rules_check(source: Source, at: Place, row: dict[str, Any], said: str) -> None:
    periods: dict[str, list[tuple[Place, dict[str, Any]]]] = {}
    for here, rule in source.rows((*at, "rules"), row.get("rules"), f"rules of {said}"):
        source.keys(here, rule, "part nomination valid_from article", "years valid_to", f"a rule of {said}")
        source.one_of((*here, "part"), rule.get("part"), _PARTS, ("part", ", ".join(sorted(_PARTS))))
        known = ("nomination", ", ".join(sorted(_NOMINATIONS)))
        source.one_of((*here, "nomination"), rule.get("nomination"), _NOMINATIONS, known)
        source.period(here, rule)
        _years_check(source, here, rule)
        periods.setdefault(str(rule.get("part")), []).append((here, rule))
    for part in sorted(_PARTS):
        _cover_check(source, (*at, "rules"), periods.get(part, []), f"{said}, part «{part}»")


def _years_check(source: Source, at: Place, rule: dict[str, Any]) -> None:
    years, keeps = rule.get("years"), rule.get("nomination") == Nomination.KEEP
    if keeps and years is not None:
        source.add((*at, "years"), "what is kept permanently has no years", "take «years» away")
    elif not keeps and not (isinstance(years, int) and years > 0):
        source.add((*at, "years"), f"«{years}» is no number of years", "write whole years, such as 10")


def _cover_check(source: Source, at: Place, rows: list[tuple[Place, dict[str, Any]]], said: str) -> None:
    """The rules of a part follow each other without a day between or in common, and the last has no end."""
    if not rows:
        source.add(at, f"{said} has no rule", "write how long it is kept")
        return
    dated = sorted((row for row in rows if _day(row[1].get("valid_from"))), key=lambda row: _first(row[1]))
    for (_, before), (here, after) in pairwise(dated):
        last = _day(before.get("valid_to"))
        if last is None or last >= _first(after):
            source.add(
                here, f"{said}: two rules hold on {_first(after)}", "end the earlier one the day before"
            )
        elif (_first(after) - last).days > 1:
            source.add(here, f"{said}: no rule holds after {last}", "begin this one the day after")
    if dated and dated[-1][1].get("valid_to") is not None:
        source.add(
            (*dated[-1][0], "valid_to"), f"{said}: the last rule ends", "write the one that follows it"
        )


def _drafts_check(source: Source, table: dict[str, Any]) -> None:
    rows = source.rows(("drafts",), table.get("drafts"), "drafts")
    for here, row in rows:
        source.keys(here, row, "days tell_days valid_from article", "valid_to", "a rule of drafts")
        source.period(here, row)
        days, tell = row.get("days"), row.get("tell_days")
        if not (isinstance(days, int) and isinstance(tell, int) and 0 < tell < days):
            source.add(here, "tell_days lies not between 0 and days", "tell people some days before the end")
    _cover_check(source, ("drafts",), rows, "drafts")


def _first(row: dict[str, Any]) -> date:
    return _day(row["valid_from"]) or date.min


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
