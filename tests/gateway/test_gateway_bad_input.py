"""What comes to a gateway's doors that should not: a clear error, and the process lives on."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from lienthong.blocks.trust.authority import Authority, Subject
from lienthong.blocks.trust.hashchain import MESSAGE
from lienthong.blocks.trust.wire import fingerprint, sha256_hex
from lienthong.blocks.trust.xades import signature_make
from lienthong.gateway.bundles import bundle_encode
from lienthong.gateway.envelope import (
    MessageSignature,
    Question,
    Reply,
    Sealed,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.peers import AwayError, Peers
from lienthong.gateway.snapshot import Holder
from lienthong.gateway.tls import tls_context
from tests import conftest as database
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, DATA, ONE, TWO
from tests.gateway.peer import AUTHORITY, Peer, memory_kib
from tests.nation.programs import wait_until


@pytest.fixture
def peer(exchange: Exchange, tmp_path: Path) -> Iterator[Peer]:
    made = Peer(exchange, tmp_path / "tls")
    yield made
    made.browser.close()


def test_a_right_question_is_answered(peer: Peer) -> None:
    assert peer.problem(peer.sealed(peer.question())) == ""


def test_a_question_sent_again_is_refused(peer: Peer) -> None:
    sealed = peer.sealed(peer.question())
    assert peer.problem(sealed) == ""
    assert peer.problem(sealed) == "server.serverproxy.message_replayed"


def test_a_bundle_sent_again_is_refused_message_by_message(peer: Peer) -> None:
    bundle = [sealed_encode(peer.sealed(peer.question())) for _ in range(3)]
    assert [problem_of(one) for one in peer.send_all(bundle)] == ["", "", ""]
    assert {problem_of(one) for one in peer.send_all(bundle)} == {"server.serverproxy.message_replayed"}


def test_of_one_message_twice_in_a_bundle_one_is_answered(peer: Peer) -> None:
    envelope = sealed_encode(peer.sealed(peer.question()))
    found = sorted(problem_of(one) for one in peer.send_all([envelope, envelope]))
    assert found == ["", "server.serverproxy.message_replayed"]


def problem_of(frame: tuple[int, bytes]) -> str:
    assert frame[0] == 200
    return head_parse(Reply, sealed_decode(frame[1]).head).problem


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_ten_minutes_off_is_told(peer: Peer, minutes: int) -> None:
    sent_at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    assert peer.problem(peer.sealed(peer.question(sent_at=sent_at))).endswith(".message_outdated")


def test_another_body_than_the_signed_one_is_refused(peer: Peer) -> None:
    sealed = replace(peer.sealed(peer.question()), body=b"y")
    assert peer.problem(sealed) == "server.serverproxy.invalid_signature_value"


def test_a_changed_head_is_refused(peer: Peer) -> None:
    sealed = peer.sealed(peer.question())
    changed = replace(sealed, head=sealed.head.replace(b'"purpose":"testing"', b'"purpose":"tasting"'))
    assert peer.problem(changed) == "server.serverproxy.invalid_signature_value"


def test_a_member_cannot_speak_for_another(peer: Peer) -> None:
    sealed = peer.sealed(peer.question(), member="VN/GOV/T02")
    assert peer.problem(sealed) == "server.serverproxy.invalid_signature_value"


def test_a_certificate_of_a_foreign_authority_is_refused(
    exchange: Exchange, peer: Peer, tmp_path: Path
) -> None:
    foreign, at = Authority(tmp_path / "foreign"), datetime.now(UTC).replace(microsecond=0)
    certificate = foreign.issue(Subject("VN/GOV/T01", "member", "Cơ quan T01", "T01"), at=at)
    key = foreign.key("VN/GOV/T01", certificate)
    assert key is not None
    sealed = peer.sealed(peer.question(sent_at=at.isoformat()))
    made = signature_make({MESSAGE: sealed.head}, key=key, certificate=certificate, at=at)
    signature = MessageSignature(
        base64.b64encode(made.value).decode(), fingerprint(certificate), at.isoformat()
    )
    assert peer.problem(replace(sealed, signature=signature)) == "server.serverproxy.invalid_signature_value"
    wait_until(
        lambda: without_stamp(exchange) == 0, seconds=20
    )  # such a row is no obstacle to the time stamps
    query = dict(
        zip(("xRoadInstance", "memberClass", "memberCode", "subsystemCode"), ASKER.split("/"), strict=True)
    )
    message_id = head_parse(Question, sealed.head).id
    asked = {**query, "queryId": message_id, "requestOnly": ""}
    got = httpx.get(f"http://{exchange.doors[TWO]}/asic", params=asked)
    assert (got.status_code, "refused" in got.text) == (404, True)


@pytest.fixture(scope="module")
def more_certificates(exchange: Exchange) -> None:
    """The first agency has an expired and a revoked one too, and the gateways know it."""
    database._python("from tests.gateway.control import certificates_more as c; c()", exchange.control)

    def known() -> bool:
        time.sleep(0.05)
        version = httpx.get(f"http://{exchange.doors[TWO]}/health").json()["configuration"]["version"]
        return version == newest

    with psycopg.connect(database.database_url(exchange.control)) as connection:
        [newest] = connection.execute("select max(id) from exchange_configuration").fetchone() or [0]
    wait_until(known, seconds=20)


@pytest.mark.parametrize(("kind", "why"), [("expired", "not valid at this time"), ("revoked", "was revoked")])
def test_a_message_signed_with_a_certificate_that_ended_is_refused(
    more_certificates: None, peer: Peer, kind: str, why: str
) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    ended = {
        "expired": lambda one: one.certificate.not_valid_after_utc < at,
        "revoked": lambda one: one.revoked_at,
    }
    [holder] = [
        one for one in peer.snapshot.holders.values() if ended[kind](one) and one.member == "VN/GOV/T01"
    ]
    sealed = peer.sealed(peer.question(sent_at=at.isoformat()))
    status, content = peer.send(
        sealed_encode(replace(sealed, signature=signed_by(peer, holder, sealed.head, at)))
    )
    answered = sealed_decode(content)
    problem = head_parse(Reply, answered.head).problem
    assert (status, problem) == (200, "server.serverproxy.invalid_signature_value")
    assert why in answered.body.decode()


def signed_by(peer: Peer, holder: Holder, head: bytes, at: datetime) -> MessageSignature:
    key = Authority(AUTHORITY).key(holder.member, holder.certificate)
    assert key is not None
    made = signature_make({MESSAGE: head}, key=key, certificate=holder.certificate, at=at)
    return MessageSignature(
        base64.b64encode(made.value).decode(), fingerprint(holder.certificate), at.isoformat()
    )


@pytest.fixture
def expired(tmp_path: Path) -> Path:
    """A folder with a connection's certificate of the exchange's own authority that ended yesterday."""
    folder = tls_write(tmp_path / "expired", ONE)
    until = datetime.now(UTC) - timedelta(days=1)
    certificate, key = Authority(AUTHORITY).tls_issue(ONE, hosts=["127.0.0.1"], until=until)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    return folder


def test_the_provider_door_stays_closed_to_an_expired_connection_certificate(
    exchange: Exchange, expired: Path
) -> None:
    context = tls_context(expired, server=False)
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.post(f"{exchange.addresses[TWO]}/exchange", content=b"x")


def test_a_gateway_with_an_expired_connection_certificate_is_not_asked(expired: Path, tmp_path: Path) -> None:
    ours = tls_write(tmp_path / "ours", TWO)

    async def asked() -> list[bytes]:
        server = await asyncio.start_server(
            lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=tls_context(expired, server=True)
        )
        peers = Peers(timeout_s=10, body_max=1, tls=str(ours))
        await peers.start()
        try:
            port = server.sockets[0].getsockname()[1]
            return [data async for data in peers.stream(f"https://127.0.0.1:{port}/", headers=[], body=b"x")]
        finally:
            await peers.stop()
            server.close()

    with pytest.raises(AwayError, match="certificate"):
        asyncio.run(asked())


def without_stamp(exchange: Exchange) -> int:
    time.sleep(0.1)
    told = httpx.get(f"http://{exchange.doors[TWO]}/health").json()
    return int(told["without_time_stamp"]["messages"])


@pytest.mark.parametrize("target", ["/../secret", "/%2e%2e/secret", "/a//b", "/a%2fb"])
def test_a_gateway_that_passes_on_a_climbing_path_is_refused(peer: Peer, target: str) -> None:
    assert peer.problem(peer.sealed(peer.question(target=target))) == "client.bad_request"


def test_a_system_that_is_not_here_is_not_answered_for(peer: Peer) -> None:
    sealed = peer.sealed(peer.question(provider="VN/GOV/T01/app"))
    assert peer.problem(sealed) == "server.serverproxy.unknown_service"


NO_ENVELOPES = [
    b"",
    b"\x00",
    b"\xff" * 40,
    b"{}",
    sealed_encode(Sealed(b"{}", MessageSignature("", "", ""), b"")),
]


@pytest.mark.parametrize("data", NO_ENVELOPES)
def test_bytes_that_are_no_envelope_are_a_bad_request(peer: Peer, data: bytes) -> None:
    status, content = peer.send(data)
    assert (status, b"no envelope" in content) == (400, True)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 40, bundle_encode([b"x"] * 129)])
def test_bytes_that_are_no_bundle_are_a_bad_request(peer: Peer, data: bytes) -> None:
    got = peer.browser.post(peer.url, content=data)
    assert (got.status_code, "no bundle" in got.json()["error"]) == (400, True)


def raw(exchange: Exchange, data: bytes, *, close: bool = False) -> bytes:
    """Bytes to the consumer's door as they are; what came back."""
    host, _, port = exchange.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(data)
        if close:
            connection.shutdown(socket.SHUT_WR)
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
            if b"\r\n\r\n" in got:
                break
        return got


