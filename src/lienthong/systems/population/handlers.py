"""What the exchange calls: parse, call one service or selector, note whose data is disclosed."""

from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.text import Text
from lienthong.systems.population import contract, rules, selectors, services
from lienthong.systems.population.models import Person

_IDENTITY = Text(
    "họ tên, ngày sinh, giới tính, cha mẹ, nơi thường trú",
    "name, date of birth, sex, parents, place of residence",
)
_HOUSEHOLD = Text("họ tên, ngày sinh trong hộ gia đình", "name and date of birth in the household")
_VERIFIED = Text("đối chiếu đúng hoặc sai", "claims verified, yes or no")


def persons_get(request: contract.ByNumber, context: CallContext) -> contract.PersonView:
    person = selectors.person_get(number=request.number, on=context.at.date())
    context.note_read(person.key, _IDENTITY)
    names = set(contract.PersonView.model_fields) - {"number"}
    return contract.PersonView(number=person.key, **{name: getattr(person, name) for name in names})


def persons_verify(request: contract.Claim, context: CallContext) -> contract.Verified:
    person = selectors.person_find(number=request.number, on=context.at.date())
    if person is None:
        return contract.Verified(exists=False, alive=False, matches=False)
    context.note_read(person.key, _VERIFIED)
    known = rules.Identity(person.full_name, person.birth_date, person.sex)
    claimed = rules.Claimed(request.full_name, request.birth_date, request.sex)
    return contract.Verified(exists=True, alive=person.alive, matches=rules.claim_matches(known, claimed))


def households_get(request: contract.ByMember, context: CallContext) -> contract.HouseholdView:
    card = selectors.household_of(member=request.member, on=context.at.date())
    for person in card.members:
        context.note_read(person.key, _HOUSEHOLD)
    return contract.HouseholdView(
        household=card.household,
        unit=card.unit,
        address=card.address,
        head=card.head,
        members=[_member(person) for person in card.members],
    )


def _member(person: Person) -> contract.MemberView:
    names = set(contract.MemberView.model_fields) - {"number"}
    return contract.MemberView(number=person.key, **{name: getattr(person, name) for name in names})


def numbers_allocate(request: contract.NumberWanted, context: CallContext) -> contract.NumberGiven:
    number = services.number_allocate(
        birth_date=request.birth_date,
        sex=request.sex,
        province=request.province,
        provenance=Provenance(context.agency, context.case, context.message_id, context.officer),
        at=context.at,
    )
    return contract.NumberGiven(number=number)


def births_receive(request: contract.BirthTold, context: CallContext) -> Done:
    services.person_enter_newborn(
        number=request.child_number,
        full_name=request.full_name,
        sex=request.sex,
        birth_date=request.birth_date,
        birth_province=request.birth_province,
        nationality=request.nationality,
        ethnicity=request.ethnicity,
        mother_number=request.mother_number or "",
        father_number=request.father_number or "",
        provenance=Provenance(request.agency, request.case, context.message_id, request.officer),
        at=context.at,
    )
    return Done()


def residence_receive(request: contract.ResidenceTold, context: CallContext) -> Done:
    services.person_move(
        number=request.person_number,
        unit=request.unit,
        address=request.address,
        household=request.household,
        relation=request.relation,
        from_date=request.from_date,
        provenance=Provenance(request.agency, request.case, context.message_id, request.officer),
        at=context.at,
    )
    return Done()


def deaths_receive(request: contract.DeathTold, context: CallContext) -> Done:
    services.person_die(
        number=request.person_number,
        death_date=request.death_date,
        provenance=Provenance(request.agency, request.case, context.message_id, request.officer),
        at=context.at,
    )
    return Done()


def reads_record(request: contract.ReadsTold, context: CallContext) -> Done:
    services.reads_record(
        reads=[
            services.ReadNotice(**read.model_dump(exclude={"what"}), what=Text(read.what.vi, read.what.en))
            for read in request.reads
        ],
        at=context.at,
    )
    return Done()
