"""Large bodies that do not come to their end: it is a clear one, within the limits of time, and the log tells."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, DATA, ONE, TWO
from tests.gateway.stream_system import pieces
from tests.gateway.streaming import (
    HEAD,
    MIB,
    door,
    gateway_settings,
    named,
    nothing_is_left,
    raw_put,
    seen,
    system,
)
from tests.nation.programs import wait_until

__all__ = ["gateway_settings", "nothing_is_left", "system"]
pytestmark = pytest.mark.usefixtures("nothing_is_left")
NETWORK = "server.serverproxy.network_error"


def test_a_client_that_leaves_in_the_middle_is_told_of_in_the_log(exchange: Exchange, system: str) -> None:
    message_id, _ = named()
    with socket.create_connection(door(exchange), timeout=20) as client:
        head = f"{HEAD}/take HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\nX-Road-Id: {message_id}\r\n"
        client.sendall(f"{head}Content-Length: {8 * MIB}\r\n\r\n".encode())
        for piece in pieces(4 * MIB):
            client.sendall(piece)
    wait_until(lambda: len(exchange.logged(TWO, message_id)) == 1, seconds=10)
    [row] = exchange.logged(TWO, message_id)
    assert row["problem"] == "server.serverproxy.invalid_message"
    wait_until(lambda: seen(system, message_id)["size"] > 0)
    assert not seen(system, message_id)["whole"]


def test_a_client_that_stops_sending_is_told_to_hurry(exchange: Exchange, system: str) -> None:
    message_id, _ = named()
    with socket.create_connection(door(exchange), timeout=20) as client:
        head = f"{HEAD}/take HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\nX-Road-Id: {message_id}\r\n"
        client.sendall(f"{head}Content-Length: {8 * MIB}\r\n\r\n".encode())
        client.sendall(next(pieces(MIB)))
        assert client.recv(65536).startswith(b"HTTP/1.1 408 ")
    wait_until(lambda: len(exchange.logged(TWO, message_id)) == 1, seconds=10)
    assert not seen(system, message_id)["whole"]


def test_a_client_that_stops_reading_is_dropped_and_the_log_says_so(exchange: Exchange) -> None:
    message_id, _ = named()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(door(exchange))
        head = f"GET /r1/{DATA}/echo/pour?size={64 * MIB} HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n"
        client.sendall(f"{head}X-Road-Id: {message_id}\r\n\r\n".encode())
        for server in (ONE, TWO):
            wait_until(lambda server=server: len(exchange.logged(server, message_id)) == 1, seconds=20)
            [row] = exchange.logged(server, message_id)
            assert row["problem"].endswith("network_error"), row["problem"]


def test_a_system_that_stops_reading_is_told_of(exchange: Exchange) -> None:
    message_id, headers = named()
    url = exchange.path("echo", "/stop")
    got = raw_put(
        exchange,
        url,
        {"X-Road-Client": ASKER, **headers, "Content-Length": str(64 * MIB)},
        pieces(64 * MIB),
    )
    assert f"x-road-error: {NETWORK}".encode() in got
    assert b"it took nothing for 1.5 s" in got
    assert [row["problem"] for row in exchange.logged(TWO, message_id)] == [NETWORK]


def test_a_system_that_answers_before_it_has_read_all_is_heard(exchange: Exchange) -> None:
    message_id, headers = named()
    headers["Content-Length"] = str(16 * MIB)
    got = exchange.ask("PUT", "echo", "/early", headers=headers, content=pieces(16 * MIB))
    assert got.status_code in {413, 500}  # its answer may be lost with the connection that it closed
    assert len(exchange.logged(TWO, message_id)) == 1


@pytest.mark.parametrize("rest", ["/short", "/stall"])
def test_an_answer_that_breaks_off_is_cut_for_the_client_too(exchange: Exchange, rest: str) -> None:
    message_id, headers = named()
    with pytest.raises(httpx.RemoteProtocolError):
        exchange.ask("GET", "echo", f"{rest}?size={8 * MIB}", headers=headers)
    for server in (ONE, TWO):
        wait_until(lambda server=server: len(exchange.logged(server, message_id)) == 1, seconds=10)
        assert [row["problem"] for row in exchange.logged(server, message_id)] == [NETWORK]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_gateway_killed_in_the_middle_is_an_error_to_the_client(exchange: Exchange, way: str) -> None:
    message_id, headers = named()
    killed = exchange.programs[TWO]

    def body() -> Iterator[bytes]:
        for number, piece in enumerate(pieces(64 * MIB)):
            if number == 8:
                killed.kill()
            yield piece

    try:
        if way == "up":
            headers["Content-Length"] = str(64 * MIB)
            got = raw_put(
                exchange, exchange.path("echo", "/take"), {"X-Road-Client": ASKER, **headers}, body()
            )
            assert b"x-road-error: server.clientproxy.network_error" in got
        else:
            url = exchange.path("echo", f"/pour?size={64 * MIB}")
            with httpx.stream("GET", url, headers={"X-Road-Client": ASKER, **headers}) as answer:
                parts = answer.iter_raw()
                next(parts)
                killed.kill()
                with pytest.raises(httpx.RemoteProtocolError):
                    list(parts)
            wait_until(lambda: len(exchange.logged(ONE, message_id)) == 1, seconds=10)
            [row] = exchange.logged(ONE, message_id)
            assert row["problem"] == "server.clientproxy.network_error"
    finally:
        killed.wait()
        exchange.start(TWO)


def test_a_gateway_that_stands_still_in_the_middle_is_not_waited_for_without_end(exchange: Exchange) -> None:
    program = exchange.programs[TWO]

    def body() -> Iterator[bytes]:
        for number, piece in enumerate(pieces(64 * MIB)):
            if number == 8:
                program.send_signal(signal.SIGSTOP)
            yield piece

    headers = {"X-Road-Client": ASKER, "Content-Length": str(64 * MIB)}
    try:
        got = raw_put(exchange, exchange.path("echo", "/take"), headers, body())
    finally:
        program.send_signal(signal.SIGCONT)
    assert b"x-road-error: server.clientproxy.network_error" in got
    assert b"it took nothing" in got
