"""The check of a package's form: questions, pages, options, papers, and the rules said at a question."""

from __future__ import annotations

from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from lienthong.blocks.casework.package_source import Place, Source
from lienthong.ground import expressions

_QUESTION: Final = (
    "type enum const pattern minLength maxLength minimum maximum format "
    "hint options options_from when document"
)
_REPEAT: Final = "hint when one add items minItems maxItems"
APPLICANT_KIND: Final = "applicant_kind"
"""An answer that is there from the start where a package says who may apply: person | organisation."""
_ANSWERS: Final = {"type": "field", "children": [], "value": "answers"}


def form_check(source: Source) -> None:
    """Every mistake of `form`, `rules` and of documents that nobody is asked for."""
    raw = source.value
    if raw.get("form") is None:
        return
    form = source.mapping(("form",), raw["form"], "form")
    source.keys(("form",), form, "schema pages", "", "the form")
    schema = source.mapping(("form", "schema"), form.get("schema", {}), "the form's schema")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        at: Place = ("form", "schema", *error.absolute_path)
        source.add(at, f"the form's schema is none: {error.message}", "see json-schema.org, draft 2020-12")
        return
    fields = schema.get("properties") or {}
    for name, given in fields.items():
        at = ("form", "schema", "properties", name)
        _question_check(source, at, name, source.mapping(at, given, f"question «{name}»"))
    for index, name in enumerate(schema.get("required") or []):
        if name not in fields:
            source.add(
                ("form", "schema", "required", index),
                f"«{name}» is required and no question",
                "add it, or drop it",
            )
    _pages_check(source, form, fields)
    _documents_check(source, fields)
    _rules_check(source, {**fields, APPLICANT_KIND: {}} if raw.get("applicants") else fields)
    known = {**fields, APPLICANT_KIND: None} if raw.get("applicants") else fields
    for name in ("look_up", "declaration", "place", "title", "once", "fee_items"):
        _answers_named(source, (name,), raw.get(name), known)


def _question_check(source: Source, at: Place, name: str, question: dict[str, Any]) -> None:
    said = f"question «{name}»"
    repeated = question.get("type") == "array"
    source.keys(at, question, "label", f"type {_REPEAT}" if repeated else _QUESTION, said)
    if repeated:
        _repeat_check(source, at, name, question)
    if "label" in question:
        source.words((*at, "label"), question["label"], f"the label of {said}")
    if "hint" in question:
        source.words((*at, "hint"), question["hint"], f"the hint of {said}")
    for here, option in source.rows((*at, "options"), question.get("options"), f"options of {said}"):
        source.keys(here, option, "value vi en", "", f"an option of {said}")
        if option.get("vi") or option.get("en"):
            source.words(here, option, f"option «{option.get('value')}» of {said}")
    if "when" in question:
        source.expression((*at, "when"), question["when"])
    source.template((*at, "options_from"), question.get("options_from"))
    if question.get("format") == "file" and "document" not in question:
        source.add(at, f"{said} takes a file for no document", "add `document` with a code of «documents»")


def _repeat_check(source: Source, at: Place, name: str, question: dict[str, Any]) -> None:
    """A group of questions that is answered several times."""
    said = f"question «{name}»"
    for key in ("one", "add"):
        if key in question:
            source.words((*at, key), question[key], f"«{key}» of {said}")
    if "one" not in question:
        source.add(
            at, f"{said} says not what one of its groups is called", "add «one», such as {vi: Thành viên, …}"
        )
    items = source.mapping((*at, "items"), question.get("items", {}), f"items of {said}")
    source.keys((*at, "items"), items, "type properties", "required additionalProperties", f"items of {said}")
    inner = source.mapping((*at, "items", "properties"), items.get("properties", {}), f"questions of {said}")
    if not inner:
        source.add((*at, "items"), f"a group of {said} asks nothing", "add questions under items.properties")
    for key, given in inner.items():
        here: Place = (*at, "items", "properties", key)
        one = source.mapping(here, given, f"question «{key}» of «{name}»")
        if one.get("type") == "array":
            source.add(here, f"question «{key}» repeats within «{name}»", "ask it on a page of its own")
        elif one.get("format") == "file":
            source.add(
                here,
                f"question «{key}» takes a file within «{name}»",
                "ask for the paper on a page of its own",
            )
        else:
            _question_check(source, here, key, one)
    for index, key in enumerate(items.get("required") or []):
        if key not in inner:
            source.add(
                (*at, "items", "required", index),
                f"«{key}» is required and no question",
                "add it, or drop it",
            )


