"""The operational record of both sides: sizes, attachments and faults, of SOAP and REST, as they were."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from lienthong.gateway.envelope import Reply
from lienthong.gateway.oprecord import FIELDS
from lienthong.gateway.oprecord_bodies import FAULT_TEXT_MAX, _fault, _measured
from tests.gateway.conftest import Exchange
from tests.gateway.control import DATA, ONE, TWO
from tests.gateway.soap_system import RECORDS
from tests.gateway.soap_texts import SOAP, multipart
from tests.gateway.test_gateway_monitoring import asked_for, monitoring, since
from tests.gateway.test_gateway_soap import ask, records, request  # noqa: F401 - a fixture of this module too
from tests.nation.programs import wait_until


def told(exchange: Exchange, message_id: str) -> dict[str, Any]:
    """The record of the consumer's gateway, which its owner asks for."""
    (row,) = exchange.logged(ONE, message_id)
    at = int(row["recorded_at"].timestamp())
    wait_until(lambda: time.time() > at + 3.1, seconds=20)
    _, found = asked_for(exchange, monitoring(since(at, at)))
    (record,) = [one for one in found if one["messageId"] == message_id]
    assert set(record) <= set(FIELDS)
    return record


def parts(record: dict[str, Any], side: str) -> tuple[Any, ...]:
    return tuple(record.get(f"{side}{name}") for name in ("Size", "MimeSize", "AttachmentCount"))


def test_a_message_with_attachments_has_its_soap_its_container_and_their_number(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    soap = request(message_id=message_id)
    content_type, body = multipart(soap, b"one" * 100, b"two")
    got = ask(exchange, body, content_type)
    record = told(exchange, message_id)
    assert parts(record, "request") == (len(soap), len(body), 2)
    size, container, attachments = parts(record, "response")
    assert (container, attachments) == (len(got.content), 2)
    assert len(soap) < size < container
    assert (record["succeeded"], record["serviceType"], record["serviceVersion"]) == (True, "WSDL", "v1")
    assert "faultCode" not in record
    for server in (ONE, TWO):
        (row,) = exchange.logged(server, message_id)
        assert (row["request_size"], row["request_attachments"]) == (len(soap), 2)
        assert (row["provider"], row["code"], row["version"]) == (RECORDS, "echo", "v1")


def test_a_message_without_attachments_is_no_container(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    body = request(message_id=message_id)
    got = ask(exchange, body)
    record = told(exchange, message_id)
    assert parts(record, "request") == (len(body), None, 0)
    assert parts(record, "response") == (len(got.content), None, 0)


def test_a_fault_of_the_providers_system_is_no_success_and_is_told_in_its_words(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    ask(exchange, request("fault", message_id=message_id))
    record = told(exchange, message_id)
    assert (record["succeeded"], record["faultCode"], record["faultString"]) == (
        False,
        "s:Server",
        "Hết giấy",
    )
    (row,) = exchange.logged(TWO, message_id)
    assert (row["fault_code"], row["problem"]) == ("s:Server", "")


def test_a_refusal_is_told_in_the_gateways_words(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    got = exchange.ask("GET", "ungranted", headers={"X-Road-Id": message_id})
    record = told(exchange, message_id)
    assert (record["succeeded"], record["faultCode"]) == (False, got.json()["type"])
    assert record["faultString"]
    assert record["faultString"] in got.json()["message"]


def test_a_rest_answer_of_any_status_is_brought_through_and_one_body(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    form = {"X-Road-Id": message_id, "Content-Type": "multipart/form-data; boundary=b"}
    body = b"--b\r\n\r\n1\r\n--b--\r\n"
    got = exchange.ask("POST", "echo", "/broken", headers=form, content=body)
    record = told(exchange, message_id)
    assert (record["succeeded"], record["statusCode"]) == (True, 500)
    assert parts(record, "request") == (len(body), None, 0)
    assert parts(record, "response") == (len(got.content), None, 0)
    assert "faultString" not in record


def test_a_row_of_an_earlier_version_tells_what_it_has(exchange: Exchange) -> None:
    message_id = f"rec-{uuid4()}"
    exchange.ask("POST", "echo", headers={"X-Road-Id": message_id}, content=b"12345")
    columns = "provider code version request_size response_size request_attachments response_attachments"
    emptied = ", ".join(f"{name} = null" for name in f"{columns} fault_code fault_string".split())
    with psycopg.connect(exchange.databases[ONE]) as connection:
        connection.execute(f"update gateway.message set {emptied} where id = %s", [message_id])
    record = told(exchange, message_id)
    assert parts(record, "request") == (5, None, None)
    assert record["succeeded"] is True


def test_a_log_of_an_earlier_version_is_taken_over(exchange: Exchange) -> None:
    before, after = f"rec-{uuid4()}", f"rec-{uuid4()}"
    exchange.ask("GET", "echo", headers={"X-Road-Id": before})
    exchange.stop(ONE)
    with psycopg.connect(exchange.databases[ONE]) as connection:
        connection.execute(
            "alter table gateway.message drop column provider, drop column code, drop column version,"
            " drop column request_size, drop column response_size, drop column request_attachments,"
            " drop column response_attachments, drop column fault_code, drop column fault_string"
        )
    exchange.start(ONE)
    assert exchange.ask("GET", "echo", headers={"X-Road-Id": after}).status_code == 200
    (old,), (new,) = exchange.logged(ONE, before), exchange.logged(ONE, after)
    assert (old["provider"], old["request_size"]) == (None, None)
    assert (new["provider"], new["request_size"], new["fault_code"]) == (DATA, 0, "")


def test_faults_are_found_and_what_only_looks_like_one_is_none() -> None:
    reply = Reply(*("", "", ""), 200, "", [], "", 0, "", "")

    def fault(inner: str, answered: bytes = b"", **changes: Any) -> tuple[str, str]:
        given = Reply(**{name: changes.get(name, getattr(reply, name)) for name in Reply.__struct_fields__})
        soap = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{inner}</e:Body></e:Envelope>' if inner else ""
        return _fault(given, answered, soap.encode())

    assert fault("<e:Fault><faultcode>c</faultcode><faultstring> t </faultstring></e:Fault>") == ("c", "t")
    assert fault("<e:Fault/>") == ("Fault", "")
    assert fault("<Fault>x</Fault>") == ("", "")
    assert fault("<a><e:Fault/></a>") == ("", "")
    assert fault("<e:Fault>") == ("", "")
    assert fault("", b"[]", problem="p") == ("p", "")
    assert fault("", b'{"sentence": {"en": "no"}}', problem="p") == ("p", "no")
    assert FAULT_TEXT_MAX == 2048


@pytest.mark.parametrize(
    "kind", ["multipart/related", "multipart/related; boundary=b", "multipart/x; a=1; a=2"]
)
def test_of_a_container_that_cannot_be_read_no_number_is_told(kind: str) -> None:
    found = _measured([("Content-Type", kind)], b"--b\r\n", 5, soap=True)
    assert (found.size, found.attachments) == (5, None)
