"""What content/registers/<code>.yaml says of a register: schema, numbers, rules, who may ask.

A register needs no code: its rules are expressions (`ground.expressions`) over

    data      the record as it would stand      found   what a rule's `find` found, other keys only
    before    the record as it stands, or null  today   the day, ISO
    action    enter | change | end              key     the record's key, or null

A rule whose `when` holds is a problem, told in its words with its article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator, FormatChecker

from lienthong.ground import expressions, yamls
from lienthong.ground.errors import Invalid, NotFound, Problem
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """on: the actions it is about; find: claims (a template) about other records; field: whom it is told at."""

    code: str
    on: frozenset[str]
    when: str
    find: dict[str, Any] | None
    what: Text
    why: Text
    next_step: Text
    field: str
    article: str

    def problem(self, context: Mapping[str, Any]) -> Problem | None:
        if not expressions.holds(self.when, dict(context)):
            return None
        why = Text(f"{self.why.vi} ({self.article})", f"{self.why.en} ({self.article})")
        return Invalid(self.code, self.what, why, self.next_step, field=self.field)


@dataclass(frozen=True)
class Register:
    """One declaration.

    owner: the agency whose subsystem offers it. number: the key of a new record, an expression over
    {data, serial, year, today}, counted for each value of `number_per`. expires: the day from which a record
    no longer holds. subjects: the fields with a person's number, who see each read of the record.
    purposes: for which others may ask and write; verifiable: what `verify` may compare without disclosing.
    shared: a common catalogue (danh mục dùng chung), of which every instance keeps a copy; no personal data.
    """

    code: str
    title: Text
    owner: str
    legal_basis: str
    schema: dict[str, Any]
    verifiable: tuple[str, ...] = ()
    shared: bool = False
    number: str = ""
    number_per: str = ""
    expires: str = ""
    subjects: tuple[str, ...] = ()
    purposes: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()

    def data_check(self, data: Mapping[str, Any]) -> None:
        """Errors: data-invalid (422) with the first field that does not fit."""
        validator = Draft202012Validator(self.schema, format_checker=FormatChecker())
        error = next(iter(validator.iter_errors(data)), None)
        if error is None:
            return
        where = "/".join(str(part) for part in error.absolute_path) or "(gốc)"
        raise Invalid(
            "data-invalid",
            Text(f"Dữ liệu không khớp sổ «{self.title.vi}».", f"Data does not fit «{self.title.en}»."),
            Text(f"Tại {where}: {error.message}", f"At {where}: {error.message}"),
            Text("Sửa trường này rồi gửi lại.", "Mend this field and send again."),
            field=where,
        )


@cache
def registers(folder: Path | None = None) -> dict[str, Register]:
    """Every declared register by code."""
    found = sorted((folder or settings.LIENTHONG_CONTENT / "registers").glob("*.yaml"))
    return {register.code: register for register in (register_read(path) for path in found)}


def register_read(path: Path) -> Register:
    """Raise ValueError or a schema error where the declaration is wrong."""
    row = yamls.load(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(row["schema"])
    fields = set(row["schema"].get("properties", {}))
    subjects = tuple(row.get("subjects", ()))
    if unknown := (set(subjects) | set(row.get("verifiable", ()))) - fields:
        raise ValueError(f"{path}: the schema has no {sorted(unknown)}")
    for name in ("number", "number_per", "expires"):
        expressions.compiled(row.get(name) or "data")
    return Register(
        row["code"],
        Text(row["title"]["vi"], row["title"]["en"]),
        row["owner"],
        row["legal_basis"],
        row["schema"],
        tuple(row.get("verifiable", ())),
        bool(row.get("shared", False)),
        row.get("number", ""),
        row.get("number_per", ""),
        row.get("expires", ""),
        subjects,
        frozenset(row.get("purposes", ())),
        tuple(_rule(rule) for rule in row.get("rules", ())),
    )


def _rule(row: dict[str, Any]) -> Rule:
    for expression in (row["when"], *expressions.expressions_in(row.get("find"))):
        expressions.compiled(expression)
    what, why, next_step = (Text(row[name]["vi"], row[name]["en"]) for name in ("what", "why", "next"))
    return Rule(
        row["code"],
        frozenset(row.get("on", ["enter"])),
        row["when"],
        row.get("find"),
        what,
        why,
        next_step,
        row.get("field", ""),
        row["article"],
    )


def register_get(code: str) -> Register:
    """Errors: register-unknown (404)."""
    register = registers().get(code)
    if register is None:
        raise NotFound(
            "register-unknown",
            Text(f"Không có sổ đăng ký «{code}».", f"There is no register «{code}»."),
            Text("Sổ chưa được khai báo.", "It is not declared."),
            Text("Khai báo sổ trong content/registers/.", "Declare it in content/registers/."),
        )
    return register
