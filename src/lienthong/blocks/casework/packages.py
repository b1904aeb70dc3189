"""Procedure packages: dated data that officials can read, checked whole and compiled to steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from lienthong.blocks.casework import package_opinions
from lienthong.blocks.casework.rules import OUTCOME_STATUS, Kind
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import expressions, yamls

_REQUIRED = ("code", "version", "valid_from", "name", "agency_kind", "level", "legal_basis", "steps", "start")
_BY_KIND: dict[Kind, tuple[str, ...]] = {
    Kind.TASK: ("title", "role", "outcomes"),
    Kind.CALL: ("service", "purpose", "body", "next"),
    Kind.PAY: ("items", "next"),
    Kind.WAIT: ("signal", "match", "outcome", "outcomes"),
    Kind.FORK: ("branches",),
    Kind.JOIN: ("of",),
    Kind.ISSUE: ("result", "template", "number", "owners", "signer", "data", "next"),
}


@dataclass(frozen=True, slots=True)
class CompiledStep:
    key: str
    kind: Kind
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """raw: the whole package as JSON, without its steps' compilation."""

    code: str
    version: int
    valid_from: date
    valid_to: date | None
    raw: dict[str, Any]
    steps: tuple[CompiledStep, ...]
    transitions: tuple[tuple[str, str, str], ...]

    @property
    def hash(self) -> str:
        return sha256_hex(canonical_json(self.raw))


class PackageError(ValueError):
    """Every mistake of a package, one a line."""

    def __init__(self, where: Path, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(f"{where}: {mistake}" for mistake in mistakes))


def package_read(folder: Path) -> Package:
    """The package in `folder`/package.yaml. Raise PackageError with every mistake found."""
    path = folder / "package.yaml"
    raw = _plain(yamls.load(path.read_text(encoding="utf-8")))
    mistakes = [f"«{name}» is missing" for name in _REQUIRED if name not in raw]
    for key, config in raw.get("steps", {}).items():
        if config.get("kind") == "opinions":
            mistakes += package_opinions.missing(key, config)
    if mistakes:
        raise PackageError(path, mistakes)
    raw["steps"] = {
        name: step
        for key, config in raw["steps"].items()
        for name, step in _expanded(key, config, raw["name"]).items()
    }
    steps = tuple(
        CompiledStep(key, Kind(config["kind"]), {k: v for k, v in config.items() if k != "kind"})
        for key, config in raw["steps"].items()
    )
    transitions = tuple(_transitions(raw, steps))
    mistakes = [*_step_mistakes(steps, transitions), *_form_mistakes(raw)]
    if mistakes:
        raise PackageError(path, mistakes)
    valid_to = raw.get("valid_to")
    return Package(
        raw["code"],
        int(raw["version"]),
        date.fromisoformat(raw["valid_from"]),
        date.fromisoformat(valid_to) if valid_to else None,
        raw,
        steps,
        transitions,
    )


def _expanded(key: str, config: dict[str, Any], name: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a package says shortly: `deposit` is a call, `opinions` a fork of calls and waits."""
    if config.get("kind") == "deposit":
        return {key: _deposit(config)}
    if config.get("kind") == "opinions":
        return package_opinions.expanded(key, config, name)
    return {key: config}


def _deposit(config: dict[str, Any]) -> dict[str, Any]:
    """A call that every package makes alike: papers of a result go to their owners' warehouse."""
    return {
        "kind": "call",
        **({"when": config["when"]} if "when" in config else {}),
        "service": "warehouse/documents-deposit/v1",
        "purpose": "result-delivery",
        "body": {
            "owners": config["owners"],
            "issuer": "=case.agency",
            "issuer_name": "=case.agency_name",
            "holder": "=case.subsystem",
            "case": "=case.number",
            "documents": f'=results."{config["result"]}"',
        },
        "next": config["next"],
    }


def _plain(value: Any) -> Any:
    """YAML's dates as ISO strings, so that the package is JSON."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _transitions(raw: dict[str, Any], steps: tuple[CompiledStep, ...]) -> list[tuple[str, str, str]]:
    rows = [("", "start", str(raw["start"]))]
    for step in steps:
        if step.kind is Kind.FORK:
            rows += [(step.key, "done", branch) for branch in step.config.get("branches", [])]
        elif step.kind in {Kind.TASK, Kind.WAIT} or "outcomes" in step.config:
            rows += [
                (step.key, name, target["to"] if isinstance(target, dict) else target)
                for name, target in step.config.get("outcomes", {}).items()
            ]
        else:
            rows.append((step.key, "done", step.config.get("next", "")))
        if on_problem := step.config.get("on_problem"):
            rows.append((step.key, "problem", on_problem))
        if on_timeout := step.config.get("on_timeout"):
            rows.append((step.key, "timeout", on_timeout))
    return rows


def _step_mistakes(
    steps: tuple[CompiledStep, ...], transitions: tuple[tuple[str, str, str], ...]
) -> list[str]:
    keys = {step.key for step in steps}
    mistakes = []
    for step in steps:
        missing = [name for name in _BY_KIND[step.kind] if name not in step.config]
        mistakes += [f"step «{step.key}» ({step.kind}): «{name}» is missing" for name in missing]
        for expression in [*expressions.expressions_in(step.config), *_bare_expressions(step)]:
            try:
                expressions.compiled(expression)
            except ValueError as error:
                mistakes.append(f"step «{step.key}»: {error}")
        mistakes += [
            f"step «{step.key}»: it joins «{name}», which is no step"
            for name in step.config.get("of", [])
            if name not in keys
        ]
    for source, outcome, target in transitions:
        known = target.removeprefix("end:") in OUTCOME_STATUS if target.startswith("end:") else target in keys
        if not known:
            mistakes.append(f"step «{source}»: «{outcome}» leads to «{target}», which is no step and no end")
    reached = {target for _, _, target in transitions}
    return mistakes + [f"step «{key}» is never reached" for key in sorted(keys - reached)]


def _bare_expressions(step: CompiledStep) -> list[str]:
    names = ("when", "match", "outcome") if step.kind in {Kind.WAIT, Kind.JOIN} else ("when",)
    return [step.config[name] for name in names if isinstance(step.config.get(name), str)]


def _form_mistakes(raw: dict[str, Any]) -> list[str]:
    schema = raw.get("form", {}).get("schema")
    if schema is None:
        return []
    try:
        Draft202012Validator.check_schema(schema)
    except Exception as error:  # noqa: BLE001 - jsonschema raises several kinds, each worth telling
        return [f"form: {error}"]
    fields = set(schema.get("properties", {}))
    asked = {name for page in raw["form"].get("pages", []) for name in page.get("fields", [])}
    return [f"form: page asks for «{name}», which the schema has not" for name in sorted(asked - fields)]