HEAD = f"POST /r1/{DATA}/echo HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n"


def test_a_body_cut_short_is_not_sent_on(exchange: Exchange) -> None:
    message_id = f"cut-{uuid4()}"
    head = f"{HEAD}X-Road-Id: {message_id}\r\nContent-Length: 100\r\n\r\nten bytes."
    assert b" 200 " not in raw(exchange, head.encode(), close=True).split(b"\r\n", 1)[0]
    assert exchange.logged(ONE, message_id) == []


def test_a_content_length_that_claims_too_much_is_refused_before_the_body(exchange: Exchange) -> None:
    got = raw(exchange, f"{HEAD}Content-Length: 2000000000\r\n\r\n".encode())
    assert b" 400 " in got.split(b"\r\n", 1)[0]
    assert b"client.bad_request" in got


TWO_LENGTHS = [
    "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "Content-Length: 3\r\nContent-Length: 3\r\n\r\nxxx",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: identity, gzip\r\n\r\nxx",
    "Content-Length: +1\r\n\r\nx",
    "Content-Length: 1, 1\r\n\r\nx",
    "Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("rest", TWO_LENGTHS)
def test_a_body_whose_length_could_be_read_in_two_ways_is_not_sent_on(exchange: Exchange, rest: str) -> None:
    message_id = f"two-{uuid4()}"
    got = raw(exchange, f"{HEAD}X-Road-Id: {message_id}\r\n{rest}".encode())
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"x-road-error: client.bad_request" in got
    assert exchange.logged(ONE, message_id) == []


def test_what_comes_after_the_declared_length_is_no_part_of_the_message(exchange: Exchange) -> None:
    """One byte is announced: it is the whole body, and the rest a request of its own, which it must be fit to be."""
    first, second = f"first-{uuid4()}", f"second-{uuid4()}"
    smuggled = f"{HEAD}X-Road-Id: {second}\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n"
    got = raw(exchange, f"{HEAD}X-Road-Id: {first}\r\nContent-Length: 1\r\n\r\nx{smuggled}".encode())
    assert got.startswith(b"HTTP/1.1 200 ")
    [row] = exchange.logged(ONE, first)
    assert head_parse(Question, bytes(row["question"])).body_hash == sha256_hex(b"x")
    assert exchange.logged(ONE, second) == []


def test_the_system_gets_one_length_whatever_the_client_sent(exchange: Exchange) -> None:
    got = httpx.post(exchange.path("echo"), headers={"X-Road-Client": ASKER}, content=iter([b"a", b"b"]))
    lengths = [value for name, value in got.json()["headers"] if name.lower() == "content-length"]
    others = [name for name, _ in got.json()["headers"] if name.lower() == "transfer-encoding"]
    assert (got.json()["body"], lengths, others) == ("ab", ["2"], [])


def test_a_header_bomb_is_refused(exchange: Exchange) -> None:
    many = "".join(f"X-Bomb-{number}: 1\r\n" for number in range(200))
    got = raw(exchange, f"{HEAD}{many}Content-Length: 0\r\n\r\n".encode())
    assert b" 400 " in got.split(b"\r\n", 1)[0]
    assert b"client.bad_request" in got


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"\x00" * 64 + b"\r\n\r\n", b"FOO / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http_does_no_harm(exchange: Exchange, data: bytes) -> None:
    assert b" 200 " not in raw(exchange, data, close=True)
    assert exchange.ask("GET", "echo").status_code == 200


def test_an_unknown_method_is_named(exchange: Exchange) -> None:
    got = exchange.ask("PROPFIND", "echo")
    assert (got.status_code, got.headers["X-Road-Error"]) == (400, "client.invalid_http_method")


def test_many_large_bodies_do_not_make_the_process_grow_for_good(exchange: Exchange) -> None:
    body = b"x" * (2 << 20)
    for _ in range(20):
        assert exchange.ask("PUT", "echo", content=body).status_code in {200, 500}
    before = memory_kib(exchange, ONE)
    for _ in range(60):
        exchange.ask("PUT", "echo", content=body)
    assert memory_kib(exchange, ONE) < before + 40 * 1024
