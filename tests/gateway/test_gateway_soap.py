"""X-Road's SOAP protocol through two real gateways, between a plain client and an agency's own SOAP system."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from lxml import etree

from lienthong.gateway.xroad.mime import media_type_parse, parts_of
from lienthong.gateway.xroad.soap import METHOD, SHA512
from tests import conftest as database
from tests.gateway.conftest import Exchange, environment
from tests.gateway.control import ASKER, DATA, FRAMED, ONE, PURPOSE, TWO
from tests.gateway.soap_system import PATH, RECORDS, SEEN, WSDL, SoapSystem
from tests.gateway.soap_texts import SOAP, TEXT_XML, XROAD, envelope, fields, multipart
from tests.gateway.soap_texts import request as soap_request
from tests.gateway.test_gateway_bad_input import Peer
from tests.gateway.test_gateway_evidence import asic, checked, late
from tests.nation.programs import wait_until

ACTION = '"urn:echo"'


@pytest.fixture(scope="module", autouse=True)
def records(exchange: Exchange) -> Iterator[None]:
    """The SOAP system behind the second gateway, published with its WSDL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), SoapSystem)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with exchange.configs[TWO].open("a") as config:  # its last section is [systems]
        config.write(f'"{RECORDS}" = "http://127.0.0.1:{server.server_port}/"\n')
    exchange.stop(TWO)
    database._python("from tests.gateway.soap_system import publish; publish()", exchange.control)
    exchange.start(TWO)
    wait_until(lambda: listed(exchange), seconds=20)
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def listed(exchange: Exchange) -> bool:
    time.sleep(0.05)
    return b"serviceCode>echo<" in ask(exchange, meta("listMethods")).content


def request(text: str = "Chào", code: str = "echo", **given: str) -> bytes:
    return soap_request(code, content=f"<t:text>{text}</t:text>", **{"provider": RECORDS, **given})


def meta(code: str, inner: str = "", **given: str) -> bytes:
    return envelope(
        fields(code, **{"provider": RECORDS, "version": "", **given}), f"<xrd:{code}>{inner}</xrd:{code}>"
    )


def ask(
    exchange: Exchange, body: bytes, content_type: bytes = TEXT_XML, path: str = "/", **headers: str
) -> httpx.Response:
    sent = {"Content-Type": content_type.decode(), **headers}
    return httpx.post(f"{exchange.url}{path}", content=body, headers=sent, timeout=30)


def fault_of(got: httpx.Response) -> tuple[str, str]:
    """Code and text of a fault, which X-Road sends with HTTP 200."""
    assert (got.status_code, got.headers["Content-Type"].split(";")[0]) == (200, "text/xml")
    fault = etree.fromstring(got.content).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert fault is not None, got.text
    return fault.findtext("faultcode"), fault.findtext("faultstring")


def test_a_message_reaches_the_system_byte_by_byte_and_its_answer_comes_back(exchange: Exchange) -> None:
    message_id = f"soap-{uuid4()}"
    declaration = b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\r\n"
    sent = declaration + request(message_id=message_id) + b"\n"
    got = ask(exchange, sent, SOAPAction=ACTION, Authorization="not passed on")
    seen = SEEN[-1]
    assert (seen.path, seen.body) == (PATH, sent)
    assert (seen.header("Content-Type"), seen.header("SOAPAction")) == (TEXT_XML.decode(), ACTION)
    assert seen.header("Authorization") is None
    [row] = exchange.logged(ONE, message_id)
    assert b"not passed on" not in bytes(row["question"])
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "X-Own" not in got.headers
    root = etree.fromstring(got.content)
    assert root.findtext(".//{*}echoResponse/{*}text") == "Chào"
    said = root.find(f".//{{{XROAD}}}requestHash")
    assert said.get("algorithmId") == SHA512
    assert len(said.text) == 88


