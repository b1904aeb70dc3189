"""Facts §1.3 and §1.8 through two real gateways: rights by subsystem, group and endpoint; what clients find out."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from tests import conftest as database
from tests.gateway.conftest import Exchange
from tests.gateway.control import FRAMED, NAMESAKE, ONE, READER, REGISTRY, STRANGER, TWO

ERROR = "X-Road-Error"
DENIED, UNKNOWN = "server.serverproxy.access_denied", "server.serverproxy.unknown_service"
INTERNAL = "server.serverproxy.internal_error"


def ask(exchange: Exchange, method: str, code: str, rest: str = "", **given: Any) -> httpx.Response:
    return exchange.ask(method, code, rest, provider=REGISTRY, **given)


def services(got: httpx.Response) -> dict[str, dict[str, Any]]:
    return {row["service_code"]: row for row in got.json()["service"]}


def pairs(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["method"], one["path"]) for one in row["endpoint_list"]}


def test_a_right_to_an_endpoint_covers_its_method_and_path(exchange: Exchange) -> None:
    got = ask(exchange, "GET", "persons", "/persons/1?full=1")
    assert got.status_code == 200
    assert got.json()["target"] == "/api/persons/1?full=1"  # where the description's server says it begins


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/persons/1"),
        ("GET", "/persons"),
        ("PATCH", "/persons/1"),
        ("GET", "/persons/1/x"),
        ("GET", ""),
    ],
)
def test_an_endpoint_that_is_not_granted_is_denied_and_named(
    exchange: Exchange, method: str, path: str
) -> None:
    got = ask(exchange, method, "persons", path)
    assert (got.status_code, got.headers[ERROR]) == (500, DENIED)
    told = got.json()["message"]
    assert f"{method} '{path or '/'}'" in told
    assert "GET /persons/*" in told
    assert "Ask VN/GOV/T02" in told


def test_a_path_is_matched_as_the_provider_will_read_it(exchange: Exchange) -> None:
    assert ask(exchange, "GET", "persons", "/persons/%31").status_code == 200
    assert ask(exchange, "GET", "persons", "/pers%6Fns/1").status_code == 200
    got = ask(exchange, "GET", "persons", "/persons/1%2Fphoto")
    assert (got.status_code, got.headers[ERROR]) == (400, "client.bad_request")


def test_of_several_agreements_for_one_purpose_any_one_covers(exchange: Exchange) -> None:
    """The client's own is on persons, its group's on photos."""
    assert ask(exchange, "GET", "persons", "/persons/1").status_code == 200
    assert ask(exchange, "GET", "persons", "/persons/1/photo").status_code == 200


def test_of_several_quotas_the_largest_ends_last_and_a_restart_does_not_give_it_back(
    exchange: Exchange,
) -> None:
    """Two calls by one group's agreement and three by the other's; the client's own does not cover the method."""
    assert ask(exchange, "GET", "limited", "/b/x").status_code == 200  # which counts for neither
    assert [ask(exchange, "PUT", "limited", "/b/x").status_code for _ in range(3)] == [200] * 3
    for _ in range(2):
        got = ask(exchange, "PUT", "limited", "/b/x")
        assert (got.status_code, got.headers[ERROR]) == (500, "server.serverproxy.quota_used")
        assert "its 3 calls of registry/limited" in got.json()["message"]
        assert ask(exchange, "GET", "limited", "/b/x").status_code == 200
        exchange.stop(TWO)
        exchange.start(TWO)


def test_a_groups_right_is_its_members_alone(exchange: Exchange) -> None:
    assert ask(exchange, "GET", "persons", "/persons/1/photo", client=READER).status_code == 200
    assert ask(exchange, "GET", "persons", "/persons/1", client=READER).headers[ERROR] == DENIED
    got = ask(exchange, "GET", "persons", "/persons/1/photo", client=STRANGER)
    assert (got.status_code, got.headers[ERROR]) == (500, DENIED)
    assert "No agreement lets VN/GOV/T01/stranger call registry/persons" in got.json()["message"]


