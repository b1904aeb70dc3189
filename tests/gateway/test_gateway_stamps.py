"""The time-stamp authority is away for hours: the log goes on, `/health` warns, and after a stated grace it is said why
nothing is exchanged. Once it is back, all is stamped and exchange goes on without a hand.

Hours pass by the gateways' settable clock: each is started again with a later one, so a restart does not help either.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.gateway.conftest import Exchange, authority_start
from tests.gateway.control import ONE, TWO
from tests.nation.programs import free_port, wait_until

HOUR = 3600
GRACE_S = 4 * HOUR


@dataclass
class Stamps:
    """An authority that can go and come back."""

    url: str
    folder: Path
    program: subprocess.Popen[bytes] | None = None

    def come(self) -> None:
        self.program = authority_start(self.url, self.folder)

    def go(self) -> None:
        assert self.program is not None
        self.program.kill()
        self.program.wait()


@pytest.fixture(scope="module")
def stamps(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stamps]:
    made = Stamps(f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("stamps"))
    made.come()
    yield made
    made.go()


@pytest.fixture(scope="module")
def gateway_settings(stamps: Stamps) -> dict[str, dict[str, Any]]:
    return {ONE: {"tsa": stamps.url}, TWO: {"tsa": stamps.url}}


def later(exchange: Exchange, server: str, hours: float, **more: float) -> None:
    """The gateway again, on a clock that is ahead."""
    path = exchange.configs[server]
    kept = [
        line
        for line in path.read_text().splitlines()
        if not line.startswith(("clock_offset_s", "stamp_grace_s"))
    ]
    given = {"clock_offset_s": hours * HOUR, **more}
    path.write_text("\n".join([*(f"{name} = {json.dumps(value)}" for name, value in given.items()), *kept]))
    exchange.stop(server)
    exchange.start(server, serving=False)


def told(exchange: Exchange, server: str) -> tuple[int, dict[str, Any]]:
    time.sleep(0.05)
    got = httpx.get(f"http://{exchange.doors[server]}/health")
    return got.status_code, got.json()["without_time_stamp"]


def stamped(exchange: Exchange, server: str) -> bool:
    return told(exchange, server)[1]["messages"] == 0


def test_exchange_outlives_hours_without_time_stamps_and_then_stops_until_they_are_back(
    exchange: Exchange, stamps: Stamps
) -> None:
    assert exchange.ask("GET", "echo").status_code == 200
    wait_until(lambda: stamped(exchange, ONE) and stamped(exchange, TWO), seconds=20)

    stamps.go()
    for _ in range(3):
        assert exchange.ask("GET", "echo").status_code == 200
    status, late = told(exchange, ONE)
    assert (status, late["messages"], late["grace_s"], late["warning"]) == (200, 3, GRACE_S, None)
    assert GRACE_S - 60 < late["left_s"] < GRACE_S

    for server in (ONE, TWO):
        later(exchange, server, 3)
    assert exchange.ask("GET", "echo").status_code == 200  # well within the grace
    for server in (ONE, TWO):
        status, late = told(exchange, server)
        assert (status, late["messages"]) == (200, 4)
        assert "59" in late["warning"]["vi"]
        assert "Exchange stops in 59 minutes" in late["warning"]["en"]

    for server in (ONE, TWO):
        later(exchange, server, 4.1)
    got = exchange.ask("GET", "echo")
    assert got.status_code == 500
    assert got.headers["X-Road-Error"] == "server.clientproxy.logging_failed.timestamper_failed"
    status, late = told(exchange, ONE)
    for said in ("have no time stamp", late["since"][:19], "4 h are the limit", "stamp_grace_s"):
        assert said in got.json()["message"]
    assert (status, late["messages"], late["left_s"]) == (503, 4, 0)
    assert "Exchange has stopped" in late["warning"]["en"]

    later(exchange, ONE, 4.1, stamp_grace_s=0)  # it would go on for ever, but not the other one
    got = exchange.ask("GET", "echo")
    assert got.headers["X-Road-Error"] == "server.serverproxy.logging_failed.timestamper_failed"

    stamps.come()
    wait_until(lambda: exchange.ask("GET", "echo").status_code == 200, seconds=30)
    wait_until(lambda: stamped(exchange, ONE) and stamped(exchange, TWO), seconds=20)
    for server in (ONE, TWO):
        assert told(exchange, server)[0] == 200
        with psycopg.connect(exchange.databases[server]) as connection:
            rows = connection.execute(
                "select count(*) from gateway.message where not exists (select 1 from gateway.stamp"
                " where serial between first_serial and last_serial)"
            ).fetchone()
        assert rows == (0,)