def test_the_example_in_the_reference_is_answered(exchange: Exchange) -> None:
    page = (database.ROOT / "docs" / "reference" / "exchange.md").read_text(encoding="utf-8")
    [message] = re.findall(r"^```xml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    there = (("G22", "T01"), ("onestop", "app"), ("G18", "T02"), ("clinics.example/", "lienthong.test/soap"))
    for shown, name in (*there, ("clinics", "records"), ("find", "echo")):
        message = message.replace(shown, name)
    got = ask(exchange, message.encode())
    assert etree.fromstring(got.content).findtext(".//{*}echoResponse/{*}text") == "Ba Vì", got.text


def test_zeep_reads_the_wsdl_from_the_gateway_and_calls_the_service(exchange: Exchange) -> None:
    """The program knows X-Road and nothing of ours; it works the request hash out from what it sent."""
    done = example(exchange, f"{RECORDS}/echo/v1", "text=Chào bạn")
    assert "Chào bạn" in done
    assert "Request hash: right" in done
    assert "Fault server.serverproxy.access_denied" in example(exchange, f"{RECORDS}/plain", "text=x")


def example(exchange: Exchange, *given: str) -> str:
    program = str(database.ROOT / "examples" / "xroad_soap_client.py")
    done = subprocess.run(
        [sys.executable, program, exchange.url, ASKER, *given],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["text/xml", "application/xop+xml"])
def test_attachments_pass_unchanged_as_swa_and_as_mtom(exchange: Exchange, kind: str) -> None:
    given = [bytes(range(256)) * 500, b"\r\n--almost\r\n", b""]
    content_type, body = multipart(request(), *given, kind=kind)
    got = ask(exchange, body, content_type)
    assert (SEEN[-1].body, SEEN[-1].header("Content-Type")) == (body, content_type.decode())
    media = media_type_parse(got.headers["Content-Type"].encode())
    first, *others = parts_of(got.content, media.parameters["boundary"])
    assert [got.content[one.start : one.end] for one in others] == given
    said = etree.fromstring(got.content[first.start : first.end]).findtext(f".//{{{XROAD}}}requestHash")
    assert said == hash_of(request())


def hash_of(soap: bytes) -> str:
    return base64.b64encode(hashlib.sha512(soap).digest()).decode()


def test_a_large_message_passes(exchange: Exchange) -> None:
    text = "Đ" * 400_000
    assert etree.fromstring(ask(exchange, request(text)).content).findtext(".//{*}text") == text


def test_a_request_hash_of_the_systems_own_is_replaced(exchange: Exchange) -> None:
    sent = request("own hash")
    found = etree.fromstring(ask(exchange, sent).content).findall(f".//{{{XROAD}}}requestHash")
    assert [one.text for one in found] == [hash_of(sent)]


def test_a_fault_of_the_system_passes_as_it_is(exchange: Exchange) -> None:
    got = ask(exchange, request("fault"))
    assert fault_of(got) == ("s:Server", "Hết giấy")
    assert b"<t:paper/>" in got.content


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("html", "server.serverproxy.service_failed.invalid_content_type"),
        ("away", "server.serverproxy.service_failed.http_error"),
        ("another id", "server.clientproxy.service_failed.inconsistent_response"),
    ],
)
def test_a_system_that_breaks_the_protocol_is_named_as_the_cause(
    exchange: Exchange, text: str, code: str
) -> None:
    assert fault_of(ask(exchange, request(text)))[0] == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"asker": "VN/GOV/T02/data"}, "server.clientproxy.unknown_member"),
        ({"asker": "VN/GOV/T01"}, "server.clientproxy.unknown_member"),
        ({"provider": "VN/GOV/T09/records"}, "server.clientproxy.unknown_member"),
        ({"code": "plain", "version": ""}, "server.serverproxy.access_denied"),
        ({"code": "nothing"}, "server.serverproxy.unknown_service"),
        ({"version": "v9"}, "server.serverproxy.unknown_service"),
        ({"version": ""}, "server.serverproxy.unknown_service"),
        ({"code": "rest", "version": ""}, "server.serverproxy.service_type"),
        ({"provider": DATA, "version": ""}, "server.serverproxy.service_type"),
        ({"provider": FRAMED, "code": "deposit"}, "server.serverproxy.service_type"),
        ({"protocol": "3.1"}, "client.invalid_protocol_version"),
        ({"message_id": ""}, "client.missing_header_field"),
    ],
)
def test_what_cannot_be_is_a_fault_that_says_why(
    exchange: Exchange, given: dict[str, str], code: str
) -> None:
    before = len(SEEN)
    found, told = fault_of(ask(exchange, request(**given)))
    assert found == code
    assert told.endswith(".")
    assert len(SEEN) == before