def test_a_subsystems_right_is_not_its_members_other_systems(exchange: Exchange) -> None:
    assert ask(exchange, "GET", "plain", "/any/thing").status_code == 200
    assert ask(exchange, "GET", "plain", "/any/thing", client=READER).headers[ERROR] == DENIED


def test_an_agencys_grant_opens_no_other_agencys_system_of_the_same_name(exchange: Exchange) -> None:
    assert ask(exchange, "GET", "plain").status_code == 200
    got = exchange.ask("GET", "plain", provider=NAMESAKE)
    assert (got.status_code, got.headers[ERROR]) == (500, DENIED)
    assert "Ask VN/GOV/T01" in got.json()["message"]
    assert services(exchange.ask("GET", "allowedMethods", provider=NAMESAKE)) == {}


def test_a_right_to_the_whole_service_covers_every_method_and_version(exchange: Exchange) -> None:
    for method, path in (("GET", ""), ("DELETE", "/v2/x"), ("POST", "/v1")):
        assert ask(exchange, method, "plain", path).status_code == 200


def test_who_has_described_services_offers_those_alone(exchange: Exchange) -> None:
    got = ask(exchange, "GET", "withdrawn", "/x")
    assert (got.status_code, got.headers[ERROR]) == (500, UNKNOWN)


def test_a_soap_service_is_not_called_by_rest(exchange: Exchange) -> None:
    got = ask(exchange, "POST", "askOldWay")
    assert (got.status_code, got.headers[ERROR]) == (500, "server.serverproxy.service_type")


def test_list_methods_shows_each_rest_service_with_its_endpoints(exchange: Exchange) -> None:
    found = services(ask(exchange, "GET", "listMethods", client=STRANGER))
    assert "askOldWay" not in found  # SOAP
    assert {code: found[code]["service_type"] for code in ("persons", "plain", "limited")} == {
        "persons": "OPENAPI",
        "plain": "REST",
        "limited": "REST",
    }
    assert pairs(found["persons"]) == {
        ("GET", "/persons"),
        ("POST", "/persons"),
        ("GET", "/persons/*"),
        ("PUT", "/persons/*"),
        ("GET", "/persons/*/photo"),
    }
    assert pairs(found["plain"]) == {("*", "/**")}


def test_allowed_methods_shows_the_endpoints_that_the_client_may_call(exchange: Exchange) -> None:
    found = services(ask(exchange, "GET", "allowedMethods"))
    assert set(found) == {"persons", "plain", "limited"}
    assert pairs(found["persons"]) == {("GET", "/persons/*"), ("GET", "/persons/*/photo")}
    assert pairs(found["plain"]) == {("*", "/**")}
    # What is granted narrower than it is offered is shown as it is granted.
    assert pairs(found["limited"]) == {("GET", "/a/*"), ("POST", "/b/only"), ("PUT", "/b/**")}
    assert pairs(services(ask(exchange, "GET", "allowedMethods", client=READER))["persons"]) == {
        ("GET", "/persons/*/photo")
    }
    assert services(ask(exchange, "GET", "allowedMethods", client=STRANGER)) == {}


def test_get_open_api_hands_the_description_out_without_the_agencys_address(exchange: Exchange) -> None:
    got = ask(exchange, "GET", "getOpenAPI", "?serviceCode=persons", client=STRANGER)
    assert (got.status_code, got.headers["Content-Type"]) == (200, "text/yaml;charset=utf-8")
    described = yaml.safe_load(got.content)
    assert described["servers"] == [{"url": "/api"}]
    assert set(described["paths"]) == {"/persons", "/persons/{id}", "/persons/{id}/photo"}
    assert b"10.0.0.7" not in got.content


@pytest.mark.parametrize(
    ("query", "kind", "status"),
    [
        ("", "server.serverproxy.invalid_request", 500),
        ("?serviceCode=", "server.serverproxy.invalid_request", 500),
        ("?serviceCode=nothing", INTERNAL, 500),
        ("?serviceCode=plain", INTERNAL, 500),
        ("?serviceCode=askOldWay", INTERNAL, 500),
    ],
)
def test_get_open_api_says_why_there_is_none(exchange: Exchange, query: str, kind: str, status: int) -> None:
    got = ask(exchange, "GET", "getOpenAPI", query)
    assert (got.status_code, got.headers[ERROR]) == (status, kind)


