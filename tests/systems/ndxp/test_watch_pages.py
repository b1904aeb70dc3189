"""One message with its signatures and seal; who called whom, in a chart and in the table under it."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from lienthong.blocks.access.principals import Role
from lienthong.blocks.exchange import log
from lienthong.blocks.exchange.models import Message
from lienthong.blocks.exchange.services import call
from lienthong.blocks.insight import traffic
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from tests.pages import officer, text_of
from tests.systems.country import CIVILSTATUS, ONESTOP, POPULATION, Family, country_join, family_enter

pytestmark = pytest.mark.django_db
PERSON = "population/persons-get/v1"
MESSAGES = "/console/connections/messages/"
TRAFFIC = "/console/connections/traffic/"


@pytest.fixture
def family(db: None, at: datetime) -> Family:
    country_join(at)
    return family_enter(at)


def ask(family: Family, client: str = ONESTOP, service: str = PERSON) -> str:
    """The id of a message that was asked and answered."""
    call(service, {"number": family.mother}, client=client, purpose="birth-registration")
    return str(Message.objects.order_by("-id").values_list("message_id", flat=True)[0])


def operator(at: datetime) -> object:
    return officer("G22-O1", "G22", Role.OPERATOR, at=at)


def test_a_message_is_found_by_its_id_with_both_sides_signatures_and_its_seal(
    family: Family, at: datetime
) -> None:
    message = ask(family)
    said = text_of(operator(at).get(MESSAGES, {"id": message}))
    assert said.count("chữ ký đúng") == 4
    assert "Bản ghi của bên hỏi" in said
    assert "Bản ghi của bên trả lời" in said
    assert "đang chờ" in said
    assert f"/asic?queryId={message}&xRoadInstance=VN&memberClass=GOV" in said
    assert family.mother not in said
    log.seal_pending()
    assert (
        text_of(officer("G22-O2", "G22", Role.OPERATOR, at=at).get(MESSAGES, {"id": message})).count(
            "chuỗi đúng"
        )
        == 2
    )


def test_a_row_that_was_changed_is_told(family: Family, at: datetime) -> None:
    message = ask(family)
    log.seal_pending()
    row = Message.objects.get(message_id=message, side="client")
    Message.objects.filter(pk=row.pk).update(
        answer_head=row.answer_head.replace('"status":200', '"status":201')
    )
    said = text_of(operator(at).get(MESSAGES, {"id": message}))
    assert said.count("chữ ký sai") == 1
    assert "chuỗi bị đứt" in said


def test_an_agencys_engineer_finds_only_messages_in_which_it_took_part(family: Family, at: datetime) -> None:
    message = ask(family)
    asker = officer("H26.12-E1", "H26.12", Role.ENGINEER, at=at)
    stranger = officer("G15-E1", "G15", Role.ENGINEER, at=at)
    assert "chữ ký đúng" in text_of(asker.get(MESSAGES, {"id": message}))
    said = text_of(stranger.get(MESSAGES, {"id": message}))
    assert "Không có thông điệp này trong nhật ký" in said
    assert ONESTOP not in said


def test_what_is_no_id_is_told_and_kept(family: Family, at: datetime) -> None:
    response = operator(at).get(MESSAGES, {"id": "khong-phai-ma"})
    assert response.status_code == 422
    assert 'value="khong-phai-ma"' in response.content.decode()
    unknown = officer("G22-O9", "G22", Role.OPERATOR, at=at).get(MESSAGES, {"id": str(UUID(int=7))})
    assert "không có thông điệp này" in text_of(unknown).lower()


def test_chart_and_table_have_the_same_numbers(family: Family, at: datetime) -> None:
    for _ in range(3):
        ask(family)
    ask(family, CIVILSTATUS, "population/persons-verify/v1")
    with pytest.raises(Problem):
        call(PERSON, {"number": family.mother}, client=POPULATION, purpose="birth-registration")
    page = operator(at).get(TRAFFIC)
    html = page.content.decode()
    bands = dict(re.findall(r"<title>([^<]+ → [^<]+): (\d+)</title>", html))
    assert bands == {
        f"{ONESTOP} → {POPULATION}": "3",
        f"{CIVILSTATUS} → {POPULATION}": "1",
        f"{POPULATION} → {POPULATION}": "1",
    }
    said = text_of(page)
    assert f"{ONESTOP} {POPULATION} 3 0" in said
    assert f"{POPULATION} {POPULATION} 1 1" in said
    assert "23/11/2026 5 1" in said
    assert "<title>23/11/2026: 5</title>" in html


def test_an_engineers_map_shows_the_own_agencys_calls_only(family: Family, at: datetime) -> None:
    ask(family)
    ask(family, CIVILSTATUS, "population/persons-verify/v1")
    said = text_of(officer("G15-E1", "G15", Role.ENGINEER, at=at).get(TRAFFIC))
    assert CIVILSTATUS in said
    assert ONESTOP not in said


def test_a_call_counts_on_its_day_in_viet_nam(family: Family, at: datetime) -> None:
    late = at.replace(hour=23, minute=59)
    with clock.fixed(late):
        ask(family)
    with clock.fixed(late + timedelta(minutes=2)):
        ask(family)
    days = traffic.days(since=at - timedelta(days=2), until=at + timedelta(days=2), agency=None)
    counted = {row.day: row.calls for row in days}
    assert counted[at.date()] == 1
    assert counted[at.date() + timedelta(days=1)] == 1
    assert counted[at.date() - timedelta(days=1)] == 0


def test_pages_of_a_long_list_cost_the_same_queries(
    family: Family, at: datetime, django_assert_max_num_queries: object
) -> None:
    client = operator(at)
    client.get("/console/connections/agreements/")
    with django_assert_max_num_queries(9):
        assert client.get("/console/connections/agreements/").status_code == 200
    with django_assert_max_num_queries(9):
        assert client.get("/console/connections/members/").status_code == 200
    with django_assert_max_num_queries(9):
        assert client.get("/console/connections/certificates/").status_code == 200
