"""A newcomer finds a service by everyday words, reads what is needed, and gets its description."""

import json
from datetime import datetime

import pytest
import yaml

from lienthong.blocks.exchange import publishing
from lienthong.blocks.exchange.services import agreement_grant, service_publish
from lienthong.ground.text import Text
from tests.pages import nobody, text_of
from tests.systems.country import country_join
from tests.systems.ndxp.two_agencies import APP, CLINICS, WSDL, Two, offer

pytestmark = pytest.mark.django_db
SERVICE = "/catalogue/N02/clinics/clinics/"


@pytest.fixture
def filled(two: Two) -> Two:
    offer(two.at)
    service_publish(subsystem=CLINICS, description=WSDL, at=two.at)
    service_publish(subsystem=APP, code="beds", title=Text("Giường bệnh còn trống", "Free beds"), at=two.at)
    return two


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kham benh", ["Cơ sở khám bệnh"]),
        ("CƠ SỞ", ["Cơ sở khám bệnh"]),
        ("clin", ["Cơ sở khám bệnh", "findOldWay", "countOldWay"]),
        ("giuong trong", ["Giường bệnh còn trống"]),
        ("N02 khám", ["Cơ sở khám bệnh"]),
        ("xe máy", []),
    ],
)
def test_services_are_found_by_words_without_marks(filled: Two, query: str, found: list[str]) -> None:
    said = text_of(nobody().get("/catalogue/", {"q": query}))
    for title in ("Cơ sở khám bệnh", "Giường bệnh còn trống", "findOldWay", "countOldWay"):
        assert (title in said) == (title in found), title
    assert f"{len(found)} dịch vụ" in said
    assert ("Hãy thử ít từ hơn" in said) == (not found)


def test_services_are_found_by_agency_and_by_kind(filled: Two) -> None:
    of_n01 = text_of(nobody().get("/catalogue/", {"agency": "N01"}))
    assert "1 dịch vụ" in of_n01
    assert "Giường bệnh còn trống" in of_n01
    soap = text_of(nobody().get("/catalogue/", {"kind": "SOAP"}))
    assert "findOldWay" in soap
    assert "Cơ sở khám bệnh" not in soap


def test_a_services_page_says_what_is_needed_and_leads_to_the_request(filled: Two) -> None:
    agreement_grant(
        client=APP,
        service="clinics/clinics",
        purpose="notification",
        legal_basis="-",
        granted_by="N02",
        valid_from=filled.at.date(),
    )
    page = nobody().get(SERVICE)
    said = text_of(page)
    assert "Cơ quan N02" in said
    assert "GET /clinics/*" in said
    assert "Thông báo cho người nộp hồ sơ" in said
    assert "/r1/VN/GOV/N02/clinics/clinics/clinics" in said
    link = (
        "/console/connections/requests/new/?provider=VN%2FGOV%2FN02%2Fclinics&amp;service=clinics%2Fclinics"
    )
    assert link in page.content.decode()
    assert nobody().get(SERVICE.replace("clinics/clinics", "clinics/none")).status_code == 404


def test_the_description_is_downloaded_without_the_agencys_hosts(filled: Two) -> None:
    got = nobody().get(f"{SERVICE}description/")
    tree = yaml.safe_load(got.content)
    assert tree["info"]["title"] == "Clinics of the country"
    assert tree["servers"] == [{"url": "/api"}]
    assert 'filename="clinics-clinics.yaml"' in got["Content-Disposition"]
    wsdl = nobody().get("/catalogue/N02/clinics/findOldWay/description/")
    assert wsdl.content == WSDL
    assert nobody().get("/catalogue/N01/app/beds/description/").status_code == 404


def test_a_soap_services_call_names_service_and_client(filled: Two) -> None:
    said = text_of(nobody().get("/catalogue/N02/clinics/findOldWay/"))
    assert "<id:serviceCode>findOldWay</id:serviceCode>" in said
    assert "Tải mô tả (WSDL)" in said


def test_systems_of_lienthong_stand_in_the_catalogue_once_whoever_runs_them(db: None, at: datetime) -> None:
    country_join(at)
    publishing.contracts_publish(at=at)
    said = text_of(nobody().get("/catalogue/", {"q": "onestop"}))
    assert "Nhiều cơ quan" in said
    person = nobody().get("/catalogue/G01/population/persons-get/")
    assert "Bộ Công an" in text_of(person)
    assert "POST /v1" in text_of(person)
    document = json.loads(nobody().get("/catalogue/G01/population/persons-get/description/").content)
    assert document["openapi"] == "3.1.0"
    many = text_of(nobody().get("/catalogue/all/onestop/dossiers-open/"))
    assert "cơ quan cùng vận hành" in many
    assert "Yêu cầu quyền gọi" not in many


def test_a_long_catalogue_goes_page_by_page(two: Two) -> None:
    for number in range(35):
        service_publish(subsystem=APP, code=f"s{number:02}", at=two.at)
    first, second = nobody().get("/catalogue/"), nobody().get("/catalogue/?page=2")
    codes = [f"app/s{number:02}" for number in range(35)]
    shown = [[code for code in codes if code in text_of(page)] for page in (first, second)]
    assert [len(page) for page in shown] == [30, 5]
    assert shown[0] + shown[1] == codes


def test_the_catalogue_costs_the_same_queries_however_much_is_offered(
    filled: Two, django_assert_num_queries: object
) -> None:
    for number in range(20):
        service_publish(subsystem=APP, code=f"more{number}", at=filled.at)
    client = nobody()
    with django_assert_num_queries(2):
        assert client.get("/catalogue/").status_code == 200
