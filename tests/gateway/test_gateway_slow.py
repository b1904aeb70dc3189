"""Slow clients and slow readers, a gigabyte in either direction, and more bodies at once than there is memory for.

None of it keeps other clients out, and the process stays as small as its limits say.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from lienthong.gateway.asgi import RATE_MIN
from lienthong.gateway.tls import tls_context
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, DATA, ONE, TWO
from tests.gateway.peer import memory_kib
from tests.nation.programs import wait_until

GIB = 1 << 30
MIB = 1 << 20
SLOW = 200
HEAD = f"PUT /r1/{DATA}/echo HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n"
IDLE_S = 1.5
STREAM_MIB = 4
MEMORY_MIB = {ONE: 24, TWO: 8}


@pytest.fixture(scope="module")
def gateway_settings() -> dict[str, dict[str, Any]]:
    return {
        server: {"head_timeout_s": 2.0, "idle_timeout_s": IDLE_S, "memory_mib": mib, "stream_mib": STREAM_MIB}
        for server, mib in MEMORY_MIB.items()
    }


def connected(exchange: Exchange, *, receives: int | None = None) -> socket.socket:
    """To the consumer's door; receives: bytes that the connection takes before somebody reads them."""
    host, _, port = exchange.doors[ONE].rpartition(":")
    made = socket.socket()
    if receives is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    made.settimeout(20)
    made.connect((host, int(port)))
    return made


@contextlib.contextmanager
def many(exchange: Exchange, data: bytes) -> Iterator[list[socket.socket]]:
    """Clients that have sent so much, and send no more."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(connected(exchange)) for _ in range(SLOW)]
        for one in made:
            one.sendall(data)
        yield made


def whole(connection: socket.socket) -> bytes:
    """What came until the gateway closed."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            got += part
    return got


@pytest.mark.parametrize(
    "data",
    [b"", f"{HEAD}X-Slow: ".encode(), f"{HEAD}Content-Length: 1000\r\n\r\nsome".encode()],
    ids=["nothing", "head", "body"],
)
def test_many_slow_clients_keep_nobody_out_and_are_told_to_hurry(exchange: Exchange, data: bytes) -> None:
    with many(exchange, data) as clients:
        assert exchange.ask("POST", "echo", content=b"x").status_code == 200
        answers = Counter(whole(one).split(b"\r\n", 1)[0] for one in clients)
    assert answers == {b"HTTP/1.1 408 Request Timeout": SLOW}


@pytest.mark.parametrize(
    "data", [HEAD.encode(), f"{HEAD}Content-Length: 1000\r\n\r\n".encode()], ids=["head", "body"]
)
def test_a_byte_now_and_then_is_no_progress(exchange: Exchange, data: bytes) -> None:
    with connected(exchange) as client:
        client.sendall(data)
        client.settimeout(0.2)
        got, sent = b"", 0
        while not got:
            assert sent < RATE_MIN / 10  # it went on and on
            client.sendall(b"x")
            sent += 1
            with contextlib.suppress(TimeoutError):
                got = client.recv(65536)
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"x-road-error: client.bad_request" in got


