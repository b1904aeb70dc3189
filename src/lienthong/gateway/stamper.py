"""Time stamps for the message log: one RFC 3161 token for all signatures written since the last, by a hash tree.

Calls never wait for it. While the time-stamp authority is away the log goes on, and `/health` tells how many
messages have no stamp, and since when.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from lienthong.blocks.exchange.wire import Signature
from lienthong.blocks.trust import timestamps
from lienthong.blocks.trust.asic import ChainFiles, stamp_digest
from lienthong.blocks.trust.hashchain import EvidenceError, Tree, tree_build
from lienthong.gateway.envelope import Question, Reply, Sealed, head_parse
from lienthong.gateway.keeper import Keeper, NoConfigurationError
from lienthong.gateway.keys import Keys
from lienthong.gateway.peers import AwayError, Peers, TooLargeError
from lienthong.gateway.signing import signature_of
from lienthong.ground import clock

EVERY_S: Final = 1.0
BATCH_MAX: Final = 5000
SIGNATURES_URI: Final = "/META-INF/signatures.xml"
CHAIN_URI: Final = "/ts-hashchain.xml"
_DIGEST_BYTES: Final = 32
_SIDES: Final = ("question", "reply")
log = structlog.get_logger("lienthong.gateway")

SCHEMA: Final = """
create table if not exists gateway.stamp (
    first_serial bigint primary key,
    last_serial bigint not null unique,
    stamped_at timestamptz not null,
    leaves bytea not null,
    token bytea not null
);
"""
_NEXT: Final = """
select * from gateway.message
where serial > (select coalesce(max(last_serial), 0) from gateway.stamp) order by serial limit %s
"""
_LATE: Final = """
select count(*), min(recorded_at) from gateway.message
where serial > (select coalesce(max(last_serial), 0) from gateway.stamp)
"""
_OF: Final = """
select s.leaves, s.token, (select count(*) from gateway.message m
    where m.serial >= s.first_serial and m.serial < %(serial)s) as place
from gateway.stamp s where s.first_serial <= %(serial)s and s.last_serial >= %(serial)s
"""


@dataclass(frozen=True, slots=True)
class Late:
    """Messages that wait for their time stamp, and when the oldest was written."""

    messages: int
    since: datetime | None


class Stamper:
    """Stamps every second what was written since; the leaves are each row's two signatures in the log's order."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[AsyncConnection],
        peers: Peers,
        keeper: Keeper,
        keys: Keys,
        url: str,
    ) -> None:
        self.pool = pool
        self.peers = peers
        self.keeper = keeper
        self.keys = keys
        self.url = url
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(SCHEMA)
        if self.url:
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
            except (AwayError, TooLargeError, EvidenceError, DatabaseError, NoConfigurationError) as error:
                log.warning("no time stamp", problem=type(error).__name__, why=str(error)[:200])
                stamped = 0
            if stamped < BATCH_MAX:
                await asyncio.sleep(EVERY_S)

    async def stamp_next(self) -> int:
        """Stamp the oldest rows without a stamp, at most a batch; how many. One process writes and stamps a log."""
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_NEXT, [BATCH_MAX])
            rows = await cursor.fetchall()
        if not rows:
            return 0
        leaves: list[bytes] = []
        for row in rows:
            leaves += [hashlib.sha256(self.signatures(row, side)).digest() for side in _SIDES]
            await asyncio.sleep(0)  # exchanges go first
        result = tree_build(leaves).result(uri=CHAIN_URI)
        token = await self._token(stamp_digest(b"", result))
        async with self.pool.connection() as connection:
            await connection.execute(
                "insert into gateway.stamp values (%s, %s, %s, %s, %s)",
                [rows[0]["serial"], rows[-1]["serial"], clock.now(), b"".join(leaves), token],
            )
        return len(rows)

    async def _token(self, digest: bytes) -> bytes:
        request = timestamps.request_encode(digest)
        headers = [(b"Content-Type", b"application/timestamp-query")]
        got = await self.peers.ask("POST", self.url, headers=headers, body=request)
        return timestamps.response_token(got.body, request)

    def signatures(self, row: dict[str, Any], side: str) -> bytes:
        """`signatures.xml` of a row's question or reply."""
        message: bytes = row[side]
        signature = Signature(row[f"{side}_signature"], row[f"{side}_certificate"])
        holder = self.keeper.snapshot.holders[signature.certificate]
        head = head_parse(Question, message) if side == "question" else head_parse(Reply, message)
        sealed = Sealed(message, signature, b"")
        return signature_of(sealed, head, holder.certificate, chain=(self.keys.anchor,)).document()

    async def stamp_of(self, serial: int, side: str) -> tuple[bytes, ChainFiles] | None:
        """The token, and the hash chain from a row's question or reply to it; None while there is none."""
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_OF, {"serial": serial})
            found = await cursor.fetchone()
        if found is None:
            return None
        tree = tree_of(found["leaves"])
        chain = tree.chain(2 * found["place"] + _SIDES.index(side), uri=SIGNATURES_URI)
        return found["token"], ChainFiles(tree.result(uri=CHAIN_URI), chain)

    async def late(self) -> Late:
        async with self.pool.connection() as connection:
            row = await (await connection.execute(_LATE)).fetchone()
        return Late(*row) if row else Late(0, None)


def tree_of(leaves: bytes) -> Tree:
    """The tree over digests that were stored one behind the other."""
    return tree_build([leaves[at : at + _DIGEST_BYTES] for at in range(0, len(leaves), _DIGEST_BYTES)])
