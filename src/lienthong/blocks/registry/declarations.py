"""What content/registers/<code>.yaml says of a register: schema, numbers, rules, who may ask.

A register needs no code: its rules are expressions (`ground.expressions`) over

    data      the record as it would stand      found   what a rule's `find` found, other keys only
    before    the record as it stands, or null  today   the day, ISO
    action    enter | change | end              key     the record's key, or null

A rule whose `when` holds is a problem, told in its words with its article. A register with `party` holds organisations:
`find` are the claims (over {person}) that find whom a person acts for, `says` is each as a party (over {key, data}).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class PartyView:
    """How a register of organisations is read as parties; forms, roles: what its codes mean."""

    find: dict[str, Any]
    says: dict[str, Any]
    forms: dict[str, Text]
    roles: dict[str, Text]

    def claims(self, person: str) -> dict[str, Any]:
        """What `records-find` is asked, to find the organisations that a person represents."""
        return expressions.fill(self.find, {"person": person})

    def party(self, *, key: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """{number, name, form, unit, province, address, active, representatives: [{number, name, role, from, to}]}."""
        return expressions.fill(self.says, {"key": key, "data": dict(data)})


@dataclass(frozen=True)
class Register:
    """One declaration.

    owner: the agency whose subsystem offers it. number: the key of a new record, an expression over
    {data, serial, year, today}, counted for each value of `number_per`. expires: the day from which a record
    no longer holds. subjects: expressions over the data for the persons who see each read of the record.
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
    party: PartyView | None = None

    def subjects_of(self, data: Mapping[str, Any]) -> set[str]:
        """The persons' numbers in a record."""
        found: set[str] = set()
        for name in self.subjects:
            given = expressions.value(name, dict(data))
            found |= {str(each) for each in (given if isinstance(given, list) else [given]) if each}
        return found

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
    if unknown := ({_field(each) for each in subjects} | set(row.get("verifiable", ()))) - fields:
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
        _party(row["party"]) if row.get("party") else None,
    )


def _field(expression: str) -> str:
    """The field that an expression over a record begins with."""
    return re.split(r"[^\w]", expression, maxsplit=1)[0]


def _party(row: dict[str, Any]) -> PartyView:
    for expression in (*expressions.expressions_in(row["find"]), *expressions.expressions_in(row["says"])):
        expressions.compiled(expression)
    forms, roles = (
        {code: Text(said["vi"], said["en"]) for code, said in row[name].items()}
        for name in ("forms", "roles")
    )
    return PartyView(row["find"], row["says"], forms, roles)


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


def party_registers() -> Iterator[Register]:
    """The registers of organisations."""
    return (register for register in registers().values() if register.party is not None)


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
