"""Kill -9 in the middle of 300 concurrent calls: of a gateway, of its database, of the control plane.

Two gateways under supervision, each with a PostgreSQL server of its own, before a real system of Lienthong that gives
a personal number for each message. What a client was answered is in both logs; tried again with the same X-Road-Id
until it is answered, each message has one effect; and nobody lends a hand.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import httpx
import psycopg
import pytest
from psycopg import sql

from lienthong.blocks.exchange.wire import CONFIGURATION_CHANNEL
from lienthong.config.supervisor import granian_command
from tests import conftest as database
from tests.gateway.conftest import Exchange, config_write, environment, tls_write
from tests.gateway.control import ASKER, NUMBERS, ONE, TWO
from tests.gateway.servers import Server
from tests.nation.programs import free_port, wait_until

CLIENTS = 300
CALLS = 2
PATIENCE_S = 90
WANTED = json.dumps(
    {"birth_date": "2026-11-20", "sex": "male", "province": "01", "full_name": "Nguyễn Văn An"}
).encode()
TABLES = {
    "exchange_configuration": "id bigint, made_at timestamptz, document text, signature text, certificate text",
    "exchange_document": "digest text, content bytea",
}


@dataclass
class Nation:
    """doors: each gateway's, for its clients; source: the database of the control plane's writer and of the system."""

    doors: dict[str, str]
    source: str
    folder: Path
    servers: dict[str, Server]
    supervisor: subprocess.Popen[bytes]

    def pid(self, server: str) -> int:
        lines = dict(line.split() for line in (self.folder / "pids").read_text().splitlines())
        return int(lines[program(server)])

    def kill(self, server: str) -> None:
        os.kill(self.pid(server), signal.SIGKILL)

    def logged(self, server: str) -> set[str]:
        with psycopg.connect(self.servers[server].url) as connection:
            rows = connection.execute("select id from gateway.message where status = 200 and problem = ''")
            return {row[0] for row in rows}

    def effects(self) -> list[str]:
        """The message of each number that was given."""
        with psycopg.connect(self.source) as connection:
            return [
                row[0] for row in connection.execute("select message_id from population_numberallocation")
            ]

    def health(self, server: str = ONE) -> dict[str, Any]:
        try:
            return httpx.get(f"{self.doors[server]}/health", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return {}

    def control_fill(self) -> None:
        """What the control plane published, on the server at which the gateways ask."""
        with (
            psycopg.connect(self.source) as source,
            psycopg.connect(self.servers["control"].url) as control,
        ):
            for table, columns in TABLES.items():
                names = sql.SQL(", ").join(
                    sql.Identifier(column.split()[0]) for column in columns.split(", ")
                )
                name = sql.Identifier(table)
                control.execute(sql.SQL("create table if not exists {} ({})").format(name, sql.SQL(columns)))
                control.execute(sql.SQL("delete from {}").format(name))
                rows = source.execute(sql.SQL("select {} from {}").format(names, name)).fetchall()
                with control.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
                    for row in rows:
                        copy.write_row(row)
            control.execute(sql.SQL("notify {}").format(sql.Identifier(CONFIGURATION_CHANNEL)))


@pytest.fixture(scope="module")
def nation(
    django_db_setup: None, authority: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Nation]:
    folder = tmp_path_factory.mktemp("kills")
    source = f"{database.DATABASE}_kills"
    database.clone_database(source)
    doors = {server: (free_port(), free_port()) for server in (ONE, TWO)}
    addresses = {server: f"https://127.0.0.1:{provider}" for server, (_, provider) in doors.items()}
    database._python(f"from tests.gateway import control as c; c.publish({addresses!r}); c.numbers()", source)
    servers = {name: Server(folder / f"pg{at}") for at, name in enumerate((ONE, TWO, "control"))}
    web = f"http://127.0.0.1:{free_port()}"
    of_system = {**environment(), "LIENTHONG_DATABASE_URL": database.database_url(source)}
    of_system |= {"LIENTHONG_SYSTEMS": "population", "LIENTHONG_KEEP_CONNECTIONS": "1", "LIENTHONG_URL": web}
    programs: dict[str, tuple[list[str], dict[str, str]]] = {
        "system": (granian_command(web, workers=1), of_system)
    }
    for index, server in enumerate((ONE, TWO)):
        config = config_write(
            folder / f"gateway{index}.toml",
            server=server,
            control=servers["control"].url,
            database=servers[server].url,
            doors=doors[server],
            systems={},
            tls=tls_write(folder / f"tls{index}", server),
            tsa=authority,
            system_url=web,
            answer_timeout_s=30,
        )
        command = [sys.executable, "-m", "lienthong.config.cli", "gateway", "--config", str(config)]
        programs[program(server)] = (command, environment())
    made = Nation(
        {server: f"http://127.0.0.1:{consumer}" for server, (consumer, _) in doors.items()},
        database.database_url(source),
        folder,
        servers,
        supervise(folder, programs),
    )
    try:
        made.control_fill()
        asyncio.run(Load(made).client())  # whoever answers this one is ready
        yield made
    finally:
        made.supervisor.terminate()
        made.supervisor.wait(timeout=30)
        for server in servers.values():
            server.stop()
        database.server_execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(source)))


def program(server: str) -> str:
    return server.rsplit("/", 1)[1]


def supervise(folder: Path, programs: dict[str, tuple[list[str], dict[str, str]]]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.gateway.supervised", str(folder), json.dumps(programs)]
    with (folder / "supervisor.log").open("wb") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, env=environment(), cwd=database.ROOT)
    try:
        wait_until(lambda: started.poll() is not None or (folder / "pids").exists(), seconds=30)
        assert started.poll() is None, (folder / "supervisor.log").read_text()
    except BaseException:
        started.kill()
        started.wait()
        raise
    return started


@dataclass
class Load:
    """Clients that try each of their calls again, with the same id, until it is answered."""

    nation: Nation
    answers: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    broken: int = 0
    middle: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, meanwhile: Callable[[], None]) -> None:
        """All clients at once; `meanwhile` happens in the middle of their first calls."""
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(self.client(CALLS))
            await self.middle.wait()
            await asyncio.to_thread(meanwhile)

    async def client(self, calls: int = 1) -> None:
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            for _ in range(calls):
                message_id = str(uuid4())
                while True:
                    if await self._asked(session, message_id):
                        break
                    await asyncio.sleep(0.2)

    async def _asked(self, session: aiohttp.ClientSession, message_id: str) -> bool:
        url = f"{self.nation.doors[ONE]}/r1/{NUMBERS}/numbers-allocate/v1"
        headers = {"X-Road-Client": ASKER, "X-Road-Id": message_id}
        try:
            async with session.post(url, data=WANTED, headers=headers) as got:
                told = await got.json()
        except (aiohttp.ClientError, TimeoutError):
            self.broken += 1
            return False
        if got.status != 200:
            self.refused.add(got.headers["X-Road-Error"])
            return False
        self.answers.setdefault(message_id, set()).add(told["number"])
        self.middle.set()  # the first answer: all others wait for theirs
        return True

    def check(self) -> None:
        """Every answer is in both logs, and every message had one effect."""
        answered = set(self.answers)
        assert len(answered) == CLIENTS * CALLS
        assert answered <= self.nation.logged(ONE)
        assert answered <= self.nation.logged(TWO)
        effects = self.nation.effects()
        assert len(effects) == len(set(effects))
        assert answered <= set(effects)


@pytest.mark.parametrize("server", [ONE, TWO])
def test_a_gateway_is_killed(nation: Nation, server: str) -> None:
    load, before = Load(nation), nation.pid(server)
    asyncio.run(load.run(lambda: nation.kill(server)))
    load.check()
    assert nation.pid(server) != before
    assert load.broken + len(load.refused) > 0  # it was felt
    assert load.refused <= {"server.clientproxy.network_error"}


@pytest.mark.parametrize("server", [ONE, TWO])
def test_the_database_of_a_gateways_log_is_killed(nation: Nation, server: str) -> None:
    load, log = Load(nation), nation.servers[server]
    before = log.postmaster

    def killed() -> None:
        log.kill(stay_down=True)
        wait_until(lambda: nation.health(server).get("log") == "away", seconds=30)
        log.up_again()

    asyncio.run(load.run(killed))
    load.check()
    assert log.postmaster != before
    # Who could not be logged in time was told so; who still could only waited.
    assert load.refused <= {"server.clientproxy.network_error", "server.clientproxy.logging_failed"}
    wait_until(lambda: nation.health(server).get("log") == "ok", seconds=30)


def test_the_control_plane_is_killed_and_stays_away(nation: Nation) -> None:
    load, control = Load(nation), nation.servers["control"]
    asyncio.run(load.run(lambda: control.kill(stay_down=True)))
    load.check()
    assert (load.refused, load.broken) == (set(), 0)  # nobody noticed
    told = nation.health()
    assert told["control_plane_silent_s"] > 0
    assert told["configuration"]["age_s"] > told["control_plane_silent_s"]

    nation.kill(ONE)  # its successor has nothing but the copy
    wait_until(lambda: nation.health().get("control_plane_silent_s", 0) is None, seconds=30)
    asyncio.run(load.client())
    assert nation.health()["configuration"]["version"] == told["configuration"]["version"]

    database._python(
        "from tests.gateway.control import grant_more; grant_more('data/later')",
        nation.source.split("?")[0].rsplit("/", 1)[1],
    )
    control.up_again()
    nation.control_fill()
    wait_until(
        lambda: nation.health().get("configuration", {}).get("version", 0) > told["configuration"]["version"],
        seconds=30,
    )
    assert nation.health()["control_plane_silent_s"] is not None


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
