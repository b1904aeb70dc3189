"""Two real gateways, each a process with a database of its own, and a plain HTTP system behind one of them."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from tests import conftest as database
from tests.gateway.control import ASKER, DATA, ONE, REGISTRY, TWO
from tests.nation.programs import free_port, wait_until

LARGE = {"/large": 3 << 20, "/big": 1_900_000, "/slow": 10}


class System(BaseHTTPRequestHandler):
    """An agency's own system: says what it was sent, and does as its path tells it."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        chunked = self.headers.get("Transfer-Encoding") == "chunked"
        body = self.chunks() if chunked else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?", 1)[0]
        status = {"/missing": 404, "/moved": 302, "/broken": 500}.get(path, 200)
        if path == "/slow":
            time.sleep(1.5)
        if path in {"/huge", "/endless"}:
            self.pour(chunked=path == "/endless")
            return
        told = json.dumps(
            {
                "method": self.command,
                "target": self.path,
                "headers": [[name, value] for name, value in self.headers.items()],
                "body": body.decode("latin-1"),
            }
        ).encode()
        if path in LARGE:
            told = b"x" * LARGE[path]
        self.send_response(status)
        for name, value in (
            ("Content-Type", "application/json"),
            ("X-Kept", "as it was"),
            ("X-Road-Id", "meddled"),
            ("Connection", "keep-alive"),
            ("Content-Length", str(len(told))),
            *((("Location", "/elsewhere"),) if status == 302 else ()),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told)

    def chunks(self) -> bytes:
        """What came; it may be cut anywhere, as a large body is that never was verified."""
        parts: list[bytes] = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def pour(self, *, chunked: bool) -> None:
        """A gigabyte, announced or in chunks, until nobody listens any more."""
        self.send_response(200)
        piece = b"x" * (1 << 20)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(1 << 30))))
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            for _ in range(1 << 10):
                self.wfile.write(b"100000\r\n" + piece + b"\r\n" if chunked else piece)

    def __getattr__(self, name: str) -> Any:
        """do_GET and its like: every method is answered alike."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@dataclass
class Exchange:
    """url: the consumer's door of the first gateway; control: the control plane's database.

    contexts: by gateway whose consumer's door speaks TLS, how it is asked.
    """

    url: str
    control: str
    folder: Path
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    configs: dict[str, Path] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    contexts: dict[str, ssl.SSLContext] = field(default_factory=dict)

    def path(self, code: str, rest: str = "", provider: str = DATA) -> str:
        return f"{self.url}/r1/{provider}/{code}{rest}"

    def ask(
        self,
        method: str,
        code: str,
        rest: str = "",
        *,
        client: str = ASKER,
        provider: str = DATA,
        **given: Any,
    ) -> httpx.Response:
        headers = {"X-Road-Client": client, **given.pop("headers", {})}
        given = {"verify": self.contexts.get(ONE, True), "timeout": 30, **given}
        return httpx.request(method, self.path(code, rest, provider), headers=headers, **given)

    def logged(self, server: str, message_id: str) -> list[dict[str, Any]]:
        """The rows of a message in a gateway's log."""
        with psycopg.connect(self.databases[server], row_factory=psycopg.rows.dict_row) as connection:
            asked = "select * from gateway.message where id = %s order by recorded_at"
            return connection.execute(asked, [message_id]).fetchall()

    def start(self, server: str, *, serving: bool = True) -> None:
        """serving: wait until it is healthy; else until it answers at all."""
        command = [
            sys.executable,
            "-m",
            "lienthong.config.cli",
            "gateway",
            "--config",
            str(self.configs[server]),
        ]
        with (self.folder / "gateway.log").open("ab") as log:
            self.programs[server] = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
        wait_until(lambda: self.healthy(server, serving=serving), seconds=30)

    def healthy(self, server: str, *, serving: bool = True) -> bool:
        assert self.programs[server].poll() is None, (self.folder / "gateway.log").read_text()
        time.sleep(0.05)
        try:
            secured = self.contexts.get(server)
            address = f"{'https' if secured else 'http'}://{self.doors[server]}/health"
            got = httpx.get(address, timeout=5, verify=secured or True)
        except httpx.HTTPError:
            return False
        return got.is_success or not serving

    def stop(self, server: str) -> None:
        self.programs[server].terminate()
        self.programs[server].wait(timeout=20)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(database.ROOT / "src"), str(database.ROOT)])}


