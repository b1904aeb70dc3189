"""X-Road's REST protocol through two real gateways, as an agency's plain HTTP client sees it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from lienthong.blocks.trust.authority import Authority
from lienthong.gateway.tls import tls_context
from tests import conftest as database
from tests.gateway.conftest import Exchange, environment, tls_write
from tests.gateway.control import ASKER, CLOSED, DATA, ONE, OTHER_PURPOSE, PURPOSE, TWO

ERROR = "X-Road-Error"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_method_reaches_the_system_and_its_answer_comes_back(exchange: Exchange, method: str) -> None:
    got = exchange.ask(method, "echo", "/a/b?x=1&y=%2F", content=b"body" if method != "GET" else None)
    assert got.status_code == 200
    seen = got.json()
    assert (seen["method"], seen["target"]) == (method, "/a/b?x=1&y=%2F")
    assert seen["body"] == ("body" if method != "GET" else "")


def test_a_head_request_is_answered_without_a_body(exchange: Exchange) -> None:
    got = exchange.ask("HEAD", "echo")
    assert (got.status_code, got.content) == (200, b"")


def test_the_response_carries_the_messages_identifiers(exchange: Exchange) -> None:
    message_id = f"lt-{uuid4()}"
    got = exchange.ask("GET", "echo", headers={"X-Road-Id": message_id})
    assert got.headers["X-Road-Id"] == message_id
    assert (got.headers["X-Road-Client"], got.headers["X-Road-Service"]) == (ASKER, f"{DATA}/echo")
    assert got.headers["X-Road-Request-Id"]
    assert got.headers["X-Road-Request-Hash"]
    assert got.headers.get_list("Date") == [got.headers["Date"]]
    assert got.headers["X-Kept"] == "as it was"


def test_an_id_is_made_where_the_client_gives_none(exchange: Exchange) -> None:
    assert exchange.ask("GET", "echo").headers["X-Road-Id"].startswith("VN-")


def test_hop_by_hop_headers_stop_at_the_gateway_and_all_others_pass_in_order(exchange: Exchange) -> None:
    sent = {"X-B": "2", "X-A": "1", "User-Agent": "agency/1", "TE": "trailers", "X-Road-UserId": "EE123"}
    seen = exchange.ask("GET", "echo", headers=sent).json()["headers"]
    names = [name for name, _ in seen]
    assert [name for name in names if name in {"X-B", "X-A"}] == ["X-B", "X-A"]
    assert ["X-Road-UserId", "EE123"] in seen
    assert not {"user-agent", "te"} & {name.lower() for name in names}


def test_the_request_hash_is_what_the_protocol_says(exchange: Exchange) -> None:
    """The client's own program works it out from what it sent, names in their own case."""
    done = subprocess.run(
        [
            sys.executable,
            str(database.ROOT / "examples" / "xroad_rest_client.py"),
            exchange.url,
            ASKER,
            f"{DATA}/echo",
            "/p",
            '{"a": 1}',
        ],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    assert "right" in done.stdout, done.stdout


def test_a_systems_own_errors_and_redirects_pass_as_they_are(exchange: Exchange) -> None:
    for path, status in (("/missing", 404), ("/broken", 500), ("/moved", 302)):
        got = exchange.ask("GET", "echo", path, follow_redirects=False)
        assert got.status_code == status
        assert ERROR not in got.headers
    assert got.headers["Location"] == "/elsewhere"


def test_without_a_right_the_refusal_says_which_is_missing_and_who_grants_it(exchange: Exchange) -> None:
    got = exchange.ask("GET", "secret")
    assert (got.status_code, got.headers[ERROR]) == (500, "server.serverproxy.access_denied")
    told = got.json()
    assert set(told) == {"type", "message", "detail"}
    assert "data/secret" in told["message"]
    assert "VN/GOV/T02" in told["message"]


def test_an_error_is_xml_for_who_accepts_xml(exchange: Exchange) -> None:
    got = exchange.ask("GET", "secret", headers={"Accept": "text/xml"})
    assert got.text.startswith("<?xml")
    assert "<type>server.serverproxy.access_denied</type>" in got.text


def test_with_two_purposes_the_client_says_which(exchange: Exchange) -> None:
    got = exchange.ask("GET", "both")
    assert (got.status_code, got.headers[ERROR]) == (400, "client.bad_request")
    assert f"{OTHER_PURPOSE}, {PURPOSE}" in got.json()["message"]
    assert exchange.ask("GET", "both", headers={"Lienthong-Purpose": OTHER_PURPOSE}).status_code == 200


@pytest.mark.parametrize(
    ("client", "provider", "kind"),
    [
        ("VN/GOV/T02/data", DATA, "server.clientproxy.unknown_member"),
        ("VN/GOV/T01", DATA, "server.clientproxy.unknown_member"),
        (ASKER, "VN/GOV/T09/data", "server.clientproxy.unknown_member"),
        (ASKER, CLOSED, "server.serverproxy.access_denied"),
    ],
)
def test_unknown_sides_are_named(exchange: Exchange, client: str, provider: str, kind: str) -> None:
    got = exchange.ask("GET", "echo", client=client, provider=provider)
    assert got.headers[ERROR] == kind


@pytest.mark.parametrize(
    "path", ["/r1/invalid", "/r2/VN/GOV/T02/data/echo", "/nothing", "/r1/VN/GOV/T02/data"]
)
def test_a_path_that_names_no_service_is_an_error(exchange: Exchange, path: str) -> None:
    got = httpx.get(f"{exchange.url}{path}", headers={"X-Road-Client": ASKER})
    assert got.headers[ERROR] == "client.bad_request"


def test_a_path_that_climbs_is_refused(exchange: Exchange) -> None:
    host, _, port = exchange.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        path = f"/r1/{DATA}/echo/%2e%2e/secret"
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n\r\n".encode())
        answer = raw.recv(4096)
    assert b" 400 " in answer.split(b"\r\n", 1)[0]


def test_both_sides_write_the_same_signed_heads_down(exchange: Exchange) -> None:
    message_id = f"lt-{uuid4()}"
    exchange.ask("POST", "echo", headers={"X-Road-Id": message_id, "X-Road-Issue": "H-1"}, content=b"{}")
    [asked], [answered] = exchange.logged(ONE, message_id), exchange.logged(TWO, message_id)
    assert (asked["side"], answered["side"]) == ("consumer", "provider")
    for column in (
        "question",
        "question_signature",
        "reply",
        "reply_signature",
        "purpose",
        "case",
        "service",
    ):
        assert asked[column] == answered[column]
    assert (asked["case"], asked["purpose"], asked["service"]) == ("H-1", PURPOSE, "data/echo")


def test_refusals_are_logged_as_evidence_too(exchange: Exchange) -> None:
    message_id = f"lt-{uuid4()}"
    exchange.ask("GET", "secret", headers={"X-Road-Id": message_id})
    [row] = exchange.logged(TWO, message_id)
    assert (row["status"], row["problem"]) == (500, "server.serverproxy.access_denied")


def test_a_body_larger_than_is_held_passes_on_either_way(exchange: Exchange) -> None:
    body = "x" * (3 << 20)
    got = exchange.ask("POST", "echo", content=body)
    assert (got.status_code, got.json()["body"] == body) == (200, True)
    assert exchange.ask("GET", "echo", "/large").content == body.encode()


def test_list_clients_shows_members_and_systems(exchange: Exchange) -> None:
    listed = httpx.get(f"{exchange.url}/listClients", headers={"Accept": "application/json"}).json()["member"]
    assert any(entry["id"].get("subsystem_code") == "data" for entry in listed)
    assert httpx.get(f"{exchange.url}/listClients").text.startswith("<?xml")


def test_list_methods_shows_all_and_allowed_methods_what_the_client_may_call(exchange: Exchange) -> None:
    codes = {row["service_code"] for row in exchange.ask("GET", "listMethods").json()["service"]}
    assert {"echo", "slow", "both"} <= codes
    allowed = exchange.ask("GET", "allowedMethods", provider=CLOSED).json()["service"]
    assert allowed == []


def test_a_new_right_counts_within_moments_of_its_publication(exchange: Exchange) -> None:
    assert exchange.ask("GET", "later").headers[ERROR] == "server.serverproxy.access_denied"
    database._python(
        "from tests.gateway.control import grant_more; grant_more('data/later')", exchange.control
    )
    end = time.monotonic() + 10
    while exchange.ask("GET", "later").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_days_quota_ends_and_a_restart_does_not_give_it_back(exchange: Exchange) -> None:
    assert [exchange.ask("GET", "scarce").status_code for _ in range(3)] == [200] * 3
    for _ in range(2):
        got = exchange.ask("GET", "scarce")
        assert (got.status_code, got.headers[ERROR]) == (500, "server.serverproxy.quota_used")
        assert "3 calls of data/scarce" in got.json()["message"]
        exchange.stop(TWO)
        exchange.start(TWO)


def test_health_says_how_old_the_configuration_is(exchange: Exchange) -> None:
    told = httpx.get(f"{exchange.url}/health").json()
    assert told["server"] == ONE
    assert told["configuration"]["age_s"] >= 0
    assert told["control_plane_silent_s"] is not None


def test_a_provider_gateway_that_is_down_is_a_clear_error_and_comes_back(exchange: Exchange) -> None:
    exchange.stop(TWO)
    got = exchange.ask("GET", "echo")
    assert (got.status_code, got.headers[ERROR]) == (500, "server.clientproxy.network_error")
    assert TWO in got.json()["message"]
    exchange.start(TWO)
    assert exchange.ask("GET", "echo").status_code == 200


def test_a_gateway_starts_from_its_copy_while_the_control_plane_is_away(exchange: Exchange) -> None:
    exchange.stop(ONE)
    path = exchange.configs[ONE]
    good = path.read_text()
    try:
        path.write_text(good.replace(exchange.control, "no_such_database"))
        exchange.start(ONE)
        assert exchange.ask("GET", "echo").status_code == 200
        assert httpx.get(f"{exchange.url}/health").json()["control_plane_silent_s"] is None
        exchange.stop(ONE)
    finally:
        path.write_text(good)
        exchange.start(ONE)


def test_the_provider_door_opens_to_certificates_of_the_exchange_only(
    exchange: Exchange, tmp_path: Path
) -> None:
    address = exchange.addresses[TWO]
    ours, strangers = tls_write(tmp_path / "ours", ONE), tmp_path / "strangers"
    Authority(tmp_path / "other-authority").tls_folder_write(strangers, ONE, hosts=["127.0.0.1"])
    assert post(address, tls_context(ours, server=False)).status_code == 400  # let in, but it is no envelope
    foreign = tls_context(strangers, server=False)
    foreign.load_verify_locations(ours / "trust.pem")
    nameless = ssl.create_default_context(cafile=str(ours / "trust.pem"))
    for context in (foreign, nameless):
        with pytest.raises(httpx.TransportError):
            post(address, context)


def post(address: str, context: ssl.SSLContext) -> httpx.Response:
    with httpx.Client(verify=context) as client:
        return client.post(f"{address}/exchange", content=b"not an envelope")
