"""What comes to a gateway's doors that should not: a clear error, and the process lives on."""

from __future__ import annotations

import base64
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from msgspec import structs

from lienthong.blocks.trust.authority import Authority, Subject
from lienthong.blocks.trust.hashchain import MESSAGE
from lienthong.blocks.trust.wire import fingerprint, sha256_hex
from lienthong.blocks.trust.xades import signature_make
from lienthong.gateway.bundles import FrameReader, bundle_encode
from lienthong.gateway.envelope import (
    MessageSignature,
    Question,
    Reply,
    Sealed,
    head_bytes,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.keys import Keys
from lienthong.gateway.snapshot import Snapshot, snapshot_verified
from lienthong.gateway.tls import tls_context
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, DATA, ONE, PURPOSE, TWO
from tests.nation.programs import wait_until

AUTHORITY = Path(os.environ["LIENTHONG_KEYS"]) / "authority"


class Peer:
    """Another gateway, played by the test: it has gateway one's keys, and says what the test wants."""

    def __init__(self, exchange: Exchange, folder: Path) -> None:
        self.url = f"{exchange.addresses[TWO]}/exchange"
        self.keys = Keys(AUTHORITY)
        self.snapshot = configuration(exchange, self.keys)
        context = tls_context(tls_write(folder, ONE), server=False)
        self.browser = httpx.Client(verify=context, timeout=20)

    def question(self, **given: Any) -> Question:
        body_hash = sha256_hex(b"x")
        made = Question(
            id=f"bad-{uuid4()}",
            request_id=str(uuid4()),
            client=ASKER,
            provider=DATA,
            code="echo",
            method="POST",
            target="",
            purpose=PURPOSE,
            case="",
            user="",
            headers=[],
            body_hash=body_hash,
            body_size=1,
            request_hash="",
            server=ONE,
            sent_at=datetime.now(UTC).isoformat(),
        )
        return structs.replace(made, **given)

    def sealed(self, question: Question, *, member: str = "VN/GOV/T01", body: bytes = b"x") -> Sealed:
        data = head_bytes(question)
        at = datetime.fromisoformat(question.sent_at)
        signed = self.keys.sign_parts(member=member, parts={MESSAGE: data}, snapshot=self.snapshot, at=at)
        return Sealed(data, signed, body)

    def problem(self, sealed: Sealed) -> str:
        """What the provider's gateway answered, in its signed reply; empty where it answered the question."""
        status, content = self.send(sealed_encode(sealed))
        assert status == 200, content
        return head_parse(Reply, sealed_decode(content).head).problem

    def send(self, envelope: bytes) -> tuple[int, bytes]:
        """One envelope alone; its frame's status and content."""
        got = self.browser.post(self.url, content=bundle_encode([envelope]))
        assert got.status_code == 200, got.text
        [frame] = FrameReader(1 << 20).feed(got.content)
        assert frame.place == 0
        return frame.status, frame.content or b""


def configuration(exchange: Exchange, keys: Keys) -> Snapshot:
    from tests.conftest import database_url

    with psycopg.connect(database_url(exchange.control)) as connection:
        row = connection.execute(
            "select id, made_at, document, signature, certificate from exchange_configuration order by id desc limit 1"
        ).fetchone()
    assert row is not None
    names = ("version", "made_at", "document", "signature", "certificate")
    return snapshot_verified(**dict(zip(names, row, strict=True)), anchor=keys.anchor)


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
    got = raw(exchange, f"{HEAD}Content-Length: 1000000000\r\n\r\n".encode())
    assert b" 400 " in got.split(b"\r\n", 1)[0]
    assert b"client.bad_request" in got


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
    def memory_kib() -> int:
        lines = Path(f"/proc/{exchange.programs[ONE].pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:")))

    body = b"x" * (2 << 20)
    for _ in range(20):
        assert exchange.ask("PUT", "echo", content=body).status_code in {200, 500}
    before = memory_kib()
    for _ in range(60):
        exchange.ask("PUT", "echo", content=body)
    assert memory_kib() < before + 40 * 1024