@pytest.fixture(scope="module")
def system() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), System)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a running time-stamp authority."""
    url = f"http://127.0.0.1:{free_port()}"
    program = authority_start(url, tmp_path_factory.mktemp("tsa"))
    yield url
    program.terminate()
    program.wait()


def authority_start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    """A time-stamp authority that answers."""
    with (folder / "tsa.log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "lienthong.nation.tsa", url], stdout=log, stderr=log, env=environment()
        )

    def answers() -> bool:
        time.sleep(0.05)
        try:
            return httpx.get(f"{url}/health").is_success
        except httpx.HTTPError:
            return False

    wait_until(answers, seconds=30)
    return program


@pytest.fixture(scope="module")
def gateway_settings() -> dict[str, dict[str, Any]]:
    """What a module's gateways are told beyond the ordinary, by gateway; a module may have its own fixture."""
    return {}


@pytest.fixture(scope="module")
def exchange(
    django_db_setup: None,
    system: str,
    authority: str,
    gateway_settings: dict[str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Exchange]:
    folder = tmp_path_factory.mktemp("exchange")
    control = f"{database.DATABASE}_control"
    database.clone_database(control)
    doors = {server: (free_port(), free_port()) for server in (ONE, TWO)}
    addresses = {server: f"https://127.0.0.1:{provider}" for server, (_, provider) in doors.items()}
    database._python(f"from tests.gateway.control import publish; publish({addresses!r})", control)
    scheme = "https" if "consumer_tls" in gateway_settings.get(ONE, {}) else "http"
    made = Exchange(f"{scheme}://127.0.0.1:{doors[ONE][0]}", control, folder, addresses=addresses)
    names = [control]
    for index, server in enumerate((ONE, TWO)):
        name = f"{database.DATABASE}_gateway{index}"
        names.append(name)
        database.server_execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        made.databases[server] = database.database_url(name)
        made.doors[server] = f"127.0.0.1:{doors[server][0]}"
        made.configs[server] = config_write(
            folder / f"gateway{index}.toml",
            server=server,
            control=database.database_url(control),
            database=database.database_url(name),
            doors=doors[server],
            systems={DATA: system, REGISTRY: system} if server == TWO else {},
            tls=tls_write(folder / f"tls{index}", server),
            **{"tsa": authority, **gateway_settings.get(server, {})},
        )
        if own := gateway_settings.get(server, {}).get("consumer_tls"):
            made.contexts[server] = ssl.create_default_context(cafile=str(Path(own) / "trust.pem"))
        made.start(server)
    yield made
    for server in (ONE, TWO):
        made.stop(server)
    for name in names:
        database.server_execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def tls_write(folder: Path, server: str, *, hosts: tuple[str, ...] = ("127.0.0.1",)) -> Path:
    """Certificate and key of a gateway's connections, from the run's authority."""
    from lienthong.blocks.trust.authority import Authority

    keys = Path(os.environ["LIENTHONG_KEYS"]) / "authority"
    Authority(keys).tls_folder_write(folder, server, hosts=list(hosts))
    return folder


def config_write(
    path: Path,
    *,
    server: str,
    control: str,
    database: str,
    doors: tuple[int, int],
    systems: dict[str, str],
    tls: Path,
    tsa: str,
    consumer_host: str = "127.0.0.1",
    **more: Any,
) -> Path:
    lines = {
        "server": server,
        "control": control,
        "database": database,
        "authority": str(Path(os.environ["LIENTHONG_KEYS"]) / "authority"),
        "consumer": f"{consumer_host}:{doors[0]}",
        "provider": f"127.0.0.1:{doors[1]}",
        "system_url": "http://127.0.0.1:9",
        "copy": str(path.with_suffix(".copy.json")),
        "tls": str(tls),
        "tsa": tsa,
        "body_mib": 2,
        "answer_timeout_s": 10,
        "govstack": server == TWO,
        **more,
    }
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    text += "[systems]\n" + "".join(
        f"{json.dumps(name)} = {json.dumps(url)}\n" for name, url in systems.items()
    )
    path.write_text(text)
    return path
