"""Health data and metrics of a gateway, asked by SOAP at a real one: form, figures, and who may ask."""

from __future__ import annotations

import io
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import zeep
from lxml import etree

from lienthong.blocks.trust.wire import certificate_load
from tests import conftest as database
from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, DATA, NAMESAKE, ONE, REGISTRY, TWO
from tests.gateway.monitoring_texts import (
    COUNTS,
    ENVMON,
    HEALTH,
    MEASURES,
    METRICS,
    OPMON,
    health,
    identifiers,
    metrics,
    wsdl,
)
from tests.gateway.soap_texts import IDENTIFIERS, TEXT_XML, XROAD, envelope, fields
from tests.nation.programs import wait_until

OWNER, GUEST, WATCHER = "VN/GOV/T02", "VN/GOV/T01/guest", "VN/GOV/T01/watcher"
PERIOD_S = 3
PURPOSE = {"Lienthong-Purpose": "testing"}


@pytest.fixture(scope="module")
def gateway_settings() -> dict[str, dict[str, Any]]:
    return {ONE: {"health_period_s": PERIOD_S}, TWO: {"monitoring_client": WATCHER}}


@pytest.fixture(scope="module", autouse=True)
def guests(exchange: Exchange) -> None:
    """Systems of another member behind the second gateway, which know no more than their own exchanges."""
    opened = f"from tests.gateway.test_gateway_health import publish; publish({[GUEST, WATCHER]!r})"
    database._python(opened, exchange.control)
    wait_until(lambda: str(asked_at(exchange, GUEST, DATA, "echo")) == "200", seconds=20)


def publish(names: list[str]) -> None:
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from tests.gateway import control

    for name in names:
        services.subsystem_open(name=name, gateway=TWO, framed=False)
        control.grant("data/echo", control.PURPOSE, client=name)
    configuration.publish_if_changed(at=clock.now())


def asked_at(exchange: Exchange, client: str, provider: str, code: str, body: bytes = b"") -> int:
    """An exchange that begins at the second gateway; its status."""
    time.sleep(0.05)
    url = f"http://{exchange.doors[TWO]}/r1/{provider}/{code}"
    return httpx.post(url, headers={"X-Road-Client": client}, content=body, timeout=30).status_code


def question(code: str, namespace: str, inner: str, *, client: str, owner: str) -> bytes:
    header = fields(code, version="", provider=owner, asker=client)
    return envelope(header, f'<n:{code} xmlns:n="{namespace}">{inner}</n:{code}>')


def posted(exchange: Exchange, body: bytes, server: str) -> Any:
    """The answer's envelope."""
    headers = {"Content-Type": TEXT_XML.decode()}
    got = httpx.post(f"http://{exchange.doors[server]}/", content=body, headers=headers, timeout=30)
    assert got.status_code == 200
    return etree.fromstring(got.content)


def answered(
    exchange: Exchange, code: str, inner: str = "", *, client: str = OWNER, server: str = TWO
) -> Any:
    """The response's element, which fits the protocol's schema."""
    namespace, content = (OPMON, health()) if code == HEALTH else (ENVMON, metrics())
    body = question(code, namespace, inner, client=client, owner=server.rsplit("/", 1)[0])
    root = posted(exchange, body, server)
    [response] = root.find("{*}Body")
    assert response.tag == f"{{{namespace}}}{code}Response", etree.tostring(root)
    assert root.findtext(f".//{{{XROAD}}}requestHash")
    schema(content).assertValid(response)
    return response


def schema(content: str) -> etree.XMLSchema:
    """Of the types in `content` and of identifiers."""

    class Held(etree.Resolver):
        def resolve(self, _url: str, _id: str, context: Any) -> Any:
            return self.resolve_string(identifiers(), context)

    parser = etree.XMLParser()
    parser.resolvers.add(Held())
    content = content.replace(
        f'<xs:import namespace="{IDENTIFIERS}"/>',
        f'<xs:import namespace="{IDENTIFIERS}" schemaLocation="held:identifiers"/>',
    )
    return etree.XMLSchema(etree.fromstring(content, parser))


