"""What the exchange calls: parse, call one service or selector, note whose data is disclosed."""

from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.text import Text
from lienthong.systems.residence import contract, rules, selectors, services

_HOME = Text("nơi thường trú, hộ gia đình", "permanent residence, household")


def registrations_check(request: contract.RegistrationWanted, context: CallContext) -> contract.Checked:
    on = context.at.date()
    current = selectors.registration_find(person_number=request.person_number, on=on)
    wanted = rules.Wanted(
        unit=request.unit,
        address=request.address,
        household=request.household,
        consents=request.consents,
        parents=tuple(rules.Home(parent.unit, parent.household) for parent in request.parents),
        current=rules.Home(current.unit, current.household) if current else None,
    )
    found = rules.registration_check(wanted, on=on)
    return contract.Checked(problems=[contract.Found.model_validate(each.as_dict()) for each in found])


def registrations_enter(
    request: contract.RegistrationToEnter, context: CallContext
) -> contract.RegistrationEntered:
    signer = request.signer
    row = services.registration_enter(
        new=services.NewRegistration(
            **request.model_dump(exclude={"signer"}),
            signer_code=signer.code,
            signer_name=signer.name,
            signer_title=Text(signer.title.vi, signer.title.en),
        ),
        provenance=Provenance(
            context.agency, context.case, context.message_id, context.officer or signer.code
        ),
        sender=str(context.provider),
        at=context.at,
    )
    return contract.RegistrationEntered(registration_number=row.registration_number)


def registrations_end(request: contract.EndingToEnter, context: CallContext) -> contract.EndingEntered:
    signer = request.signer
    row = services.registration_end(
        ending=services.NewEnding(
            **request.model_dump(exclude={"signer"}),
            signer_code=signer.code,
            signer_name=signer.name,
            signer_title=Text(signer.title.vi, signer.title.en),
        ),
        provenance=Provenance(
            context.agency, context.case, context.message_id, context.officer or signer.code
        ),
        at=context.at,
    )
    return contract.EndingEntered(ending_number=row.key, ended_on=row.ended_on)


def registrations_get(request: contract.ByPerson, context: CallContext) -> contract.RegistrationView:
    row = selectors.registration_get(person_number=request.person_number, on=context.at.date())
    context.note_read(row.key, _HOME)
    fields = set(contract.RegistrationView.model_fields) - {"person_number"}
    return contract.RegistrationView(person_number=row.key, **{name: getattr(row, name) for name in fields})
