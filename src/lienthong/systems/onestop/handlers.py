"""The services of `contract.py`: each calls one service or selector of casework."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from lienthong.blocks.casework import (
    appeals,
    files,
    hearing,
    moving_in,
    numbers,
    parcels,
    renewing,
    requests,
    selectors,
    services,
)
from lienthong.blocks.casework.rules import STATUS_TEXT
from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry.superiors import superior_of
from lienthong.ground.errors import Forbidden, NotFound
from lienthong.ground.ids import derived
from lienthong.ground.text import Text
from lienthong.systems.onestop import bodies, evidence


def _refs(documents: list[bodies.Document]) -> list[services.FileRef]:
    return [
        services.FileRef(item.code, item.name, item.sha256, item.size, item.media_type, item.kind)
        for item in documents
    ]


def _acting(given: bodies.Acting | None) -> dict[str, Any] | None:
    return given.model_dump(mode="json") if given else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def dossiers_open(request: bodies.DossierOpen, context: CallContext) -> bodies.DossierOpened:
    """The agency is the one that was called; the dossier's clock starts now."""
    case = services.case_open(
        opening=services.Opening(
            system="onestop",
            agency=context.provider.member,
            procedure=request.procedure,
            applicant=request.applicant.number,
            applicant_name=request.applicant.name,
            acting=_acting(request.acting) or {},
            channel=request.channel,
            language=request.language,
            data=request.declaration,
            title=request.title or request.applicant.name,
            reply_to=request.reply_to,
            reference=request.reference,
            files=_refs(request.documents),
            former=moving_in.Former(**dict(request.former)) if request.former else None,
        ),
        at=context.at,
    )
    return _opened(case)


def _opened(case: Any) -> bodies.DossierOpened:
    return bodies.DossierOpened(
        number=case.number,
        status=case.status,
        received_on=case.received_on.isoformat(),
        due_at=_iso(case.due_at),
    )


def dossiers_get(request: bodies.DossierAsk, context: CallContext) -> bodies.DossierState:
    card = selectors.case_of_agency(number=request.number, agency=context.provider.member)
    context.note_read(card.applicant, Text("tình trạng hồ sơ", "state of a dossier"))
    return bodies.DossierState(
        number=card.number,
        procedure=card.procedure_code,
        status=card.status,
        outcome=card.outcome,
        received_on=card.received_on.isoformat(),
        due_at=_iso(card.due_at),
        closed_at=_iso(card.closed_at),
    )


def dossiers_withdraw(request: bodies.ApplicantAct, _context: CallContext) -> Done:
    services.case_withdraw(number=request.number, applicant=request.applicant, acting=_acting(request.acting))
    return Done()


def supplements_answer(request: bodies.SupplementAnswer, context: CallContext) -> Done:
    services.supplement_answer(
        number=request.number,
        applicant=request.applicant,
        answer=request.text,
        files=_refs(request.documents),
        at=context.at,
        acting=_acting(request.acting),
    )
    return Done()


def ratings_record(request: bodies.RatingRecord, context: CallContext) -> Done:
    services.case_rate(
        number=request.number,
        applicant=request.applicant,
        score=request.score,
        text=request.text,
        at=context.at,
    )
    return Done()


def parcels_ask(request: bodies.ParcelAsk, context: CallContext) -> Done:
    parcels.parcel_ask(
        number=request.number,
        applicant=request.applicant,
        recipient=request.recipient.model_dump() if request.recipient else None,
        at=context.at,
    )
    return Done()


def settlements_get(request: bodies.DossierAsk, context: CallContext) -> bodies.Settlement:
    found = appeals.settlement_of(number=request.number, agency=context.provider.member)
    context.note_read(found.applicant, Text("kết quả giải quyết khiếu nại", "how a complaint was settled"))
    title = found.officer.get("title") or {"vi": "", "en": ""}
    return bodies.Settlement(
        number=found.number,
        outcome=found.outcome,
        text=found.text,
        ground=found.ground,
        officer_name=str(found.officer.get("name", "")),
        officer_title=bodies.Words(vi=title["vi"], en=title["en"]),
        closed_at=found.closed_at,
        anew=found.anew,
    )


def dossiers_renew(request: bodies.DossierRenew, context: CallContext) -> bodies.DossierOpened:
    case = renewing.case_renew(
        number=request.number,
        agency=context.provider.member,
        order=request.order,
        reply_to=request.reply_to,
        reference=request.reference,
        at=context.at,
    )
    return _opened(case)


def complaints_disclose(request: bodies.DossierAsk, context: CallContext) -> bodies.ComplaintFile:
    """To the superior agency alone, which settles the complaint a second time."""
    agency = context.provider.member
    _superior_check(agency, context)
    found = appeals.settlement_of(number=request.number, agency=agency)
    card = selectors.case_of_agency(number=found.about, agency=agency)
    context.note_read(card.applicant, Text("hồ sơ bị khiếu nại", "a dossier complained of"))
    rows = [f"{label.vi}: {value.vi}" for label, value in evidence.declared(card)]
    return bodies.ComplaintFile(
        number=found.number,
        dossier=card.number,
        text=found.complaint,
        declared="\n".join(rows),
        outcome=STATUS_TEXT[card.status].vi,
        reason=appeals.decision_reason(card),
        settlement=found.text,
        officer_name=str(found.officer.get("name", "")),
    )


