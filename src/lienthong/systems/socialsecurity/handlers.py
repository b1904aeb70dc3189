"""What the exchange calls: parse, call one service or selector, note whose data is disclosed."""

from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.text import Text
from lienthong.systems.socialsecurity import contract, rules, selectors, services
from lienthong.systems.socialsecurity.models import HealthCard

_CARD = Text("thẻ bảo hiểm y tế", "health-insurance card")


def cards_check(request: contract.CardWanted, context: CallContext) -> contract.Checked:
    del context
    held = selectors.card_find(person_number=request.person_number, on=request.on)
    found = rules.cards_check(
        birth_date=request.birth_date, on=request.on, held=held.card_number if held else None
    )
    return contract.Checked(problems=[contract.Found.model_validate(each.as_dict()) for each in found])


def cards_issue(request: contract.CardToIssue, context: CallContext) -> contract.CardIssued:
    signer, hospital = request.signer, request.hospital
    card = services.card_issue(
        new=services.NewCard(
            **request.model_dump(exclude={"signer", "hospital"}),
            hospital_code=hospital.code,
            hospital_name=hospital.name,
            signer_code=signer.code,
            signer_name=signer.name,
            signer_title=Text(signer.title.vi, signer.title.en),
        ),
        provenance=Provenance(
            context.agency, context.case, context.message_id, context.officer or signer.code
        ),
        at=context.at,
    )
    return _issued(card)


def _issued(card: HealthCard) -> contract.CardIssued:
    return contract.CardIssued(
        card_number=card.card_number,
        object_code=card.object_code,
        benefit_level=card.benefit_level,
        benefit_percent=card.benefit_percent,
        valid_from=card.birth_date,
        valid_to=selectors.card_last_day(card),
    )


def cards_get(request: contract.ByPerson, context: CallContext) -> contract.CardView:
    card = selectors.card_get(person_number=request.person_number, on=context.at.date())
    context.note_read(card.key, _CARD)
    return contract.CardView(
        **_issued(card).model_dump(),
        person_number=card.key,
        full_name=card.full_name,
        sex=card.sex,
        birth_date=card.birth_date,
        unit=card.unit,
        address=card.address,
        hospital=contract.Hospital(code=card.hospital_code, name=card.hospital_name),
        issued_on=card.issued_on,
        state=card.state,
    )


def hospitals_list(request: contract.ByProvince, context: CallContext) -> contract.Hospitals:
    rows = selectors.hospitals_of(province=request.province, on=context.at.date())
    return contract.Hospitals(hospitals=[contract.Hospital(code=row.code, name=row.name) for row in rows])
