"""The months of the message log: each a partition, made ahead, and dropped once nothing needs it.

Months and not days, though the operational record is made of the same rows (`oprecord`). A log that nobody archives is
kept whole, by days that would be hundreds of partitions, and the stamper opens each of them every second, as do all who
look for a message by its id. Within a month a BRIN index on the time leaves no more to be read than the ten minutes or
the day that monitoring asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import structlog
from psycopg import AsyncConnection, Connection, sql
from psycopg_pool import AsyncConnectionPool

from lienthong.ground import clock

AHEAD: Final = timedelta(days=7)
"""A month is there so long before its first row, so that no exchange waits for it."""
HOUR_S: Final = 3600.0
_PATIENCE: Final = "2s"
"""A month is made or dropped only where it makes no exchange wait longer than this."""
_ATTACHED: Final = "select 1 from pg_inherits where inhrelid = to_regclass(%s)"
_MONTHS: Final = """
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'gateway.message'::regclass order by c.relname
"""
_SWEEP: Final = """
delete from gateway.stamp where last_serial < (select min(serial) from gateway.message)
and last_serial < (select max(last_serial) from gateway.stamp)
"""
log = structlog.get_logger("lienthong.gateway")


class Months:
    """Knows which months are there."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = asyncio.Lock()

    async def ensure(self, connection: AsyncConnection, moment: datetime) -> None:
        """The month of this moment, committed. connection: with no transaction begun. psycopg's Error as it comes."""
        start = month_start(moment)
        name = month_name(start)
        if name in self._known:
            return
        async with self._lock:
            async with connection.transaction():
                found = await connection.execute(_ATTACHED, [f"gateway.{name}"])
                if await found.fetchone() is None:
                    await _month_make(connection, name, start)
            self._known.add(name)


async def _month_make(connection: AsyncConnection, name: str, start: datetime) -> None:
    """Made beside the log and attached to it: that waits for no reader, as `partition of` would."""
    table, end = sql.Identifier("gateway", name), month_start(start + timedelta(days=32))
    await connection.execute(
        sql.SQL(
            "create table {} (like gateway.message including defaults including constraints including indexes)"
        ).format(table)
    )
    await connection.execute(
        sql.SQL("alter table gateway.message attach partition {} for values from ({}) to ({})").format(
            table, sql.Literal(start), sql.Literal(end)
        )
    )


class MonthsJob:
    """Hourly: the next month, a week ahead; and, with `record_days`, months that are older leave the log."""

    def __init__(
        self, months: Months, *, pool: AsyncConnectionPool[AsyncConnection], database: str, record_days: int
    ) -> None:
        """record_days: 0, nothing is dropped here; what is archived leaves the log by `archive`."""
        self.months = months
        self.pool = pool
        self.database = database
        self.record_days = record_days
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._every())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _every(self) -> None:
        while True:
            try:
                if dropped := await self.run(clock.now().astimezone(UTC)):
                    log.info("months left the log", dropped=dropped, record_days=self.record_days)
            except (psycopg.Error, OSError) as error:
                log.warning("months not kept", problem=type(error).__name__, why=str(error)[:200])
            await asyncio.sleep(HOUR_S)

    async def run(self, now: datetime) -> list[str]:
        """One run; the months that it dropped. psycopg's Error as it comes."""
        async with self.pool.connection() as connection:
            await self.months.ensure(connection, now + AHEAD)
        if not self.record_days:
            return []
        keep_since = now - timedelta(days=self.record_days)
        return await asyncio.to_thread(_expired_drop, self.database, keep_since)


def _expired_drop(database: str, keep_since: datetime) -> list[str]:
    with psycopg.connect(database) as connection:
        return list(months_drop(connection, months_before(connection, keep_since)))


def months_before(connection: Connection, moment: datetime) -> list[str]:
    """The months that ended by then, the oldest first."""
    names = [name for (name,) in connection.execute(_MONTHS)]
    return [name for name in names if _month_end(name) <= moment]


def months_drop(connection: Connection, names: list[str]) -> Iterator[str]:
    """Drop them in turn, and the time stamps of what is gone; one that is in use waits for another run."""
    for name in names:
        try:
            connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(_PATIENCE)))
            connection.execute(sql.SQL("drop table {}").format(sql.Identifier("gateway", name)))
            connection.commit()
        except psycopg.errors.LockNotAvailable:
            connection.rollback()
            break
        yield name
    connection.execute(_SWEEP)
    connection.commit()


def month_start(moment: datetime) -> datetime:
    """UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_name(moment: datetime) -> str:
    """`message_2026_11`."""
    return f"message_{month_start(moment):%Y_%m}"


def _month_end(name: str) -> datetime:
    """`message_2026_11` -> the first of December."""
    year, month = name.split("_")[-2:]
    return month_start(datetime(int(year), int(month), 1, tzinfo=UTC) + timedelta(days=32))
