"""A newcomer's two minutes: from an empty form to the printed calls, run as they stand, at a real gateway.

Its consumer's door speaks TLS: the calls show the certificate that the newcomer downloaded.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509

from lienthong.gateway.tls import tls_context
from tests import conftest as database
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, ONE, TWO


@pytest.fixture(scope="module")
def gateway_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return {ONE: {"consumer_tls": str(tls_write(tmp_path_factory.mktemp("door") / "tls", ONE))}}


@pytest.fixture(scope="module")
def walked(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the newcomer has after the pages, its folder with the key's files; the gateway has heard of it."""
    folder = tmp_path_factory.mktemp("newcomer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIENTHONG_SANDBOX_GATEWAY", ONE)
        patch.setenv("LIENTHONG_SANDBOX_URL", exchange.url)
        database._python(f"from tests.gateway.newcomer import walk; walk({str(folder)!r})", exchange.control)
        open_to_all = f"clients_set({{{ASKER!r}: 'https'}}, [], [])"
        database._python(f"from tests.gateway.control import clients_set; {open_to_all}", exchange.control)
    told = json.loads((folder / "walk.json").read_text())
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(told["key"]))) as archive:
        archive.extractall(folder)
    end = time.monotonic() + 15
    while not heard(exchange, told["name"], folder):
        assert time.monotonic() < end, "the gateway did not hear of the newcomer"
        time.sleep(0.2)
    return {**told, "folder": folder}


def heard(exchange: Exchange, name: str, folder: Path) -> bool:
    try:
        got = exchange.ask("GET", "listMethods", client=name, verify=tls_context(folder, server=False))
    except httpx.TransportError:  # the certificate is not known yet
        return False
    return got.status_code == 200


def run(walked: dict[str, Any], *command: str) -> str:
    """As the newcomer does, where the key's files are."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=walked["folder"]
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def of(walked: dict[str, Any], part: str) -> dict[str, str]:
    return next(calls for calls in walked["calls"] if part in calls["curl"])


def test_the_printed_python_call_is_answered(walked: dict[str, Any], exchange: Exchange) -> None:
    said = run(walked, sys.executable, "-c", of(walked, "/persons/")["Python"])
    first, body = said.split("\n", 1)
    status, message_id = first.split()
    assert status == "200"
    assert json.loads(body)["target"] == "/api/persons/1"
    [row] = exchange.logged(ONE, message_id)
    assert row["client"] == walked["name"]
    assert exchange.logged(TWO, message_id)


def test_a_printed_call_sends_what_the_description_asks_for(walked: dict[str, Any]) -> None:
    said = run(walked, sys.executable, "-c", of(walked, "/notes")["Python"])
    told = json.loads(said.split("\n", 1)[1])
    assert told["method"] == "POST"
    sent = json.loads(told["body"].encode("latin-1"))
    assert sent == {"text": "Xin chào, it's «Đào»", "count": 3}


@pytest.mark.needs("curl")
def test_the_printed_curl_calls_are_answered_alike(walked: dict[str, Any]) -> None:
    read = json.loads(run(walked, "bash", "-c", of(walked, "/persons/")["curl"]))
    assert (read["method"], read["target"]) == ("GET", "/api/persons/1")
    wrote = json.loads(run(walked, "bash", "-c", of(walked, "/notes")["curl"]))
    assert json.loads(wrote["body"].encode("latin-1"))["text"] == "Xin chào, it's «Đào»"


@pytest.mark.needs("java")
def test_the_printed_java_calls_are_answered_alike(walked: dict[str, Any], tmp_path: Path) -> None:
    for part, method in (("/persons/", "GET"), ("/notes", "POST")):
        (tmp_path / "Call.java").write_text(of(walked, part)["Java"])
        status, body = run(walked, str(shutil.which("java")), str(tmp_path / "Call.java")).split("\n", 1)
        assert status == "200"
        told = json.loads(body)
        assert told["method"] == method
        if method == "POST":
            assert json.loads(told["body"].encode("latin-1"))["text"] == "Xin chào, it's «Đào»"


def test_the_printed_soap_call_is_let_through_to_the_system(
    walked: dict[str, Any], exchange: Exchange
) -> None:
    """The system behind it speaks no SOAP: what comes back is the provider's complaint of that, not of a right."""
    said = run(walked, "bash", "-c", of(walked, "text/xml")["curl"])
    assert "server.serverproxy.service_failed.invalid_content_type" in said


