"""A paper that one agency issued stands for an upload at the next: offered, used, and told to nobody else."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import files
from lienthong.blocks.casework.models import Case, CaseFile
from lienthong.blocks.exchange.models import Message
from lienthong.blocks.exchange.provide import Offers
from lienthong.blocks.exchange.transport import out_of_reach
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.warehouse.models import Document
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import OTHER_COMMITTEE, Family
from tests.systems.lifeevents.test_acting_pages import ELECTRICITY, choose, played
from tests.systems.lifeevents.test_apply_pages import PNG

pytestmark = pytest.mark.django_db
CERTIFICATE, DOCUMENT = "KQ.G12.000011", "purpose-proof"
TRADE = {"purpose": "production"}


@pytest.fixture
def owner(country: datetime) -> str:
    """Whose household business the commune registered a moment ago."""
    return str(played("1.001612", "granted").applicant)


def at_purpose(client: Client) -> str:
    """An application for electricity, at the question that asks for the proof of a business."""
    address = str(client.post(f"/apply/{ELECTRICITY}/")["Location"])
    return str(client.post(address, {"place": "home"})["Location"])


def use(client: Client, address: str, paper: object) -> int:
    return client.post(address, {**TRADE, "paper": f"{DOCUMENT}:{paper}"}).status_code


def test_a_paper_of_an_earlier_procedure_is_used_and_reaches_the_desk(owner: str, at: datetime) -> None:
    paper = Document.objects.get(result_code=CERTIFICATE)
    client = person(owner)
    address = at_purpose(client)
    page = text_of(client.get(address))
    assert f"Giấy chứng nhận đăng ký hộ kinh doanh, số {paper.number}, ngày 23/11/2026" in page
    assert use(client, address, paper.pk) == 302
    page = text_of(client.get(address))
    assert "Đã nhận tệp" in page
    assert "Dùng giấy này" not in page
    following = client.post(address, TRADE)["Location"]
    row = Draft.objects.get(procedure=ELECTRICITY).files[0]
    assert (row["code"], row["sha256"], row["kind"]) == (DOCUMENT, paper.sha256, "earlier")
    check = client.post(following, {"phases": "1", "capacity": "5"})["Location"]
    assert client.post(check).status_code == 302
    run_jobs()
    filed = CaseFile.objects.get(case=Case.objects.get(agency="G03.26"))
    assert (filed.code, filed.sha256, filed.kind) == (DOCUMENT, paper.sha256, "earlier")
    desk = officer("G03.26-S01", "G03.26", Role.SIGN, at=at)
    shown = desk.get(f"/desk/dossiers/{filed.case.number}/files/{paper.sha256}/")
    assert shown.content == files.file_read(paper.sha256)
    assert AccessEntry.objects.filter(subject=owner, purpose="linked-procedure").exists()


def test_a_file_may_be_uploaded_all_the_same(owner: str) -> None:
    client = person(owner)
    address = at_purpose(client)
    body = {**TRADE, "purpose_proof": SimpleUploadedFile("giay.png", PNG)}
    assert client.post(address, body).status_code == 302
    assert [row["kind"] for row in Draft.objects.get(procedure=ELECTRICITY).files] == ["sector"]
    assert "Dùng giấy này" not in text_of(client.get(address))


@pytest.mark.parametrize("state", ["revoked", "corrected"])
def test_a_paper_that_no_longer_counts_is_neither_offered_nor_used(owner: str, state: str) -> None:
    client = person(owner)
    address = at_purpose(client)
    paper = Document.objects.get(result_code=CERTIFICATE)
    Document.objects.update(state=state)
    assert "Dùng giấy này" not in text_of(client.get(address))
    response = client.post(address, {**TRADE, "paper": f"{DOCUMENT}:{paper.pk}"})
    assert response.status_code == 422
    assert "bị thu hồi, thay thế, hết hạn" in text_of(response)
    draft = Draft.objects.get(procedure=ELECTRICITY)
    assert (draft.files, draft.answers["purpose"]) == ([], "production")


def test_a_paper_past_its_last_day_is_not_offered(owner: str, at: datetime) -> None:
    client = person(owner)
    address = at_purpose(client)
    Document.objects.update(valid_to=at.date())
    assert "Dùng giấy này" in text_of(client.get(address))
    Document.objects.update(valid_to=at.date().replace(day=22))
    assert "Dùng giấy này" not in text_of(client.get(address))


def test_anothers_paper_is_nobodys_here(owner: str, family: Family) -> None:
    assert owner != family.father
    paper = Document.objects.get(result_code=CERTIFICATE)
    other = person(family.father)
    address = at_purpose(other)
    assert str(paper.pk) not in other.get(address).content.decode()
    assert use(other, address, paper.pk) == 422
    assert not Draft.objects.get(procedure=ELECTRICITY).files


def away(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """Whoever provides the service does not answer."""

    def unanswered(*_: Any) -> Any:
        raise out_of_reach("VN/GOV/G22/nobody", Text("đang tắt", "it is off"))

    offered = Offers.services[service][0]
    monkeypatch.setitem(Offers.services, service, (offered, unanswered))


def test_where_the_warehouse_is_away_the_question_is_asked_as_ever(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = person(owner)
    address = at_purpose(client)
    away(monkeypatch, "warehouse/documents-find/v1")
    page = client.get(address)
    assert page.status_code == 200
    assert b'type="file"' in page.content
    assert "Dùng giấy này" not in text_of(page)


def test_where_the_issuer_is_away_it_is_said_and_nothing_typed_is_lost(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = person(owner)
    address = at_purpose(client)
    away(monkeypatch, "onestop/results-file/v1")
    paper = Document.objects.get(result_code=CERTIFICATE)
    response = client.post(address, {**TRADE, "paper": f"{DOCUMENT}:{paper.pk}"})
    assert response.status_code == 422
    assert "Chưa kết nối được tới cơ quan cung cấp" in text_of(response)
    assert Draft.objects.get(procedure=ELECTRICITY).answers["purpose"] == "production"


def test_a_file_that_is_not_the_noted_one_is_not_used(owner: str) -> None:
    client = person(owner)
    address = at_purpose(client)
    Document.objects.update(sha256="0" * 64)
    response = client.post(address, {**TRADE, "paper": f"{DOCUMENT}:{Document.objects.get().pk}"})
    assert response.status_code == 422
    assert "không đúng tệp đã ghi trong kho" in text_of(response)
    assert not Draft.objects.get(procedure=ELECTRICITY).files


def test_whoever_is_only_authorised_is_not_told_of_the_papers(owner: str, family: Family) -> None:
    agent = person(family.mother)
    given = {"agent_number": family.mother, "agent_name": "Nguyễn Thị Ánh", "scope": "all"}
    until = {"until-day": "31", "until-month": "12", "until-year": "2026"}
    assert person(owner).post("/authorisations/grant/", given | until).status_code == 302
    key = agent.get("/acting/").content.decode().split('value="authorisation:')[1].split('"')[0]
    assert choose(agent, f"authorisation:{key}").status_code == 302
    address = at_purpose(agent)
    assert agent.get(address).status_code == 200
    assert "Dùng giấy này" not in text_of(agent.get(address))
    assert not Message.objects.filter(service="warehouse/documents-find/v1").exists()


def test_at_the_counter_the_officer_uses_it_and_is_named(owner: str, at: datetime) -> None:
    clerk = officer("H26.04-I01", OTHER_COMMITTEE, Role.INTAKE, at=at, name="Nguyễn Thu Lan")
    body = {"number": owner, "channel": "counter", "party": "self"}
    address = str(clerk.post(f"/desk/intake/{ELECTRICITY}/", body)["Location"])
    page = str(clerk.post(f"{address}place/", {"place": "home"})["Location"])
    assert use(clerk, page, Document.objects.get(result_code=CERTIFICATE).pk) == 302
    asked = Message.objects.filter(service="warehouse/documents-find/v1").latest("id")
    assert (asked.officer, asked.purpose) == ("H26.04-I01", "linked-procedure")
    assert Draft.objects.get(procedure=ELECTRICITY).files[0]["kind"] == "earlier"
