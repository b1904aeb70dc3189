"""A YAML file with the line of everything in it, and the mistakes that a check finds there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from lienthong.ground import expressions, yamls

Place = tuple[str | int, ...]
LANGUAGES: Final = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where, what, and what to do. A warning stops nothing."""

    path: Path
    line: int
    what: str
    next_step: str
    warning: bool = False

    def __str__(self) -> str:
        said = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}: {said}{self.what}; {self.next_step}"

    def as_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "line": self.line,
            "what": self.what,
            "next": self.next_step,
            "warning": self.warning,
        }


@dataclass
class Source:
    """One file as data (dates as ISO text, keys as written), and the mistakes found in it."""

    path: Path
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict[Place, int])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    @classmethod
    def read(cls, path: Path) -> Source:
        """The file; one that is not there or not YAML has that as its mistake, and the value None."""
        source = cls(path)
        if not path.exists():
            source.add((), "the file is missing", "write it, or begin with `lienthong procedures new`")
            return source
        loader = yamls.Loader(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            source.value = source._valued(loader, node, ()) if node is not None else {}
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            source.lines[()] = mark.line + 1 if mark else 1
            source.add((), f"this is not YAML: {error.problem}", "look at quotes and indentation there")
        return source

    def _valued(self, loader: yamls.Loader, node: yaml.Node, at: Place) -> Any:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, item in node.value:
                name = str(key.value)
                self.lines[*at, name] = key.start_mark.line + 1
                self._key_check(key, name, found, at)
                found[name] = self._valued(loader, item, (*at, name))
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._valued(loader, item, (*at, index)) for index, item in enumerate(node.value)]
        value = loader.construct_object(node)
        return value.isoformat() if isinstance(value, date) else value

    def _key_check(self, key: yaml.Node, name: str, found: dict[str, Any], at: Place) -> None:
        if name in found:
            self.add((*at, name), f"«{name}» stands twice", "keep one of them")
        if key.tag == "tag:yaml.org,2002:bool":
            self.add((*at, name), f"YAML reads the key «{name}» as yes or no", f'write it as "{name}"')

    def line(self, at: Place) -> int:
        """Of this place, or of the nearest thing around it."""
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def add(self, at: Place, what: str, next_step: str, *, warning: bool = False) -> None:
        self.mistakes.append(Mistake(self.path, self.line(at), what, next_step, warning))

    def mapping(self, at: Place, value: Any, what: str) -> dict[str, Any]:
        """The value where it is a mapping; anything else is a mistake."""
        if isinstance(value, dict):
            return value
        self.add(at, f"{what} is not a mapping of keys", "see docs/reference/procedure-packages.md")
        return {}

    def rows(self, at: Place, value: Any, what: str) -> list[tuple[Place, dict[str, Any]]]:
        """The mappings of a list, each with its place."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.add(at, f"{what} is not a list", "begin each of its rows with `- `")
            return []
        return [
            ((*at, index), self.mapping((*at, index), row, f"a row of {what}"))
            for index, row in enumerate(value)
        ]

    def keys(self, at: Place, given: dict[str, Any], needed: str, allowed: str, what: str) -> None:
        """Missing and unknown keys; both lists are words."""
        for name in needed.split():
            if name not in given:
                self.add(at, f"{what}: «{name}» is missing", "write it")
        known = {*needed.split(), *allowed.split()}
        for name in given:
            if name not in known:
                near = ", ".join(sorted(known))
                self.add((*at, name), f"{what} has no key «{name}»", f"use one of {near}")

    def words(self, at: Place, value: Any, what: str) -> None:
        """Something said, in both languages."""
        given = value if isinstance(value, dict) else {}
        missing = [name for name in LANGUAGES if not str(given.get(name) or "").strip()]
        if missing:
            self.add(at, f"{what} is not said in {' and '.join(missing)}", 'write {vi: "…", en: "…"}')

    def expression(self, at: Place, text: Any) -> None:
        """A bare expression."""
        try:
            expressions.compiled(str(text))
        except ValueError as error:
            self.add(at, " ".join(str(error).split()), "mend the expression (jmespath.org)")

    def template(self, at: Place, value: Any) -> None:
        """Every expression anywhere in a template."""
        if isinstance(value, dict):
            for key, item in value.items():
                self.template((*at, key), item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.template((*at, index), item)
        elif isinstance(value, str):
            for text in expressions.expressions_in(value):
                self.expression(at, text)

    def one_of(self, at: Place, value: Any, known: frozenset[str] | None, said: tuple[str, str]) -> None:
        """said: what it is («purpose») and where it is listed. None knows nothing, and refuses nothing."""
        if known is not None and isinstance(value, str) and not value.startswith("=") and value not in known:
            self.add(at, f"the {said[0]} «{value}» is unknown", f"use one of {said[1]}")

    def period(self, at: Place, given: dict[str, Any]) -> None:
        """valid_from and valid_to are days, in this order."""
        days = {}
        for name in ("valid_from", "valid_to"):
            if given.get(name) is None:
                continue
            try:
                days[name] = date.fromisoformat(str(given[name]))
            except ValueError:
                self.add((*at, name), f"«{name}» is no day", "write it as 2026-07-01")
        if len(days) == len(("from", "to")) and days["valid_to"] < days["valid_from"]:
            self.add(
                (*at, "valid_to"), "valid_to lies before valid_from", "exchange the days or mend one of them"
            )
