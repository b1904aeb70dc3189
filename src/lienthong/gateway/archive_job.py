"""The gateway's own archiving, every few hours in a thread: with the settings `archive…`, or once by the command."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final

import structlog
from psycopg import Error as DatabaseError

from lienthong.gateway.archive import Archived, Archivist, AtWorkError
from lienthong.gateway.config import ConfigError, GatewayConfig
from lienthong.gateway.keeper import Keeper, NoConfigurationError
from lienthong.gateway.keys import Keys
from lienthong.ground import clock

FIRST_S: Final = 60.0
"""After its start a gateway has more urgent work."""
HOUR_S: Final = 3600.0
log = structlog.get_logger("lienthong.gateway")


class ArchiveJob:
    """Does nothing where no folder is set, or where `archive_every_h` is 0 and only the command archives."""

    def __init__(self, config: GatewayConfig, keeper: Keeper, keys: Keys) -> None:
        self.config = config
        self.keeper = keeper
        self.keys = keys
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self.config.archive and self.config.archive_every_h:
            self._task = asyncio.create_task(self._every())

    async def stop(self) -> None:
        """Returns once the thread has let go of its file."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _every(self) -> None:
        await asyncio.sleep(min(FIRST_S, self.config.archive_every_h * HOUR_S))
        while True:
            working = asyncio.ensure_future(asyncio.to_thread(self.run))
            try:
                made = await asyncio.shield(working)
            except asyncio.CancelledError:
                with contextlib.suppress(Exception):
                    await working
                raise
            except (DatabaseError, OSError, AtWorkError, NoConfigurationError) as error:
                log.warning("log not archived", problem=type(error).__name__, why=str(error)[:200])
            else:
                log.info(
                    "log archived", files=len(made.files), exchanges=made.exchanges, dropped=made.dropped
                )
            await asyncio.sleep(self.config.archive_every_h * HOUR_S)

    def run(self) -> Archived:
        """One run. Whatever `Archivist.run` raises; NoConfigurationError where no certificate is known yet."""
        config, now = self.config, clock.now().astimezone(UTC)
        archivist = Archivist(
            config.database, Path(config.archive), self.keeper.snapshot.holders, self.keys.anchor
        )
        return archivist.run(
            before=now - timedelta(hours=config.archive_after_h),
            keep_since=now - timedelta(days=config.archive_keep_days),
            now=now,
            stop=self._stop,
        )


async def archive_once(config: GatewayConfig) -> Archived:
    """`lienthong gateway archive`. ConfigError where no folder is set; otherwise as `ArchiveJob.run`."""
    if not config.archive:
        raise ConfigError("archive: the folder for archive files belongs here")
    if config.clock_offset_s:
        clock.set_source(clock.source_from({"LIENTHONG_CLOCK_OFFSET": str(config.clock_offset_s)}))
    keys = Keys(config.authority)
    keeper = Keeper(control=config.control, copy=config.copy, anchor=keys.anchor)
    await keeper.start()
    try:
        return await asyncio.to_thread(ArchiveJob(config, keeper, keys).run)
    finally:
        await keeper.stop()
