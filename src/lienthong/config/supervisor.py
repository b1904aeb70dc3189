"""`lienthong up`: web, worker and the sandbox's bank and message provider as child processes, kept alive."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

import httpx
from django.conf import settings

READY_TIMEOUT_S = 180
"""Four instances start together on two busy cores in more than one minute."""
RESTART_MOST_S = 10.0
LIVED_S = 5.0
"""A program that lived for so long is started again at once; one that died sooner, a little later."""


@dataclass
class Child:
    """One program; restarted when it ends without being told to."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = field(default=None)
    started_at: float = 0.0
    pause_s: float = 0.0

    def start(self, logs: Path) -> None:
        if self.process is not None:  # what it had started may have outlived it, and still hold its port
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.started_at = time.monotonic()
        with (logs / f"{self.name}.log").open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdout=out,
                stderr=out,
                env=child_environment() | self.environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
            )

    def revive(self, logs: Path) -> bool:
        """Start it again if it ended; a little later each time that it ends at once."""
        if self.process is None or self.process.poll() is None:
            return False
        lived = time.monotonic() - self.started_at
        if lived < self.pause_s:
            return False
        self.pause_s = 0.0 if lived > self.pause_s + LIVED_S else min(self.pause_s * 2 + 0.5, RESTART_MOST_S)
        self.start(logs)
        return True

    def stop(self) -> None:
        """The program and all that it started, gently first."""
        if self.process is None:
            return
        for number, wait_s in ((signal.SIGTERM, 8), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=wait_s)
                break


def _end_with_parent() -> None:
    """On Linux a child hears SIGTERM when its supervisor is killed (prctl PR_SET_PDEATHSIG)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def child_environment() -> dict[str, str]:
    """The children use the supervisor's database and folders, whatever their working folder."""
    source = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ,
        "LIENTHONG_DATABASE_URL": settings.LIENTHONG_DATABASE_URL,
        "LIENTHONG_VAR": str(settings.LIENTHONG_VAR),
        "LIENTHONG_KEYS": str(settings.LIENTHONG_KEYS),
        "LIENTHONG_FILES": str(settings.LIENTHONG_FILES),
        "DJANGO_SETTINGS_MODULE": "lienthong.config.settings",
        "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]),
    }


def children(environment: dict[str, str] | None = None) -> list[Child]:
    """The programs of one instance; environment: what differs from the supervisor's own."""
    python, given = sys.executable, environment or {}
    workers = int(os.environ.get("LIENTHONG_WEB_WORKERS", "2"))
    return [
        Child("web", granian_command(settings.LIENTHONG_URL, workers=workers), given),
        Child("worker", [python, "-m", "lienthong.config.cli", "worker"], given),
        Child("bank", [python, "-m", "lienthong.nation.bank"]),
        Child("notices", [python, "-m", "lienthong.nation.notices"]),
    ]


def granian_command(address: str, *, workers: int) -> list[str]:
    """The web process at `address`."""
    web = httpx.URL(address)
    settings_of = {
        "--interface": "wsgi",
        "--host": web.host,
        "--port": str(web.port or 80),
        "--workers": str(workers),
        "--blocking-threads": os.environ.get("LIENTHONG_WEB_THREADS", "4"),
        "--log-level": "warning",
    }
    options = [part for pair in settings_of.items() for part in pair]
    granian = str(Path(sys.executable).with_name("granian"))
    return [granian, *options, "--no-access-log", "lienthong.config.wsgi:application"]


class Supervisor:
    """Starts the children, waits until the portal answers, restarts what dies, ends them all."""

    def __init__(self, programs: list[Child] | None = None) -> None:
        self.logs: Path = settings.LIENTHONG_VAR / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.children = children() if programs is None else programs
        self.stopping = False

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, self._on_signal)
        for child in self.children:
            child.start(self.logs)
        self._write_pids()
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        for child in self.children:
            child.stop()
        with contextlib.suppress(FileNotFoundError):
            self._pid_file.unlink()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    @property
    def _pid_file(self) -> Path:
        return Path(settings.LIENTHONG_VAR) / "pids"

    def _write_pids(self) -> None:
        lines = [f"{child.name} {child.process.pid}" for child in self.children if child.process]
        self._pid_file.write_text("\n".join(lines) + "\n")

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_TIMEOUT_S
        for url in (settings.LIENTHONG_URL, settings.LIENTHONG_BANK_URL, settings.LIENTHONG_NOTICES_URL):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"{url}/health", timeout=2).status_code == httpx.codes.OK:
                        break
                if time.monotonic() > end:
                    raise RuntimeError(f"{url} did not start within {READY_TIMEOUT_S} s: read {self.logs}")
                time.sleep(0.1)

    def watch(self) -> None:
        """Until interrupted: start again what died, a little later each time it dies at once."""
        while not self.stopping:
            for child in self.children:
                if child.revive(self.logs):
                    self._write_pids()
            time.sleep(0.3)
