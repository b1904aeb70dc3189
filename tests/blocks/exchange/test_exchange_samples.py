"""Calls to copy: what they fill in, and that no value breaks out of its language."""

import ast
import json
import shlex

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.contract_openapi import described
from lienthong.blocks.exchange.provide import Offers
from lienthong.blocks.exchange.samples import Call, curl, java, python, rest_call

DATA = "VN/GOV/T02/data"


def call_of(endpoints: tuple[tuple[str, str], ...], document: bytes | None = None) -> Call:
    return rest_call(
        gateway="http://127.0.0.1:8080/",
        client="VN/GOV/T01/app",
        provider=DATA,
        code="persons",
        endpoints=endpoints,
        document=document,
    )


def test_the_simplest_endpoint_that_reads_is_called() -> None:
    call = call_of((("POST", "/a"), ("GET", "/a/*/b/*"), ("GET", "/a/*"), ("DELETE", "/")))
    assert (call.method, call.path) == ("GET", f"/r1/{DATA}/persons/a/1")
    assert call.url == f"http://127.0.0.1:8080/r1/{DATA}/persons/a/1"
    assert call.body is None


def test_parameters_take_the_descriptions_examples_and_required_queries_are_there() -> None:
    document = b"""openapi: 3.0.3
info: {title: x, version: '1'}
paths:
  /p/{id}/{kind}:
    parameters: [{$ref: '#/components/parameters/Id'}]
    get:
      parameters:
      - {name: kind, in: path, schema: {type: string, enum: ['a b', c]}}
      - {name: since, in: query, required: true, schema: {type: string, format: date}}
      - {name: page, in: query, schema: {type: integer}}
components: {parameters: {Id: {name: id, in: path, required: true, schema: {type: integer, minimum: 40}}}}
"""
    call = call_of((("GET", "/p/*/*"),), document)
    assert call.path == f"/r1/{DATA}/persons/p/40/a%20b?since=2026-01-31"


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    document = b"""{"openapi": "3.1.0", "info": {"title": "x", "version": "1"},
    "paths": {"/n": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/c/N"}}}}}}},
    "c": {"N": {"type": "object", "required": ["next", "l"],
    "properties": {"next": {"$ref": "#/c/N"}, "l": {"type": "array", "items": {"$ref": "#/c/N"}}}}}}"""
    call = call_of((("POST", "/n"),), document)
    assert call.body is not None
    assert set(json.loads(call.body)) == {"next", "l"}


@pytest.mark.parametrize(
    "one",
    described(frozenset(service for service, _ in Offers.services.values())),
    ids=lambda one: f"{one.system}/{one.code}",
)
def test_the_body_of_every_contracts_call_has_the_shape_that_its_contract_asks_for(one: object) -> None:
    tree = json.loads(one.document)
    call = call_of(one.endpoints[-1:], one.document)
    version = one.endpoints[-1][1]
    schema = tree["paths"][version]["post"]["requestBody"]["content"]["application/json"]["schema"]
    found = jsonschema.Draft202012Validator({**schema, "components": tree["components"]})
    wrong = [
        error for error in found.iter_errors(json.loads(call.body or "")) if error.validator != "pattern"
    ]
    assert [error.message for error in wrong] == []


@pytest.mark.parametrize("gateway", ["http://g", "https://g"])
@given(body=st.text(min_size=1, max_size=60), purpose=st.text(max_size=30))
def test_whatever_stands_in_a_value_each_language_reads_it_back(
    gateway: str, body: str, purpose: str
) -> None:
    call = Call(gateway, "VN/GOV/T01/app", "POST", "/r1/x", body, purpose)
    words = shlex.split(curl(call).replace(" \\\n  ", " "))
    assert words[words.index("--data-binary") + 1] == body
    assert ("certificate.pem" in words) == call.secured
    assert not purpose or f"Lienthong-Purpose: {purpose}" in words
    literals = [node.value for node in ast.walk(ast.parse(python(call))) if isinstance(node, ast.Constant)]
    assert body in literals
    assert not purpose or purpose in literals
    quoted = java(call).split("BodyPublishers.ofString(", 1)[1].split("))\n", 1)[0]
    assert json.loads(quoted) == body
    assert quoted.isascii()
