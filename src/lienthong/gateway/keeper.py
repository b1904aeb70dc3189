"""Keeps the newest configuration in memory: read at the start, at every notice, and from a copy.

While the control plane is away a gateway goes on with what it knows, and says how old that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography import x509
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError
from psycopg.conninfo import make_conninfo

from lienthong.blocks.exchange.wire import CONFIGURATION_CHANNEL
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway.log import CONNECTING
from lienthong.gateway.snapshot import Snapshot, SnapshotError, snapshot_verified

LOOK_AGAIN_S: Final = 30.0
"""Without a notice the control plane is asked all the same after so long."""
RETRY_S: Final = 2.0
_NEWEST: Final = (
    "select id, made_at, document, signature, certificate from exchange_configuration"
    " where id > %s order by id desc limit 1"
)
_DOCUMENT: Final = "select content from exchange_document where digest = %s"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
DOCUMENTS_BYTES: Final = 32 * 1024 * 1024
"""Descriptions kept in memory; the rest is read from the copies again."""
log = structlog.get_logger("lienthong.gateway")


class NoConfigurationError(RuntimeError):
    """Neither the control plane nor a copy has told this gateway anything yet."""


class Keeper:
    """`snapshot` is the newest good one; `heard_at` the monotonic second of the control plane's last answer."""

    def __init__(self, *, control: str, copy: Path, anchor: x509.Certificate) -> None:
        self.control = make_conninfo(control, **CONNECTING)
        self.copy = copy
        self.anchor = anchor
        self.heard_at: float | None = None
        self.documents = copy.with_suffix(".documents")
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._snapshot: Snapshot | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """NoConfigurationError where nothing is known yet."""
        if self._snapshot is None:
            raise NoConfigurationError
        return self._snapshot

    def silent_s(self) -> float | None:
        """Seconds since the control plane last answered; None where it never has."""
        return None if self.heard_at is None else time.monotonic() - self.heard_at

    async def document(self, digest: str) -> bytes | None:
        """The description of services with that SHA-256: from memory, from its copy on disk, or from the control plane.

        None where it is nowhere, or the control plane is away and it was never read here.
        """
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        if not _DIGEST.fullmatch(digest):
            return None
        content = await asyncio.to_thread(self._document_copied, digest)
        if content is None:
            content = await self._document_asked(digest)
        if content is not None:
            self._kept[digest] = content
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > DOCUMENTS_BYTES:
                self._kept.popitem(last=False)
        return content

    def _document_copied(self, digest: str) -> bytes | None:
        """A copy that was damaged is as good as none."""
        with contextlib.suppress(OSError):
            content = (self.documents / digest).read_bytes()
            if sha256_hex(content) == digest:
                return content
        return None

    async def _document_asked(self, digest: str) -> bytes | None:
        try:
            async with await AsyncConnection.connect(
                self.control, autocommit=True, **CONNECTING
            ) as connection:
                row = await (await connection.execute(_DOCUMENT, [digest])).fetchone()
        except (DatabaseError, OSError) as error:
            log.warning("description not read", problem=type(error).__name__, document=digest)
            return None
        if row is None:
            return None
        content = bytes(row[0])
        if sha256_hex(content) != digest:
            log.error("description refused", document=digest, why="it is not what the configuration names")
            return None
        await asyncio.to_thread(self._document_copy, digest, content)
        return content

    def _document_copy(self, digest: str, content: bytes) -> None:
        """Keep a copy for when the control plane is away; a full disk loses no answer."""
        with contextlib.suppress(OSError):
            self.documents.mkdir(exist_ok=True)
            draft = self.documents / f"{digest}.new"
            draft.write_bytes(content)
            draft.replace(self.documents / digest)

    def _documents_sweep(self) -> None:
        """Copies that no configuration names any more go."""
        named = self.snapshot.documents()
        with contextlib.suppress(OSError):
            for path in self.documents.iterdir():
                if path.name not in named:
                    path.unlink()

    async def start(self) -> None:
        """Return with a configuration if there is one anywhere; go on listening."""
        self._copy_read()
        with contextlib.suppress(DatabaseError, OSError):
            async with await AsyncConnection.connect(
                self.control, autocommit=True, **CONNECTING
            ) as connection:
                await self._read(connection)
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(
                    self.control, autocommit=True, **CONNECTING
                ) as connection:
                    await connection.execute(f"listen {CONFIGURATION_CHANNEL}")
                    while True:
                        await self._read(connection)
                        async for _ in connection.notifies(timeout=LOOK_AGAIN_S, stop_after=1):
                            pass
            except (DatabaseError, OSError) as error:
                log.warning("control plane away", problem=type(error).__name__, silent_s=self.silent_s())
                await asyncio.sleep(RETRY_S)

    async def _read(self, connection: AsyncConnection) -> None:
        known = self._snapshot.version if self._snapshot else 0
        row = await (await connection.execute(_NEWEST, [known])).fetchone()
        self.heard_at = time.monotonic()
        if row is None:
            return
        version, made_at, document, signature, certificate = row
        told = {
            "version": version,
            "made_at": made_at.isoformat(),
            "document": document,
            "signature": signature,
            "certificate": certificate,
        }
        if self._take(told):
            draft = self.copy.with_suffix(".new")
            draft.write_text(json.dumps(told), encoding="utf-8")
            draft.replace(self.copy)
            self._documents_sweep()

    def _copy_read(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
            self._take(json.loads(self.copy.read_text(encoding="utf-8")))

    def _take(self, told: dict[str, Any]) -> bool:
        """A document that does not verify is refused aloud, and the last good one stays."""
        try:
            self._snapshot = snapshot_verified(
                version=told["version"],
                made_at=datetime.fromisoformat(told["made_at"]),
                document=told["document"],
                signature=told["signature"],
                certificate=told["certificate"],
                anchor=self.anchor,
            )
        except SnapshotError as error:
            log.error("configuration refused", version=told["version"], why=str(error))  # noqa: TRY400 - no trace
            return False
        return True
