"""At the counter for an organisation, a child, or who authorised them: as the registers say, with the officer named."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case
from lienthong.blocks.exchange.models import Message
from lienthong.blocks.registry import declared
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import clock
from lienthong.nation.examples import example_begin, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import BA_DINH, HOAN_KIEM, OTHER_COMMITTEE, Family
from tests.systems.lifeevents.test_acting_pages import (
    ANSWERS,
    CODE,
    ELECTRICITY,
    NAME,
    child,
    choose,
    company,
    fill,
    row,
)
from tests.systems.procedures.test_examples import PROCEDURES

pytestmark = pytest.mark.django_db
CENTRE = "H26.04-I01"
START = f"/desk/intake/{ELECTRICITY}/"
SOURCE = f"organisation:{CODE}"


@pytest.fixture
def clerk(country: datetime) -> Client:
    packages_publish()
    return officer(CENTRE, OTHER_COMMITTEE, Role.INTAKE, at=country, name="Nguyễn Thu Lan")


def ask(clerk: Client, number: str, path: str = START, **more: str) -> Any:
    return clerk.post(path, {"number": number, "channel": "counter", "party": "other", **more})


def begun(clerk: Client, number: str, source: str, path: str = START) -> str:
    response = ask(clerk, number, path, chosen_asked="1", chosen=source)
    assert response.status_code == 302, text_of(response)
    return str(response["Location"])


def test_a_representative_at_the_counter_applies_for_a_company(
    clerk: Client, family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo"))
    page = text_of(ask(clerk, family.mother))
    assert f"{NAME} Người đại diện theo pháp luật · {CODE}" in page
    address = begun(clerk, family.mother, SOURCE)
    shown = text_of(clerk.get(address))
    assert "Nguyễn Thị Ánh" in shown
    assert "08/03/1995" in shown
    assert f"Nộp thay cho {NAME} , {CODE}" in shown
    check = fill(clerk, f"{address}place/", ANSWERS)
    assert "người nộp thay : Nguyễn Thị Ánh" in text_of(clerk.get(check)).replace("thay:", "thay :")
    sent = clerk.post(check)
    assert sent.status_code == 302, text_of(sent)
    run_jobs()
    case, dossier = Case.objects.get(system="lifeevents"), Case.objects.get(system="onestop")
    assert (dossier.applicant, dossier.applicant_name, dossier.channel) == (CODE, NAME, "counter")
    assert (dossier.acting["number"], dossier.acting["basis"]) == (family.mother, "representative")
    assert "Nguyễn Thị Ánh · Người đại diện theo pháp luật" in text_of(clerk.get(sent["Location"]))
    asked = Message.objects.filter(purpose="representation")
    assert set(asked.values_list("officer", flat=True)) == {CENTRE}
    for each in (family.mother, family.father):
        assert AccessEntry.objects.filter(subject=each, purpose="representation").exists()
    client = person(family.mother)
    assert case.number not in text_of(client.get("/dossiers/"))
    choose(client, SOURCE)
    assert case.number in text_of(client.get("/dossiers/"))


def test_a_parent_at_the_counter_applies_for_a_child(clerk: Client, family: Family, at: datetime) -> None:
    number = child(family, at)
    path = "/desk/intake/1.001456/"
    offered = ask(clerk, family.mother, path)
    assert "Trần Minh An Cha, mẹ của con dưới 18 tuổi" in text_of(offered)
    begun(clerk, family.mother, "birth:" + _certificate(offered), path)
    draft = Draft.objects.get()
    assert (draft.owner, draft.known["person"]["full_name"]) == (number, "Trần Minh An")
    assert (draft.acting["number"], draft.known["present"]["full_name"]) == (family.mother, "Nguyễn Thị Ánh")
    assert draft.acting.keys().isdisjoint({"birth_date", "full_address"})  # no agency needs these


def _certificate(response: Any) -> str:
    return response.content.decode().split('value="birth:')[1].partition('"')[0]


def test_somebody_whom_no_register_names_is_told_so_and_nothing_typed_is_lost(
    clerk: Client, family: Family
) -> None:
    response = ask(clerk, family.mother)
    assert response.status_code == 422
    assert b'id="id_party-error"' in response.content
    assert "Không cơ sở dữ liệu nào ghi người này đại diện" in text_of(response)
    assert f'value="{family.mother}"'.encode() in response.content
    assert not Draft.objects.exists()


@pytest.mark.parametrize("chosen", ["", "organisation:0309999999"])
def test_only_what_the_registers_offer_can_be_chosen(
    clerk: Client, family: Family, at: datetime, chosen: str
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"))
    response = ask(clerk, family.mother, chosen_asked="1", chosen=chosen)
    assert response.status_code == 422
    assert b"error-message" in response.content
    assert NAME in text_of(response)
    assert not Draft.objects.exists()


def test_a_right_that_ended_before_sending_is_told_and_the_draft_stays(
    clerk: Client, family: Family, at: datetime
) -> None:
    company(at, row(family.mother, "Nguyễn Thị Ánh"))
    check = fill(clerk, f"{begun(clerk, family.mother, SOURCE)}place/", ANSWERS)
    known = declared.declared_get(register="organisation", key=CODE, on=at.date()).data
    declared.declared_correct(
        register="organisation",
        key=CODE,
        data={**known, "representatives": [row(family.mother, "Nguyễn Thị Ánh", to="2026-11-01")]},
        provenance=Provenance("G12"),
        at=clock.now(),
    )
    response = clerk.post(check)
    assert response.status_code == 403
    assert "thôi đại diện sau ngày 01/11/2026" in text_of(response)
    assert not Case.objects.exists()
    assert Draft.objects.get().answers["phases"] == "3"


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (ELECTRICITY, True),
        ("1.000894", False),  # to marry: nobody applies for another
        ("9.000001", False),  # linked parts know of no representative
    ],
)
def test_for_whom_is_asked_where_the_procedure_admits_it(clerk: Client, code: str, asked: bool) -> None:
    page = clerk.get(f"/desk/intake/{code}/")
    assert (b'name="party"' in page.content) is asked


@pytest.mark.parametrize("name", ["company", "household-business"])
def test_examples_that_act_for_another_are_taken_in_at_the_counter(country: datetime, name: str) -> None:
    packages_publish()
    example = next(one for one in examples_of(PROCEDURES / ELECTRICITY) if one.name == name)
    with clock.fixed(example.begins):
        played, context = example_begin(example, Stage(HOAN_KIEM, BA_DINH), channel="counter")
    assert not played.problem
    dossier = Case.objects.get(system="onestop", agency="G03.26")
    assert (dossier.channel, dossier.acting["basis"]) == ("counter", "representative")
    assert dossier.acting["number"] == context["applicant"]["number"]
