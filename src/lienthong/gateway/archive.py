"""The message log's older part as archive files: stamped rows written out as containers, then dropped by the month.

One connection of its own, rows as a stream. What a file is to hold is written down before it is begun, and its name
after it lies on disk: a process that is killed in between writes the same file once more, over itself.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
from cryptography import x509
from psycopg import Connection, sql
from psycopg.rows import TupleRow, dict_row

from lienthong.blocks.trust import asic
from lienthong.blocks.trust.archives import ArchiveWriter, Link
from lienthong.blocks.trust.asic import ChainFiles
from lienthong.blocks.trust.hashchain import Tree, tree_build
from lienthong.gateway.envelope import EnvelopeError, MessageSignature, Sealed
from lienthong.gateway.months import months_before, months_drop
from lienthong.gateway.signing import documents_of
from lienthong.gateway.snapshot import Holder
from lienthong.gateway.stamper import CHAIN_URI, SIGNATURES_URI

ROWS_MAX: Final = 2000
"""Of a file, beyond which no further time stamp's rows are added: about X-Road's 32 MiB."""
STREAMED: Final = 200
_NAME_MAX: Final = 200
_LOCK: Final = 7_150_001
_SIDES: Final = (("question", "request"), ("reply", "response"))

SCHEMA: Final = """
create table if not exists gateway.archive (
    number bigint generated always as identity primary key,
    first_serial bigint not null,
    last_serial bigint not null unique,
    name text not null default '',
    digest text not null default '',
    made_at timestamptz
);
"""
_LAST: Final = (
    "select last_serial, name, digest from gateway.archive where name <> '' order by number desc limit 1"
)
_BEGUN: Final = (
    "select number, first_serial, last_serial from gateway.archive where name = '' order by number limit 1"
)
_STAMPS: Final = """
select first_serial, last_serial from gateway.stamp
where first_serial > %s and stamped_at < %s order by first_serial limit %s
"""
_COUNT: Final = "select count(*) from gateway.message where serial between %s and %s"
_BEGIN: Final = """
insert into gateway.archive (first_serial, last_serial) values (%s, %s) returning number, first_serial, last_serial
"""
_DONE: Final = "update gateway.archive set name = %s, digest = %s, made_at = %s where number = %s"
_RANGE: Final = """
select first_serial, last_serial, token from gateway.stamp
where first_serial between %s and %s order by first_serial
"""
_LEAVES: Final = """
select serial, question_leaf, reply_leaf from gateway.message where serial between %s and %s order by serial
"""
_ROWS: Final = """
select serial, recorded_at, id, question, question_signature, reply, reply_signature
from gateway.message where serial between %s and %s order by serial
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """What one run did: files made, messages in them, months dropped from the log."""

    files: tuple[str, ...]
    exchanges: int
    dropped: tuple[str, ...]


class AtWorkError(RuntimeError):
    """Another process archives this log at the moment."""


class StoppedError(RuntimeError):
    """The gateway was told to stop; the file under way is begun again at the next run."""


