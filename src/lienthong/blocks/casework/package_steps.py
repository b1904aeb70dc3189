"""The check of a package's steps: keys, ways, ends, and what they name elsewhere."""

from __future__ import annotations

from typing import Any, Final

from lienthong.blocks.casework.package_known import Known
from lienthong.blocks.casework.package_opinions import opinions_check
from lienthong.blocks.casework.package_source import Place, Source
from lienthong.blocks.casework.rules import OUTCOME_STATUS

ROLES: Final = frozenset({"case", "sign"})
_KEYS: Final[dict[str, tuple[str, str]]] = {
    "task": (
        "title role outcomes",
        "limit_working_days supplement_working_days escalate promises not_decided_by",
    ),
    "call": ("service purpose body next", "register to officer child on_problem"),
    "pay": ("items next", "province applicant_classes"),
    "wait": ("signal match outcome outcomes", "timeout_working_days on_timeout"),
    "fork": ("branches", ""),
    "join": ("of", "outcome outcomes next"),
    "issue": ("result title template number owners signer data next", "copies"),
    "deposit": ("result owners next", ""),
    "opinions": ("asked next", "title"),
}
"""What a step of a kind needs, and what it may have besides `kind` and `when`."""
_BARE: Final = frozenset({"match", "outcome", "when"})


def steps_check(source: Source, known: Known) -> None:
    """Every mistake of `start`, `steps` and `results`."""
    steps = source.mapping(("steps",), source.value.get("steps"), "steps")
    whole = {key: source.mapping(("steps", key), config, f"step «{key}»") for key, config in steps.items()}
    for key, config in whole.items():
        _step_check(source, ("steps", key), key, config, known)
    _ways_check(source, whole)
    _results_check(source, whole)


def _step_check(source: Source, at: Place, key: str, config: dict[str, Any], known: Known) -> None:
    kind = config.get("kind")
    said = f"step «{key}»"
    if kind not in _KEYS:
        source.add((*at, "kind"), f"{said} has no kind «{kind}»", f"use one of {', '.join(_KEYS)}")
        return
    needed, allowed = _KEYS[kind]
    source.keys(at, config, f"kind {needed}", f"when {allowed}", f"{said} ({kind})")
    for name, value in config.items():
        if name in _BARE:
            source.expression((*at, name), value)
        else:
            source.template((*at, name), value)
    source.one_of((*at, "service"), config.get("service"), known.services, ("service", "contracts/*.json"))
    source.one_of(
        (*at, "purpose"), config.get("purpose"), known.purposes, ("purpose", "content/purposes.yaml")
    )
    source.one_of(
        (*at, "register"), config.get("register"), known.registers, ("register", "content/registers/")
    )
    source.one_of((*at, "template"), config.get("template"), known.templates, ("template", "content/papers/"))
    if kind == "task":
        source.one_of((*at, "role"), config.get("role"), ROLES, ("role", "case, sign"))
        _escalation_check(source, at, said, config)
        _promise_check(source, at, said, config)
    if kind in {"task", "issue"} and "title" in config:
        source.words((*at, "title"), config["title"], f"the title of {said}")
    if kind == "wait" and "when" in config and "done" not in (config.get("outcomes") or {}):
        source.add(at, f"{said} may be skipped, and says not where to go then", "add the outcome «done»")
    if kind == "task":
        _outcomes_check(source, at, said, config)
    if kind == "opinions":
        opinions_check(source, at, key, config, known)
    to = config.get("to")
    if isinstance(to, dict):
        kinds = ("kind of agency", "content/agency-kinds.yaml")
        source.one_of((*at, "to", "agency_kind"), to.get("agency_kind"), known.agency_kinds, kinds)


def _escalation_check(source: Source, at: Place, said: str, config: dict[str, Any]) -> None:
    if "escalate" not in config:
        return
    here = (*at, "escalate")
    given = source.mapping(here, config["escalate"], f"«escalate» of {said}")
    source.keys(here, given, "working_days role", "", f"«escalate» of {said}")
    source.one_of((*here, "role"), given.get("role"), ROLES, ("role", "case, sign"))
    days = given.get("working_days")
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        source.add(
            here, f"«escalate» of {said} says not after how many days", "working_days: a number such as 2"
        )


def _promise_check(source: Source, at: Place, said: str, config: dict[str, Any]) -> None:
    """`promises` names one way to count, in whole days or by an expression."""
    if "promises" not in config:
        return
    here = (*at, "promises")
    given = source.mapping(here, config["promises"], f"«promises» of {said}")
    source.keys(here, given, "", "calendar_days working_days_from_receipt", f"«promises» of {said}")
    days = next(iter(given.values()), None)
    counted = isinstance(days, int) and not isinstance(days, bool) and days >= 0
    if len(given) != 1 or not (counted or (isinstance(days, str) and days.startswith("="))):
        source.add(here, f"«promises» of {said} says not for when", "calendar_days: a number such as 30")


