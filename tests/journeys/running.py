"""The real system for a test: `lienthong up` on free ports, on a database and in folders of its own.

One nation is made once a run and copied for each system, so that a system starts in seconds. Its clock begins
at 09:00 on Monday 23 November 2026, and runs on. Only its own processes have its environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from lienthong.config.supervisor import _end_with_parent as end_with_parent
from lienthong.ground import clock
from tests import conftest as database
from tests.nation.programs import free_port, wait_until

T = TypeVar("T")
NATION = f"lienthong_nation_{os.path.basename(database._SCRATCH)}"  # noqa: PTH119 - the run's own name
PEOPLE = 300
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM)
START_S = 90.0


@dataclass(frozen=True, slots=True)
class Running:
    """A running system: its addresses, and what its programs have in their environment."""

    url: str
    bank_url: str
    notices_url: str
    database: str
    folder: Path
    offset_s: float
    environment: dict[str, str]
    blocker: Any

    def command(self, *arguments: str) -> str:
        """What `lienthong …` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "lienthong.config.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """This process reads and writes the system's database, by the system's clock."""
        from django.db import connections
        from django.test import override_settings

        given = connections.settings["default"]
        before, name = given["NAME"], self.database
        addresses = {
            "LIENTHONG_URL": self.url,
            "LIENTHONG_BANK_URL": self.bank_url,
            "LIENTHONG_NOTICES_URL": self.notices_url,
            "LIENTHONG_FILES": self.folder / "files",
        }
        connections.close_all()
        given["NAME"] = name
        shift = timedelta(seconds=self.offset_s)
        clock.set_source(lambda: datetime.now(clock.VIETNAM) + shift)
        try:
            with self.blocker.unblock(), override_settings(**addresses):
                yield
        finally:
            connections.close_all()
            given["NAME"] = before
            clock.set_source(None)

    def ask(self, question: Callable[[], T]) -> T:
        """The answer of `question` from inside the system, asked in a thread that has no event loop."""

        def asked() -> T:
            with self.inside():
                return question()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asked).result()


def _environment(name: str, folder: Path, offset_s: float) -> dict[str, str]:
    source = os.pathsep.join([str(database.ROOT / "src"), str(database.ROOT)])
    return {
        **os.environ,
        "PYTHONPATH": source,
        "LIENTHONG_DATABASE_URL": database.database_url(name),
        "LIENTHONG_VAR": str(folder),
        "LIENTHONG_FILES": str(folder / "files"),
        "LIENTHONG_CLOCK_OFFSET": str(offset_s),
        "LIENTHONG_LOG_LEVEL": "WARNING",
        "LIENTHONG_KEEP_CONNECTIONS": "1",
        "LIENTHONG_WEB_WORKERS": "1",
    }


def _offset(moment: datetime) -> float:
    return (moment - datetime.now(clock.VIETNAM)).total_seconds()


def nation_database() -> str:
    """The name of the database with a nation in it; whichever worker comes first makes it."""
    database._make_templates()
    scratch = Path(database._SCRATCH)
    with (scratch / "nation.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (scratch / "nation.done").exists():
            database.clone_database(NATION)
            subprocess.run(
                [sys.executable, "-m", "lienthong.config.cli", "nation", "--people", str(PEOPLE)],
                env=_environment(NATION, scratch / "nation", _offset(MONDAY - timedelta(hours=1))),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            (scratch / "nation.done").touch()
    return NATION


@contextlib.contextmanager
def system(name: str, blocker: Any) -> Generator[Running]:
    """A system called `name`, from its start to its end."""
    base = f"{database.DATABASE}_{name}"
    database.clone_database(base, template=nation_database())
    folder = Path(os.environ["LIENTHONG_VAR"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    ports = [free_port() for _ in range(4)]
    web, bank, notices = (f"http://127.0.0.1:{port}" for port in ports[:3])
    offset_s = _offset(MONDAY)
    environment = {
        **_environment(base, folder, offset_s),
        "LIENTHONG_URL": web,
        "LIENTHONG_BANK_URL": bank,
        "LIENTHONG_NOTICES_URL": notices,
        "LIENTHONG_SMTP": f"127.0.0.1:{ports[3]}",
    }
    with (folder / "up.log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "lienthong.config.cli", "up"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    running = Running(web, bank, notices, base, folder, offset_s, environment, blocker)
    try:
        wait_until(lambda: _answers(program, running), seconds=START_S)
        yield running
    finally:
        program.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(timeout=30)
        if program.poll() is None:
            program.kill()
            program.wait()
        database.server_execute(_dropped(base))


def _dropped(name: str) -> Any:
    from psycopg import sql

    return sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))


def _answers(program: subprocess.Popen[bytes], running: Running) -> bool:
    log = running.folder / "up.log"
    assert program.poll() is None, log.read_text(errors="replace")
    time.sleep(0.1)
    for url in (running.url, running.bank_url, running.notices_url):
        try:
            if not httpx.get(f"{url}/health", timeout=5).is_success:
                return False
        except httpx.HTTPError:
            return False
    return "one-time code" in log.read_text(errors="replace")  # the sign-ins are printed last
