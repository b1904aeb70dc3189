"""Programs of the sandbox started for a test, each on a free port, in a folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

HTTP = httpx.Client(timeout=5)
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: Callable[[], object], *, seconds: float = 15.0) -> None:
    """Until `what()` is true; asserts that it becomes so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@dataclass
class Program:
    """`python -m module` with its own environment; it can be killed and started again."""

    module: str
    url: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            return HTTP.get(f"{self.url}/health").is_success
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def bank_program(folder: Path, keys: Path) -> Program:
    url = f"http://127.0.0.1:{free_port()}"
    environment = {"LIENTHONG_VAR": str(folder), "LIENTHONG_KEYS": str(keys), "LIENTHONG_BANK_URL": url}
    return Program("lienthong.nation.bank", url, environment)


def notices_program(folder: Path, keys: Path) -> Program:
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        "LIENTHONG_VAR": str(folder),
        "LIENTHONG_KEYS": str(keys),
        "LIENTHONG_NOTICES_URL": url,
        "LIENTHONG_SMTP": f"127.0.0.1:{free_port()}",
    }
    return Program("lienthong.nation.notices", url, environment)


class Portal:
    """Takes the bank's callbacks; answers with the statuses in `answers`, then 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.answers: list[int] = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                portal.taken.append((body, self.headers["X-Signature"]))
                self.send_response(portal.answers.pop(0) if portal.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
