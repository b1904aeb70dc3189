"""The services of `contract.py`."""

from __future__ import annotations

from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.ground.text import Text
from lienthong.systems.warehouse import contract, problems, selectors, services


def documents_deposit(request: contract.Deposit, context: CallContext) -> contract.Deposited:
    """Only the issuer deposits, under its own name."""
    if request.issuer != context.agency:
        raise problems.not_issuer()
    papers = [
        services.Paper(
            item.result_code,
            item.number,
            Text(item.title.vi, item.title.en),
            item.issued_on,
            item.valid_to,
            item.sha256,
            item.size,
            item.check_code,
        )
        for item in request.documents
    ]
    origin = services.Origin(
        request.issuer,
        Text(request.issuer_name.vi, request.issuer_name.en),
        request.holder,
        request.case or context.case,
    )
    rows = services.documents_deposit(origin=origin, owners=request.owners, papers=papers, at=context.at)
    return contract.Deposited(documents=[str(row.pk) for row in rows])


def documents_find(request: contract.DocumentsAsk, context: CallContext) -> contract.DocumentsFound:
    rows = selectors.documents_of(owner=request.owner, result_codes=request.result_codes)
    context.note_read(request.owner, Text("danh mục giấy tờ trong kho", "list of documents in the warehouse"))
    for row in rows:
        services.use_note(
            document=row,
            used_by=str(context.client),
            purpose=context.purpose,
            case=context.case,
            at=context.at,
        )
    return contract.DocumentsFound(
        documents=[
            contract.Found(
                id=str(row.pk),
                result_code=row.result_code,
                number=row.number,
                title=contract.Words(vi=row.title_vi, en=row.title_en),
                issuer=row.issuer,
                issued_on=row.issued_on,
                valid_to=row.valid_to,
                state=row.state,  # type: ignore[arg-type]
                sha256=row.sha256,
                holder=row.holder,
            )
            for row in rows
        ]
    )


def documents_state(request: contract.StateChange, context: CallContext) -> Done:
    """An agency changes its own papers; a national register those issued from it."""
    register = context.client.system in contract.REGISTERS
    services.document_change(
        change=services.Change(
            request.result_code,
            request.number,
            request.state,
            Text(request.reason.vi, request.reason.en),
            request.replaced_by,
        ),
        issuer=None if register else context.agency,
        changed_by=str(context.client),
        case=context.case,
        at=context.at,
    )
    return Done()
