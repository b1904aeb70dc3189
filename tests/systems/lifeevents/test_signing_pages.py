"""Two who marry: one sends, the other sees all of it and signs or declines; nobody else may, and not too late."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.deadlines import sweep_deadlines
from lienthong.blocks.casework.models import Case
from lienthong.ground import clock
from lienthong.systems.eid.models import Notice
from lienthong.systems.lifeevents import signing
from lienthong.systems.lifeevents.models import Signing
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, Family

MARRIAGE = "1.000894"


@pytest.fixture
def sent(family: Family) -> tuple[str, Client, Client, Family]:
    """The father has sent the application; its number, both browsers."""
    packages_publish()
    father, mother = person(family.father, "Trần Quốc Bảo"), person(family.mother)
    address = father.post(f"/apply/{MARRIAGE}/")["Location"]
    answers = {
        "other": {"other_number": family.mother, "other_name": "Nguyễn Thị Ánh"},
        "kin": {"kin": "no"},
        "before": {"own_before": "never", "other_before": "never"},
    }
    for answer in answers.values():
        address = father.post(address, answer)["Location"]
    response = father.post(address)
    assert response.status_code == 302, text_of(response)
    run_jobs()
    return response["Location"].split("/")[2], father, mother, family


Sent = tuple[str, Client, Client, Family]


@pytest.mark.django_db
def test_no_agency_has_it_and_no_clock_runs_until_the_other_signed(sent: Sent, at: datetime) -> None:
    number, father, mother, family = sent
    assert not Case.objects.filter(system="onestop").exists()
    page = text_of(father.get(f"/dossiers/{number}/"))
    assert "Chờ người cùng ký" in page
    assert "Chờ ký trước" in page
    assert Notice.objects.get().to == family.mother
    assert f"/sign/{number}/" in mother.get("/dossiers/").content.decode()
    seen = text_of(mother.get(f"/sign/{number}/"))
    assert "Trần Quốc Bảo đã gửi tờ khai này" in seen
    assert "Không, hoặc xa hơn ba đời" in seen
    later = at + timedelta(days=2)
    with clock.fixed(later):
        response = mother.post(f"/sign/{number}/", {"answer": "sign"})
        assert response.status_code == 302
        run_jobs()
    dossier = Case.objects.get(system="onestop")
    assert dossier.opened_at == later
    assert [row["number"] for row in dossier.data["signatures"]] == [family.father, family.mother]
    desk = officer("H26.12-S01", COMMITTEE, Role.SIGN, at=at)
    shown = text_of(desk.get(f"/desk/dossiers/{dossier.number}/"))
    assert f"Đã ký: Bên kết hôn Nguyễn Thị Ánh ({family.mother})" in shown
    assert mother.post(f"/sign/{number}/", {"answer": "sign"}).status_code == 409


@pytest.mark.django_db
def test_who_declines_says_why_and_the_applicant_reads_it(sent: Sent) -> None:
    number, father, mother, family = sent
    assert mother.post(f"/sign/{number}/", {"answer": "decline"}).status_code == 422
    assert mother.post(f"/sign/{number}/", {"answer": "decline", "reason": "Chưa đâu"}).status_code == 302
    run_jobs()
    case = Case.objects.get(number=number)
    assert case.outcome == "not-accepted"
    assert not Case.objects.filter(system="onestop").exists()
    page = text_of(father.get(f"/dossiers/{number}/"))
    assert "Có người không ký" in page
    assert "Chưa đâu" in page
    assert set(Notice.objects.values_list("to", flat=True)) == {family.father, family.mother}


@pytest.mark.django_db
def test_it_lapses_with_notice_and_a_late_signature_changes_nothing(sent: Sent, at: datetime) -> None:
    number, father, mother, family = sent
    due = Signing.objects.get(number=family.mother).due_at
    with clock.fixed(due + timedelta(minutes=1)):
        assert mother.post(f"/sign/{number}/", {"answer": "sign"}).status_code == 409
    with clock.fixed(due + timedelta(minutes=2)):
        assert sweep_deadlines() == 1
        run_jobs()
        assert "Đã hết hạn cùng ký" in text_of(father.get(f"/dossiers/{number}/"))
        assert f"/sign/{number}/" not in mother.get("/dossiers/").content.decode()
    assert Case.objects.get(number=number).outcome == "lapsed"
    assert Notice.objects.filter(to=family.father).count() == 1


@pytest.mark.django_db
def test_nobody_else_signs_nor_the_applicant_nor_after_a_withdrawal(sent: Sent) -> None:
    number, father, mother, _ = sent
    stranger = person("001199000009", "Người Lạ")
    for client in (stranger, father):
        assert client.get(f"/sign/{number}/").status_code == 404
        assert client.post(f"/sign/{number}/", {"answer": "sign"}).status_code == 404
        assert client.get(f"/sign/{number}/{'0' * 64}/").status_code == 404
    assert father.post(f"/dossiers/{number}/withdraw/").status_code == 302
    assert mother.post(f"/sign/{number}/", {"answer": "sign"}).status_code == 409
    assert Case.objects.get(number=number).outcome == "withdrawn"


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_what_is_signed_is_known_again_whatever_the_order_of_its_keys(declared: dict) -> None:
    turned = dict(reversed(list(declared.items())))
    assert signing.content_hash(declared) == signing.content_hash(turned)
    assert signing.content_hash({**declared, "và": 1}) != signing.content_hash(declared)
