"""Registers without rules of their own: declared in content/registers/<code>.yaml with a JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from jsonschema import Draft202012Validator

from lienthong.blocks.registry import selectors, services
from lienthong.blocks.registry.base import Provenance, State
from lienthong.blocks.registry.models import DeclaredRecord
from lienthong.ground.errors import Invalid, NotFound
from lienthong.ground.text import Text


@dataclass(frozen=True)
class Register:
    """verifiable: the fields that `verify` may compare without disclosing anything.

    shared: a common catalogue (danh mục dùng chung), of which every instance keeps a copy; no personal data.
    """

    code: str
    title: Text
    owner: str
    legal_basis: str
    schema: dict[str, Any]
    verifiable: tuple[str, ...]
    shared: bool = False


@cache
def registers(folder: Path | None = None) -> dict[str, Register]:
    """Every declared register by code."""
    found = sorted((folder or settings.LIENTHONG_CONTENT / "registers").glob("*.yaml"))
    return {register.code: register for register in (_read(path) for path in found)}


def _read(path: Path) -> Register:
    row = yaml.safe_load(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(row["schema"])
    return Register(
        row["code"],
        Text(row["title"]["vi"], row["title"]["en"]),
        row["owner"],
        row["legal_basis"],
        row["schema"],
        tuple(row.get("verifiable", ())),
        bool(row.get("shared", False)),
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


def declared_enter(
    *, register: str, key: str, data: dict[str, Any], provenance: Provenance, at: datetime, valid_from: date
) -> DeclaredRecord:
    """Errors: data-invalid (422) with the first field that does not fit; record-exists (409)."""
    _validate(register_get(register), data)
    content = {"register": register, "data": data}
    return services.record_enter(
        DeclaredRecord,
        key=f"{register}:{key}",
        content=content,
        provenance=provenance,
        at=at,
        valid_from=valid_from,
    )


def declared_correct(
    *, register: str, key: str, data: dict[str, Any], provenance: Provenance, at: datetime
) -> DeclaredRecord:
    _validate(register_get(register), data)
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


def _validate(register: Register, data: dict[str, Any]) -> None:
    error = next(iter(Draft202012Validator(register.schema).iter_errors(data)), None)
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "(gốc)"
        raise Invalid(
            "data-invalid",
            Text(
                f"Dữ liệu không khớp sổ «{register.title.vi}».", f"Data does not fit «{register.title.en}»."
            ),
            Text(f"Tại {where}: {error.message}", f"At {where}: {error.message}"),
            Text("Sửa trường này rồi gửi lại.", "Mend this field and send again."),
            field=where,
        )
