"""Bodies that are too large to be held, through two real gateways: byte for byte, in flat memory, and proven."""

from __future__ import annotations

import hashlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from lienthong.gateway.envelope import Question, head_parse
from lienthong.gateway.xroad.hashing import BodyDigest, request_hash, request_head
from tests import conftest as database
from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, DATA, FRAMED, ONE, TWO
from tests.gateway.peer import memory_kib
from tests.gateway.stream_system import digest, pieces
from tests.gateway.streaming import (
    HEAD,
    MIB,
    STREAM_MIB,
    door,
    gateway_settings,
    head_of,
    named,
    nothing_is_left,
    raw_put,
    seen,
    system,
)
from tests.gateway.test_gateway_evidence import asic, checked
from tests.nation.programs import wait_until

__all__ = ["gateway_settings", "nothing_is_left", "system"]
pytestmark = pytest.mark.usefixtures("nothing_is_left")


@pytest.mark.parametrize("announced", [True, False])
def test_sixty_four_mib_both_ways_byte_for_byte(exchange: Exchange, announced: bool) -> None:
    size = 64 * MIB
    message_id, headers = named()
    if announced:
        headers["Content-Length"] = str(size)
    rest = f"/pour?size={size}{'' if announced else '&chunked=1'}"
    url = exchange.path("echo", rest)
    got_back = hashlib.sha256()
    with httpx.stream(
        "PUT", url, headers={"X-Road-Client": ASKER, **headers}, content=pieces(size, 7)
    ) as got:
        for part in got.iter_raw():
            got_back.update(part)
    assert (got.status_code, got.headers["X-Got"]) == (200, digest(size, 7))
    assert got_back.hexdigest() == digest(size)
    assert got.headers.get("Content-Length") == (str(size) if announced else None)
    [asked], [answered] = exchange.logged(ONE, message_id), exchange.logged(TWO, message_id)
    for column in ("question", "question_signature", "reply", "reply_signature"):
        assert asked[column] == answered[column]
    question = head_parse(Question, bytes(asked["question"]))
    assert (question.body_size, question.body_hash) == (size, digest(size, 7))
    assert got.headers["X-Road-Request-Hash"] == question.request_hash


@pytest.mark.parametrize("announced", [True, False])
def test_a_small_answer_to_a_large_request(exchange: Exchange, system: str, announced: bool) -> None:
    size = 3 * MIB + 17
    message_id, headers = named()
    if announced:
        headers["Content-Length"] = str(size)
    got = exchange.ask("POST", "echo", "/take", headers=headers, content=pieces(size))
    told = got.json()
    assert (got.status_code, told["sha256"], told["size"]) == (200, digest(size), size)
    expected = (str(size), None) if announced else (None, "chunked")
    assert (told["length"], told["coding"]) == expected  # as the client said
    assert seen(system, message_id)["whole"]


def test_the_request_hash_is_the_one_that_a_client_computes(exchange: Exchange) -> None:
    body = b"".join(pieces(3 * MIB))
    with socket.create_connection(door(exchange), timeout=20) as client:
        lines = [("X-Road-Client", ASKER), ("X-Road-Id", named()[0]), ("Content-Length", str(len(body)))]
        head = f"{HEAD}/take HTTP/1.1\r\nHost: x\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines
        )
        client.sendall(head.encode() + b"\r\n" + body)
        answer = httpx.Headers(head_of(client))
    made = BodyDigest()
    made.update(body)
    kept = [(name.encode(), value.encode()) for name, value in lines[:2]]
    asked = request_head("PUT", f"/r1/{DATA}/echo/take".encode(), kept, answer["X-Road-Request-Id"])
    assert answer["X-Road-Request-Hash"] == request_hash(asked, made.digest())


@pytest.mark.parametrize("chunked", ["", "&chunked=1"])
def test_a_large_answer_to_a_small_request(exchange: Exchange, chunked: str) -> None:
    message_id, headers = named()
    size = 5 * MIB + 1
    got = exchange.ask("GET", "echo", f"/pour?size={size}{chunked}", headers=headers)
    assert (got.status_code, hashlib.sha256(got.content).hexdigest()) == (200, digest(size))
    [asked], [answered] = exchange.logged(ONE, message_id), exchange.logged(TWO, message_id)
    assert (asked["reply"], asked["problem"], asked["side"]) == (answered["reply"], "", "consumer")
    assert asked["response_out"] >= asked["response_in"] >= asked["request_out"] >= asked["request_in"]


def test_three_hundred_mib_both_ways_in_flat_memory(exchange: Exchange) -> None:
    exchange.ask("PUT", "echo", "/take", content=pieces(4 * MIB))
    before = {server: memory_kib(exchange, server, "VmHWM") for server in (ONE, TWO)}
    size = 300 * MIB
    got = exchange.ask("PUT", "echo", "/take", headers={"Content-Length": str(size)}, content=pieces(size))
    assert got.json()["size"] == size
    came = 0
    url = exchange.path("echo", f"/pour?size={size}")
    with httpx.stream("GET", url, headers={"X-Road-Client": ASKER}, timeout=30) as answer:
        for part in answer.iter_raw():
            came += len(part)
    assert came == size
    for server, most in before.items():
        assert memory_kib(exchange, server, "VmHWM") < most + 12 * 1024