@dataclass(frozen=True, slots=True)
class Archivist:
    """database: the gateway's own; holders and anchor: whose signatures they are. No key is needed."""

    database: str
    folder: Path
    holders: Mapping[str, Holder]
    anchor: x509.Certificate

    def run(
        self, *, before: datetime, keep_since: datetime, now: datetime, stop: threading.Event | None = None
    ) -> Archived:
        """Archive what was stamped before `before`, drop the months before `keep_since` that are archived whole.

        AtWorkError where another run is under way; psycopg's Error, OSError and, once `stop` is set, StoppedError
        leave all as it was before the file.
        """
        stop = stop or threading.Event()
        self.folder.mkdir(parents=True, exist_ok=True)
        files: list[str] = []
        exchanges = 0
        with psycopg.connect(self.database) as connection, _alone(connection):
            connection.execute(SCHEMA)
            connection.commit()
            while (made := self._next(connection, before, now, stop)) is not None:
                files.append(made[0])
                exchanges += made[1]
            return Archived(tuple(files), exchanges, tuple(_months_drop(connection, keep_since)))

    def _next(
        self, connection: Connection, before: datetime, now: datetime, stop: threading.Event
    ) -> tuple[str, int] | None:
        """One file's name and exchanges; None where nothing is left to be archived."""
        last = connection.execute(_LAST).fetchone()
        serial, previous = (last[0], Link(last[2], last[1])) if last else (-1, Link())
        begun = connection.execute(_BEGUN).fetchone() or _begin(connection, serial, before)
        if begun is None:
            return None
        connection.commit()
        number, first_serial, last_serial = begun
        writer = ArchiveWriter(self.folder, previous)
        try:
            exchanges = 0
            for stamp in _stamps(connection, first_serial, last_serial):
                if stop.is_set():
                    raise StoppedError  # noqa: TRY301 - the draft goes the same way as after any error
                exchanges += self._add(connection, writer, stamp)
            made = writer.close()
        except BaseException:
            writer.abandon()
            raise
        connection.execute(_DONE, [made.name, made.digest, now, number])
        connection.commit()
        return made.name, exchanges

    def _add(self, connection: Connection, writer: ArchiveWriter, stamp: tuple[int, int, bytes]) -> int:
        """The rows of one time stamp; how many."""
        first, last, token = stamp
        leaves = connection.execute(_LEAVES, [first, last]).fetchall()
        places = {serial: place for place, (serial, _, _) in enumerate(leaves)}
        tree = tree_build([leaf for _, *both in leaves for leaf in both])
        with connection.cursor("archived", row_factory=dict_row) as rows:
            rows.itersize = STREAMED
            rows.execute(_ROWS, [first, last])
            for row in rows:
                for side, (column, word) in enumerate(_SIDES):
                    chain = _Chain(tree, 2 * places[row["serial"]] + side, token)
                    ending, content = self._content(row, column, chain)
                    name = f"{quote(row['id'], safe='')[:_NAME_MAX]}-{word}-{_base32(row['serial'])}.{ending}"
                    writer.add(name, content, at=row["recorded_at"])
        # Whoever waits to give the log its next month need not wait for the whole file.
        connection.commit()
        return len(leaves)

    def _content(self, row: dict[str, Any], column: str, chain: _Chain) -> tuple[str, bytes]:
        """A container; where the message was refused for its signature, both as they came."""
        message: bytes = row[column]
        try:
            sealed = Sealed(message, MessageSignature.parse(row[f"{column}_signature"]), b"")
            documents = documents_of(sealed, self.holders, self.anchor)
        except EnvelopeError:
            documents = None
        if documents is None:
            told = {"message": base64.b64encode(message).decode(), "signature": row[f"{column}_signature"]}
            return "refused.json", json.dumps(told).encode()
        return "asice", asic.container_build(
            message,
            documents.signatures,
            signature_chain=documents.chain,
            token=chain.token,
            token_chain=chain.files(),
        )


@dataclass(frozen=True, slots=True)
class _Chain:
    """A signature's place under a time stamp."""

    tree: Tree
    place: int
    token: bytes

    def files(self) -> ChainFiles:
        return ChainFiles(self.tree.result(uri=CHAIN_URI), self.tree.chain(self.place, uri=SIGNATURES_URI))


@contextmanager
def _alone(connection: Connection) -> Generator[None]:
    """The lock is the connection's, so it goes with a killed process. AtWorkError where it is taken."""
    found = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    connection.commit()
    if not found or not found[0]:
        raise AtWorkError
    yield


def _begin(connection: Connection, after: int, before: datetime) -> TupleRow | None:
    """Write down what the next file is to hold: whole time stamps, so that each one's tree is made once."""
    first = last = None
    exchanges = 0
    for start, end in connection.execute(_STAMPS, [after, before, ROWS_MAX]).fetchall():
        counted = connection.execute(_COUNT, [start, end]).fetchone()
        first, last = start if first is None else first, end
        exchanges += counted[0] if counted else 0
        if exchanges >= ROWS_MAX:
            break
    return None if last is None else connection.execute(_BEGIN, [first, last]).fetchone()


def _stamps(connection: Connection, first: int, last: int) -> list[tuple[int, int, bytes]]:
    return [(row[0], row[1], row[2]) for row in connection.execute(_RANGE, [first, last])]


def _months_drop(connection: Connection, keep_since: datetime) -> Iterator[str]:
    """Months that ended before, and of which every row lies in a finished file."""
    last = connection.execute(_LAST).fetchone()
    archived: list[str] = []
    for name in months_before(connection, keep_since) if last else []:
        table = sql.Identifier("gateway", name)
        newest = connection.execute(sql.SQL("select max(serial) from {}").format(table)).fetchone()
        if last is None or (newest and newest[0] is not None and newest[0] > last[0]):
            break
        archived.append(name)
    yield from months_drop(connection, archived)


def _base32(number: int) -> str:
    """As X-Road counts in such names: digits, then letters."""
    digits = "0123456789abcdefghijklmnopqrstuv"
    written = ""
    while number or not written:
        number, rest = divmod(number, 32)
        written = digits[rest] + written
    return written
