"""Who looked at my data: the page of the person concerned."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from lienthong.ground.ids import derived
from lienthong.ground.text import Text
from lienthong.systems.population import services
from lienthong.systems.population.services import ReadNotice
from tests.systems.country import ONESTOP

pytestmark = pytest.mark.django_db

ME = "001195000001"
WHAT = Text("họ tên, ngày sinh", "name, date of birth")


def looked(at: datetime, count: int, *, subject: str = ME, case: str = "", purpose: str = "own-data") -> None:
    services.reads_record(
        reads=[
            ReadNotice(
                subject=subject,
                what=WHAT,
                reader=ONESTOP,
                holder="VN/GOV/G01/population",
                service="population/persons-get/v1",
                legal_basis="Luật Căn cước",
                purpose=purpose,
                case=case,
                officer="cb01",
                message_id=str(derived(subject, case, purpose, index)),
                read_at=at + timedelta(minutes=index),
            )
            for index in range(count)
        ],
        at=at,
    )


@pytest.fixture
def mine(client: Client) -> Client:
    session = client.session
    session.update({"kind": "person", "subject": ME, "name": "Nguyễn Thị Ánh"})
    session.save()
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/who-looked/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_person_sees_agency_time_purpose_with_its_law_and_case(country: datetime, mine: Client) -> None:
    looked(country, 1, case="H26.12-261123-0001", purpose="birth-registration")
    shown = page(mine)
    for words in ("UBND phường Hoàn Kiếm", "09:00 ngày 23/11/2026", "Đăng ký khai sinh", "Luật Hộ tịch"):
        assert words in shown
    assert "H26.12-261123-0001" in shown
    assert "cb01" not in shown


def test_the_page_speaks_english_too(country: datetime, mine: Client) -> None:
    looked(country, 1, purpose="birth-registration")
    shown = page(mine, "?lang=en")
    for words in ("Hoan Kiem Committee", "23 November 2026", "Birth registration", "name, date of birth"):
        assert words in shown


def test_nobody_sees_the_readings_of_another_person(country: datetime, mine: Client) -> None:
    looked(country, 1, subject="001093000002", case="H26.12-261123-0009")
    shown = page(mine)
    assert "H26.12-261123-0009" not in shown
    assert "Chưa có cơ quan nào xem dữ liệu của bạn." in shown


def test_older_readings_follow_on_further_pages_and_none_is_shown_twice(
    country: datetime, mine: Client
) -> None:
    looked(country, 25)
    first = page(mine)
    assert first.count("UBND phường Hoàn Kiếm") == 20
    assert "09:24" in first
    assert "09:04" not in first
    older = first.split('href="?case=&amp;before=')[1].split('"')[0]
    second = page(mine, f"?case=&before={older}")
    assert second.count("UBND phường Hoàn Kiếm") == 5
    assert "Các lần xem trước đó" not in second


def test_one_case_can_be_looked_at_alone(country: datetime, mine: Client) -> None:
    looked(country, 2, case="A-1")
    looked(country, 3, case="B-2")
    assert page(mine, "?case=A-1").count("UBND phường Hoàn Kiếm") == 2
    assert page(mine, "?case=nothing").count("UBND phường Hoàn Kiếm") == 0


@pytest.mark.parametrize("cursor", ["abc", "-1", "9" * 30, "²"])
def test_a_cursor_that_is_none_shows_the_newest(country: datetime, mine: Client, cursor: str) -> None:
    looked(country, 1)
    assert page(mine, f"?before={cursor}").count("UBND phường Hoàn Kiếm") == 1


def test_an_agency_or_purpose_that_is_gone_is_shown_by_its_code(country: datetime, mine: Client) -> None:
    looked(country, 1, purpose="a-former-purpose")
    assert "a-former-purpose" in page(mine)


def test_who_has_not_signed_in_sees_nothing(db: None, client: Client) -> None:
    assert client.get("/who-looked/", headers={"accept": "application/json"}).status_code == 401


def test_an_officer_is_not_the_person(country: datetime, mine: Client) -> None:
    looked(country, 1)
    session = mine.session
    session.update({"kind": "officer", "subject": ME})
    session.save()
    answer = mine.get("/who-looked/", headers={"accept": "application/json"})
    assert answer.status_code == 401
