"""Kill -9 of a gateway among concurrent calls: what a client was answered is in both logs, and it goes on by itself."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.gateway.conftest import Exchange
from tests.gateway.control import ASKER, ONE, TWO

CLIENTS = 40
SECONDS = 4.0


class Load:
    """Clients that call until told to stop, each call with an id of its own, tried again with the same id."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.stop = threading.Event()
        self.answered: list[str] = []
        self.refused: list[str] = []

    def client(self, _number: int) -> None:
        with httpx.Client(timeout=20) as browser:
            while not self.stop.is_set():
                message_id = f"kill-{uuid4()}"
                while not self._asked(browser, message_id):
                    time.sleep(0.1)

    def _asked(self, browser: httpx.Client, message_id: str) -> bool:
        headers = {"X-Road-Client": ASKER, "X-Road-Id": message_id}
        try:
            got = browser.post(self.exchange.path("echo"), headers=headers, content=b"x")
        except httpx.TransportError:
            return self.stop.is_set()
        if got.status_code == 200:
            self.answered.append(message_id)
            return True
        self.refused.append(got.headers["X-Road-Error"])
        return self.stop.is_set()


def logged(exchange: Exchange, server: str) -> set[str]:
    with psycopg.connect(exchange.databases[server]) as connection:
        rows = connection.execute("select id from gateway.message where status = 200 and id like 'kill-%'")
        return {row[0] for row in rows}


@pytest.mark.parametrize("server", [ONE, TWO])
def test_every_answer_is_in_both_logs_and_calls_go_on_after_a_kill(exchange: Exchange, server: str) -> None:
    load = Load(exchange)
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(CLIENTS):
            pool.submit(load.client, number)
        try:
            time.sleep(SECONDS / 4)
            exchange.programs[server].send_signal(signal.SIGKILL)
            exchange.programs[server].wait()
            before = len(load.answered)
            exchange.start(server)
            time.sleep(SECONDS)
        finally:
            load.stop.set()
    assert before > 0
    assert len(load.answered) > before  # it goes on without a hand
    assert set(load.refused) <= {"server.clientproxy.network_error"}
    answered = set(load.answered)
    assert len(answered) == len(load.answered)
    assert answered <= logged(exchange, ONE)
    assert answered <= logged(exchange, TWO)


def test_while_the_log_does_not_take_a_row_no_answer_is_given(exchange: Exchange) -> None:
    """The database refuses new rows: a clear error; once it takes them again, answers."""
    with psycopg.connect(exchange.databases[TWO], autocommit=True) as connection:
        connection.execute("alter table gateway.message rename to message_away")
        try:
            message_id = f"away-{uuid4()}"
            got = exchange.ask("POST", "echo", headers={"X-Road-Id": message_id}, content=b"x")
            assert (got.status_code, got.headers["X-Road-Error"]) == (500, "server.clientproxy.network_error")
            assert "log" in got.json()["message"]
        finally:
            connection.execute("alter table gateway.message_away rename to message")
    assert exchange.ask("POST", "echo", headers={"X-Road-Id": message_id}, content=b"x").status_code == 200
