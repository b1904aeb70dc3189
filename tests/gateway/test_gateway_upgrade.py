"""Clients that offer to leave HTTP/1.1, as Java's does with every first request, are answered in HTTP/1.1."""

from __future__ import annotations

import socket

import pytest

from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, DATA

OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"


def request(method: str, body: str = "", offer: str = OFFER) -> bytes:
    head = f"{method} /r1/{DATA}/echo HTTP/1.1\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n{offer}"
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{head}{length}\r\n{body}".encode()


def answers(exchange: Exchange, parts: list[bytes], count: int) -> bytes:
    """What came back on one connection, up to so many answers."""
    host, _, port = exchange.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        got = b""
        for part in parts:
            connection.sendall(part)
            if len(parts) > 1:
                got += connection.recv(65536)
        while got.count(b'"body"') < count and (chunk := connection.recv(65536)):
            got += chunk
    return got


@pytest.mark.parametrize(("method", "body"), [("GET", ""), ("POST", '{"a":1}')])
def test_an_offer_of_http_2_is_passed_over(exchange: Exchange, method: str, body: str) -> None:
    got = answers(exchange, [request(method, body)], 1)
    assert got.startswith(b"HTTP/1.1 200")
    assert body.replace('"', '\\"').encode() in got


def test_the_connection_goes_on_after_the_offer(exchange: Exchange) -> None:
    got = answers(exchange, [request("GET"), request("GET", offer=""), request("POST", "x", offer="")], 3)
    assert got.count(b"HTTP/1.1 200") == 3


def test_an_offer_that_comes_in_parts_is_refused_and_no_body_is_lost(exchange: Exchange) -> None:
    whole = request("POST", '{"a":1}')
    cut = whole.index(b"Upgrade: h2c") + 4
    host, _, port = exchange.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(whole[:cut])
        assert exchange.ask("GET", "echo").status_code == 200  # by now the first part was read
        connection.sendall(whole[cut:])
        got = connection.recv(65536)
    assert got.startswith(b"HTTP/1.1 400")


def test_a_request_that_follows_the_offer_in_the_same_part_is_answered_too(exchange: Exchange) -> None:
    got = answers(exchange, [request("GET") + request("GET", offer="")], 2)
    assert got.count(b"HTTP/1.1 200") == 2
