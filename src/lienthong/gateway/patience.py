"""For how long a gateway waits for the next part of a body: not without end, and not for a byte now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from lienthong.gateway.asgi import RATE_MIN


class Patience:
    """With one sender. Its own slowness counts alone: while somebody else is waited for, this clock stands still."""

    def __init__(self, idle_s: float) -> None:
        self.idle_s = idle_s
        self._size = 0
        self._waited = 0.0

    @asynccontextmanager
    async def waiting(self) -> AsyncGenerator[None]:
        """TimeoutError after idle_s, and where less than RATE_MIN has come on average."""
        clock = asyncio.get_running_loop().time
        started = clock()
        left = self._size / RATE_MIN + self.idle_s - self._waited
        async with asyncio.timeout(min(self.idle_s, left)):
            yield
        self._waited += clock() - started

    def came(self, count: int) -> None:
        self._size += count
