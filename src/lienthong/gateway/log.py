"""The gateway's message log: a row of both signed heads, durable before the answer leaves.

Rows that wait at the same moment are written by one COPY and one commit (group commit), so that hundreds of
exchanges share one flush to disk.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection, sql
from psycopg import Error as DatabaseError
from psycopg_pool import AsyncConnectionPool

from lienthong.gateway.months import Months, month_start

CONNECTING: Final[dict[str, Any]] = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
"""libpq's: a database that vanished without a word is known to be away within seconds."""
BATCH_MAX: Final = 500
WAITING_MAX: Final = 10_000

SCHEMA: Final = """
create schema if not exists gateway;
create sequence if not exists gateway.message_serial;
create table if not exists gateway.message (
    serial bigint not null default nextval('gateway.message_serial'),
    recorded_at timestamptz not null,
    side text not null check (side in ('consumer', 'provider')),
    id text not null,
    request_id text not null,
    client text not null,
    service text not null,
    purpose text not null,
    "case" text not null,
    status int not null,
    problem text not null,
    question bytea not null,
    question_signature text not null,
    question_leaf bytea not null,
    reply bytea not null,
    reply_signature text not null,
    reply_leaf bytea not null
) partition by range (recorded_at);
do $$ begin
    -- Asked first, for the statement alone would wait for whoever reads the log.
    if not exists (
        select from pg_attribute where attrelid = 'gateway.message'::regclass and attname = 'request_in'
    ) then
        alter table gateway.message add column request_in bigint, add column request_out bigint,
            add column response_in bigint, add column response_out bigint;
    end if;
    if not exists (
        select from pg_attribute where attrelid = 'gateway.message'::regclass and attname = 'fault_string'
    ) then
        alter table gateway.message add column provider text, add column code text, add column version text,
            add column request_size bigint, add column response_size bigint,
            add column request_attachments int, add column response_attachments int,
            add column fault_code text, add column fault_string text;
    end if;
end $$;
create index if not exists gateway_message_recorded on gateway.message using brin (recorded_at);
create index if not exists gateway_message_id on gateway.message (id);
create index if not exists gateway_message_serial on gateway.message (serial);
"""


class LogFullError(RuntimeError):
    """More rows wait to be written than the gateway takes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One side's record: heads as they were signed, signatures as they travelled, leaves as they are stamped.

    request_in to response_out: milliseconds since 1970, None for what did not happen; provider to fault_string: as
    `oprecord_bodies` has them. `oprecord` makes PR-OPMON's record of these and of the heads, so that monitoring costs
    the log no row of its own.
    """

    recorded_at: datetime
    side: str
    id: str
    request_id: str
    client: str
    service: str
    purpose: str
    case: str
    status: int
    problem: str
    question: bytes
    question_signature: str
    question_leaf: bytes
    reply: bytes
    reply_signature: str
    reply_leaf: bytes
    request_in: int | None = None
    request_out: int | None = None
    response_in: int | None = None
    response_out: int | None = None
    provider: str | None = None
    code: str | None = None
    version: str | None = None
    request_size: int | None = None
    response_size: int | None = None
    request_attachments: int | None = None
    response_attachments: int | None = None
    fault_code: str | None = None
    fault_string: str | None = None


_COLUMNS: Final = [field.name for field in fields(Row)]
_COPY: Final = sql.SQL("copy gateway.message ({}) from stdin").format(
    sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
)


_ANSWERED: Final = (
    "select 1 from gateway.message where id = %s and request_id = %s and side = 'provider' limit 1"
)


class MessageLog:
    """`write` returns once the row is on disk."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self.pool = pool
        self._waiting: asyncio.Queue[tuple[Row, asyncio.Future[None]]] = asyncio.Queue(WAITING_MAX)
        self._writer: asyncio.Task[None] | None = None
        self.months = Months()

    async def start(self) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(SCHEMA)
        self._writer = asyncio.create_task(self._write_all())

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def write(self, row: Row) -> None:
        """LogFullError where too many wait; psycopg's Error where the database does not take it."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((row, written))
        except asyncio.QueueFull as error:
            raise LogFullError from error
        try:
            await written
        finally:
            del (
                written
            )  # it and its error's traceback would keep each other alive, with all the bodies on the way

    @property
    def waiting(self) -> int:
        """Rows that wait to be written."""
        return self._waiting.qsize()

    async def answered(self, message_id: str, request_id: str) -> bool:
        """Whether this try stands in the log of the provider's side."""
        async with self.pool.connection() as connection:
            found = await connection.execute(_ANSWERED, [message_id, request_id])
            return await found.fetchone() is not None

    async def _write_all(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH_MAX and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._commit([row for row, _ in batch])
            except Exception as error:  # noqa: BLE001 - every waiting exchange hears of it, and the writer lives
                _tell(batch, error)
            else:
                _tell(batch, None)

    async def _commit(self, rows: list[Row]) -> None:
        async with self.pool.connection() as connection:
            for moment in {month_start(row.recorded_at) for row in rows}:
                await self.months.ensure(connection, moment)
            async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                for row in rows:
                    await copy.write_row([getattr(row, name) for name in _COLUMNS])


def _tell(batch: list[tuple[Row, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, written in batch:
        if written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error if isinstance(error, DatabaseError) else DatabaseError(str(error)))
