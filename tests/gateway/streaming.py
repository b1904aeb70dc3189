"""Shared by the tests of large bodies: a system that takes and pours them, gateways without patience, a raw client."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.gateway.conftest import Exchange, environment
from tests.gateway.control import DATA, ONE, TWO
from tests.gateway.test_gateway_slow import held
from tests.nation.programs import free_port, wait_until

MIB = 1 << 20
IDLE_S = 1.5
STREAM_MIB = 320
HEAD = f"PUT /r1/{DATA}/echo"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    port = free_port()
    with (tmp_path_factory.mktemp("system") / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.gateway.stream_system", str(port)]
        program = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        time.sleep(0.05)
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/seen").is_success
        return False

    wait_until(answers, seconds=20)
    yield url
    program.kill()
    program.wait()


@pytest.fixture(scope="module")
def gateway_settings() -> dict[str, dict[str, Any]]:
    limits = {
        "stream_mib": STREAM_MIB,
        "idle_timeout_s": IDLE_S,
        "head_timeout_s": 2.0,
        "answer_timeout_s": 5,
    }
    return {ONE: {**limits, "streams": 4}, TWO: {**limits, "streams": 3}}


@pytest.fixture
def nothing_is_left(exchange: Exchange) -> Generator[None]:
    """No test leaves a body's memory, a place or a task behind."""
    yield
    for server in (ONE, TWO):
        wait_until(lambda server=server: under_way(exchange, server) == (0, 0), seconds=20)


def under_way(exchange: Exchange, server: str) -> tuple[int, int]:
    told = httpx.get(f"http://{exchange.doors[server]}/health").json()
    return held(exchange, server), sum(told["streams"].values())


def seen(system: str, message_id: str) -> dict[str, Any]:
    [row] = [one for one in httpx.get(f"{system}/seen").json() if one["id"] == message_id]
    return row


def named() -> tuple[str, dict[str, str]]:
    made = f"stream-{uuid4()}"
    return made, {"X-Road-Id": made}


def head_of(client: socket.socket) -> list[tuple[bytes, bytes]]:
    got = b""
    while b"\r\n\r\n" not in got:
        part = client.recv(65536)
        assert part, got
        got += part
    lines = got.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]
    return [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]


def door(exchange: Exchange) -> tuple[str, int]:
    host, _, port = exchange.doors[ONE].rpartition(":")
    return host, int(port)


def raw_put(exchange: Exchange, url: str, headers: dict[str, str], body: Iterator[bytes]) -> bytes:
    """Send whatever is said, and what was said: a client that reads only once it has sent all."""
    chunked = "Content-Length" not in headers
    lines = {**headers, **({"Transfer-Encoding": "chunked"} if chunked else {})}
    head = f"PUT {url.removeprefix(exchange.url)} HTTP/1.1\r\nHost: x\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    got = b""
    with socket.create_connection(door(exchange), timeout=20) as client, contextlib.suppress(ConnectionError):
        client.sendall(f"{head}\r\n".encode())
        for piece in body:
            client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                got += client.recv(65536)
            client.settimeout(20)
            if got:
                break
        while not got.endswith(b"}") and (part := client.recv(65536)):
            got += part
    return got
