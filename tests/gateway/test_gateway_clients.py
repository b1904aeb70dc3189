"""Clients' certificates at the consumer's door: real gateways, real TLS, certificates made for the run."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from lienthong.config.transport import GatewayTransport
from tests import conftest as database
from tests.gateway import soap_texts
from tests.gateway.certificates import Own, own_make
from tests.gateway.conftest import Exchange, environment, tls_write
from tests.gateway.control import ASKER, DATA, NAMESAKE, ONE, READER, REGISTRY, STRANGER
from tests.nation.programs import free_port

REFUSED = "server.clientproxy.ssl_authentication_failed"


def own_address() -> str:
    """An address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


ELSEWHERE = own_address()


@pytest.fixture(scope="module")
def gateway_settings(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, dict[str, Any]]]:
    """The first gateway's consumer's door speaks TLS, and other machines reach it."""
    folder = tls_write(tmp_path_factory.mktemp("door") / "tls", ONE, hosts=("127.0.0.1", ELSEWHERE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIENTHONG_LOG_LEVEL", "WARNING")
        own = {"consumer_tls": str(folder), "consumer_host": "0.0.0.0"}  # noqa: S104 - on purpose
        yield {ONE: {**own, "govstack": True}}


@pytest.fixture(scope="module")
def owns(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Own]:
    """By name; ASKER's are registered, but for `unknown`, `issued` and `renewal`."""
    folder = tmp_path_factory.mktemp("owns")
    made = {
        "right": own_make(folder / "right", "app"),
        "renewal": own_make(folder / "renewal", "app"),  # of the same name, as renewals are
        "namesake": own_make(folder / "namesake", "registry"),
        "expired": own_make(folder / "expired", "app-old", since=timedelta(-9), until=timedelta(-1)),
        "future": own_make(folder / "future", "app-next", since=timedelta(days=1)),
        "unknown": own_make(folder / "unknown", "nobody knows"),
        "authority": own_make(folder / "authority", "the agency's authority", authority=True),
    }
    made["issued"] = own_make(folder / "issued", "app-issued", issuer=made["authority"])
    clients_set(
        exchange,
        {READER: "https", STRANGER: "http"},
        [
            *((ASKER, str(made[name].pem)) for name in ("right", "expired", "future", "authority")),
            (NAMESAKE, str(made["namesake"].pem)),
        ],
    )
    until(lambda: status(exchange, made["right"]) == 200)
    return made


def clients_set(
    exchange: Exchange,
    connections: dict[str, str],
    certificates: list[tuple[str, str]],
    withdrawn: list[tuple[str, str]] = [],  # noqa: B006 - nobody changes it
) -> None:
    code = f"clients_set({connections!r}, {certificates!r}, {withdrawn!r})"
    database._python(f"from tests.gateway.control import clients_set; {code}", exchange.control)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end, "the gateway did not hear of it"
        time.sleep(0.1)


def trust(exchange: Exchange) -> Path:
    return exchange.folder / "tls0" / "trust.pem"


def ask(exchange: Exchange, own: Own | None, **given: Any) -> httpx.Response:
    verify = own.context(trust(exchange)) if own else exchange.contexts[ONE]
    return exchange.ask("GET", given.pop("code", "echo"), verify=verify, **given)


def status(exchange: Exchange, own: Own) -> int:
    try:
        return ask(exchange, own).status_code
    except (httpx.ConnectError, httpx.ReadError):  # the handshake itself was refused
        return 0


def said(got: httpx.Response) -> str:
    assert (got.status_code, got.headers["X-Road-Error"]) == (500, REFUSED)
    return str(got.json()["message"])


def test_the_systems_own_certificate_is_let_in_and_the_exchange_is_logged(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    got = ask(exchange, owns["right"])
    assert got.status_code == 200
    [row] = exchange.logged(ONE, got.headers["X-Road-Id"])
    assert row["client"] == ASKER


def test_without_a_certificate_the_refusal_says_so_and_who_registers_one(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    told = said(ask(exchange, None))
    assert "showed no certificate" in told
    assert "Kỹ sư kết nối của VN/GOV/T01 đăng ký chứng thư" in told
    assert "An engineer of VN/GOV/T01 registers" in told


def test_a_large_body_is_refused_alike(exchange: Exchange, owns: dict[str, Own]) -> None:
    """Larger than `body_mib`, so that it would not be read as a whole before it is sent on."""
    got = exchange.ask("POST", "echo", content=b"x" * (2 << 20) + b"x" * 1000)
    assert "showed no certificate" in said(got)


def test_another_subsystems_certificate_is_refused_by_name_of_its_fingerprint(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    told = said(ask(exchange, owns["namesake"]))
    assert f"SHA-256 {owns['namesake'].fingerprint}" in told
    assert "not registered for this system" in told


@pytest.mark.parametrize("name", ["expired", "future"])
def test_a_certificate_outside_its_time_is_refused_in_words(
    exchange: Exchange, owns: dict[str, Own], name: str
) -> None:
    told = said(ask(exchange, owns[name]))
    assert owns[name].fingerprint in told
    assert "is valid from" in told


def test_who_issued_a_certificate_proves_nothing(exchange: Exchange, owns: dict[str, Own]) -> None:
    """Its authority's certificate is registered, so the handshake succeeds; itself it is not."""
    assert owns["issued"].fingerprint in said(ask(exchange, owns["issued"]))


def test_a_certificate_that_nobody_registered_opens_no_connection(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    with pytest.raises((httpx.ConnectError, httpx.ReadError), match="alert unknown ca"):
        ask(exchange, owns["unknown"])
    until(lambda: "registered for no system" in (exchange.folder / "gateway.log").read_text())


def test_a_client_that_is_not_behind_this_gateway_has_nothing_to_show(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    for name in (DATA, "VN/GOV/T01"):
        got = ask(exchange, owns["right"], client=name)
        assert got.headers["X-Road-Error"] == "server.clientproxy.unknown_member"


def test_soap_follows_the_same_rule(exchange: Exchange, owns: dict[str, Own]) -> None:
    header = soap_texts.fields("listMethods", version="", provider=DATA)
    message = soap_texts.envelope(header, "<xrd:listMethods/>")

    def post(own: Own | None) -> etree._Element:
        verify = own.context(trust(exchange)) if own else exchange.contexts[ONE]
        sent = {"Content-Type": soap_texts.TEXT_XML.decode()}
        return etree.fromstring(
            httpx.post(f"{exchange.url}/", content=message, headers=sent, verify=verify).content
        )

    assert post(owns["right"]).find(f".//{{{soap_texts.XROAD}}}listMethodsResponse") is not None
    for own in (None, owns["namesake"], owns["expired"]):
        refused = post(own)
        assert refused.findtext(".//faultcode") == REFUSED
        assert "Chưa chứng minh được bên gọi là VN/GOV/T01/app" in str(refused.findtext(".//faultstring"))


def test_https_without_a_certificate_is_let_in_where_the_system_says_so(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    for own in (None, owns["right"]):
        assert ask(exchange, own, client=READER, code="listMethods", provider=REGISTRY).status_code == 200


def test_http_is_for_the_gateways_own_machine(exchange: Exchange, owns: dict[str, Own]) -> None:
    assert ask(exchange, None, client=STRANGER, code="listMethods").status_code == 200
    if ELSEWHERE == "127.0.0.1":
        pytest.skip("this machine has no other address")
    address = exchange.path("listMethods").replace("127.0.0.1", ELSEWHERE)
    got = httpx.get(address, headers={"X-Road-Client": STRANGER}, verify=exchange.contexts[ONE])
    assert "for the gateway's own machine" in said(got)
    right = httpx.get(
        address, headers={"X-Road-Client": ASKER}, verify=owns["right"].context(trust(exchange))
    )
    assert right.status_code == 200
    figures = httpx.get(
        f"https://{ELSEWHERE}:{exchange.url.rsplit(':', 1)[1]}/metrics", verify=exchange.contexts[ONE]
    )
    assert figures.status_code == 403


def test_metaservices_follow_x_roads_rule(exchange: Exchange, owns: dict[str, Own]) -> None:
    """What names no client is open; what is asked in a client's name is its."""
    for path in ("/listClients", "/verificationconf", "/health"):
        assert httpx.get(f"{exchange.url}{path}", verify=exchange.contexts[ONE]).status_code == 200
    for code in ("listMethods", "allowedMethods", "getOpenAPI?serviceCode=persons"):
        said(ask(exchange, None, code=code, provider=REGISTRY))
        assert ask(exchange, owns["right"], code=code, provider=REGISTRY).status_code == 200


def test_govstacks_form_is_asked_in_a_clients_name_too(exchange: Exchange, owns: dict[str, Own]) -> None:
    def get(own: Own | None, service: str, **headers: str) -> httpx.Response:
        verify = own.context(trust(exchange)) if own else exchange.contexts[ONE]
        return httpx.get(f"{exchange.url}/{REGISTRY}/{service}", headers=headers, verify=verify)

    client = {"Information-Mediator-Client": ASKER}
    for service in ("listMethods", "allowedMethods", "getOpenAPI?serviceCode=persons"):
        assert get(owns["right"], service, **client).status_code == 200
        assert get(None, service, **client).headers["X-Road-Error"] == REFUSED
        assert get(owns["right"], service).headers["X-Road-Error"] == "client.bad_request"


def test_a_container_is_for_the_client_whose_message_it_is(exchange: Exchange, owns: dict[str, Own]) -> None:
    message_id = ask(exchange, owns["right"]).headers["X-Road-Id"]
    names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
    asked = {"queryId": message_id, **dict(zip(names, ASKER.split("/"), strict=True))}

    def get(own: Own | None) -> httpx.Response:
        verify = own.context(trust(exchange)) if own else exchange.contexts[ONE]
        return httpx.get(f"{exchange.url}/asic", params=asked, verify=verify)

    assert get(owns["right"]).status_code == 200
    for own in (None, owns["namesake"]):
        got = get(own)
        assert got.status_code == 401
        assert "Nothing proves" in got.text
        assert "Chưa chứng minh" in got.text


def test_a_renewal_is_let_in_and_what_is_withdrawn_is_refused_while_the_gateway_runs_on(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    """Also on a connection that was opened before."""
    program, old, new = exchange.programs[ONE], owns["right"], owns["renewal"]
    assert status(exchange, new) == 0
    clients_set(exchange, {}, [(ASKER, str(new.pem))])
    until(lambda: status(exchange, new) == 200)
    host, port = exchange.url.removeprefix("https://").split(":")
    kept = http.client.HTTPSConnection(host, int(port), context=old.context(trust(exchange)), timeout=15)

    def on_it() -> tuple[int, Any]:
        kept.request("GET", f"/r1/{DATA}/echo", headers={"X-Road-Client": ASKER})
        got = kept.getresponse()
        return got.status, json.loads(got.read())

    assert on_it()[0] == 200
    first = kept.sock
    clients_set(exchange, {}, [], [(ASKER, str(old.pem))])
    until(lambda: on_it()[0] == 500)
    assert on_it()[1]["type"] == REFUSED
    assert old.fingerprint in on_it()[1]["message"]
    assert kept.sock is first
    kept.close()
    assert status(exchange, old) == 0
    assert status(exchange, new) == 200
    assert exchange.programs[ONE] is program
    assert program.poll() is None
    clients_set(exchange, {}, [(ASKER, str(old.pem))], [(ASKER, str(new.pem))])
    until(lambda: status(exchange, old) == 200)


def test_clients_of_tls_1_2_are_served_too(exchange: Exchange, owns: dict[str, Own]) -> None:
    context = owns["right"].context(trust(exchange))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert exchange.ask("GET", "echo", verify=context).status_code == 200


def test_an_instance_shows_its_certificate_to_its_own_gateway(
    exchange: Exchange, owns: dict[str, Own]
) -> None:
    folder = owns["right"].folder
    (folder / "trust.pem").write_bytes(trust(exchange).read_bytes())
    client = GatewayTransport(exchange.url, tls=str(folder))._client
    assert client.get(exchange.path("echo"), headers={"X-Road-Client": ASKER}).status_code == 200
    client.close()


def test_a_renewed_certificate_of_the_door_is_shown_by_the_gateway_that_runs(
    exchange: Exchange, owns: dict[str, Own], gateway_settings: dict[str, dict[str, Any]]
) -> None:
    folder = Path(gateway_settings[ONE]["consumer_tls"])
    tls_write(folder, ONE, hosts=("127.0.0.1", ELSEWHERE))
    wanted = ssl.PEM_cert_to_DER_cert((folder / "certificate.pem").read_text())
    host, port = exchange.url.removeprefix("https://").split(":")

    def shown() -> bytes | None:
        with (
            socket.create_connection((host, int(port)), timeout=5) as plain,
            exchange.contexts[ONE].wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True)

    end = time.monotonic() + 30
    while shown() != wanted:
        assert time.monotonic() < end, "the gateway still shows the old certificate"
        time.sleep(0.5)
    assert status(exchange, owns["right"]) == 200


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "is reached by other machines, and nothing proves there which system asks"),
        ({"certificate.pem": "x", "key.pem": "x"}, "has no certificate with its key"),
    ],
)
def test_a_door_to_other_machines_that_cannot_prove_its_clients_does_not_start(
    exchange: Exchange, tmp_path: Path, files: dict[str, str], told: str
) -> None:
    lines = exchange.configs[ONE].read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("consumer", "provider", "copy"))]
    own = [f'consumer = "0.0.0.0:{free_port()}"', f'provider = "127.0.0.1:{free_port()}"']
    own += [f'copy = "{tmp_path / "copy.json"}"'] + ([f'consumer_tls = "{tmp_path}"'] if files else [])
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    config = tmp_path / "gateway.toml"
    config.write_text("\n".join([*own, *kept]))
    command = [sys.executable, "-m", "lienthong.config.cli", "gateway", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment())
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
