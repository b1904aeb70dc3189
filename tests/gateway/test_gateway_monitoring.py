"""What a gateway tells of its work: Prometheus' figures, trace ids, and the times of each exchange."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families

from lienthong.gateway.core import trace_of
from lienthong.gateway.envelope import Question
from lienthong.gateway.metrics import OTHER, SERVICES_MAX, Metrics, outcome_of
from lienthong.gateway.oprecord import FIELDS
from lienthong.gateway.soap_monitoring import MONITORING, RECORDS_MAX, _whole_seconds
from lienthong.gateway.xroad.mime import media_type_parse, parts_of
from tests.gateway.conftest import Exchange
from tests.gateway.control import ONE, REGISTRY, TWO
from tests.gateway.soap_texts import TEXT_XML, envelope, fields
from tests.nation.programs import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LABELS = ("side", "service", "outcome", "type")
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def figures(url: str) -> dict[tuple[str, ...], float]:
    got = httpx.get(f"{url}/metrics")
    assert got.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (one.name, *(one.labels[label] for label in LABELS if label in one.labels)): one.value
        for family in text_string_to_metric_families(got.text)
        for one in family.samples
    }


def counted(exchange: Exchange, *key: str) -> float:
    return figures(exchange.url).get(("lienthong_gateway_exchanges_total", *key), 0)


def test_exchanges_are_counted_by_service_and_outcome(exchange: Exchange) -> None:
    def seen(outcome: str) -> float:
        return counted(exchange, "consumer", "data/echo", outcome)

    before = {outcome: seen(outcome) for outcome in ("2xx", "4xx", "5xx")}
    for status in (200, 404, 200, 500):
        rest = {404: "/missing", 500: "/broken"}.get(status, "")
        assert exchange.ask("GET", "echo", rest).status_code == status
    assert {outcome: seen(outcome) - count for outcome, count in before.items()} == {
        "2xx": 2,
        "4xx": 1,
        "5xx": 1,
    }


def test_refusals_durations_and_what_waits_are_told(exchange: Exchange) -> None:
    assert exchange.ask("GET", "ungranted").status_code == 500
    assert exchange.ask("GET", "echo", client="VN/GOV/T01/nobody").status_code in {400, 500}
    found = figures(exchange.url)
    refusals = {key[1]: value for key, value in found.items() if key[0] == "lienthong_gateway_refusals_total"}
    assert refusals["server.serverproxy.access_denied"] >= 1
    assert len(refusals) >= 2
    assert found["lienthong_gateway_exchange_seconds_count", "consumer"] >= 2
    assert found["lienthong_gateway_log_queue",] == 0
    assert found["lienthong_gateway_unstamped_messages",] >= 0
    assert found["lienthong_gateway_configuration_age_seconds",] > 0
    assert found["lienthong_gateway_control_plane_silent_seconds",] >= 0
    assert found["lienthong_gateway_in_flight", "consumer"] == 0


def test_a_strangers_names_make_no_labels(exchange: Exchange) -> None:
    for number in range(5):
        exchange.ask("GET", f"made-up-{number}")
        exchange.ask("GET", f"made-up-{number}", provider=REGISTRY)
    services = {key[2] for key in figures(exchange.url) if key[0] == "lienthong_gateway_exchanges_total"}
    assert not [name for name in services if "made-up" in name]
    assert OTHER in services


def test_labels_are_bounded_whatever_the_configuration_names() -> None:
    metrics = Metrics()
    for number in range(SERVICES_MAX + 50):
        metrics.logged(side="consumer", service=f"s/{number}", known=True, outcome=outcome_of(200, ""))
    assert len(metrics._services) == SERVICES_MAX


@pytest.mark.parametrize(
    ("status", "problem", "outcome"),
    [(204, "", "2xx"), (302, "", "3xx"), (503, "", "5xx"), (500, "x", "refused")],
)
def test_an_outcome_is_the_systems_own_or_a_refusal(status: int, problem: str, outcome: str) -> None:
    assert outcome_of(status, problem) == outcome


def test_the_trace_reaches_the_system_and_the_lines_of_both_gateways(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "LIENTHONG_LOG_LEVEL", "INFO")
    for server in (ONE, TWO):
        exchange.stop(server)
        exchange.start(server)
    made = str(uuid4())
    headers = {"traceparent": PARENT, "tracestate": "a=b", "X-Road-Id": made}
    got = exchange.ask("GET", "echo", headers=headers)
    reached = {name.lower(): value for name, value in got.json()["headers"]}
    assert (reached["traceparent"], reached["tracestate"]) == (PARENT, "a=b")
    time.sleep(0.2)
    lines = [
        json.loads(line)
        for line in (exchange.folder / "gateway.log").read_text().splitlines()
        if made in line
    ]
    assert {line["side"] for line in lines} == {"consumer", "provider"}
    assert {line["trace_id"] for line in lines} == {TRACE}
    assert {line["service"] for line in lines} == {"data/echo"}


@pytest.mark.parametrize(
    ("value", "trace"),
    [
        (PARENT, TRACE),
        (f"{PARENT}-more", TRACE),
        (PARENT.replace("00-", "ff-", 1), ""),
        (PARENT.upper(), ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        ("00-x", ""),
        (f"{PARENT}\nx", ""),
    ],
)
def test_a_bad_trace_parent_is_no_trace(value: str, trace: str) -> None:
    blank = dict.fromkeys(Question.__struct_fields__, "")
    question = Question(**{**blank, "headers": [("Traceparent", value)], "body_size": 0})  # type: ignore[arg-type]
    assert trace_of(question) == ({"trace_id": trace} if trace else {})


def test_the_log_has_the_times_of_an_exchange_on_both_sides(exchange: Exchange) -> None:
    made = f"lt-{uuid4()}"
    assert exchange.ask("GET", "echo", headers={"X-Road-Id": made}).status_code == 200
    (asked,), (answered,) = exchange.logged(ONE, made), exchange.logged(TWO, made)
    names = ("request_in", "request_out", "response_in", "response_out")
    consumer, provider = ([row[name] for name in names] for row in (asked, answered))
    assert consumer == sorted(consumer)
    assert provider == sorted(provider)
    assert consumer[1] <= provider[0] <= provider[3] <= consumer[2]
    refused = f"lt-{uuid4()}"
    exchange.ask("GET", "ungranted", headers={"X-Road-Id": refused})
    (row,) = exchange.logged(TWO, refused)
    assert [row[name] is None for name in names] == [False, True, True, False]
    assert re.fullmatch(r"\d{13}", str(row["request_in"]))


# PR-OPMON's record, and its service


def monitoring(criteria: str, output: str = "", **given: str) -> bytes:
    code = "getSecurityServerOperationalData"
    header = fields(code, **{"version": "", "provider": "VN/GOV/T01", **given})
    body = f"<om:searchCriteria>{criteria}</om:searchCriteria>{output}"
    return envelope(header, f'<om:{code} xmlns:om="{MONITORING}">{body}</om:{code}>')


def since(begin: int, end: int) -> str:
    return f"<om:recordsFrom>{begin}</om:recordsFrom><om:recordsTo>{end}</om:recordsTo>"


def asked_for(exchange: Exchange, body: bytes) -> tuple[Any, list[dict[str, Any]]]:
    """The response's element, and the records of its attachment."""
    got = httpx.post(f"{exchange.url}/", content=body, headers={"Content-Type": TEXT_XML.decode()})
    media = media_type_parse(got.headers["Content-Type"].encode())
    assert media.name == "multipart/related", got.text
    soap, attached = parts_of(got.content, media.parameters["boundary"])
    root = etree.fromstring(got.content[soap.start : soap.end])
    (response,) = root.iter(f"{{{MONITORING}}}getSecurityServerOperationalDataResponse")
    assert response.findtext(f"{{{MONITORING}}}records") == "cid:operational-monitoring-data.json.gz"
    packed = gzip.decompress(got.content[attached.start : attached.end])
    return response, json.loads(packed)["records"]


