"""The step `opinions` of a package: what it becomes for the engine, how it is read back, and its check.

For each agency that is asked it stands for a call that asks and a wait that takes the answer or runs out, between a
fork and a join: `ask` with `commune` is `ask`, `ask_commune_sent`, `ask_commune`, `ask_all`. So a case asks all
agencies at once, with nothing in the engine that a package could not write itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lienthong.blocks.casework.package_known import Known
from lienthong.blocks.casework.package_source import Place, Source
from lienthong.blocks.casework.rules import ASKED, OPINION, OPINIONS

ASK: Final = "onestop/opinions-ask/v1"
PURPOSE: Final = "coordination"
DAYS_MOST: Final = 60
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_KEY_LONGEST: Final = 40
_NEEDED: Final = ("asked", "next")
_OF_EACH: Final = ("to", "question", "working_days")


def expanded(key: str, config: dict[str, Any], name: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps that a step `opinions` stands for; the first carries what was written, for who reads it back.

    name: of the procedure, in both languages.
    """
    asked, everyone = config["asked"], f"{key}_all"
    written = {part: value for part, value in config.items() if part != "kind"}
    steps: dict[str, dict[str, Any]] = {
        key: {"kind": "fork", "branches": [_sent(key, who) for who in asked], "written": written}
    }
    for who, question in asked.items():
        answer, sent = f"{key}_{who}", _sent(key, who)
        steps[sent] = {
            "kind": "call",
            **_condition(config, question),
            "service": ASK,
            "purpose": PURPOSE,
            "signal": OPINION,
            "to": question["to"],
            "subjects": question.get("subjects", ["=case.applicant"]),
            "body": {
                "dossier": "=case.number",
                "procedure": {"vi": name["vi"], "en": name["en"]},
                "question": question["question"],
                "article": question.get("article", ""),
                "discloses": question.get("discloses", []),
                "working_days": question["working_days"],
            },
            "next": answer,
            "on_problem": answer,
            "part_of": key,
        }
        steps[answer] = {
            "kind": "wait",
            "when": f"steps.{sent}.outcome == 'done'",
            "signal": OPINION,
            "match": f"signal.asked_in == steps.{sent}.answer.asked_in",
            "outcome": "signal.opinion",
            "outcomes": {**dict.fromkeys(OPINIONS, everyone), "done": everyone},
            "timeout_working_days": question["working_days"],
            "on_timeout": everyone,
            "part_of": key,
        }
    everybody = [f"{key}_{who}" for who in asked]
    steps[everyone] = {"kind": "join", "of": everybody, "next": config["next"], "part_of": key}
    return steps


def missing(key: str, config: Mapping[str, Any]) -> list[str]:
    """What a step `opinions` cannot be without; `opinions_check` explains the rest."""
    wanted = [name for name in _NEEDED if not config.get(name)]
    asked = config.get("asked") or {}
    wanted += [f"asked.{who}.{name}" for who in asked for name in _OF_EACH if name not in (asked[who] or {})]
    mistakes = [f"step «{key}» (opinions): «{name}» is missing" for name in wanted]
    names = _made(key, asked)
    return mistakes + [f"step «{key}»: «{name}» stands twice" for name in names if names.count(name) > 1]


def _made(key: str, asked: Mapping[str, Any]) -> list[str]:
    """The names of the steps that it makes besides its own."""
    return [f"{key}_all", *(name for who in asked for name in (f"{key}_{who}", _sent(key, who)))]


def _sent(key: str, who: str) -> str:
    return f"{key}_{who}_sent"


def _condition(config: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, str]:
    """When an agency is asked: what the step says, and what is said of the agency."""
    said = [str(given["when"]) for given in (config, question) if "when" in given]
    return {"when": " && ".join(f"({each})" for each in said)} if said else {}


def folded(steps: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Steps as the package says them: a step `opinions` is one step again."""
    return {
        key: {"kind": "opinions", **config["written"]} if "written" in config else config
        for key, config in steps.items()
        if "part_of" not in config
    }


def opinions_check(source: Source, at: Place, key: str, config: dict[str, Any], known: Known) -> None:
    """Every mistake of a step `opinions`."""
    said = f"step «{key}»"
    asked = source.mapping((*at, "asked"), config.get("asked", {}), f"«asked» of {said}")
    if not asked:
        source.add((*at, "asked"), f"{said} asks nobody", "name at least one agency under «asked»")
    if "title" in config:
        source.words((*at, "title"), config["title"], f"the title of {said}")
    names = [*(source.value.get("steps") or {}), *_made(key, asked)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        where = ("steps", name) if name in source.value["steps"] else (*at, "asked")
        source.add(where, f"«{name}» is a step that «{key}» makes itself", "name it otherwise")
    for who, given in asked.items():
        here, whom = (*at, "asked", who), f"agency «{who}» of {said}"
        if not _NAME.fullmatch(who) or len(_sent(key, who)) > _KEY_LONGEST:
            what = f"{whom} has no fitting name"
            source.add(here, what, "use a few small letters, digits and _, such as commune")
        _asked_check(source, here, whom, given, known)


def _asked_check(source: Source, at: Place, said: str, given: Any, known: Known) -> None:
    question = source.mapping(at, given, said)
    source.keys(at, question, "to question working_days", "when article discloses subjects", said)
    to = source.mapping((*at, "to"), question.get("to", {}), f"«to» of {said}")
    source.keys((*at, "to"), to, "agency_kind unit", "", f"«to» of {said}")
    kinds = ("kind of agency", "content/agency-kinds.yaml")
    settling = known.agency_kinds and known.agency_kinds - {"linked", ASKED}
    source.one_of((*at, "to", "agency_kind"), to.get("agency_kind"), settling, kinds)
    source.words((*at, "question"), question.get("question"), f"the question to {said}")
    for here, row in source.rows((*at, "discloses"), question.get("discloses"), f"discloses of {said}"):
        source.keys(here, row, "vi en value", "format", f"what is disclosed to {said}")
        source.words(here, row, f"what is disclosed to {said}")
    if "when" in question:
        source.expression((*at, "when"), question["when"])
    if not isinstance(question.get("subjects", []), list):
        source.add((*at, "subjects"), f"subjects of {said} are not a list", 'write ["=case.applicant"]')
    _days_check(source, at, said, question.get("working_days"))


def _days_check(source: Source, at: Place, said: str, days: Any) -> None:
    """The time to answer is part of the procedure's own time, and ends before it does."""
    here = (*at, "working_days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= DAYS_MOST:
        source.add(here, f"{said} has no time to answer", f"working_days: a number from 1 to {DAYS_MOST}")
        return
    limit = source.value.get("time_limit")
    rows = [limit, *(limit.get("cases") or [])] if isinstance(limit, dict) else []
    own = [row["working_days"] for row in rows if isinstance(row, dict) and "working_days" in row]
    longest = max((each for each in own if isinstance(each, int)), default=None)
    if longest is not None and days >= longest:
        what = f"{said} may answer for {days} working days, and the procedure has {longest}"
        source.add(here, what, "give less than the procedure's own time limit")