def _outcomes_check(source: Source, at: Place, said: str, config: dict[str, Any]) -> None:
    outcomes = source.mapping((*at, "outcomes"), config.get("outcomes", {}), f"outcomes of {said}")
    for name, given in outcomes.items():
        here = (*at, "outcomes", name)
        outcome = source.mapping(here, given, f"outcome «{name}» of {said}")
        if not outcome:
            continue
        source.keys(here, outcome, "to", "label reason grounds", f"outcome «{name}» of {said}")
        source.words((*here, "label"), outcome.get("label"), f"the label of outcome «{name}» of {said}")
        for place, row in source.rows((*here, "grounds"), outcome.get("grounds"), "grounds"):
            source.keys(place, row, "code vi en", "", "a ground")
            source.words(place, row, "a ground")


def ways(config: dict[str, Any], at: Place = ()) -> list[tuple[Place, str, str]]:
    """(place, outcome, target) of each way out of a step; outcome is empty where there is but one."""
    found: list[tuple[Place, str, str]] = [
        ((*at, "branches", index), "", str(branch))
        for index, branch in enumerate(config.get("branches") or [])
    ]
    for name, given in (config.get("outcomes") or {}).items():
        target = given.get("to", "") if isinstance(given, dict) else given
        found.append(((*at, "outcomes", name), str(name), str(target)))
    for name, outcome in (("next", ""), ("on_problem", "problem"), ("on_timeout", "timeout")):
        if config.get(name):
            found.append(((*at, name), outcome, str(config[name])))
    return found


def _ways_check(source: Source, steps: dict[str, dict[str, Any]]) -> None:
    start = str(source.value.get("start", ""))
    all_ways = {key: ways(config, ("steps", key)) for key, config in steps.items()}
    if start and start not in steps:
        source.add(("start",), f"«start» is «{start}», which is no step", "name the first step")
    for key, found in all_ways.items():
        for at, outcome, target in found:
            if not _is_end(target) and target not in steps:
                by = f" by «{outcome}»" if outcome else ""
                ends = ", ".join(f"end:{name}" for name in OUTCOME_STATUS)
                said = f"step «{key}» leads{by} to «{target}», which is no step and no end"
                source.add(at, said, f"name a step or one of {ends}")
    _joins_check(source, steps)
    _reach_check(source, start, all_ways)


def _joins_check(source: Source, steps: dict[str, dict[str, Any]]) -> None:
    for key, config in steps.items():
        for index, name in enumerate(config.get("of") or []):
            if name not in steps:
                source.add(
                    ("steps", key, "of", index),
                    f"step «{key}» joins «{name}», which is no step",
                    "name a step",
                )


def _reach_check(source: Source, start: str, all_ways: dict[str, list[tuple[Place, str, str]]]) -> None:
    targets = {key: {target for _, _, target in found} for key, found in all_ways.items()}
    reached = _reached(start, targets)
    for key in all_ways:
        if start in all_ways and key not in reached:
            source.add(("steps", key), f"step «{key}» is never reached", "lead a way to it, or remove it")
        elif not any(_is_end(target) for each in _reached(key, targets) for target in targets.get(each, ())):
            said = f"from step «{key}» no way comes to an end"
            source.add(("steps", key), said, "lead one of its ways to an end such as end:granted")


def _is_end(target: str) -> bool:
    return target.startswith("end:") and target.removeprefix("end:") in OUTCOME_STATUS


def _reached(start: str, targets: dict[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [start]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += targets.get(key, ())
    return found


def _results_check(source: Source, steps: dict[str, dict[str, Any]]) -> None:
    declared = {}
    for at, row in source.rows(("results",), source.value.get("results"), "results"):
        source.keys(at, row, "code vi en", "", "a result")
        source.words(at, row, "the result")
        declared[row.get("code")] = at
    issued = {config.get("result") for config in steps.values() if config.get("kind") == "issue"}
    for key, config in steps.items():
        code = config.get("result")
        if code is not None and code not in declared:
            source.add(
                ("steps", key, "result"),
                f"step «{key}» has the result «{code}», which is not declared",
                "add it to «results»",
            )
        if config.get("kind") == "deposit" and code not in issued:
            source.add(
                ("steps", key, "result"),
                f"step «{key}» deposits «{code}», which no step issues",
                "issue it in a step before",
            )
    # A linked procedure's results are issued by the dossiers that it opens.
    if not source.value.get("linked"):
        for code in declared.keys() - issued:
            said = f"the result «{code}» is never issued"
            source.add(declared[code], said, "issue it in a step of kind «issue», or remove it")