def test_metaservices_of_an_unknown_system_are_an_error(exchange: Exchange) -> None:
    for code in ("listMethods", "allowedMethods", "getOpenAPI"):
        got = exchange.ask("GET", code, "?serviceCode=x", provider="VN/GOV/T09/none")
        assert got.headers[ERROR] == "server.clientproxy.unknown_member"


def test_metaservices_are_asked_by_get_alone(exchange: Exchange) -> None:
    assert ask(exchange, "POST", "listMethods").headers[ERROR] == UNKNOWN


def test_a_system_of_lienthong_is_described_from_its_contract(exchange: Exchange) -> None:
    found = services(exchange.ask("GET", "listMethods", provider=FRAMED))
    assert found["documents-find"]["service_type"] == "OPENAPI"
    assert pairs(found["documents-find"]) == {("POST", "/v1")}
    allowed = services(exchange.ask("GET", "allowedMethods", provider=FRAMED))
    assert {code: pairs(row) for code, row in allowed.items()} == {"documents-find": {("POST", "/v1")}}
    got = exchange.ask("GET", "getOpenAPI", "?serviceCode=documents-find", provider=FRAMED)
    assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json;charset=utf-8")
    described = got.json()
    body = described["paths"]["/v1"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].removeprefix("#/components/schemas/") in described["components"]["schemas"]


def test_a_description_that_was_read_once_is_served_while_the_control_plane_is_away(
    exchange: Exchange,
) -> None:
    query = "?serviceCode=persons"
    before = ask(exchange, "GET", "getOpenAPI", query).content
    exchange.stop(ONE)
    path = exchange.configs[ONE]
    good = path.read_text()
    try:
        path.write_text(good.replace(exchange.control, "no_such_database"))
        exchange.start(ONE)
        assert ask(exchange, "GET", "getOpenAPI", query).content == before
        [copy] = [one for one in path.parent.glob("*.documents/*") if one.read_bytes() == before]
        exchange.stop(ONE)
        copy.write_bytes(before + b"# meddled")
        exchange.start(ONE)
        got = ask(exchange, "GET", "getOpenAPI", query)
        assert got.headers[ERROR] == "server.serverproxy.database_error"
        exchange.stop(ONE)
    finally:
        path.write_text(good)
        exchange.start(ONE)
    assert ask(exchange, "GET", "getOpenAPI", query).content == before


def test_a_description_that_is_not_what_was_signed_is_not_handed_out(exchange: Exchange) -> None:
    code = "forged"
    more = f"from tests.gateway.control import publish_more; publish_more({code!r})"
    database._python(more, exchange.control)
    with psycopg.connect(database.database_url(exchange.control), autocommit=True) as connection:
        changed = connection.execute(
            "update exchange_document set content = content || '\\x20'::bytea where digest ="
            " (select document_id from exchange_publishedservice where code = %s)",
            [code],
        )
        assert changed.rowcount == 1
    end = time.monotonic() + 10
    while code not in services(ask(exchange, "GET", "listMethods")):
        assert time.monotonic() < end
        time.sleep(0.05)
    got = ask(exchange, "GET", "getOpenAPI", f"?serviceCode={code}")
    assert got.headers[ERROR] == "server.serverproxy.database_error"


def test_metaservices_answer_in_the_documents_shape(exchange: Exchange) -> None:
    row = services(ask(exchange, "GET", "listMethods"))["persons"]
    instance, kind, member, subsystem = REGISTRY.split("/")
    assert {name: value for name, value in row.items() if name != "endpoint_list"} == {
        "xroad_instance": instance,
        "member_class": kind,
        "member_code": member,
        "subsystem_code": subsystem,
        "object_type": "SERVICE",
        "service_code": "persons",
        "service_type": "OPENAPI",
    }
    assert json.dumps(row["endpoint_list"][0]) == '{"method": "GET", "path": "/persons"}'