def fault(exchange: Exchange, body: bytes) -> str:
    got = httpx.post(f"{exchange.url}/", content=body, headers={"Content-Type": TEXT_XML.decode()})
    return str(etree.fromstring(got.content).findtext(".//faultcode"))


@pytest.fixture(scope="module")
def told(exchange: Exchange) -> tuple[str, int]:
    """The id of an exchange old enough to be told, and a second before it."""
    made, begin = f"op-{uuid4()}", int(time.time()) - 1
    headers = {"X-Road-Id": made, "X-Road-UserId": "VN001", "X-Road-Issue": "H-7"}
    headers["X-Road-Represented-Party"] = "COM/MEMBER123"
    got = exchange.ask("POST", "echo", "/a/b?c=1", headers=headers, content=b"12345")
    assert got.status_code == 200
    exchange.ask("GET", "ungranted", headers={"X-Road-Id": f"{made}-refused"})
    wait_until(lambda: time.time() > begin + 6, seconds=10)
    return made, begin


def test_a_record_has_the_fields_of_the_protocol_and_their_types(
    exchange: Exchange, told: tuple[str, int]
) -> None:
    made, begin = told
    response, records = asked_for(exchange, monitoring(since(begin, begin + 3)))
    assert int(response.findtext(f"{{{MONITORING}}}recordsCount")) == len(records) >= 2
    (record,) = [one for one in records if one["messageId"] == made]
    assert set(record) <= set(FIELDS)
    assert len(FIELDS) == len(set(FIELDS)) == 39
    times = [record[name] for name in ("requestInTs", "requestOutTs", "responseInTs", "responseOutTs")]
    assert times == sorted(times)
    assert begin * 1000 <= times[0]
    expected = {
        "securityServerType": "Client",
        "securityServerInternalIp": "127.0.0.1",
        "clientXRoadInstance": "VN",
        "clientMemberClass": "GOV",
        "clientMemberCode": "T01",
        "clientSubsystemCode": "app",
        "serviceMemberCode": "T02",
        "serviceSubsystemCode": "data",
        "serviceCode": "echo",
        "restMethod": "POST",
        "restPath": "/a/b",
        "representedPartyClass": "COM",
        "representedPartyCode": "MEMBER123",
        "messageUserId": "VN001",
        "messageIssue": "H-7",
        "messageProtocolVersion": "1",
        "clientSecurityServerAddress": "127.0.0.1",
        "serviceSecurityServerAddress": "127.0.0.1",
        "requestSize": 5,
        "requestAttachmentCount": 0,
        "succeeded": True,
        "serviceType": "REST",
        "statusCode": 200,
    }
    assert {name: record[name] for name in expected} == expected
    assert "faultCode" not in record
    (refused,) = [one for one in records if one["messageId"] == f"{made}-refused"]
    assert (refused["succeeded"], refused["faultCode"]) == (False, "server.serverproxy.access_denied")


