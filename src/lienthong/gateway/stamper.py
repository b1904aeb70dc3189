"""Time stamps for the message log: one RFC 3161 token for all signatures written since the last, by a hash tree.

Calls never wait for it. While the time-stamp authority is away the log goes on, and `/health` tells how many
messages have no stamp, and since when. After a stated grace nothing new is exchanged until the stamps are there:
what was not stamped for long can be doubted.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

import structlog
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError
from psycopg_pool import AsyncConnectionPool

from lienthong.blocks.trust import timestamps
from lienthong.blocks.trust.asic import ChainFiles, stamp_digest
from lienthong.blocks.trust.hashchain import Tree, tree_build
from lienthong.gateway.peers import Peers
from lienthong.ground import clock

EVERY_S: Final = 1.0
BATCH_MAX: Final = 5000
SIGNATURES_URI: Final = "/META-INF/signatures.xml"
CHAIN_URI: Final = "/ts-hashchain.xml"
_SIDES: Final = ("question", "reply")
log = structlog.get_logger("lienthong.gateway")

SCHEMA: Final = """
create table if not exists gateway.stamp (
    first_serial bigint primary key,
    last_serial bigint not null unique,
    stamped_at timestamptz not null,
    token bytea not null
);
"""
_NEXT: Final = """
select serial, question_leaf, reply_leaf from gateway.message
where serial > (select coalesce(max(last_serial), 0) from gateway.stamp) order by serial limit %s
"""
_LATE: Final = """
select count(*), min(recorded_at) from gateway.message
where serial > (select coalesce(max(last_serial), 0) from gateway.stamp)
"""
_OF: Final = (
    "select first_serial, last_serial, token from gateway.stamp where %s between first_serial and last_serial"
)
_BATCH: Final = """
select serial, question_leaf, reply_leaf from gateway.message where serial between %s and %s order by serial
"""

Leaf = tuple[int, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Late:
    """Messages that wait for their time stamp, and when the oldest was written."""

    messages: int
    since: datetime | None


class Stamper:
    """Stamps every second what was written since; the leaves are each row's two signatures in the log's order."""

    def __init__(
        self, *, pool: AsyncConnectionPool[AsyncConnection], peers: Peers, url: str, grace_s: int
    ) -> None:
        """url: the authority's; empty, nothing is stamped. grace_s: 0, exchange goes on without stamps for ever."""
        self.pool = pool
        self.peers = peers
        self.url = url
        self.grace_s = grace_s if url else 0
        self._unstamped_since: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(SCHEMA)
        if self.url:
            await self.late()
            self._task = asyncio.create_task(self._stamp_all())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _stamp_all(self) -> None:
        while True:
            try:
                stamped = await self.stamp_next()
            except Exception as error:  # noqa: BLE001 - the log goes on, and the next second tries again
                log.warning("no time stamp", problem=type(error).__name__, why=str(error)[:200])
                stamped = 0
                with contextlib.suppress(DatabaseError):
                    await self.late()
            if stamped < BATCH_MAX:
                await asyncio.sleep(EVERY_S)

    async def stamp_next(self) -> int:
        """Stamp the oldest rows without a stamp, at most a batch; how many. One process writes and stamps a log."""
        rows = await self._leaves(_NEXT, [BATCH_MAX])
        if not rows:
            self._unstamped_since = None
            return 0
        result = _tree(rows).result(uri=CHAIN_URI)
        token = await self._token(stamp_digest(b"", result))
        async with self.pool.connection() as connection:
            await connection.execute(
                "insert into gateway.stamp values (%s, %s, %s, %s)",
                [rows[0][0], rows[-1][0], clock.now(), token],
            )
        if self._unstamped_since is not None:
            await self.late()
        return len(rows)

    async def _leaves(self, asked: LiteralString, values: list[int]) -> list[Leaf]:
        async with self.pool.connection() as connection:
            return await (await connection.execute(asked, values)).fetchall()

    async def _token(self, digest: bytes) -> bytes:
        request = timestamps.request_encode(digest)
        headers = [(b"Content-Type", b"application/timestamp-query")]
        got = await self.peers.ask("POST", self.url, headers=headers, body=request)
        return timestamps.response_token(got.body, request)

    async def stamp_of(self, serial: int, side: str) -> tuple[bytes, ChainFiles] | None:
        """The token, and the hash chain from a row's question or reply to it; None while there is none."""
        async with self.pool.connection() as connection:
            found = await (await connection.execute(_OF, [serial])).fetchone()
        if found is None:
            return None
        first, last, token = found
        rows = await self._leaves(_BATCH, [first, last])
        place = next(place for place, row in enumerate(rows) if row[0] == serial)
        tree = _tree(rows)
        chain = tree.chain(2 * place + _SIDES.index(side), uri=SIGNATURES_URI)
        return token, ChainFiles(tree.result(uri=CHAIN_URI), chain)

    async def late(self) -> Late:
        async with self.pool.connection() as connection:
            row = await (await connection.execute(_LATE)).fetchone()
        late = Late(*row) if row else Late(0, None)
        self._unstamped_since = late.since
        return late

    def overdue(self, now: datetime) -> datetime | None:
        """Since when messages have no stamp, where that is longer than the grace; as of the last try."""
        since = self._unstamped_since
        if not self.grace_s or since is None:
            return None
        return since if (now - since).total_seconds() > self.grace_s else None


def _tree(rows: list[Leaf]) -> Tree:
    return tree_build([leaf for _, *leaves in rows for leaf in leaves])
