"""The worker: jobs from the queue, and the sweeps that the clock wants, each under a lock of its own."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.sql import queries

from lienthong.blocks.casework import deadlines, disposing, kinds, numbers
from lienthong.blocks.exchange import configuration, outbox
from lienthong.blocks.exchange import log as message_log
from lienthong.blocks.ledger import services as ledger
from lienthong.config import gateways
from lienthong.ground import clock

HEARTBEAT_S = 2.0
LOST_AFTER_S = 6.0
"""A worker that gave no sign of life for so long is dead, and its jobs are given to others."""
JOB_LONGEST_S = 60
"""A job takes seconds; one of a living worker that is older lost its database before its end was written."""
_AT_ONCE = datetime.fromtimestamp(0, UTC)
"""The queue keeps real time, which our clock may be ahead of: what is to run now is due since long ago."""
log = structlog.get_logger("lienthong.worker")


@dataclass(frozen=True, slots=True)
class Sweep:
    """Runs every `seconds`, in one process at a time."""

    name: str
    seconds: float
    run: Callable[[], int]


SWEEPS = (
    Sweep("seal", 0.5, message_log.seal_pending),
    Sweep("configuration", 2, lambda: configuration.publish_if_changed(at=clock.now())),
    Sweep("deliveries", 2, outbox.sweep_deliveries),
    Sweep("steps", 2, kinds.sweep_steps),
    Sweep("holds", 60, lambda: ledger.holds_expire(at=clock.now())),
    Sweep("deadlines", 5, deadlines.sweep_deadlines),
    Sweep("jobs", 5, lambda: reap_jobs()),  # noqa: PLW0108 - defined below
    Sweep("certificates", 60, gateways.certificates_take),
    Sweep("disposals", 15, disposing.sweep_disposals),
    Sweep("numbers", 3600, lambda: numbers.numbers_void(now=clock.now())),
)
_OF_SYSTEMS = (
    ("ndxp", "gateways", 30, "lienthong.config.gateways", "health_ask"),
    ("ndxp", "renewal", 3600, "lienthong.config.gateways", "certificates_renew"),
    ("eid", "notices", 5, "lienthong.systems.eid.delivery", "sweep_notices"),
    ("lifeevents", "reminders", 900, "lienthong.systems.lifeevents.reminders", "sweep_reminders"),
    ("lifeevents", "drafts", 3600, "lienthong.systems.lifeevents.disposal", "sweep_drafts"),
    ("fees", "payments", 5, "lienthong.systems.fees.payments", "payments_query"),
    ("reporting", "facts", 60, "lienthong.systems.reporting.services", "facts_ask"),
)


def sweeps() -> tuple[Sweep, ...]:
    """The house's, and those of the systems that this instance hosts."""
    hosted = [row[1:] for row in _OF_SYSTEMS if row[0] in settings.LIENTHONG_SYSTEMS]
    return (
        *SWEEPS,
        *(Sweep(name, s, getattr(import_module(module), run)) for name, s, module, run in hosted),
    )


def reap_jobs() -> int:
    """Give back the jobs that nobody works on: they would stay `doing` for ever. Every job may be repeated."""
    queue = app.connector.get_sync_connector()  # in this thread, whose connection is tended
    of = {"queue": None, "task_name": None}
    dead = queue.execute_query_all(
        query=queries["select_stalled_jobs_by_heartbeat"], seconds_since_heartbeat=LOST_AFTER_S, **of
    )
    old = queue.execute_query_all(
        query=queries["select_stalled_jobs_by_started"], nb_seconds=JOB_LONGEST_S, **of
    )
    stalled = {row["id"] for row in (*dead, *old)}
    for job_id in sorted(stalled):
        app.job_manager.retry_job_by_id(job_id, retry_at=_AT_ONCE)
    return len(stalled)


@contextlib.contextmanager
def _alone(name: str) -> Iterator[bool]:
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        got = bool(cursor.fetchone()[0])
        try:
            yield got
        finally:
            if got:
                cursor.execute("select pg_advisory_unlock(%s)", [key])


def sweep_loop(stop: threading.Event, sweeps: tuple[Sweep, ...]) -> None:
    """Run every sweep at its pace until told to stop; a failing sweep is logged and comes again."""
    due = dict.fromkeys((sweep.name for sweep in sweeps), 0.0)
    passed = 0.0
    while not stop.wait(0.25):
        passed += 0.25
        for sweep in sweeps:
            if passed < due[sweep.name]:
                continue
            due[sweep.name] = passed + sweep.seconds
            try:
                close_old_connections()
                with _alone(sweep.name) as alone:
                    if alone:
                        sweep.run()
            except Exception:
                log.exception("sweep failed", sweep=sweep.name)
                with contextlib.suppress(Exception):
                    connection.close()


def _tended(job: Callable[[], object], *_: object) -> object:
    """A thread's connection that broke with the database is given up before the next job, not by it."""
    close_old_connections()
    try:
        return job()
    finally:
        close_old_connections()


def run(*, concurrency: int) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = threading.Event()
    sweeper = threading.Thread(target=sweep_loop, args=(stop, sweeps()), name="sweeper", daemon=True)
    sweeper.start()
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]

    async def work() -> None:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=concurrency,
                delete_jobs="successful",
                fetch_job_polling_interval=1,
                shutdown_graceful_timeout=5,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=LOST_AFTER_S,
                task_middleware=[_tended],
            )

    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work())
    stop.set()
    sweeper.join(timeout=5)
