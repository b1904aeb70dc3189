"""A PostgreSQL server of a test's own, with fsync, under the watcher that a newcomer's server has too."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from lienthong.config import postgres
from lienthong.config.setup import database_ensure
from tests.nation.programs import wait_until


class Server:
    """url: of its one database."""

    def __init__(self, data: Path) -> None:
        self.data = data
        postgres.ensure(data)
        database_ensure(postgres.url(data, "postgres"), "own")
        self.url = postgres.url(data, "own")
        self.watcher = parent_of(self.postmaster)

    @property
    def postmaster(self) -> int:
        pid = postgres.postmaster_pid(self.data)
        assert pid is not None
        return pid

    def kill(self, *, stay_down: bool = False) -> None:
        """SIGKILL to the server and all its processes; its watcher starts it again, unless it is to stay down."""
        if stay_down:
            os.kill(self.watcher, signal.SIGSTOP)
        pid = self.postmaster
        for process in (pid, *children_of(pid)):
            os.kill(process, signal.SIGKILL)

    def up_again(self) -> None:
        os.kill(self.watcher, signal.SIGCONT)
        wait_until(lambda: postgres.is_ready(self.data), seconds=30)

    def stop(self) -> None:
        os.kill(self.watcher, signal.SIGCONT)
        os.kill(self.watcher, signal.SIGTERM)
        wait_until(lambda: not postgres.is_ready(self.data), seconds=30)
        shutil.rmtree(postgres.socket_dir(self.data), ignore_errors=True)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = parent_of(int(entry.name))
            except OSError:  # it ended meanwhile
                continue
            if parent == pid:
                found.append(int(entry.name))
    return found
