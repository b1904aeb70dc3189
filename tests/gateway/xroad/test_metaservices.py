"""PR-META §2 and PR-MREST §4: the lists that clients discover services by."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lienthong.gateway.xroad.errors import XRoadError
from lienthong.gateway.xroad.identifiers import MemberId, ServiceId, SubsystemId
from lienthong.gateway.xroad.metaservices import (
    RESERVED_CODES,
    Client,
    Endpoint,
    Service,
    clients_render,
    description_type,
    methods_render,
    service_code_of,
)

XRD = "{http://x-road.eu/xsd/xroad.xsd}"
ID = "{http://x-road.eu/xsd/identifiers}"
POPULATION = SubsystemId("VN", "GOV", "G01", "population")
CLIENTS = (
    Client(MemberId("VN", "GOV", "G01"), "Bộ Công an"),
    Client(POPULATION, "Bộ Công an", "Cơ sở dữ liệu dân cư <1>"),
)


@pytest.mark.parametrize("accept", [None, b"*/*", b"text/xml", b"text/html,application/xml"])
def test_list_clients_is_xml_by_default(accept: bytes | None) -> None:
    content_type, body = clients_render(CLIENTS, accept=accept)
    assert content_type == b"text/xml;charset=utf-8"
    root = etree.fromstring(body)
    assert root.tag == f"{XRD}clientList"
    member, subsystem = root
    assert member.tag == f"{XRD}member"
    assert [child.tag for child in subsystem] == [f"{XRD}id", f"{XRD}name", f"{XRD}subsystemName"]
    assert member[0].get(f"{ID}objectType") == "MEMBER"
    assert subsystem[0].get(f"{ID}objectType") == "SUBSYSTEM"
    assert [(part.tag.removeprefix(ID), part.text) for part in subsystem[0]] == [
        ("xRoadInstance", "VN"),
        ("memberClass", "GOV"),
        ("memberCode", "G01"),
        ("subsystemCode", "population"),
    ]
    assert [child.text for child in subsystem[1:]] == ["Bộ Công an", "Cơ sở dữ liệu dân cư <1>"]


def test_list_clients_is_json_by_accept() -> None:
    content_type, body = clients_render(CLIENTS, accept=b"text/plain, application/json;q=0.9")
    assert content_type == b"application/json;charset=utf-8"
    owner = {"member_class": "GOV", "member_code": "G01", "xroad_instance": "VN"}
    assert json.loads(body) == {
        "member": [
            {"id": {**owner, "object_type": "MEMBER"}, "name": "Bộ Công an"},
            {
                "id": {**owner, "object_type": "SUBSYSTEM", "subsystem_code": "population"},
                "name": "Bộ Công an",
                "subsystem_name": "Cơ sở dữ liệu dân cư <1>",
            },
        ]
    }


def test_methods_have_the_shape_of_the_documents_example() -> None:
    listed = Service(
        ServiceId(POPULATION, "verify"), "OPENAPI", (Endpoint("GET", "/persons/*"), Endpoint("*", "**"))
    )
    content_type, body = methods_render([listed, Service(ServiceId(POPULATION, "kore"), "REST", ())])
    assert content_type == b"application/json;charset=utf-8"
    first, second = json.loads(body)["service"]
    assert first == {
        "member_class": "GOV",
        "member_code": "G01",
        "object_type": "SERVICE",
        "service_code": "verify",
        "service_type": "OPENAPI",
        "subsystem_code": "population",
        "xroad_instance": "VN",
        "endpoint_list": [{"method": "GET", "path": "/persons/*"}, {"method": "*", "path": "**"}],
    }
    assert (second["service_type"], second["endpoint_list"]) == ("REST", [])


def test_metaservice_codes_are_reserved_and_never_listed() -> None:
    assert {"listClients", "listMethods", "allowedMethods", "getOpenAPI", "getWsdl"} <= RESERVED_CODES
    services = [Service(ServiceId(POPULATION, code), "REST", ()) for code in sorted(RESERVED_CODES)]
    assert json.loads(methods_render(services)[1]) == {"service": []}


@given(st.text(max_size=20))
def test_any_name_is_well_formed_in_either_form(name: str) -> None:
    client = Client(POPULATION, name, name)
    assert etree.fromstring(clients_render([client], accept=None)[1])[0][0] is not None
    assert json.loads(clients_render([client], accept=b"application/json")[1])["member"][0]["name"] == name


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("serviceCode=verify", "verify"),
        ("a=1&servicecode=verify&b", "verify"),
        ("serviceCode=one&SERVICECODE=two", "two"),
        ("serviceCode=BAR%2FSERVICE", "BAR/SERVICE"),
    ],
)
def test_get_open_api_is_asked_by_service_code(query: str, code: str) -> None:
    assert service_code_of(query) == code


@pytest.mark.parametrize("query", ["", "serviceCode", "serviceCode=", "service=verify", "&&"])
def test_get_open_api_without_a_service_code_is_an_invalid_request(query: str) -> None:
    with pytest.raises(XRoadError) as caught:
        service_code_of(query)
    assert caught.value.kind.value == (
        "server.serverproxy.invalid_request",
        "Server.ServerProxy.InvalidRequest",
    )
    assert "serviceCode" in caught.value.sentence.vi


def test_a_descriptions_type_is_what_it_is() -> None:
    assert description_type(b'\n {"openapi": "3.1.0"}') == b"application/json;charset=utf-8"
    assert description_type(b'\xef\xbb\xbf{"openapi": "3.1.0"}') == b"application/json;charset=utf-8"
    assert description_type(b"openapi: 3.1.0") == b"text/yaml;charset=utf-8"