def fault(exchange: Exchange, body: bytes, server: str = TWO) -> tuple[str, str]:
    found = posted(exchange, body, server).find(".//{*}Fault")
    assert found is not None
    return found.findtext("faultcode"), found.findtext("faultstring")


def events(response: Any) -> dict[str, Any]:
    """By `member/subsystem/code/version`."""
    found = {}
    for one in response.iter(f"{{{OPMON}}}serviceEvents"):
        parts = [part.text for part in one.find("{*}service")][2:]
        found["/".join(parts)] = one
    return found


def counts(event: Any) -> tuple[int, ...]:
    return tuple(int(event.findtext(f"{{*}}lastPeriodStatistics/{{*}}{name}")) for name in COUNTS)


def rows(exchange: Exchange, server: str, service: str) -> list[dict[str, Any]]:
    with psycopg.connect(exchange.databases[server], row_factory=psycopg.rows.dict_row) as connection:
        told = "select * from gateway.message where side = 'provider' and service = %s order by recorded_at"
        return connection.execute(told, [service]).fetchall()


# Health data


def test_a_services_statistics_are_those_of_its_rows_in_the_log(exchange: Exchange) -> None:
    for size in (0, 5, 700):
        assert exchange.ask("POST", "both", headers=PURPOSE, content=b"x" * size).status_code == 200
    assert exchange.ask("GET", "both", "/missing", headers=PURPOSE).status_code == 404
    for _ in range(2):
        assert exchange.ask("GET", "both", headers={"Lienthong-Purpose": "none"}).status_code == 500
    event = events(answered(exchange, HEALTH))["T02/data/both"]
    logged = rows(exchange, TWO, "data/both")
    good = [row for row in logged if not row["problem"]]
    assert counts(event) == (len(good), len(logged) - len(good)) == (4, 2)
    told = event.find("{*}lastPeriodStatistics")
    assert [etree.QName(one).localname for one in told] == [*COUNTS, *MEASURES]
    measured = [
        [row["response_out"] - row["request_in"] for row in good],
        [0, 5, 700, 0],
        [len(row) for row in replies(exchange, good)],
    ]
    for start, values in zip(range(2, 14, 4), measured, strict=True):
        found = [float(one.text) for one in told[start : start + 4]]
        expected = [min(values), statistics.mean(values), max(values), statistics.stdev(values)]
        assert found == pytest.approx(expected)
    assert [
        int(event.findtext(f"{{*}}last{word}RequestTimestamp")) for word in ("Successful", "Unsuccessful")
    ] == [max(row["response_out"] for row in logged if bool(row["problem"]) is bad) for bad in (False, True)]
    assert event.findtext("{*}serviceType") == "REST"


def replies(exchange: Exchange, good: list[dict[str, Any]]) -> list[bytes]:
    """Stand-ins as long as each answer's body, by its signed head."""
    return [b"x" * json.loads(bytes(row["reply"]))["body_size"] for row in good]


def test_the_start_and_the_period_are_told(exchange: Exchange) -> None:
    before = int(answered(exchange, HEALTH).findtext("{*}monitoringStartupTimestamp"))
    assert time.time() * 1000 - 600_000 < before < time.time() * 1000
    assert answered(exchange, HEALTH).findtext("{*}statisticsPeriodSeconds") == "600"
    exchange.stop(TWO)
    exchange.start(TWO)
    response = answered(exchange, HEALTH)
    assert int(response.findtext("{*}monitoringStartupTimestamp")) > before
    # What the log's last minutes hold is known after a restart too.
    assert counts(events(response)["T02/data/echo"])[0] >= 1


def test_a_client_may_be_asked_for(exchange: Exchange) -> None:
    exchange.ask("GET", "persons", "/persons/1", provider=REGISTRY)
    assert {"T02/registry/persons", "T02/data/echo"} <= set(events(answered(exchange, HEALTH)))
    only = events(answered(exchange, HEALTH, filtered(REGISTRY)))
    assert "T02/registry/persons" in only
    assert {name.split("/")[1] for name in only} == {"registry"}
    assert only["T02/registry/persons"].findtext("{*}serviceType") == "OPENAPI3"
    assert events(answered(exchange, HEALTH, filtered("VN/GOV/T09/none"))) == {}
    assert events(answered(exchange, HEALTH, "<n:filterCriteria/>")).keys() > only.keys()