def _pages_check(source: Source, form: dict[str, Any], fields: dict[str, Any]) -> None:
    asked: set[str] = set()
    for at, page in source.rows(("form", "pages"), form.get("pages"), "pages"):
        source.keys(at, page, "key fields", "", "a page")
        for index, name in enumerate(page.get("fields") or []):
            if name not in fields:
                said = f"page «{page.get('key')}» asks for «{name}», which the schema has not"
                source.add((*at, "fields", index), said, "add the question, or drop it from the page")
            if name in asked:
                source.add((*at, "fields", index), f"«{name}» is asked twice", "ask it on one page")
            asked.add(name)
        kinds = [fields.get(name) or {} for name in page.get("fields") or []]
        if any(kind.get("type") == "array" for kind in kinds) and any(
            k.get("format") == "file" for k in kinds
        ):
            said = f"page «{page.get('key')}» asks for a file beside what repeats: “add one more” would lose the file"
            source.add(at, said, "put the file on a page of its own")
    for name in fields:
        if name not in asked:
            at = ("form", "schema", "properties", name)
            source.add(at, f"question «{name}» is never asked", "put it on a page, or remove it")


def _documents_check(source: Source, fields: dict[str, Any]) -> None:
    rows = source.rows(("documents",), source.value.get("documents"), "documents")
    declared = {row.get("code"): (at, row) for at, row in rows}
    asked = {given.get("document"): name for name, given in fields.items() if isinstance(given, dict)}
    for code, (at, row) in declared.items():
        # The room that knows a linked procedure asks for its papers where registers have none.
        if code not in asked and not source.value.get("linked"):
            said = f"document «{code}» is never asked for"
            # One that is not required may still come with a supplement.
            source.add(
                at, said, "add a question with `format: file`, or remove it", warning=not row.get("required")
            )
    for code, name in asked.items():
        if code is not None and code not in declared:
            at = ("form", "schema", "properties", name, "document")
            source.add(
                at,
                f"question «{name}» asks for document «{code}», which is not declared",
                "add it to «documents»",
            )


def _rules_check(source: Source, fields: dict[str, Any]) -> None:
    for at, rule in source.rows(("rules",), source.value.get("rules"), "rules"):
        said = f"rule «{rule.get('code')}»"
        source.keys(at, rule, "code field when what why next", "at article", said)
        if "when" in rule:
            source.expression((*at, "when"), rule["when"])
            _answers_named(source, (*at, "when"), f"={rule['when']}", fields)
        if "field" in rule and rule["field"] not in fields:
            source.add(
                (*at, "field"),
                f"{said} is said at «{rule['field']}», which the form has not",
                "name a question",
            )
        for name in ("what", "why", "next"):
            if name in rule:
                source.words((*at, name), rule[name], f"«{name}» of {said}")


def _answers_named(source: Source, at: Place, value: Any, fields: dict[str, Any]) -> None:
    """`answers.x` of a question that the form has not is always empty: a slip of the pen."""
    if isinstance(value, dict):
        for key, item in value.items():
            _answers_named(source, (*at, key), item, fields)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _answers_named(source, (*at, index), item, fields)
    elif isinstance(value, str):
        for text in expressions.expressions_in(value):
            for name in sorted(_named(text) - set(fields)):
                said = f"an expression reads answers.{name}, and the form has no such question"
                source.add(at, said, "name a question of the form")


def _named(expression: str) -> set[str]:
    try:
        waiting: list[Any] = [expressions.compiled(expression).parsed]
    except ValueError:
        return set()
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        children = node["children"]
        if node["type"] == "subexpression" and children[0] == _ANSWERS and children[1]["type"] == "field":
            found.add(children[1]["value"])
        waiting += children
    return found