def test_a_large_request_without_a_right_is_refused_before_anything_is_passed_on(
    exchange: Exchange, system: str
) -> None:
    message_id, headers = named()
    got = exchange.ask("PUT", "secret", headers=headers, content=pieces(8 * MIB))
    assert (got.status_code, got.headers["X-Road-Error"]) == (500, "server.serverproxy.access_denied")
    [row] = exchange.logged(TWO, message_id)
    assert (row["problem"], row["side"]) == ("server.serverproxy.access_denied", "provider")
    [row] = exchange.logged(ONE, message_id)
    assert row["problem"] == "server.serverproxy.access_denied"
    assert message_id not in [one["id"] for one in httpx.get(f"{system}/seen").json()]


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_may_stream_is_refused(exchange: Exchange, announced: bool) -> None:
    size = (STREAM_MIB + 2) * MIB
    message_id, headers = named()
    if announced:
        headers["Content-Length"] = str(size)
    url, headers = exchange.path("echo", "/take"), {"X-Road-Client": ASKER, **headers}
    got = raw_put(exchange, url, headers, pieces(size))
    assert b" 400 " in got.split(b"\r\n", 1)[0]
    assert f"larger than {STREAM_MIB} MiB".encode() in got
    wait_until(lambda: bool(exchange.logged(TWO, message_id)) != announced)
    assert [row["problem"] for row in exchange.logged(TWO, message_id)] == (
        [] if announced else ["server.serverproxy.invalid_message"]
    )


def test_an_answer_larger_than_may_stream_is_refused(exchange: Exchange) -> None:
    got = exchange.ask("GET", "echo", f"/pour?size={(STREAM_MIB + 1) * MIB}")
    assert (got.status_code, got.headers["X-Road-Error"]) == (500, "server.serverproxy.service_failed")
    assert f"{STREAM_MIB} MiB" in got.json()["message"]


def test_a_system_of_lienthong_and_soap_take_no_more_than_they_hold(exchange: Exchange) -> None:
    headers = {"Content-Length": str(8 * MIB)}
    got = exchange.ask("PUT", "x", provider=FRAMED, headers=headers, content=pieces(8 * MIB))
    assert (got.headers["X-Road-Error"], "2 MiB" in got.json()["message"]) == ("client.bad_request", True)
    headers = {"Content-Type": "text/xml", "X-Road-Client": ASKER, "Content-Length": str(8 * MIB)}
    soap = httpx.post(f"{exchange.url}/", headers=headers, content=pieces(8 * MIB))
    assert "2 MiB" in soap.text


def test_more_at_once_than_may_stream_is_told_to_come_back(exchange: Exchange) -> None:
    def ask(_number: int) -> str:
        client = socket.create_connection(door(exchange), timeout=20)
        with client:
            head = f"{HEAD}/take HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n"
            client.sendall(f"{head}Content-Length: {4 * MIB}\r\n\r\n".encode())
            client.sendall(next(pieces(MIB)))
            return dict(head_of(client)).get(b"x-road-error", b"").decode()

    with ThreadPoolExecutor(6) as pool:
        kinds = sorted(pool.map(ask, range(6)))
    busy = ["server.clientproxy.busy"] * 2 + ["server.serverproxy.busy"]
    assert kinds == ["client.bad_request"] * 3 + busy


def test_a_streamed_message_is_proven_like_any_other(exchange: Exchange, tmp_path: Path) -> None:
    message_id, headers = named()
    got = exchange.ask("PUT", "echo", f"/pour?size={3 * MIB}", headers=headers, content=pieces(3 * MIB))
    assert got.status_code == 200
    with psycopg.connect(exchange.databases[ONE]) as connection:
        wait_until(
            lambda: httpx.get(f"{exchange.url}/health").json()["without_time_stamp"]["messages"] == 0,
            seconds=20,
        )
        connection.rollback()
    for side in ("requestOnly", "responseOnly"):
        container = asic(exchange, queryId=message_id, unique="", **{side: ""})
        path = tmp_path / f"{side}.asice"
        path.write_bytes(container.content)
        done = checked(path)
        assert (done.returncode, message_id in done.stdout) == (0, True), done.stdout


def test_two_systems_of_one_gateway_send_each_other_large_bodies(exchange: Exchange) -> None:
    near = "VN/GOV/T02/near"
    database._python(f"from tests.gateway.control import neighbour; neighbour({near!r})", exchange.control)
    url = f"http://{exchange.doors[TWO]}/r1/{DATA}/echo"

    def known() -> bool:
        time.sleep(0.05)
        return httpx.get(f"{url}/take", headers={"X-Road-Client": near}).is_success

    wait_until(known, seconds=10)
    message_id, headers = named()
    headers["X-Road-Client"] = near
    got = httpx.put(f"{url}/pour?size={3 * MIB}", headers=headers, content=pieces(3 * MIB, 7), timeout=30)
    assert (got.status_code, got.headers["X-Got"]) == (200, digest(3 * MIB, 7))
    assert hashlib.sha256(got.content).hexdigest() == digest(3 * MIB)
    assert {row["side"] for row in exchange.logged(TWO, message_id)} == {"consumer", "provider"}
