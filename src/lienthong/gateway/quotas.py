"""How often a plain system may still be called today under an agreement: counted in memory, begun from the log.

Systems of Lienthong count for themselves (`blocks/exchange/dispatch.py`), where each message counts once.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from typing import Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from lienthong.gateway.snapshot import Right
from lienthong.ground.clock import VIETNAM

_COUNTED: Final = """
select count(*) from gateway.message
where side = 'provider' and client = %s and service = %s and purpose = %s and problem = '' and recorded_at >= %s
"""


class Quotas:
    """One process answers for a provider, so its own count is the whole one."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self.pool = pool
        self._day: date | None = None
        self._used: dict[tuple[str, Right], int] = {}
        self._lock = asyncio.Lock()

    async def take(self, right: Right, *, client: str, on: date) -> bool:
        """Count one call; False where the day's are used up. Calls that are refused are not counted."""
        if right.quota is None:
            return True
        key = (client, right)
        if self._day != on:
            self._day, self._used = on, {}
        if key not in self._used:
            async with self._lock:
                if key not in self._used:
                    self._used[key] = await self._counted(right, client, on)
        if self._used[key] >= right.quota:
            return False
        self._used[key] += 1
        return True

    async def _counted(self, right: Right, client: str, on: date) -> int:
        midnight = datetime.combine(on, time(), tzinfo=VIETNAM)
        async with self.pool.connection() as connection:
            asked = [client, right.service, right.purpose, midnight]
            row = await (await connection.execute(_COUNTED, asked)).fetchone()
        return int(row[0]) if row else 0