def renewals_order(request: bodies.RenewalOrder, context: CallContext) -> Done:
    _superior_check(context.provider.member, context)
    selectors.case_of_agency(number=request.number, agency=context.provider.member)
    renewing.renewal_order(
        number=request.number,
        order=request.order,
        by=context.client.member,
        signal_id=derived(context.message_id, request.order),
        at=context.at,
    )
    return Done()


def _superior_check(agency: str, context: CallContext) -> None:
    above = superior_of(agency)
    if above is None or above.code != context.client.member:
        raise Forbidden(
            "not-superior",
            Text("Cơ quan hỏi không phải cấp trên trực tiếp.", "Who asks is not the superior agency."),
            Text(
                "Chỉ cơ quan cấp trên giải quyết khiếu nại lần hai.",
                "Only the superior agency settles a complaint a second time.",
            ),
            Text("Chuyển khiếu nại tới đúng cơ quan.", "Pass the complaint on to the right agency."),
        )


def results_file(request: bodies.ResultAsk, context: CallContext) -> bodies.ResultFile:
    result = selectors.result_find(number=request.number, code=request.result_code)
    if result is None or result.case.agency != context.provider.member:
        raise NotFound(
            "result-unknown",
            Text("Cơ quan không cấp giấy tờ này.", "The agency issued no such paper."),
            Text("Số hoặc mã kết quả không đúng.", "Its number or result code is wrong."),
            Text("Kiểm tra lại trên giấy tờ.", "Check them on the paper."),
        )
    for owner in result.owners:
        context.note_read(owner, Text(f"bản điện tử {result.title_vi}", f"the file of {result.title_en}"))
    content = files.file_read(result.sha256)
    return bodies.ResultFile(pdf_base64=base64.b64encode(content).decode(), sha256=result.sha256)


def numbers_reserve(request: bodies.NumbersReserve, context: CallContext) -> bodies.NumbersReserved:
    """For the asking system's own dossiers: one series of numbers for an agency, whoever opens the dossier."""
    reserved = numbers.numbers_reserve(
        agency=context.provider.member, count=request.count, reserved_for=str(context.client), at=context.at
    )
    return bodies.NumbersReserved(numbers=reserved, day=context.at.date().isoformat())


def numbers_use(request: bodies.NumberUse, context: CallContext) -> Done:
    numbers.number_use(number=request.number, reserved_for=str(context.client), at=context.at)
    return Done()


def numbers_void_list(request: bodies.VoidNumbersAsk, context: CallContext) -> bodies.VoidNumbers:
    found = numbers.numbers_voided(agency=context.provider.member, since=request.since, after=request.after)
    return bodies.VoidNumbers(numbers=found, next=found[-1] if len(found) == numbers.PAGE else "")


def events_receive(request: bodies.Signal, context: CallContext) -> Done:
    hearing.case_signal(
        number=request.reference,
        name="bill-settled",
        payload=request.model_dump(mode="json"),
        signal_id=derived(context.message_id, request.reference),
        at=context.at,
    )
    return Done()


def opinions_ask(request: bodies.OpinionAsk, context: CallContext) -> bodies.OpinionAsked:
    """The question becomes a piece of work at the desk of the agency that was called."""
    case = requests.request_open(
        request=requests.Request(
            agency=context.provider.member,
            asked_by=str(context.client),
            asked_in=context.message_id,
            dossier=request.dossier,
            procedure=_text(request.procedure),
            question=_text(request.question),
            article=request.article,
            discloses=[row.model_dump(mode="json") for row in request.discloses],
            working_days=request.working_days,
        ),
        at=context.at,
    )
    if case.due_at is None:
        raise ValueError(f"{case.number}: a request for an opinion has no day")
    return bodies.OpinionAsked(number=case.number, asked_in=context.message_id, due_at=case.due_at)


def _text(words: bodies.Words) -> Text:
    return Text(words.vi, words.en)


def opinions_give(request: bodies.OpinionGive, context: CallContext) -> Done:
    """Only whom the dossier asked may answer, and the words go into its journal."""
    requests.opinion_take(
        answer=requests.Answer(
            sender=str(context.client),
            asked_in=request.asked_in,
            dossier=request.dossier,
            opinion=request.opinion,
            reason=request.reason,
            officer=request.officer.model_dump(mode="json"),
            at=context.at,
        ),
        signal_id=derived(context.message_id, request.dossier),
    )
    return Done()


def opinions_end(request: bodies.OpinionEnd, context: CallContext) -> Done:
    requests.request_end(
        number=request.number,
        agency=context.provider.member,
        asked_by=str(context.client),
        why=request.why,
    )
    return Done()
