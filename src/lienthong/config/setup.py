"""What every command needs before it works: the database, Django, migrations."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from lienthong.config import postgres


def django_ready(*, server: bool = True) -> None:
    """Start PostgreSQL when none is given, and Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
    if server and "LIENTHONG_DATABASE_URL" not in os.environ:
        data = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var") / "pg"
        postgres.ensure(data)
        database_ensure(postgres.url(data, "postgres"), "lienthong")
    import django

    django.setup()
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def database_ensure(url: str, name: str) -> None:
    """An empty database beside the one at `url`, unless it is there."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if found is None:
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))


@contextlib.contextmanager
def own_system(name: str) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Django on a system of this command alone: folder `name` under LIENTHONG_VAR, own database, free ports.

    What it gives is a context in which `lienthong up` serves that system.
    """
    var = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var") / name
    for given in ("LIENTHONG_DATABASE_URL", "LIENTHONG_KEYS", "LIENTHONG_FILES", "LIENTHONG_CLOCK"):
        os.environ.pop(given, None)
    os.environ["LIENTHONG_VAR"] = str(var)
    addresses = ("LIENTHONG_URL", "LIENTHONG_BANK_URL", "LIENTHONG_NOTICES_URL")
    *ports, mail = free_ports(len(addresses) + 1)
    os.environ |= {key: f"http://127.0.0.1:{port}" for key, port in zip(addresses, ports, strict=True)}
    os.environ["LIENTHONG_SMTP"] = f"127.0.0.1:{mail}"
    django_ready()
    yield lambda: _served(var)


@contextlib.contextmanager
def scratch_system(name: str) -> Iterator[None]:
    """Django on an empty, migrated database that is dropped at the end, with keys and files of its own.

    It lies on the server that is given or started anyway, so that it needs nothing else.
    """
    var = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var")
    url = os.environ.get("LIENTHONG_DATABASE_URL") or postgres.ensure(var / "pg")
    database = f"lienthong_{name}_{os.getpid()}"
    admin = make_conninfo(url, dbname="postgres")
    database_ensure(admin, database)
    with tempfile.TemporaryDirectory(prefix=f"lienthong-{name}-") as folder:
        os.environ |= {
            "LIENTHONG_DATABASE_URL": make_conninfo(url, dbname=database),
            "LIENTHONG_KEYS": f"{folder}/keys",
            "LIENTHONG_FILES": f"{folder}/files",
        }
        try:
            django_ready()
            migrate()
            yield
        finally:
            from django.db import connections

            connections.close_all()
            with psycopg.connect(admin, autocommit=True) as connection:
                drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database))
                connection.execute(drop)


@contextlib.contextmanager
def own_database(name: str) -> Iterator[None]:
    """Django on the database `lienthong_<name>`, made anew and kept, with keys and files in a folder of that name."""
    var = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var")
    url = os.environ.get("LIENTHONG_DATABASE_URL") or postgres.ensure(var / "pg")
    database, admin = f"lienthong_{name}", make_conninfo(url, dbname="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database))
        )
    database_ensure(admin, database)
    with psycopg.connect(
        admin, autocommit=True
    ) as connection:  # what a simulation did is not worth a disk's wait
        connection.execute(
            sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(database))
        )
    os.environ |= {
        "LIENTHONG_DATABASE_URL": make_conninfo(url, dbname=database),
        "LIENTHONG_KEYS": str(var / name / "keys"),
        "LIENTHONG_FILES": str(var / name / "files"),
    }
    shutil.rmtree(var / name, ignore_errors=True)
    django_ready()
    migrate()
    yield


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in opened:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in opened]


@contextlib.contextmanager
def _served(var: Path) -> Iterator[None]:
    import httpx

    (var / "logs").mkdir(parents=True, exist_ok=True)
    with (var / "logs" / "up.log").open("ab") as out:
        up = subprocess.Popen([sys.executable, "-m", "lienthong.config.cli", "up"], stdout=out, stderr=out)
    try:
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{os.environ['LIENTHONG_URL']}/health", timeout=2).is_success:
                    break
            if up.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the system did not start: read {out.name}")
            time.sleep(0.2)
        yield
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(timeout=60)


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
