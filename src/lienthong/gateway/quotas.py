"""How often a plain system may still be called today under an agreement: counted in memory, begun from the log.

A quota counts all calls that its agreement covers, also those that another one covers as well: so the count is the same
after a restart, and of several quotas the largest ends last. Systems of Lienthong count for themselves
(`blocks/exchange/dispatch.py`), where each message counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from lienthong.gateway.snapshot import Right
from lienthong.gateway.xroad.errors import XRoadError
from lienthong.gateway.xroad.identifiers import endpoint_path
from lienthong.ground.clock import VIETNAM

_COUNTED: Final = """
select count(*) from gateway.message
where side = 'provider' and client = %s and (service = %s or starts_with(service, %s)) and purpose = %s
  and problem = '' and recorded_at >= %s
"""
_BY_ENDPOINT: Final = """
with heads as (
  select convert_from(question, 'UTF8')::jsonb as head from gateway.message
  where side = 'provider' and client = %s and (service = %s or starts_with(service, %s)) and purpose = %s
    and problem = '' and recorded_at >= %s
)
select head ->> 'method', split_part(head ->> 'target', '?', 1), count(*) from heads group by 1, 2
"""


class Quotas:
    """One process answers for a provider, so its own count is the whole one."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self.pool = pool
        self._day: date | None = None
        self._used: dict[tuple[str, Right], int] = {}
        self._lock = asyncio.Lock()

    async def take(self, rights: Sequence[Right], *, client: str, on: date) -> bool:
        """Count one call that all these rights cover; False where none of them has one left for the day.

        Calls that are refused are not counted.
        """
        if self._day != on:
            self._day, self._used = on, {}
        limits = {(client, right): right.quota for right in rights if right.quota is not None}
        unlimited = len(limits) < len(rights)
        if not unlimited:
            for key in limits.keys() - self._used.keys():
                async with self._lock:
                    if key not in self._used:
                        self._used[key] = await self._counted(key[1], client, on)
        if not unlimited and all(self._used[key] >= quota for key, quota in limits.items()):
            return False
        for key in limits:
            if key in self._used:  # the others are begun from the log, where this call will stand
                self._used[key] += 1
        return True

    async def _counted(self, right: Right, client: str, on: date) -> int:
        midnight = datetime.combine(on, time(), tzinfo=VIETNAM)
        asked = [client, right.service, f"{right.service}/", right.purpose, midnight]
        async with self.pool.connection() as connection:
            if not right.endpoints:
                row = await (await connection.execute(_COUNTED, asked)).fetchone()
                return int(row[0]) if row else 0
            rows = await (await connection.execute(_BY_ENDPOINT, asked)).fetchall()
        return sum(int(count) for method, path, count in rows if _covers(right, method, path))


def _covers(right: Right, method: str, path: str) -> bool:
    try:
        return right.covers(method, endpoint_path(path))
    except XRoadError:
        return False  # it was never let through
