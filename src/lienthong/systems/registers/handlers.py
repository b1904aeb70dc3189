"""The services of `contract.py`: who may ask, then one call of `blocks.registry.declared`."""

from __future__ import annotations

from typing import Any

from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry import declared
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.registry.declarations import Register, register_get
from lienthong.ground.errors import Forbidden, NotFound
from lienthong.ground.text import Text
from lienthong.systems.registers import contract


def records_check(request: contract.RecordWanted, context: CallContext) -> contract.Checked:
    _opened(request.register_code, context)
    problems = declared.declared_problems(
        register=request.register_code,
        action=request.action,
        data=request.data,
        key=request.key,
        on=context.at.date(),
    )
    return contract.Checked(problems=[contract.Found.model_validate(found.as_dict()) for found in problems])


def records_enter(request: contract.RecordToEnter, context: CallContext) -> contract.RecordView:
    _opened(request.register_code, context)
    row = declared.declared_enter(
        register=request.register_code,
        key=request.key,
        data=request.data,
        provenance=_provenance(request.signer, context),
        at=context.at,
        valid_from=request.valid_from,
    )
    return _view(row)


def records_change(request: contract.RecordToChange, context: CallContext) -> contract.RecordView:
    _opened(request.register_code, context)
    row = declared.declared_change(
        register=request.register_code,
        key=request.key,
        data=request.data,
        provenance=_provenance(request.signer, context),
        at=context.at,
        valid_from=request.valid_from,
    )
    return _view(row)


def records_end(request: contract.RecordToEnd, context: CallContext) -> contract.RecordView:
    _opened(request.register_code, context)
    row = declared.declared_end(
        register=request.register_code,
        key=request.key,
        provenance=_provenance(request.signer, context, request.reason),
        at=context.at,
        valid_to=request.valid_to,
    )
    return _view(row)


def records_get(request: contract.ByKey, context: CallContext) -> contract.RecordView:
    register = _opened(request.register_code, context)
    row = declared.declared_get(register=register.code, key=request.key, on=context.at.date())
    if row is None:
        raise NotFound(
            "record-unknown",
            Text(
                f"«{register.title.vi}» không có số {request.key}.",
                f"«{register.title.en}» has no {request.key}.",
            ),
            Text("Số không đúng, hoặc đã hết hiệu lực.", "The number is wrong, or it no longer holds."),
            Text("Kiểm tra lại số trên giấy tờ.", "Check the number on the paper."),
        )
    _note(register, row, context)
    return _view(row)


def records_find(request: contract.ByClaims, context: CallContext) -> contract.Records:
    """At most 50, by key."""
    register = _opened(request.register_code, context)
    rows = declared.declared_find(
        register=register.code, claims=request.claims, on=context.at.date(), limit=declared.FOUND_MAX
    )
    for row in rows:
        _note(register, row, context)
    return contract.Records(records=[_view(row) for row in rows])


def records_verify(request: contract.Claim, context: CallContext) -> contract.Verified:
    register = _opened(request.register_code, context)
    row = declared.declared_get(register=register.code, key=request.key, on=context.at.date())
    if row is not None:
        _note(register, row, context)
    matches = declared.declared_verify(
        register=register.code, key=request.key, claims=request.claims, on=context.at.date()
    )
    return contract.Verified(exists=row is not None, matches=matches)


def _opened(code: str, context: CallContext) -> Register:
    """The register, where this subsystem is its owner's and the purpose is one of its own.

    Errors: register-unknown (404), register-elsewhere (404), register-purpose (403).
    """
    register = register_get(code)
    if register.owner != context.provider.member:
        raise NotFound(
            "register-elsewhere",
            Text(f"Sổ «{code}» không ở đây.", f"The register «{code}» is not here."),
            Text(f"Sổ do {register.owner} giữ.", f"{register.owner} keeps it."),
            Text("Hỏi đúng cơ quan giữ sổ.", "Ask the agency that keeps it."),
        )
    if context.purpose not in register.purposes:
        raise Forbidden(
            "register-purpose",
            Text(
                f"Không được hỏi «{register.title.vi}» cho mục đích này.",
                f"«{register.title.en}» may not be asked for this purpose.",
            ),
            Text(
                f"Sổ không khai mục đích «{context.purpose}».",
                f"It does not declare the purpose «{context.purpose}».",
            ),
            Text(
                f"Đề nghị {register.owner} thêm mục đích vào khai báo sổ.",
                f"Ask {register.owner} to add the purpose to its declaration.",
            ),
        )
    return register


def _provenance(signer: contract.Signer, context: CallContext, reason: str = "") -> Provenance:
    officer = context.officer or signer.code
    return Provenance(context.agency, context.case, context.message_id, officer, reason)


def _note(register: Register, row: Any, context: CallContext) -> None:
    what = Text(f"bản ghi trong «{register.title.vi}»", f"a record of «{register.title.en}»")
    for subject in sorted(register.subjects_of(row.data)):
        context.note_read(subject, what)


def _view(row: Any) -> contract.RecordView:
    return contract.RecordView(
        register_code=row.register,
        key=declared.declared_key(row),
        data=row.data,
        valid_from=row.valid.lower,
        valid_to=row.valid.upper,
    )
