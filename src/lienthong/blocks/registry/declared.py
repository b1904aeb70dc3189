"""Records of the registers that are declared in content/registers/: enter, change, end, find, verify."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from lienthong.blocks.registry import selectors, services
from lienthong.blocks.registry.base import Provenance, State
from lienthong.blocks.registry.declarations import Register, Rule, register_get, registers
from lienthong.blocks.registry.models import DeclaredRecord
from lienthong.ground import expressions
from lienthong.ground.errors import Problem

FOUND_MAX = 50


def declared_problems(
    *, register: str, action: str, data: dict[str, Any], key: str | None, on: date
) -> list[Problem]:
    """What the register's schema and rules say against a record; empty where it may be written."""
    declared = register_get(register)
    before = declared_get(register=register, key=key, on=on) if key else None
    whole = {**(before.data if before else {}), **data}
    try:
        declared.data_check(whole)
    except Problem as problem:
        return [problem]
    context = {
        "action": action,
        "key": key,
        "data": whole,
        "before": before.data if before else None,
        "today": on.isoformat(),
    }
    found = [_broken(declared, rule, context, on) for rule in declared.rules if action in rule.on]
    return [problem for problem in found if problem is not None]


def _broken(declared: Register, rule: Rule, context: dict[str, Any], on: date) -> Problem | None:
    others: list[dict[str, Any]] = []
    if rule.find is not None:
        claims = expressions.fill(rule.find, context)
        rows = declared_find(register=declared.code, claims=claims, on=on, limit=FOUND_MAX)
        others = [row.data | {"key": declared_key(row)} for row in rows]
    others = [other for other in others if other["key"] != context["key"]]
    return rule.problem({**context, "found": others})


def declared_enter(
    *,
    register: str,
    data: dict[str, Any],
    provenance: Provenance,
    at: datetime,
    valid_from: date,
    key: str | None = None,
) -> DeclaredRecord:
    """A new record; without a key it gets the register's next number.

    Errors: data-invalid (422) with the first field that does not fit, those of the register's rules (422),
    record-exists (409).
    """
    declared = register_get(register)
    _refuse_broken(register, "enter", data, key, valid_from)
    key = key or number_next(declared, data=data, on=valid_from)
    return services.record_enter(
        DeclaredRecord,
        key=f"{register}:{key}",
        content={"register": register, "data": data},
        provenance=provenance,
        at=at,
        valid_from=valid_from,
        valid_to=_expires(declared, data, key, valid_from),
    )


def declared_change(
    *,
    register: str,
    key: str,
    data: dict[str, Any],
    provenance: Provenance,
    at: datetime,
    valid_from: date,
) -> DeclaredRecord:
    """The record with these fields from a day on. Errors: as `declared_enter`; record-unknown (404)."""
    declared = register_get(register)
    _refuse_broken(register, "change", data, key, valid_from)
    current = declared_get(register=register, key=key, on=valid_from)
    whole = {**(current.data if current else {}), **data}
    return services.record_change(
        DeclaredRecord,
        key=f"{register}:{key}",
        content={"data": whole},
        provenance=provenance,
        at=at,
        valid_from=valid_from,
        valid_to=_expires(declared, whole, key, valid_from),
    )


def declared_end(
    *, register: str, key: str, provenance: Provenance, at: datetime, valid_to: date
) -> DeclaredRecord:
    """The record holds until that day, not on it. Errors: those of the rules (422); record-unknown (404)."""
    _refuse_broken(register, "end", {}, key, valid_to)
    return services.record_end(
        DeclaredRecord, key=f"{register}:{key}", provenance=provenance, at=at, valid_to=valid_to
    )


def _refuse_broken(register: str, action: str, data: dict[str, Any], key: str | None, on: date) -> None:
    for problem in declared_problems(register=register, action=action, data=data, key=key, on=on):
        raise problem


def _expires(declared: Register, data: dict[str, Any], key: str, on: date) -> date | None:
    if not declared.expires:
        return None
    context = {"data": data, "key": key, "today": on.isoformat()}
    day = expressions.value(declared.expires, context)
    return date.fromisoformat(day) if day else None


def number_next(declared: Register, *, data: dict[str, Any], on: date) -> str:
    """The next number of a register; its counter's row stays locked until the transaction ends: no gaps."""
    context: dict[str, Any] = {"data": data, "today": on.isoformat(), "year": on.year}
    series = str(expressions.value(declared.number_per, context)) if declared.number_per else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registry_registerserial (register, series, last) values (%s, %s, 1)"
            " on conflict (register, series) do update set last = registry_registerserial.last + 1"
            " returning last",
            [declared.code, series],
        )
        (serial,) = cursor.fetchone()
    return str(expressions.value(declared.number, {**context, "serial": serial}))


def declared_correct(
    *, register: str, key: str, data: dict[str, Any], provenance: Provenance, at: datetime
) -> DeclaredRecord:
    """What was recorded wrongly. Errors: data-invalid (422), record-unknown (404)."""
    register_get(register).data_check(data)
    return services.record_correct(
        DeclaredRecord, key=f"{register}:{key}", content={"data": data}, provenance=provenance, at=at
    )


def declared_get(*, register: str, key: str, on: date) -> DeclaredRecord | None:
    return selectors.record_get(DeclaredRecord, key=f"{register_get(register).code}:{key}", on=on)


def declared_find(
    *, register: str, claims: dict[str, Any], on: date, limit: int = 500
) -> list[DeclaredRecord]:
    """The records in force whose data contains `claims`, by key."""
    rows = DeclaredRecord.objects.filter(
        register=register_get(register).code,
        data__contains=claims,
        valid__contains=on,
        recorded__upper_inf=True,
    )
    return list(rows.exclude(state=State.REVOKED).order_by("key")[:limit])


def catalogues(*, on: date) -> dict[str, dict[str, Any]]:
    """The shared registers' records in force that day: register -> key -> data."""
    codes = [register.code for register in registers().values() if register.shared]
    rows = DeclaredRecord.objects.filter(register__in=codes, valid__contains=on, recorded__upper_inf=True)
    found: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for row in rows.exclude(state=State.REVOKED).order_by("key"):
        found[row.register][declared_key(row)] = row.data
    return found


def catalogues_take(
    given: dict[str, dict[str, Any]], *, provenance: Provenance, at: datetime, valid_from: date
) -> None:
    """Bring this instance's copies to what their keepers say; what fell away there stays here as it was."""
    for register, rows in given.items():
        for key, data in rows.items():
            row = declared_get(register=register, key=key, on=at.date())
            if row is None:
                declared_enter(
                    register=register, key=key, data=data, provenance=provenance, at=at, valid_from=valid_from
                )
            elif row.data != data:
                declared_correct(register=register, key=key, data=data, provenance=provenance, at=at)


def declared_key(record: DeclaredRecord) -> str:
    """The record's key within its register."""
    return record.key.removeprefix(f"{record.register}:")


def declared_verify(*, register: str, key: str, claims: dict[str, Any], on: date) -> bool:
    """Yes or no to what the asker already claims; only the fields that the register lets be verified."""
    allowed = register_get(register).verifiable
    record = declared_get(register=register, key=key, on=on)
    if record is None or not set(claims) <= set(allowed):
        return False
    return all(record.data.get(name) == value for name, value in claims.items())
