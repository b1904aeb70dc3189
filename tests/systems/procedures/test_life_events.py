"""Life events of the portal: found by everyday words, each a page of what is needed and what is to be done."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from lienthong.ground import yamls
from lienthong.systems.procedures import events
from lienthong.systems.procedures.services import packages_publish
from tests.conftest import ROOT
from tests.pages import nobody, text_of
from tests.systems.country import FROM

FILE = ROOT / "content" / "life-events.yaml"
CODES = [row["code"] for row in yamls.load(FILE.read_text(encoding="utf-8"))]
PROCEDURES = frozenset(folder.name for folder in (ROOT / "content" / "procedures").iterdir())


@pytest.fixture
def portal(db: None, at: object) -> Client:
    packages_publish()
    return nobody()


def test_there_are_seven_besides_birth_and_death_and_all_their_services_are_in_force(portal: Client) -> None:
    assert len(CODES) == len(set(CODES)) == 7
    assert [event.code for event in events.events_all(on=date(2026, 11, 23))] == CODES
    for row, event in zip(
        yamls.load(FILE.read_text(encoding="utf-8")), events.events_all(on=date(2026, 11, 23)), strict=True
    ):
        assert [service["procedure"] for service in row["services"]] == [s.card.code for s in event.services]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_page_says_what_is_needed_and_leads_to_each_service(portal: Client, language: str) -> None:
    for event in events.events_all(on=FROM):
        answer = portal.get(f"/events/{event.code}/?lang={language}")
        page, html = text_of(answer), answer.content.decode()
        assert event.title.say(language) in page
        needs = [need.say(language) for each in (event, *event.services) for need in each.needs]
        assert len(needs) > len(event.services)
        assert all(need in page for need in needs)
        for service in event.services:
            assert f'href="/services/{service.card.code}/"' in html
            assert service.why.say(language) in page
            assert (f'href="/apply/{service.card.code}/"' in html) == service.start


SAID = (
    ("cưới", "marriage"),
    ("lap gia dinh", "marriage"),
    ("wedding", "marriage"),
    ("chuyển nhà", "moving-house"),
    ("moving home", "moving-house"),
    ("sinh viên", "studying"),
    ("exams", "studying"),
    ("ra nước ngoài", "going-abroad"),
    ("travel", "going-abroad"),
    ("mua xe", "driving"),
    ("phat nguoi", "driving"),
    ("mở quán", "household-business"),
    ("open a shop", "household-business"),
    ("mất việc", "losing-job"),
    ("unemployed", "losing-job"),
)


def test_everyday_words_find_it_first(portal: Client) -> None:
    for query, code in SAID:
        found = events.events_found(query=query, on=FROM)
        assert found[0].code == code, query
        page = portal.get("/", {"q": query}).content.decode()
        place = page.index(f'href="/events/{code}/"')
        assert page.index('<ul class="lt-services">') < place
        assert "/services/" not in page[:place]


def test_nothing_is_found_for_nothing_and_words_of_no_event_find_none(portal: Client) -> None:
    assert events.events_found(query="  ", on=FROM) == []
    assert events.events_found(query="tàu vũ trụ", on=FROM) == []


def test_the_home_page_lists_them_beside_birth_and_death(portal: Client) -> None:
    page = text_of(portal.get("/"))
    heading = page.index("Theo sự kiện trong đời")
    assert (
        heading
        < page.index("Có con mới sinh")
        < page.index("Kết hôn Đăng ký kết hôn")
        < page.index("Dịch vụ khác")
    )
    assert page.index("Mất việc làm") < page.index("Dịch vụ khác")


def test_an_event_none_of_whose_services_is_in_force_is_not_shown(portal: Client) -> None:
    assert events.events_all(on=date(2020, 1, 1)) == []
    missing = portal.get("/events/nothing/")
    assert missing.status_code == 404
    assert "Tìm việc bạn cần ở trang chủ." in text_of(missing)


@pytest.mark.parametrize(
    ("before", "after", "said", "at"),
    [
        ('"3.000346"', '"3.999999"', "procedure «3.999999» is unknown", "3.999999"),
        ("code: driving", "code: marriage", "event «marriage» stands twice", "code: marriage"),
        ('{vi: "Đi nước ngoài", en: "Going abroad"}', '{vi: "Đi nước ngoài"}', "not said in en", "title:"),
        ("words: [lai xe", "wrds: [lai xe", "has no key «wrds»", "wrds"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str, at: str) -> None:
    assert events.events_mistakes(FILE, procedures=PROCEDURES) == []
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "life-events.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    told = [each for each in events.events_mistakes(path, procedures=PROCEDURES) if said in each.what]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert told
    assert all(at in lines[each.line - 1] for each in told)