def filtered(name: str) -> str:
    parts = zip(("xRoadInstance", "memberClass", "memberCode", "subsystemCode"), name.split("/"), strict=True)
    inner = "".join(f"<id:{part}>{value}</id:{part}>" for part, value in parts)
    return f'<n:filterCriteria><n:client id:objectType="SUBSYSTEM">{inner}</n:client></n:filterCriteria>'


def test_another_members_system_is_told_its_own_exchanges_alone(exchange: Exchange) -> None:
    assert exchange.ask("GET", "echo").status_code == 200
    before = counts(events(answered(exchange, HEALTH, client=GUEST))["T02/data/echo"])
    assert exchange.ask("GET", "echo").status_code == 200
    assert asked_at(exchange, GUEST, DATA, "echo") == 200
    own = events(answered(exchange, HEALTH, client=GUEST))
    assert list(own) == ["T02/data/echo"]
    assert counts(own["T02/data/echo"]) == (before[0] + 1, 0)
    all_of_it = events(answered(exchange, HEALTH))
    assert counts(all_of_it["T02/data/echo"])[0] > before[0] + 1
    assert counts(events(answered(exchange, HEALTH, client=WATCHER))["T02/data/echo"]) == counts(
        all_of_it["T02/data/echo"]
    )


def test_made_up_services_are_not_among_them(exchange: Exchange) -> None:
    code = f"made-up-{uuid4()}"
    exchange.ask("GET", code)
    exchange.ask("GET", code, provider=REGISTRY)
    assert not [name for name in events(answered(exchange, HEALTH)) if "made-up" in name]


def test_when_a_service_last_answered_is_told_beyond_the_period(exchange: Exchange) -> None:
    """At the first gateway the period is of seconds; a refusal is what that service has."""
    at = time.time()
    assert exchange.ask("GET", "plain", provider=NAMESAKE).status_code == 500
    wait_until(lambda: time.time() > at + PERIOD_S + 1, seconds=20)
    event = events(answered(exchange, HEALTH, client="VN/GOV/T01", server=ONE))["T01/registry/plain"]
    assert counts(event) == (0, 0)
    assert at * 1000 < int(event.findtext("{*}lastUnsuccessfulRequestTimestamp")) < (at + PERIOD_S) * 1000
    assert event.find("{*}lastSuccessfulRequestTimestamp") is None
    assert [etree.QName(one).localname for one in event.find("{*}lastPeriodStatistics")] == list(COUNTS)


# Metrics


def figures(metric_set: Any) -> dict[str, Any]:
    """Names and values; a set's as a dictionary."""
    found: dict[str, Any] = {}
    for one in metric_set[1:]:
        kind, name = etree.QName(one).localname, one[0].text
        assert name not in found
        found[name] = figures(one) if kind == "metricSet" else one[1].text
        if kind == "numericMetric":
            found[name] = float(one[1].text)
    return found


def test_metrics_tell_the_machine_the_process_and_the_gateways_state(exchange: Exchange) -> None:
    [top] = answered(exchange, METRICS)
    assert top[0].text == f"SERVER:{TWO}"
    assert [one[0].text for one in top[1:]] == ["proxyVersion", "systemMetrics"]
    assert top[1][1].text.startswith("lienthong")
    found = figures(top[2])
    assert found["OperatingSystem"].startswith("Linux")
    assert 0 < found["FreePhysicalMemory"] < found["TotalPhysicalMemory"]
    assert 0 <= found["FreeSwapSpace"] <= found["TotalSwapSpace"]
    assert 20e6 < found["ResidentMemory"] < found["CommittedVirtualMemory"]
    assert 5 < found["OpenFileDescriptorCount"] < found["MaxFileDescriptorCount"]
    assert found["LoadAverage1m"] >= 0
    for folder in ("/", str(exchange.folder)):
        assert 0 < found[f"DiskSpaceFree_{folder}"] < found[f"DiskSpaceTotal_{folder}"]
    assert 0 < found["UptimeSeconds"] < 600
    assert found["ConfigurationVersion"] >= 1
    assert found["ConfigurationAgeSeconds"] > 0
    assert found["LogQueue"] == 0
    assert found["LogLagSeconds"] >= 0
    assert found["ExchangesUnderWay"] == 1
    assert found["Packages"]["psycopg"] == psycopg.__version__


