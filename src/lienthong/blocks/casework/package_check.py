"""The whole check of a package's folder and of declared registers: every mistake, with file and line.

`packages.package_read` refuses what cannot run; this explains what an author should mend besides.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from lienthong.blocks.casework.appeal_rules import KINDS
from lienthong.blocks.casework.package_forms import form_check
from lienthong.blocks.casework.package_known import Known
from lienthong.blocks.casework.package_people import people_check
from lienthong.blocks.casework.package_source import Mistake, Place, Source
from lienthong.blocks.casework.package_steps import steps_check
from lienthong.blocks.casework.rules import ASKED
from lienthong.ground import expressions

_NEEDED: Final = "code version valid_from name summary agency_kind level purpose legal_basis start steps"
_ALLOWED: Final = (
    "valid_to words essential linked internal event draft_title field time_limit needs documents fees results "
    "form rules look_up place title once declaration check fields_of_problems fee_items applicant_classes "
    "known_rows show trinh_tu applicants representation "
    "signers signing appeal retention"
)
RESULT_CODE: Final = re.compile(r"KQ\.[A-Z0-9]+(\.[0-9]+)+")
"""The code of a result (mã kết quả): whose it is, and its number."""
_LEVELS: Final = frozenset({"full", "partial", "none"})
_OUTCOMES: Final = ("granted", "refused", "withdrawn")
_PURPOSE: Final = ("purpose", "content/purposes.yaml with `settles: true`")


def package_mistakes(folder: Path, known: Known) -> list[Mistake]:
    """Every mistake and warning of package.yaml, fees.yaml and the examples, in the order of the files."""
    source = Source.read(folder / "package.yaml")
    if isinstance(source.value, dict) and source.value:
        _head_check(source, known)
        _questions_check(source, known)
        steps_check(source, known)
        form_check(source)
        people_check(source)
        _fee_items_check(source, known)
    elif not source.mistakes:
        source.add((), "the file holds no package", "begin with `lienthong procedures new`")
    found = [*source.mistakes]
    if (folder / "fees.yaml").exists():
        found += fees_mistakes(folder / "fees.yaml", known)
    raw = source.value if isinstance(source.value, dict) else {}
    return _ordered(found) + _examples_mistakes(folder, raw, source, known)


def _ordered(found: list[Mistake]) -> list[Mistake]:
    return sorted(found, key=lambda each: (str(each.path), each.line))


def _head_check(source: Source, known: Known) -> None:
    raw = source.value
    source.keys((), raw, _NEEDED, _ALLOWED, "the package")
    if "code" in raw and str(raw["code"]) != source.path.parent.resolve().name:
        folder = source.path.parent.resolve().name
        source.add(
            ("code",), f"the code «{raw['code']}» is not the folder's name «{folder}»", "make them alike"
        )
    if not (isinstance(raw.get("version", 1), int) and raw.get("version", 1) > 0):
        source.add(("version",), "the version is no whole number from 1 on", "write version: 1")
    source.period((), raw)
    for name in ("name", "summary"):
        if name in raw:
            source.words((name,), raw[name], f"«{name}»")
    source.one_of(("level",), raw.get("level"), _LEVELS, ("level", "full, partial, none"))
    kinds = ("kind of agency", "content/agency-kinds.yaml")
    source.one_of(("agency_kind",), raw.get("agency_kind"), known.agency_kinds, kinds)
    source.one_of(("appeal",), raw.get("appeal"), frozenset(KINDS), ("appeal", ", ".join(KINDS)))
    if raw.get("agency_kind") == ASKED and not raw.get("internal"):
        what = "«asked» is of what agencies ask each other, which is counted nowhere and offered to nobody"
        source.add(("agency_kind",), what, "name the kind of agency that decides")
    # A linked procedure asks for its own purpose; the dossiers that it opens settle.
    purposes = known.purposes if raw.get("internal") else known.settling
    source.one_of(("purpose",), raw.get("purpose"), purposes, _PURPOSE)
    retention = ("retention class", "the classes of content/retention.yaml")
    source.one_of(("retention",), raw.get("retention"), known.retention, retention)
    _texts_check(source)


def _texts_check(source: Source) -> None:
    raw = source.value
    if raw.get("time_limit") is not None:
        limit = source.mapping(("time_limit",), raw["time_limit"], "time_limit")
        source.keys(("time_limit",), limit, "working_days", "article cases", "time_limit")
        for at, row in source.rows(("time_limit", "cases"), limit.get("cases"), "time_limit.cases"):
            source.keys(at, row, "when working_days vi en", "article", "a case of the time limit")
            source.expression((*at, "when"), row.get("when"))
            source.words(at, row, "a case of the time limit")
    if raw.get("field") is not None:
        source.words(("field",), raw["field"], "«field»")
    for name in ("needs", "fees"):
        for at, row in source.rows((name,), raw.get(name), name):
            source.words(at, row, f"a row of «{name}»")
    for at, row in source.rows(("documents",), raw.get("documents"), "documents"):
        source.keys(at, row, "code title required", "when article note accepts", "a document")
        for result in row.get("accepts") or ():
            if not RESULT_CODE.fullmatch(str(result)):
                said = f"document «{row.get('code')}» accepts «{result}», which is no result code"
                source.add((*at, "accepts"), said, "a result code is like KQ.G15.000001")
        source.words((*at, "title"), row.get("title"), f"the title of document «{row.get('code')}»")
        if "when" in row:
            source.expression((*at, "when"), row["when"])


def _questions_check(source: Source, known: Known) -> None:
    raw = source.value
    looks = source.mapping(("look_up",), raw.get("look_up") or {}, "look_up")
    for name, given in looks.items():
        at: Place = ("look_up", name)
        look = source.mapping(at, given, f"look-up «{name}»")
        source.keys(at, look, "service body", "register purpose when", f"look-up «{name}»")
        _asked_check(source, at, look, known)
    if raw.get("check") is not None:
        check = source.mapping(("check",), raw["check"], "check")
        source.keys(("check",), check, "service body", "register purpose when", "check")
        _asked_check(source, ("check",), check, known)
    for name in ("place", "title", "once", "declaration", "fee_items", "applicant_classes"):
        source.template((name,), raw.get(name))
    for name in ("known_rows", "show"):
        for at, row in source.rows((name,), raw.get(name), name):
            source.keys(at, row, "vi en value", "format", f"a row of «{name}»")
            source.template((*at, "value"), row.get("value"))


def _asked_check(source: Source, at: Place, question: dict[str, Any], known: Known) -> None:
    source.one_of((*at, "service"), question.get("service"), known.services, ("service", "contracts/*.json"))
    registers = ("register", "content/registers/")
    source.one_of((*at, "register"), question.get("register"), known.registers, registers)
    source.one_of((*at, "purpose"), question.get("purpose"), known.purposes, _PURPOSE)
    source.template((*at, "body"), question.get("body"))
    if "when" in question:
        source.expression((*at, "when"), question["when"])


def _fee_items_check(source: Source, known: Known) -> None:
    places: list[tuple[Place, Any]] = [(("fee_items",), source.value.get("fee_items"))]
    steps = source.value.get("steps")
    for key, config in (steps if isinstance(steps, dict) else {}).items():
        if isinstance(config, dict):
            places.append((("steps", key, "items"), config.get("items")))
    said = ("fee item", "content/fees.yaml or the package's fees.yaml")
    for at, given in places:
        if isinstance(given, str) and given.startswith("="):
            for code in _codes_said(given[1:]):
                source.one_of(at, code, known.fee_items, said)
        elif isinstance(given, list):
            for index, row in enumerate(given):
                code = row.get("code") if isinstance(row, dict) else None
                source.one_of((*at, index, "code"), code, known.fee_items, said)


def _codes_said(expression: str) -> list[str]:
    """The codes that an expression writes out: `{code: x && 'one' || 'other'}` says two."""
    try:
        waiting: list[Any] = [expressions.compiled(expression).parsed]
    except ValueError:
        return []
    found: list[str] = []
    while waiting:
        node = waiting.pop()
        if node["type"] == "key_val_pair" and node["value"] == "code":
            found += _literals(node["children"][0])
        waiting += node["children"]
    return found


def _literals(node: dict[str, Any]) -> list[str]:
    kind, children = node["type"], node["children"]
    if kind == "literal":
        return [node["value"]] if isinstance(node["value"], str) else []
    if kind == "and_expression":
        return _literals(children[1])
    if kind == "or_expression":
        return [code for child in children for code in _literals(child)]
    return []


def fees_mistakes(path: Path, known: Known) -> list[Mistake]:
    """Mistakes of a fee table beside a package."""
    source = Source.read(path)
    table = source.mapping((), source.value if source.value is not None else {}, "the fee table")
    source.keys((), table, "items", "", "the fee table")
    for at, item in source.rows(("items",), table.get("items"), "items"):
        said = f"fee item «{item.get('code')}»"
        source.keys(at, item, "code title rates", "waivers", said)
        source.words((*at, "title"), item.get("title"), f"the title of {said}")
        for here, rate in source.rows((*at, "rates"), item.get("rates"), f"rates of {said}"):
            source.keys(
                here, rate, "amount valid_from article", "valid_to province channel", f"a rate of {said}"
            )
            source.period(here, rate)
            amount = rate.get("amount", 0)
            if not isinstance(amount, int) or amount < 0:
                source.add((*here, "amount"), f"«{amount}» is no amount", "write whole đồng, such as 50000")
        for here, waiver in source.rows((*at, "waivers"), item.get("waivers"), f"waivers of {said}"):
            source.keys(here, waiver, "classes valid_from article", "valid_to", f"a waiver of {said}")
            source.period(here, waiver)
            for index, name in enumerate(waiver.get("classes") or []):
                classes = ("class of payers", "the classes of content/fees.yaml")
                source.one_of((*here, "classes", index), name, known.payer_classes, classes)
    return source.mistakes


def _examples_mistakes(folder: Path, raw: dict[str, Any], package: Source, known: Known) -> list[Mistake]:
    found: list[Mistake] = []
    has: set[str] = set()
    for path in sorted((folder / "examples").glob("*.yaml")):
        source = Source.read(path)
        if source.value is not None:
            has |= _example_check(source, raw, known)
        found += _ordered(source.mistakes)
    if raw.get("internal"):
        return found
    missing = [name for name in (*_OUTCOMES, "supplemented") if name not in has]
    if missing:
        said = f"no example is {', '.join(missing)}"
        mistake = Mistake(package.path, 1, said, "write one for each way a dossier may go", warning=True)
        found.append(mistake)
    return found


def _example_check(source: Source, raw: dict[str, Any], known: Known) -> set[str]:
    """What the example shows: its outcome, and whether a supplement was asked for."""
    given = source.mapping((), source.value, "the example")
    source.keys(
        (),
        given,
        "title answers expect",
        "applicant acting_for acts ages_on at given with_baby",
        "the example",
    )
    source.template(("answers",), given.get("answers"))
    source.template(("acting_for",), given.get("acting_for"))
    expect = source.mapping(("expect",), given.get("expect", {}), "expect")
    source.keys(("expect",), expect, "", "outcome results records asked problem", "expect")
    fields = _fields(raw)
    for name in given.get("answers") or {}:
        if fields and name not in fields:
            source.add(("answers", name), f"the form does not ask for «{name}»", "use a field of the form")
    for part, holder in (("given", given), ("records", expect)):
        at: Place = ("given",) if part == "given" else ("expect", "records")
        for here, row in source.rows(at, holder.get(part), part):
            source.template(here, row)
            registers = ("register", "content/registers/")
            source.one_of((*here, "register"), row.get("register"), known.registers, registers)
    for here, row in source.rows(("expect", "asked"), expect.get("asked"), "asked"):
        source.keys(here, row, "service body claims", "", "what is asked at the end")
        source.template((*here, "body"), row.get("body"))
        source.template((*here, "claims"), row.get("claims"))
        if known.services is not None:
            offered = ("service", "the rooms' contracts")
            source.one_of((*here, "service"), row.get("service"), known.services, offered)
    acts = [act for act in given.get("acts") or [] if isinstance(act, dict)]
    shown = {"supplemented"} if any("supplement" in act for act in acts) else set[str]()
    return shown | {str(expect.get("outcome", ""))}


def _fields(raw: dict[str, Any]) -> set[str]:
    form = raw.get("form")
    schema = form.get("schema") if isinstance(form, dict) else None
    return set(schema.get("properties") or {}) if isinstance(schema, dict) else set()


def register_mistakes(path: Path, known: Known) -> list[Mistake]:
    """Mistakes of one declared register."""
    source = Source.read(path)
    if source.value is None:
        return source.mistakes
    raw = source.mapping((), source.value, "the register")
    optional = "verifiable shared number number_per expires subjects purposes rules party"
    source.keys((), raw, "code title owner legal_basis schema", optional, "the register")
    if "code" in raw and raw["code"] != path.stem:
        source.add(
            ("code",), f"the code «{raw['code']}» is not the file's name «{path.stem}»", "make them alike"
        )
    if "title" in raw:
        source.words(("title",), raw["title"], "the title")
    for name in ("number", "number_per", "expires"):
        if raw.get(name):
            source.expression((name,), raw[name])
    _register_schema_check(source)
    _party_check(source)
    for index, purpose in enumerate(raw.get("purposes") or []):
        source.one_of(("purposes", index), purpose, known.purposes, ("purpose", "content/purposes.yaml"))
    for at, rule in source.rows(("rules",), raw.get("rules"), "rules"):
        said = f"rule «{rule.get('code')}»"
        source.keys(at, rule, "code when article what why next", "on find field", said)
        _rule_words(source, at, rule, said)
        source.template((*at, "find"), rule.get("find"))
    return _ordered(source.mistakes)


def _party_check(source: Source) -> None:
    """How a register of organisations is read as parties."""
    raw = source.value
    if raw.get("party") is None:
        return
    party = source.mapping(("party",), raw["party"], "party")
    source.keys(("party",), party, "find says forms roles", "", "party")
    says = source.mapping(("party", "says"), party.get("says", {}), "says")
    source.keys(
        ("party", "says"), says, "number name form address active representatives", "unit province", "says"
    )
    for name in ("find", "says"):
        source.template(("party", name), party.get(name))
    for name in ("forms", "roles"):
        for code, said in source.mapping(("party", name), party.get(name, {}), name).items():
            source.words(("party", name, code), said, f"«{code}» of «{name}»")


def _rule_words(source: Source, at: Place, rule: dict[str, Any], said: str) -> None:
    if "when" in rule:
        source.expression((*at, "when"), rule["when"])
    for name in ("what", "why", "next"):
        if name in rule:
            source.words((*at, name), rule[name], f"«{name}» of {said}")


def _register_schema_check(source: Source) -> None:
    raw = source.value
    schema = source.mapping(("schema",), raw.get("schema", {}), "schema")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where: Place = ("schema", *error.absolute_path)
        source.add(where, f"the schema is none: {error.message}", "see json-schema.org, draft 2020-12")
    fields = schema.get("properties") or {}
    for name in ("subjects", "verifiable"):
        for index, field in enumerate(raw.get(name) or []):
            if re.split(r"\W", str(field), maxsplit=1)[0] not in fields:
                source.add(
                    (name, index), f"«{name}» names «{field}», which the schema has not", "name a field"
                )
