"""Acting for an organisation, a child, somebody who authorised you: chosen, recorded, shown, refused when it ends."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, Entry
from lienthong.blocks.registry import declared
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import clock
from lienthong.ground.text import Text
from lienthong.nation.examples import example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.civilstatus import services as civilstatus
from lienthong.systems.civilstatus.rules import Declaration, Parent
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.population import services as population
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import BA_DINH, FROM, HOAN_KIEM, Family
from tests.systems.procedures.test_examples import PROCEDURES

pytestmark = pytest.mark.django_db

CODE = "0101234567"
NAME = "CÔNG TY TNHH SAO MAI"
ELECTRICITY = "2.001621"
ANSWERS = {"place": {"place": "home"}, "purpose": {}, "load": {"phases": "3", "capacity": "20"}}


def company(at: datetime, *representatives: dict[str, str]) -> None:
    declared.declared_enter(
        register="organisation",
        key=CODE,
        data={
            "code": CODE,
            "name": NAME,
            "legal_form": "llc",
            "status": "active",
            "province": "01",
            "unit": HOAN_KIEM,
            "address": "số 1 phố Nhà Thờ",
            "founded_on": "2024-01-01",
            "representatives": list(representatives),
        },
        provenance=Provenance("G12"),
        at=at,
        valid_from=FROM,
    )


def row(number: str, name: str, **days: str) -> dict[str, str]:
    return {"number": number, "name": name, "role": "legal", "from": "2024-01-01", **days}


def choose(client: Client, source: str) -> Any:
    return client.post("/acting/", {"chosen": source})


def begin(client: Client, code: str = ELECTRICITY) -> str:
    packages_publish()
    response = client.post(f"/apply/{code}/")
    assert response.status_code == 302, text_of(response)
    return str(response["Location"])


def fill(client: Client, address: str, answers: dict[str, dict[str, str]]) -> str:
    """Answers the pages that are asked; the address of the page to check."""
    while not address.endswith("/check/"):
        response = client.post(address, answers[address.rstrip("/").rsplit("/", 1)[1]])
        assert response.status_code == 302, text_of(response)
        address = str(response["Location"])
    return address


def test_a_representative_applies_for_a_company_and_everybody_sees_who_did(
    family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo"))
    client = person(family.mother)
    assert NAME in text_of(client.get("/acting/"))
    assert choose(client, f"organisation:{CODE}").status_code == 302
    assert f"Bạn đang làm cho {NAME} · Người đại diện theo pháp luật" in text_of(client.get("/dossiers/"))
    check = fill(client, begin(client), ANSWERS)
    response = client.post(check)
    assert response.status_code == 302, text_of(response)
    receipt = text_of(client.get(response["Location"]))
    assert f"Người có hồ sơ {NAME} · {CODE}" in receipt
    assert "Nguyễn Thị Ánh · Người đại diện theo pháp luật" in receipt
    run_jobs()
    dossier = Case.objects.get(system="onestop")
    assert (dossier.applicant, dossier.applicant_name) == (CODE, NAME)
    assert dossier.acting["number"] == family.mother
    assert dossier.data["contract"]["holder_number"] == CODE
    desk = officer("G03.26-S01", "G03.26", Role.SIGN, at=at)
    shown = text_of(desk.get(f"/desk/dossiers/{dossier.number}/"))
    assert f"Nguyễn Thị Ánh ({family.mother}) · Người đại diện theo pháp luật" in shown
    # Both who are named in the record that was read see that it was, and for what.
    for each in (family.mother, family.father):
        assert AccessEntry.objects.filter(subject=each, purpose="representation").exists()


def test_another_representative_follows_a_stranger_and_the_person_alone_do_not(
    family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo"))
    client = person(family.mother)
    choose(client, f"organisation:{CODE}")
    address = fill(client, begin(client), ANSWERS)
    number = client.post(address)["Location"].split("/")[2]
    father = person(family.father, "Trần Quốc Bảo")
    assert father.get(f"/dossiers/{number}/").status_code == 404
    choose(father, f"organisation:{CODE}")
    assert father.get(f"/dossiers/{number}/").status_code == 200
    choose(client, "self")
    assert client.get(f"/dossiers/{number}/").status_code == 404
    assert client.get(address).status_code == 404
    stranger = person("001199000009", "Người Lạ")
    assert choose(stranger, f"organisation:{CODE}").status_code == 422


def test_a_representation_that_ended_meanwhile_is_refused_at_sending(family: Family, at: datetime) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo"))
    client = person(family.mother)
    choose(client, f"organisation:{CODE}")
    check = fill(client, begin(client), ANSWERS)
    left = [row(family.mother, "Nguyễn Thị Ánh", to="2026-11-01"), row(family.father, "Trần Quốc Bảo")]
    declared.declared_correct(
        register="organisation",
        key=CODE,
        data={
            **declared.declared_get(register="organisation", key=CODE, on=at.date()).data,
            "representatives": left,
        },
        provenance=Provenance("G12"),
        at=clock.now(),
    )
    response = client.post(check)
    assert response.status_code == 403
    assert f"Bạn không đại diện cho {NAME}." in text_of(response)
    assert "thôi đại diện sau ngày 01/11/2026" in text_of(response)
    assert not Case.objects.exists()
    assert "Bản thân" in text_of(client.get("/acting/"))
    assert NAME not in text_of(client.get("/acting/")).split("Tiếp tục")[0].split("Bản thân")[1]


def test_a_procedure_for_persons_takes_no_company_and_says_so_before_it_begins(
    family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"))
    client = person(family.mother)
    choose(client, f"organisation:{CODE}")
    packages_publish()
    page = client.get("/apply/1.004194/")
    assert "Thủ tục này dành cho cá nhân" in text_of(page)
    assert b"govuk-button--start" not in page.content
    assert client.post("/apply/1.004194/").status_code == 422
    assert not Draft.objects.exists()


def child(family: Family, at: datetime, born: date = date(2020, 5, 1), number: str = "001220000003") -> str:
    mother = Parent(
        number=family.mother, full_name="Nguyễn Thị Ánh", birth_date=date(1995, 3, 8), sex="female"
    )
    civilstatus.birth_register(
        birth=civilstatus.NewBirth(
            declared=Declaration("Trần Minh An", born, family.mother, "mother", mother, None),
            child_number=number,
            sex="male",
            birth_unit=HOAN_KIEM,
            birth_place="Hà Nội",
            ethnicity="Kinh",
            nationality="Việt Nam",
            unit=HOAN_KIEM,
            registered_on=FROM,
            signer_code="S",
            signer_name="S",
            signer_title=Text("a", "b"),
        ),
        provenance=Provenance("H26.12"),
        sender="VN/GOV/G15/civilstatus",
        at=at,
    )
    run_jobs()
    population.person_move(
        number=number,
        unit=HOAN_KIEM,
        address=family.address,
        household=family.household,
        relation="child",
        from_date=FROM,
        provenance=Provenance("G01"),
        at=clock.now(),
    )
    return number


def test_a_mother_applies_for_her_child_and_the_father_who_is_not_named_does_not(
    family: Family, at: datetime
) -> None:
    number = child(family, at)
    client = person(family.mother)
    page = text_of(client.get("/acting/"))
    assert "Trần Minh An Cha, mẹ của con dưới 18 tuổi" in page
    assert choose(client, "birth:0").status_code == 422
    certificate = client.get("/acting/").content.decode().split('value="birth:')[1].split('"')[0]
    assert choose(client, f"birth:{certificate}").status_code == 302
    begin(client, "1.001456")
    draft = Draft.objects.get()
    assert (draft.owner, draft.acting["number"], draft.acting["basis"]) == (number, family.mother, "parent")
    assert draft.known["person"]["number"] == number
    run_jobs()
    assert AccessEntry.objects.filter(subject=number, purpose="representation").exists()
    assert "Trần Minh An" not in text_of(person(family.father).get("/acting/"))


def grant(client: Client, family: Family, **changes: str) -> Any:
    body = {"agent_number": family.father, "agent_name": "tran quoc bao", "scope": "some"}
    until = {"until-day": "31", "until-month": "12", "until-year": "2026"}
    return client.post(
        "/authorisations/grant/", {**body, "procedures": f"{ELECTRICITY}, 1.004194", **until, **changes}
    )


def test_an_authorisation_lets_an_adult_act_until_it_is_withdrawn_and_every_act_is_seen(
    family: Family, at: datetime
) -> None:
    packages_publish()
    mother, father = person(family.mother), person(family.father, "Trần Quốc Bảo")
    assert grant(mother, family).status_code == 302
    page = father.get("/acting/").content.decode()
    key = page.split('value="authorisation:')[1].split('"')[0]
    choose(father, f"authorisation:{key}")
    assert "Ủy quyền không gồm thủ tục này" in text_of(father.get("/apply/3.000333/"))
    check = fill(
        father,
        begin(father),
        ANSWERS | {"purpose": {"purpose": "household"}, "load": {"phases": "1", "capacity": "5"}},
    )
    number = father.post(check)["Location"].split("/")[2]
    run_jobs()
    dossier = Case.objects.get(system="onestop")
    assert (dossier.applicant, dossier.acting["number"]) == (family.mother, family.father)
    seen = text_of(mother.get("/authorisations/"))
    assert "Trần Quốc Bảo" in seen
    assert number in seen
    assert mother.get(f"/dossiers/{number}/").status_code == 200
    withdrawn = mother.post(f"/authorisations/{key}/withdraw/")
    assert withdrawn.status_code == 302
    assert father.post(f"/dossiers/{number}/withdraw/").status_code == 403
    assert not Case.objects.filter(outcome="withdrawn").exists()
    assert "authorisation:" not in father.get("/acting/").content.decode()
    assert Entry.objects.filter(case__number=number, actor=family.father).exists()


def test_who_is_authorised_sees_no_dossier_or_draft_but_those_they_began(
    family: Family, at: datetime
) -> None:
    packages_publish()
    mother, father = person(family.mother), person(family.father, "Trần Quốc Bảo")
    own = begin(mother)
    grant(mother, family)
    key = father.get("/acting/").content.decode().split('value="authorisation:')[1].split('"')[0]
    choose(father, f"authorisation:{key}")
    assert father.get(own).status_code == 404
    assert "Làm tiếp" not in text_of(father.get("/dossiers/"))
    assert family.mother not in text_of(father.get("/documents/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"agent_name": "Người Khác"}, "Số định danh và họ tên không khớp."),
        ({"until-year": "2025"}, "Ngày kết thúc đã qua."),
        ({"until-year": "", "until-month": "", "until-day": ""}, "Hãy nhập đến hết ngày nào"),
        ({"procedures": "9.999999"}, "Không có thủ tục 9.999999."),
        ({"procedures": ""}, "Chưa ghi thủ tục nào."),
        ({"agent_number": "001195000001"}, "Đây là số định danh của chính bạn."),
    ],
)
def test_a_wrong_authorisation_is_explained_and_nothing_typed_is_lost(
    family: Family, changes: dict[str, str], said: str
) -> None:
    packages_publish()
    response = grant(person(family.mother), family, **changes)
    assert response.status_code == 422
    page = text_of(response)
    if "Hãy nhập" not in said:
        assert said in page
    if "agent_name" not in changes:
        assert b'value="tran quoc bao"' in response.content


def played(procedure: str, name: str) -> Case:
    """An example dossier, played to its end; the portal's case."""
    packages_publish()
    example = next(one for one in examples_of(PROCEDURES / procedure) if one.name == name)
    return Case.objects.get(number=example_play(example, Stage(HOAN_KIEM, BA_DINH)).number)


def test_a_registered_household_business_is_a_party_and_its_owner_acts_for_it(country: datetime) -> None:
    owner = played("1.001612", "granted").applicant
    client = person(owner)
    page = text_of(client.get("/acting/"))
    assert f"Hộ kinh doanh Phở Thìn 00000001 Chủ hộ kinh doanh · {owner}" in page
    assert choose(client, f"household-business:{owner}").status_code == 302
    assert "Bạn đang làm cho Hộ kinh doanh Phở Thìn" in text_of(client.get("/dossiers/"))


def test_an_organisations_papers_are_its_representatives_to_see_while_they_act(country: datetime) -> None:
    case = played("1.115231", "organisation")
    client = person(case.acting["number"])
    assert "Giấy chứng nhận đăng ký mẫu con dấu" not in text_of(client.get("/documents/"))
    choose(client, f"organisation:{case.applicant}")
    assert "Giấy chứng nhận đăng ký mẫu con dấu" in text_of(client.get("/documents/"))