def test_metrics_tell_the_certificates_and_when_they_end(exchange: Exchange) -> None:
    [top] = answered(exchange, METRICS)
    found = list(figures(top[2])["Certificates"].values())
    kinds = {(one["certificateType"], one["holder"]) for one in found}
    assert {("AUTH_OR_SIGN", "VN/GOV/T02"), ("AUTH_OR_SIGN", TWO)} <= kinds
    shown = certificate_load((exchange.folder / "tls1" / "certificate.pem").read_bytes())
    [connection] = [one for one in found if one["holder"] == TWO]
    assert connection["notAfter"] == shown.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert connection["active"] == "true"
    assert len(connection["sha1Hash"].split(":")) == 20
    keys = Path(os.environ["LIENTHONG_KEYS"]) / "authority" / "signers"
    assert len([one for one in found if one["holder"] != TWO]) <= len(list(keys.glob("*/*.key")))


def test_only_the_metrics_that_were_asked_for_are_told(exchange: Exchange) -> None:
    def asked(*names: str) -> dict[str, Any]:
        inner = "".join(f"<n:outputField>{name}</n:outputField>" for name in names)
        [top] = answered(exchange, METRICS, f"<n:outputSpec>{inner}</n:outputSpec>")
        return figures(top)

    assert asked("TotalPhysicalMemory", "Processes")["systemMetrics"].keys() == {"TotalPhysicalMemory"}
    assert asked("Processes").keys() == {"proxyVersion"}
    assert len(asked()["systemMetrics"]) > 10


def test_the_machine_is_told_to_the_owner_and_the_monitoring_client_alone(exchange: Exchange) -> None:
    for client in (OWNER, DATA, WATCHER):
        answered(exchange, METRICS, client=client)
    code, told = fault(exchange, question(METRICS, ENVMON, "", client=GUEST, owner=OWNER))
    assert code == "server.serverproxy.access_denied"
    assert "monitoring_client" in told
    code, _ = fault(exchange, question(METRICS, ENVMON, "", client=ASKER, owner=OWNER))
    assert code == "server.clientproxy.unknown_member"
    code, _ = fault(exchange, question(HEALTH, OPMON, "", client=OWNER, owner="VN/GOV/T01"))
    assert code == "server.clientproxy.invalid_security_server"


@pytest.mark.parametrize("code", [HEALTH, METRICS])
def test_an_element_of_another_namespace_is_no_question(exchange: Exchange, code: str) -> None:
    found, told = fault(exchange, question(code, "urn:other", "", client=OWNER, owner=OWNER))
    assert found == "client.invalid_request"
    assert code in told


def test_zeep_reads_both_answers_by_a_wsdl_of_the_protocol(exchange: Exchange) -> None:
    """A client that knows the protocol's types and nothing of ours; it refuses elements that it does not expect."""
    exchange.ask("GET", "echo")

    def asked(code: str, namespace: str, content: str) -> Any:
        client = zeep.Client(io.BytesIO(wsdl(code, namespace, content)))
        service = client.create_service("{urn:m}b", f"http://{exchange.doors[TWO]}/")
        known = envelope(fields(code, version="", provider=OWNER, asker=OWNER), None)
        header = etree.fromstring(known)[0]
        return service[code](_soapheaders=list(header))

    told = asked(HEALTH, OPMON, health())
    assert told.statisticsPeriodSeconds == 600
    [echo] = [one for one in told.servicesEvents.serviceEvents if one.service.serviceCode == "echo"]
    assert echo.service.objectType == "SERVICE"
    assert echo.lastPeriodStatistics.successfulRequestCount >= 1
    assert isinstance(echo.lastPeriodStatistics.requestAverageDuration, float)
    measured = asked(METRICS, ENVMON, metrics())
    assert measured.name == f"SERVER:{TWO}"