def test_rest_to_a_soap_service_is_refused_by_its_type(exchange: Exchange) -> None:
    got = exchange.ask("POST", "echo", "/v1", provider=RECORDS, content=b"{}")
    assert (got.status_code, got.headers["X-Road-Error"]) == (500, "server.serverproxy.service_type")
    assert "SOAP" in got.json()["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"", TEXT_XML, "client.invalid_xml"),
        (b"{}", b"application/json", "client.invalid_content_type"),
        (envelope(fields(), None), TEXT_XML, "client.missing_body"),
        (b"--x", b"multipart/related; boundary=x", "client.mime_parsing_failed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + request(), TEXT_XML, "client.invalid_xml"),
        (b"x" * (3 << 20), TEXT_XML, "client.bad_request"),
    ],
)
def test_bad_input_is_a_fault_and_the_gateway_lives_on(
    exchange: Exchange, body: bytes, content_type: bytes, code: str
) -> None:
    assert fault_of(ask(exchange, body, content_type))[0] == code
    assert fault_of(ask(exchange, b"no xml"))[0] == "client.invalid_xml"


def test_other_methods_and_soap_actions_are_faults_too(exchange: Exchange) -> None:
    assert fault_of(httpx.get(f"{exchange.url}/"))[0] == "client.invalid_http_method"
    assert fault_of(ask(exchange, request(), SOAPAction="urn:echo"))[0] == "client.invalid_soap_action"


def test_a_chunked_message_and_one_that_waits_for_100_continue_are_taken(exchange: Exchange) -> None:
    halves = [request()[:100], request()[100:]]
    got = httpx.post(
        f"{exchange.url}/", content=iter(halves), headers={"Content-Type": "text/xml"}, timeout=30
    )
    assert b"echoResponse" in got.content
    host, _, port = exchange.url.removeprefix("http://").partition(":")
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {len(request())}\r\n"
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100")
        connection.sendall(request())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"echoResponse" in answer


def test_old_clients_may_post_to_the_path_that_they_know(exchange: Exchange) -> None:
    assert b"echoResponse" in ask(exchange, request(), path="/cgi-bin/consumer_proxy").content


def test_both_logs_have_the_message_and_its_containers_hold(exchange: Exchange, tmp_path: Path) -> None:
    message_id = f"soap-{uuid4()}"
    ask(exchange, request(message_id=message_id))
    for server, side in ((ONE, "consumer"), (TWO, "provider")):
        [row] = exchange.logged(server, message_id)
        assert (row["side"], row["service"], row["purpose"]) == (side, "records/echo/v1", PURPOSE)
        assert (row["case"], row["status"], row["problem"]) == ("H-7", 200, "")
    wait_until(lambda: late(exchange) == 0, seconds=20)
    with zipfile.ZipFile(BytesIO(asic(exchange, queryId=message_id).content)) as archive:
        archive.extractall(tmp_path)
    for name in ("request", "response"):
        done = checked(tmp_path / f"{message_id}-{name}-1.asice")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"asker": DATA},
        {"code": "plain", "version": ""},
        {"version": "v2"},
        {"message_id": "m-2"},
        {"user": "x"},
    ],
)
def test_a_gateway_that_passes_on_another_header_than_it_signed_is_refused(
    exchange: Exchange, tmp_path: Path, said: dict[str, str]
) -> None:
    """The agency's system reads the header in the message, and the right is checked by the signed one."""
    peer, body = Peer(exchange, tmp_path / "tls"), request(**said)
    question = peer.question(
        id="m-1",
        user="VN001",
        provider=RECORDS,
        code="echo",
        target="/v1",
        method=METHOD,
        headers=[["Content-Type", "text/xml"]],
        body_hash=hashlib.sha256(body).hexdigest(),
        body_size=len(body),
    )
    problem = peer.problem(peer.sealed(question, body=body))
    peer.browser.close()
    assert problem == ("server.serverproxy.invalid_message" if said else "")


