"""The home page, search in everyday words, and a service's page."""

import pytest
from django.test import Client

from lienthong.systems.procedures import selectors
from lienthong.systems.procedures.services import packages_publish
from tests.pages import nobody, text_of
from tests.systems.country import FROM

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal() -> Client:
    packages_publish()
    return nobody()


def test_the_home_page_asks_what_you_need_and_lists_life_events_before_services(portal: Client) -> None:
    page = text_of(portal.get("/"))
    assert page.index("Khai một lần, các cơ quan tự hỏi nhau") < page.index("Bạn cần làm việc gì?")
    assert (
        page.index("Có con mới sinh")
        < page.index("Dịch vụ khác")
        < page.index("Đăng ký khai sinh Đăng ký khai sinh")
    )


def test_the_home_page_speaks_english(portal: Client) -> None:
    page = text_of(portal.get("/?lang=en"))
    assert "Declare once, the agencies ask each other" in page
    assert "A child is born" in page


@pytest.mark.parametrize("query", ["sinh con", "Sinh Con", "em bé", "tre so sinh", "newborn", "9.000001"])
def test_everyday_words_with_or_without_marks_find_the_life_event_first(portal: Client, query: str) -> None:
    found = selectors.services_search(query=query, on=FROM)
    assert found[0].code == "9.000001"
    page = text_of(portal.get("/", {"q": query}))
    assert "Có con mới sinh" in page
    assert "Theo sự kiện trong đời" not in page


def test_nothing_found_says_what_to_try_and_still_lists_what_there_is(portal: Client) -> None:
    page = text_of(portal.get("/", {"q": "tàu vũ trụ"}))
    assert "Không tìm thấy việc nào cho “tàu vũ trụ”" in page
    assert "không cần gõ dấu" in page
    assert "Có con mới sinh" in page


def test_what_is_searched_for_is_text_and_never_markup(portal: Client) -> None:
    page = portal.get("/", {"q": '"><script>alert(1)</script>'})
    assert b"<script>alert" not in page.content


def test_a_catalogue_without_packages_says_so() -> None:
    assert "Chưa có dịch vụ nào được công bố" in text_of(nobody().get("/"))


def test_a_services_page_says_who_decides_how_long_what_it_costs_and_what_is_needed(portal: Client) -> None:
    page = text_of(portal.get("/services/1.001193/"))
    for said in (
        "Ủy ban nhân dân xã, phường nơi bạn ở",
        "Ngay trong ngày",
        "8.000 đồng/bản",
        "Giấy chứng sinh (không bắt buộc)",
        "Trích lục khai sinh",
        "Luật Hộ tịch 60/2014/QH13",
    ):
        assert said in page


def test_a_linked_service_can_be_started_and_its_parts_lead_to_it(portal: Client) -> None:
    linked = portal.get("/services/9.000001/")
    assert b'href="/apply/9.000001/"' in linked.content
    part = portal.get("/services/1.004222/")
    assert b'href="/apply/1.004222/"' in part.content
    assert b'href="/services/9.000001/"' in part.content


def test_starting_asks_who_you_are_first(portal: Client) -> None:
    assert portal.get("/apply/9.000001/")["Location"] == "/sign-in/?next=%2Fapply%2F9.000001%2F"


def test_an_unknown_service_is_not_found_with_a_way_on(portal: Client) -> None:
    response = portal.get("/services/8.888888/")
    assert response.status_code == 404
    assert "Tìm dịch vụ ở trang chủ" in text_of(response)