def test_the_catalogues_call_is_right_but_for_its_client(walked: dict[str, Any], exchange: Exchange) -> None:
    [calls] = walked["public"]
    code = calls["Python"].replace("VN/GOV/G00/your-system", walked["name"])
    assert code != calls["Python"]
    assert run(walked, sys.executable, "-c", code).startswith("200 ")


def test_the_newcomer_may_call_nothing_else(walked: dict[str, Any], exchange: Exchange) -> None:
    own = tls_context(walked["folder"], server=False)
    got = exchange.ask("GET", "echo", client=walked["name"], verify=own)
    assert got.headers["X-Road-Error"] == "server.serverproxy.access_denied"


def test_without_the_key_nobody_calls_in_the_newcomers_name(
    walked: dict[str, Any], exchange: Exchange
) -> None:
    got = exchange.ask("GET", "listMethods", client=walked["name"])
    assert got.headers["X-Road-Error"] == "server.clientproxy.ssl_authentication_failed"


def test_the_key_is_given_once_and_opens_a_mutual_tls_connection(
    walked: dict[str, Any], exchange: Exchange
) -> None:
    folder = walked["folder"]
    assert walked["second"][0] == 409
    assert "Khóa chỉ tải một lần" in walked["second"][1]
    place = urlsplit(exchange.addresses[TWO])
    address = f"https://{place.hostname}:{place.port}/health"
    own = tls_context(folder, server=False)
    assert httpx.get(address, verify=own).json()["server"] == TWO
    bare = ssl.create_default_context(cafile=str(folder / "trust.pem"))
    with pytest.raises(httpx.HTTPError):
        httpx.get(address, verify=bare)
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    days = (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days
    assert days > 0
    assert walked["name"].endswith(certificate.subject.rfc4514_string().removeprefix("CN=")[-10:])


def test_the_worker_sees_both_gateways_and_until_when_their_certificates_hold(
    exchange: Exchange, tmp_path: Path
) -> None:
    code = (
        "import json, pathlib; from lienthong.config.gateways import health_ask;"
        "from lienthong.blocks.exchange.models import GatewayHealth; n = health_ask();"
        "rows = [[r.gateway_id, r.status, r.told.get('server'), r.problem, r.tls_until.isoformat()]"
        " for r in GatewayHealth.objects.order_by('pk')];"
        f"pathlib.Path({str(tmp_path / 'seen.json')!r}).write_text(json.dumps([n, rows]))"
    )
    database._python(code, exchange.control)
    count, rows = json.loads((tmp_path / "seen.json").read_text())
    assert count == 2
    assert [row[:4] for row in rows] == [[ONE, 200, ONE, ""], [TWO, 200, TWO, ""]]
    assert all(row[4].startswith("2049-12-31") for row in rows)


def test_a_renewed_certificate_is_shown_by_the_gateway_that_runs(exchange: Exchange, tmp_path: Path) -> None:
    """The worker writes it into the folder; the gateway takes it up, and exchanges go on."""
    folder = exchange.folder / "tls1"
    before = (folder / "certificate.pem").read_bytes()
    code = (
        "from pathlib import Path; from datetime import timedelta; from lienthong.ground import clock;"
        "from lienthong.blocks.trust import services; from lienthong.config.gateways import certificates_renew;"
        "from lienthong.blocks.exchange.services import gateway_open;"
        f"folder, server = Path({str(folder)!r}), {TWO!r}; until = clock.now() + timedelta(days=3);"
        "pair = services.authority().tls_issue(server, hosts=['127.0.0.1'], until=until);"
        "(folder / 'certificate.pem').write_bytes(pair[0]); (folder / 'key.pem').write_bytes(pair[1]);"
        f"gateway_open(server=server, address={exchange.addresses[TWO]!r}, tls_folder=str(folder));"
        "assert certificates_renew() == 1"
    )
    database._python(code, exchange.control)
    wanted = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    assert (folder / "certificate.pem").read_bytes() != before
    place = urlsplit(exchange.addresses[TWO])
    end = time.monotonic() + 30
    while shown(place.hostname or "", place.port or 0, exchange.folder / "tls0") != wanted.serial_number:
        assert time.monotonic() < end, "the gateway still shows the old certificate"
        time.sleep(0.5)
    while exchange.ask("GET", "echo").status_code != 200:  # until its peer has heard of the new one
        assert time.monotonic() < end, "no exchange under the new certificate"
        time.sleep(0.5)


def shown(host: str, port: int, own: Path) -> int:
    """The serial number of the certificate that a new connection is shown."""
    context = tls_context(own, server=False)
    with (
        socket.create_connection((host, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return x509.load_der_x509_certificate(secured.getpeercert(True) or b"").serial_number