def services_in(got: httpx.Response) -> list[tuple[str, str | None]]:
    found = etree.fromstring(got.content).iter(f"{{{XROAD}}}service")
    return [
        (one.findtext("{*}serviceCode"), one.findtext("{*}serviceVersion"))
        for one in found
        if one.getparent().tag != f"{{{SOAP}}}Header"
    ]


def test_list_methods_shows_soap_services_only_and_allowed_methods_those_with_a_right(
    exchange: Exchange,
) -> None:
    sent = meta("listMethods")
    got = ask(exchange, sent)
    assert services_in(got) == [("echo", "v1"), ("plain", None)]
    assert etree.fromstring(got.content).findtext(f".//{{{XROAD}}}requestHash") == hash_of(sent)
    assert services_in(ask(exchange, meta("allowedMethods"))) == [("echo", "v1")]
    listed = exchange.ask("GET", "listMethods", provider=RECORDS).json()["service"]
    assert [one["service_code"] for one in listed] == ["rest"]
    assert fault_of(ask(exchange, meta("listMethods", provider="VN/GOV/T09/x")))[0].endswith(
        ".unknown_member"
    )


def test_get_wsdl_attaches_the_description_without_the_systems_address(exchange: Exchange) -> None:
    got = ask(exchange, meta("getWsdl", "<xrd:serviceCode>echo</xrd:serviceCode>"))
    media = media_type_parse(got.headers["Content-Type"].encode())
    assert media.name == "multipart/related"
    soap, attached = parts_of(got.content, media.parameters["boundary"])
    assert b"getWsdlResponse" in got.content[soap.start : soap.end]
    given, found = etree.fromstring(WSDL), etree.fromstring(got.content[attached.start : attached.end])
    [address] = found.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == "http://example.org/xroad-endpoint"
    [own] = given.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    own.set("location", "http://example.org/xroad-endpoint")
    assert etree.tostring(found, method="c14n2") == etree.tostring(given, method="c14n2")


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("", "client.invalid_request"),
        ("<xrd:serviceCode>none</xrd:serviceCode>", "server.serverproxy.unknown_service"),
        ("<xrd:serviceCode>rest</xrd:serviceCode>", "server.serverproxy.service_type"),
        (
            "<xrd:serviceCode>echo</xrd:serviceCode><xrd:serviceVersion>v2</xrd:serviceVersion>",
            "server.serverproxy.unknown_service",
        ),
    ],
)
def test_get_wsdl_of_nothing_is_a_fault(exchange: Exchange, inner: str, code: str) -> None:
    assert fault_of(ask(exchange, meta("getWsdl", inner)))[0] == code


def test_purposes_are_told_apart_by_an_http_header(exchange: Exchange) -> None:
    assert b"echoResponse" in ask(exchange, request(), **{"Lienthong-Purpose": PURPOSE}).content
    code, told = fault_of(ask(exchange, request(), **{"Lienthong-Purpose": "other"}))
    assert code == "server.serverproxy.access_denied"
    assert PURPOSE in told


def test_a_gateway_set_to_the_classic_style_spells_its_faults_so(exchange: Exchange) -> None:
    config = exchange.configs[ONE]
    given = config.read_text()
    exchange.stop(ONE)
    config.write_text('error_style = "classic"\n' + given)
    exchange.start(ONE)
    try:
        assert (
            fault_of(ask(exchange, request(code="plain", version="")))[0] == "Server.ServerProxy.AccessDenied"
        )
        assert fault_of(ask(exchange, b""))[0] == "Client.InvalidXml"
    finally:
        exchange.stop(ONE)
        config.write_text(given)
        exchange.start(ONE)
