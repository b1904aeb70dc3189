"""What the exchange calls: parse, call one service or selector, note whose data is disclosed."""

from dataclasses import replace

from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.text import Text
from lienthong.systems.civilstatus import contract, rules, selectors, services
from lienthong.systems.civilstatus.models import Birth, Death

_CHILD = Text("giấy khai sinh", "birth certificate")
_PARENT = Text(
    "họ tên, ngày sinh trên giấy khai sinh của con", "name, date of birth on the child's certificate"
)
_DECEASED = Text("trích lục khai tử", "death certificate")


def _parent(parent: contract.Parent | None) -> rules.Parent | None:
    return rules.Parent(**parent.model_dump()) if parent else None


def _declared(request: contract.BirthDeclared) -> rules.Declaration:
    return rules.Declaration(
        full_name=request.child.full_name,
        birth_date=request.child.birth_date,
        declarant=request.declarant.number,
        relation=request.declarant.relation,
        mother=_parent(request.mother),
        father=_parent(request.father),
    )


def _provenance(context: CallContext, reason: str = "") -> Provenance:
    return Provenance(context.agency, context.case, context.message_id, context.officer, reason)


def births_check(request: contract.BirthDeclared, context: CallContext) -> contract.Checked:
    declared, on = _declared(request), context.at.date()
    found = rules.births_check(declared, on=on)
    if taken := selectors.certificate_of_guard(rules.child_guard(declared)):
        found.append(rules.registered_already(taken))
    return contract.Checked(
        problems=[contract.Found.model_validate(problem.as_dict()) for problem in found],
        on_time=rules.is_on_time(birth_date=declared.birth_date, on=on),
    )


def births_register(request: contract.BirthToRegister, context: CallContext) -> contract.BirthEntered:
    signer, child = request.signer, request.child
    row = services.birth_register(
        birth=services.NewBirth(
            declared=_declared(request),
            child_number=request.child_number,
            sex=child.sex,
            birth_unit=child.birth_unit or "",
            birth_place=child.birth_place,
            ethnicity=child.ethnicity,
            nationality=child.nationality,
            unit=request.unit,
            registered_on=request.registered_on,
            signer_code=signer.code,
            signer_name=signer.name,
            signer_title=Text(signer.title.vi, signer.title.en),
        ),
        provenance=replace(_provenance(context), officer=context.officer or signer.code),
        sender=str(context.provider),
        at=context.at,
    )
    return contract.BirthEntered(certificate_number=row.key, book=row.book, registered_on=row.registered_on)


def births_get(request: contract.BirthWanted, context: CallContext) -> contract.BirthView:
    row = selectors.birth_get(
        child_number=request.child_number, certificate_number=request.certificate_number
    )
    context.note_read(row.child_number, _CHILD)
    for number in filter(None, (row.mother_number, row.father_number)):
        context.note_read(number, _PARENT)
    return _view(row)


def children_find(request: contract.ChildrenWanted, context: CallContext) -> contract.Children:
    rows = selectors.births_of_parent(parent=request.parent, born_from=request.born_from)
    if rows:
        context.note_read(request.parent, _PARENT)
    for row in rows:
        context.note_read(row.child_number, _CHILD)
    return contract.Children(
        children=[
            contract.ChildView(
                certificate_number=row.key,
                number=row.child_number,
                full_name=row.full_name,
                sex=row.sex,
                birth_date=row.birth_date,
                relation="mother" if row.mother_number == request.parent else "father",
            )
            for row in rows
        ]
    )


def _view(row: Birth) -> contract.BirthView:
    return contract.BirthView(
        certificate_number=row.key,
        book=row.book,
        registered_on=row.registered_on,
        unit=row.unit,
        state=row.state,
        reason=row.reason,
        child_number=row.child_number,
        full_name=row.full_name,
        sex=row.sex,
        birth_date=row.birth_date,
        birth_unit=row.birth_unit,
        birth_place=row.birth_place,
        birth_province=row.birth_province,
        ethnicity=row.ethnicity,
        nationality=row.nationality,
        mother=contract.ParentView(
            number=row.mother_number,
            full_name=row.mother_name,
            birth_date=row.mother_birth_date,
            nationality=row.mother_nationality,
            document=row.mother_document,
        ),
        father=contract.ParentView(
            number=row.father_number,
            full_name=row.father_name,
            birth_date=row.father_birth_date,
            nationality=row.father_nationality,
            document=row.father_document,
        ),
        declarant=contract.Declarant(number=row.declarant_number, relation=row.declarant_relation),
        signer=contract.Signer(
            code=row.signer_code,
            name=row.signer_name,
            title=contract.Words(vi=row.signer_title_vi, en=row.signer_title_en),
        ),
    )


def births_correct(request: contract.BirthCorrection, context: CallContext) -> Done:
    changes = request.model_dump(exclude={"certificate_number", "reason"}, exclude_none=True)
    services.birth_correct(
        certificate_number=request.certificate_number,
        changes=changes,
        provenance=_provenance(context, request.reason),
        sender=str(context.provider),
        at=context.at,
    )
    return Done()


def births_revoke(request: contract.BirthRevocation, context: CallContext) -> Done:
    services.birth_revoke(
        certificate_number=request.certificate_number,
        provenance=_provenance(context, request.reason),
        sender=str(context.provider),
        at=context.at,
    )
    return Done()


def _death(request: contract.DeathDeclared) -> rules.DeathDeclaration:
    return rules.DeathDeclaration(
        deceased=rules.Deceased(**request.deceased.model_dump(exclude={"sex"})),
        death_date=request.death_date,
        death_place=request.death_place,
        cause=request.cause,
        declarant=request.declarant.number,
        relation=request.declarant.relation,
    )


def deaths_check(request: contract.DeathDeclared, context: CallContext) -> contract.Checked:
    declared, on = _death(request), context.at.date()
    found = rules.death_check(declared, on=on)
    if taken := selectors.certificate_of_death(request.deceased.number):
        found.insert(0, rules.death_registered_already(taken))
    return contract.Checked(
        problems=[contract.Found.model_validate(problem.as_dict()) for problem in found],
        on_time=rules.death_is_on_time(death_date=declared.death_date, on=on),
    )


def deaths_register(request: contract.DeathToRegister, context: CallContext) -> contract.DeathEntered:
    signer = request.signer
    row = services.death_register(
        death=services.NewDeath(
            declared=_death(request),
            sex=request.deceased.sex or "",
            unit=request.unit,
            registered_on=request.registered_on,
            signer_code=signer.code,
            signer_name=signer.name,
            signer_title=Text(signer.title.vi, signer.title.en),
        ),
        provenance=replace(_provenance(context), officer=context.officer or signer.code),
        sender=str(context.provider),
        at=context.at,
    )
    return contract.DeathEntered(certificate_number=row.key, book=row.book, registered_on=row.registered_on)


def deaths_get(request: contract.DeathWanted, context: CallContext) -> contract.DeathView:
    row = selectors.death_get(person_number=request.person_number)
    context.note_read(row.person_number, _DECEASED)
    return _death_view(row)


def _death_view(row: Death) -> contract.DeathView:
    own = set(contract.DeathView.model_fields) - {"certificate_number", "declarant", "signer"}
    return contract.DeathView(
        certificate_number=row.key,
        declarant=contract.DeathDeclarant(number=row.declarant_number, relation=row.declarant_relation),
        signer=contract.Signer(
            code=row.signer_code,
            name=row.signer_name,
            title=contract.Words(vi=row.signer_title_vi, en=row.signer_title_en),
        ),
        **{name: getattr(row, name) for name in own},
    )