def test_a_slow_gateway_is_told_to_hurry_too(exchange: Exchange, tmp_path: Path) -> None:
    context = tls_context(tls_write(tmp_path / "tls", ONE), server=False)
    host, _, port = exchange.addresses[TWO].removeprefix("https://").rpartition(":")
    for data in (b"POST /exchange HTTP/1.1\r\n", b"POST /exchange HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"):
        with (
            socket.create_connection((host, int(port)), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            connection.sendall(data)
            with contextlib.suppress(ssl.SSLError):
                assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_an_answer_that_nobody_takes_is_dropped(exchange: Exchange) -> None:
    """The gateway holds it until then, and no longer."""
    request = f"{HEAD.replace('echo', 'echo/big')}Content-Length: 0\r\n\r\n".encode()
    times = 5  # some of it fits the system's own buffers
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(connected(exchange, receives=4096)) for _ in range(3)]
        for one in readers:
            one.sendall(request * times)
        wait_until(lambda: held(exchange, ONE) > 0)
        # Nothing for a whole second: between two answers it holds nothing for a moment, too.
        wait_until(lambda: not any(held(exchange, ONE) for _ in range(50)), seconds=30)
        assert [len(whole(one)) < times * 1_900_000 for one in readers] == [True] * 3
    assert len(exchange.ask("PUT", "echo", "/big").content) == 1_900_000


def test_a_reader_that_takes_its_time_gets_the_whole_answer(exchange: Exchange) -> None:
    """Twice as long as nothing may happen, but something always does."""
    request = f"{HEAD.replace('echo', 'echo/big')}Content-Length: 0\r\n\r\n".encode()
    with connected(exchange, receives=4096) as client:
        client.sendall(request)
        size, end = 0, time.monotonic() + 2 * IDLE_S
        while time.monotonic() < end:
            size += len(client.recv(2048))
            time.sleep(0.01)  # the reader's own pace: it waits for nothing
        while size < 1_900_000:
            part = client.recv(65536)
            assert part, size
            size += len(part)


def held(exchange: Exchange, server: str) -> int:
    time.sleep(0.02)
    return int(httpx.get(f"http://{exchange.doors[server]}/health").json()["memory"]["used_bytes"])


@pytest.mark.parametrize("announced", [True, False])
def test_a_gigabyte_is_refused_early_and_leaves_no_trace(exchange: Exchange, announced: bool) -> None:
    exchange.ask("PUT", "echo", content=b"x" * MIB)
    before = memory_kib(exchange, ONE, "VmHWM")
    how = f"Content-Length: {GIB}" if announced else "Transfer-Encoding: chunked"
    piece = b"x" * MIB if announced else b"100000\r\n" + b"x" * MIB + b"\r\n"
    with connected(exchange) as client:
        got, sent_then, sent = poured(client, f"{HEAD}{how}\r\n\r\n".encode(), piece)
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"x-road-error: client.bad_request" in got
    assert f"{STREAM_MIB} MiB".encode() in got
    assert sent_then < 64 * MIB  # long before its end
    assert sent > sent_then  # and the client went on sending
    assert memory_kib(exchange, ONE, "VmHWM") < before + 8 * 1024
    assert exchange.ask("POST", "echo", content=b"x").status_code == 200


def poured(client: socket.socket, head: bytes, piece: bytes) -> tuple[bytes, int, int]:
    """Send a gigabyte whatever is said; the answer, how much was sent when it came, and in the end."""
    client.sendall(head)
    client.setblocking(False)
    got, sent_then, sent, at = b"", 0, 0, 0
    with selectors.DefaultSelector() as selector, contextlib.suppress(ConnectionError):
        selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while sent < GIB:
            ready = selector.select(timeout=20)
            assert ready, sent
            if ready[0][1] & selectors.EVENT_READ:
                part = client.recv(65536)
                sent_then = sent_then or sent + 1
                got += part
                if not part:
                    break
            if ready[0][1] & selectors.EVENT_WRITE:
                count = client.send(piece[at:])
                at = (at + count) % len(piece)
                sent += count
    return got, sent_then, sent


@pytest.mark.parametrize("rest", ["/huge", "/endless"])
def test_a_system_that_answers_a_gigabyte_is_cut_off(exchange: Exchange, rest: str) -> None:
    """Announced, it is refused; in chunks, the client has the beginning before anybody knows, and never an end."""
    exchange.ask("GET", "echo", "/big")
    before = {server: memory_kib(exchange, server, "VmHWM") for server in (ONE, TWO)}
    if rest == "/huge":
        got = exchange.ask("GET", "echo", rest)
        assert (got.status_code, got.headers["X-Road-Error"]) == (500, "server.serverproxy.service_failed")
        assert f"{STREAM_MIB} MiB" in got.json()["message"]
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            exchange.ask("GET", "echo", rest)
    for server, most in before.items():
        assert memory_kib(exchange, server, "VmHWM") < most + 16 * 1024


def test_more_bodies_than_memory_are_refused_as_busy_on_both_sides(exchange: Exchange) -> None:
    before = {server: memory_kib(exchange, server) for server in (ONE, TWO)}
    body = b"x" * (2 * MIB)

    def ask(_number: int) -> tuple[int, str, str]:
        got = exchange.ask("PUT", "echo", "/slow", content=body)
        said = got.json().get("message", "") if got.status_code != 200 else ""
        return got.status_code, got.headers.get("X-Road-Error", ""), said

    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(ask, range(60)))
    kinds = Counter((status, kind) for status, kind, _ in answers)
    consumer, provider = (500, "server.clientproxy.busy"), (500, "server.serverproxy.busy")
    assert set(kinds) == {(200, ""), consumer, provider}, kinds
    assert all("memory" in said for status, _, said in answers if status != 200)
    for server, mib in MEMORY_MIB.items():
        assert held(exchange, server) == 0
        assert memory_kib(exchange, server, "VmHWM") < before[server] + (4 * mib + 32) * 1024
    assert exchange.ask("PUT", "echo", "/slow", content=body).status_code == 200