def test_only_the_fields_and_the_clients_that_were_asked_for_are_told(
    exchange: Exchange, told: tuple[str, int]
) -> None:
    made, begin = told
    output = "<om:outputSpec><om:outputField>messageId</om:outputField></om:outputSpec>"
    _, records = asked_for(exchange, monitoring(since(begin, begin + 3), output))
    assert {"messageId": made} in records
    assert {name for record in records for name in record} == {"messageId"}
    parts = dict(zip(("memberClass", "memberCode", "subsystemCode"), ("GOV", "T02", "closed"), strict=True))
    inner = "".join(
        f"<id:{name}>{value}</id:{name}>" for name, value in {"xRoadInstance": "VN", **parts}.items()
    )
    client = f'<om:client id:objectType="SUBSYSTEM">{inner}</om:client>'
    _, others = asked_for(exchange, monitoring(since(begin, begin + 3) + client))
    assert others == []


def test_what_is_not_committed_for_sure_is_told_the_next_time(
    exchange: Exchange, told: tuple[str, int]
) -> None:
    _, begin = told
    response, _ = asked_for(exchange, monitoring(since(begin, begin + 3)))
    assert response.find(f"{{{MONITORING}}}nextRecordsFrom") is None
    response, _ = asked_for(exchange, monitoring(since(begin, int(time.time()) + 1000)))
    following = int(response.findtext(f"{{{MONITORING}}}nextRecordsFrom"))
    assert begin < following <= time.time()


def test_more_than_fits_is_told_in_whole_seconds() -> None:
    rows = [
        {"recorded_at": datetime.fromtimestamp(1000 + number // 4, UTC)} for number in range(RECORDS_MAX + 1)
    ]
    kept, following = _whole_seconds(rows)
    assert (len(kept), following) == (RECORDS_MAX, 1000 + RECORDS_MAX // 4)
    same = [{"recorded_at": datetime.fromtimestamp(1000, UTC)}] * (RECORDS_MAX + 1)
    assert (len(_whole_seconds(same)[0]), _whole_seconds(same)[1]) == (RECORDS_MAX, 1001)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (monitoring(since(5, 4)), "client.invalid_request"),
        (monitoring(since(4_000_000_000, 4_000_000_000)), "client.invalid_request"),
        (monitoring("<om:recordsFrom>x</om:recordsFrom>"), "client.invalid_request"),
        (
            monitoring(since(1, 2), "<om:outputSpec><om:outputField>x</om:outputField></om:outputSpec>"),
            "client.invalid_request",
        ),
        (monitoring(since(1, 2), provider="VN/GOV/T02"), "server.clientproxy.invalid_security_server"),
        (monitoring(since(1, 2), asker="VN/GOV/T02/data"), "server.clientproxy.unknown_member"),
    ],
    ids=["backwards", "future", "no number", "unknown field", "another gateway", "another's client"],
)
def test_a_question_that_is_not_ours_to_answer_is_refused(exchange: Exchange, body: bytes, code: str) -> None:
    assert fault(exchange, body) == code
