"""GovStack's form of the directory services, by the door of the second gateway (facts §5.2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, READER, REGISTRY, STRANGER, TWO

CLIENT = "Information-Mediator-Client"
TEXT = {"type": "string"}
# The suite's own: features/support/helpers/helpers.js at commit 4452492.
SCHEMA = {
    "type": "object",
    "required": ["member"],
    "additionalProperties": False,
    "properties": {
        "member": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "objectType": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"object_type": {"enum": ["MEMBER", "SUBSYSTEM", "SERVICE"]}},
                    },
                    **dict.fromkeys(
                        (
                            "serviceType",
                            "GovStackInstance",
                            "memberClass",
                            "memberCode",
                            "applicationCode",
                            "serviceCode",
                            "serviceVersion",
                        ),
                        TEXT,
                    ),
                    "endpointList": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "member": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "properties": {"method": TEXT, "path": TEXT},
                                },
                            }
                        },
                    },
                },
            },
        }
    },
}


def ask(exchange: Exchange, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"http://{exchange.doors[TWO]}/{path}", headers=headers, timeout=10)


def members(got: httpx.Response) -> list[dict[str, Any]]:
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    Draft202012Validator(SCHEMA).validate(got.json())
    return got.json()["member"]


def pairs(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["method"], one["path"]) for one in row["endpointList"]["member"]}


def test_list_methods_needs_no_client(exchange: Exchange) -> None:
    rows = {row["serviceCode"]: row for row in members(ask(exchange, f"{REGISTRY}/listMethods"))}
    assert set(rows) >= {"persons", "plain", "limited"}
    row = rows["persons"]
    assert (row["GovStackInstance"], row["applicationCode"], row["serviceType"]) == (
        "VN",
        "registry",
        "OPENAPI",
    )
    assert ("PUT", "/persons/*") in pairs(row)


@pytest.mark.parametrize("header", [CLIENT, "X-GovStack-Client"])
def test_allowed_methods_is_what_the_client_may_call(exchange: Exchange, header: str) -> None:
    found = {
        client: {
            row["serviceCode"]: pairs(row)
            for row in members(ask(exchange, f"{REGISTRY}/allowedMethods", **{header: client}))
        }
        for client in (ASKER, READER, STRANGER)
    }
    assert set(found[ASKER]) == {"persons", "plain", "limited"}
    assert found[READER] == {"persons": {("GET", "/persons/*/photo")}, "limited": {("PUT", "/b/**")}}
    assert found[STRANGER] == {}


@pytest.mark.parametrize("client", [{}, {CLIENT: "VN"}, {CLIENT: "a b/c/d"}])
def test_allowed_methods_without_a_client_is_an_error_in_the_request(
    exchange: Exchange, client: dict[str, str]
) -> None:
    got = ask(exchange, f"{REGISTRY}/allowedMethods", **client)
    assert got.status_code == 400
    assert got.headers["X-Road-Error"] == "client.bad_request"
    assert isinstance(got.json(), str)


def test_whom_nobody_knows_offers_nothing(exchange: Exchange) -> None:
    for provider in ("VN/GOV/T99/none", "%22VN%22/GOV/T02/registry", "VN%2FGOV/T02/registry/x"):
        assert members(ask(exchange, f"{provider}/listMethods")) == []
        assert members(ask(exchange, f"{provider}/allowedMethods", **{CLIENT: ASKER})) == []


def test_get_open_api_is_the_document_as_one_string(exchange: Exchange) -> None:
    got = ask(exchange, f"{REGISTRY}/getOpenAPI?serviceCode=persons")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert set(yaml.safe_load(got.json())["paths"]) >= {"/persons/{id}"}


@pytest.mark.parametrize(
    "path",
    [
        f"{REGISTRY}/getOpenAPI",
        f"{REGISTRY}/getOpenAPI?serviceCode=",
        f"{REGISTRY}/getOpenAPI?serviceCode=_invalid",
        f"{REGISTRY}/getOpenAPI?serviceCode=plain",
        "VN/GOV/T99/none/getOpenAPI?serviceCode=persons",
        "VN/GOV/%22/none/getOpenAPI?serviceCode=persons",
    ],
)
def test_get_open_api_of_nothing_is_an_error_in_the_request_as_one_string(
    exchange: Exchange, path: str
) -> None:
    got = ask(exchange, path)
    assert got.status_code == 400
    assert isinstance(got.json(), str)
    assert got.headers["X-Road-Error"]


def test_list_clients_shows_all_or_those_of_one_instance(exchange: Exchange) -> None:
    everyone = members(ask(exchange, "listClients"))
    assert {"MEMBER", "SUBSYSTEM"} == {row["objectType"]["object_type"] for row in everyone}
    assert any(row.get("applicationCode") == "registry" for row in everyone)
    assert members(ask(exchange, "listClients?instanceId=VN")) == everyone
    assert members(ask(exchange, "listClients?instanceId=OTHER")) == []


def test_a_gateway_that_was_not_told_to_speaks_x_roads_form_alone(exchange: Exchange) -> None:
    assert httpx.get(f"{exchange.url}/listClients").text.startswith("<?xml")
    got = httpx.get(f"{exchange.url}/{REGISTRY}/listMethods", headers={"X-Road-Client": ASKER})
    assert got.headers["X-Road-Error"] == "client.bad_request"


def test_x_roads_own_routes_stay_beside_it(exchange: Exchange) -> None:
    got = httpx.get(
        f"http://{exchange.doors[TWO]}/r1/{REGISTRY}/listMethods", headers={"X-Road-Client": REGISTRY}
    )
    assert {row["service_code"] for row in got.json()["service"]} >= {"persons"}
