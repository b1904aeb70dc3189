"""Pages in both languages: layouts, navigation, error pages, the language that a reader chose."""

import pytest
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground.text import Text
from lienthong.kit.context import layout
from lienthong.kit.language import active, speaking
from lienthong.kit.navigation import Item, items_resolved
from tests.kit.markup import normalised

pytestmark = pytest.mark.usefixtures("pages")


def test_a_page_is_vietnamese_until_somebody_asks_for_english_and_then_stays_english() -> None:
    client = Client()
    first = client.get("/")
    assert '<html lang="vi"' in first.text
    assert "Còn chờ 2 việc, dự kiến xong trước 17:00 ngày 25/11/2026." in first.text
    asked = client.get("/?lang=en&filter=1")
    assert asked.headers["Content-Language"] == "en"
    later = client.get("/")
    for page in (asked, later):
        assert '<html lang="en"' in page.text
        assert "2 parts remain, expected before 25 November 2026, 17:00." in page.text
        assert "VND 50,000" in page.text
    assert 'href="?lang=vi&amp;filter=1"' not in first.text
    assert "?lang=vi&amp;filter=1" in asked.text
    assert "Cookie" in later.headers["Vary"]


def test_an_unknown_language_is_answered_in_vietnamese_and_not_remembered() -> None:
    response = Client().get("/?lang=fr")
    assert '<html lang="vi"' in response.text
    assert "language" not in response.cookies


def test_the_language_ends_with_its_request() -> None:
    Client().get("/?lang=en")
    assert active() == "vi"
    with speaking("en"):
        assert active() == "en"
    assert active() == "vi"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", ["/", "/form", "/desk/", "/desk/search/7", "/problem", "/nothing"])
def test_every_page_nests_its_tags_has_one_heading_and_no_script_or_style_of_its_own(
    path: str, language: str
) -> None:
    html = Client().get(f"{path}?lang={language}").text
    lines = [line.strip() for line in normalised(html.replace("<!DOCTYPE html>", "").strip())]
    assert sum(line.startswith("<h1") for line in lines) >= 1
    assert not [
        line for line in lines if line.startswith("<style") or " style=" in line or " onclick=" in line
    ]
    assert all(" src=" in line for line in lines if line.startswith("<script"))
    assert [line for line in lines if "href='#main-content'" in line]
    assert [line for line in lines if line.startswith("<main") and "id='main-content'" in line]


def test_a_policy_without_inline_code_is_sent_with_the_page() -> None:
    policy = Client().get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_a_channels_navigation_marks_where_the_reader_is() -> None:
    at_home = Client().get("/desk/").text
    assert at_home.count('aria-current="page"') == 2  # the item of the navigation, the page of the list
    inside = Client().get("/desk/search/7").text
    assert '<a class="govuk-service-navigation__link" href="/desk/search/" aria-current="true">' in inside
    assert "Hàng đợi" in inside
    assert "Nhân sự" not in inside, "a name without a page yet is left out"


def test_sign_in_is_offered_to_strangers_and_sign_out_to_those_signed_in() -> None:
    items = (
        Item(Text("Vào", "In"), "citizen:home", shown="signed_out"),
        Item(Text("Ra", "Out"), "citizen:dossiers", shown="signed_in"),
    )
    request: HttpRequest = RequestFactory().get("/x")
    assert [item["href"] for item in items_resolved(items, request)] == ["/"]
    request.principal = object()  # type: ignore[attr-defined]
    assert [item["href"] for item in items_resolved(items, request)] == ["/form"]


def test_the_layout_follows_the_channel_and_is_the_portals_elsewhere() -> None:
    assert "lt-desk" in Client().get("/desk/").text
    assert "lt-portal" in Client().get("/form").text
    assert "lt-portal" in Client().get("/nothing").text


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), st.text(max_size=10))
def test_the_other_languages_address_keeps_the_query_and_never_leaves_the_site(
    query: dict[str, str], path: str
) -> None:
    request = RequestFactory().get("/")
    request.path = f"//{path}"
    request.GET = QueryDict(mutable=True)
    for key, value in query.items():
        request.GET[key] = value
    address = layout(request)["other_language_url"]
    assert address.startswith("?")
    assert QueryDict(address[1:]).dict() == {**query, "lang": "en"}


def test_a_problem_is_told_with_what_why_and_what_next_in_the_readers_language() -> None:
    response = Client().get("/problem?lang=en")
    assert response.status_code == 409
    parts = ("This child is registered already.", "has held the entry", "Open dossier", "birth.twice")
    assert all(part in response.text for part in parts)
    assert "Cháu này đã được khai sinh." in Client().get("/problem").text


@pytest.mark.parametrize(
    ("path", "status", "vi", "en"),
    [
        ("/spoiled", 400, "Không đọc được yêu cầu", "The request could not be read"),
        ("/forbidden", 403, "Bạn không có quyền mở trang này", "You may not open this page"),
        ("/nothing", 404, "Không tìm thấy trang", "Page not found"),
        ("/broken", 500, "Hệ thống gặp sự cố", "Something went wrong"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_error_pages_say_what_happened_in_both_languages(path: str, status: int, vi: str, en: str) -> None:
    client = Client(raise_request_exception=False)
    vietnamese = client.get(path)
    assert vietnamese.status_code == status
    assert vi in vietnamese.text
    english = client.get(f"{path}?lang=en").text
    assert en in english or (status in {400, 403, 500} and vi in english)


def test_a_long_list_has_pages_that_keep_the_rest_of_the_address() -> None:
    html = Client().get("/desk/?filter=late&page=4").text
    assert 'href="?filter=late&amp;page=5"' in html
    assert 'aria-label="Trang 4" aria-current="page"' in html
    assert "50.076" in html
    assert "50,076" in Client().get("/desk/?lang=en").text
