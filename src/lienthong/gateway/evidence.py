"""Containers of logged messages, for whoever has to prove what was asked and answered: `GET /asic`.

X-Road's download interface (PR-MESS 4.0, `asic`): the gateway's own log, the signature that stands in it, and the
certificates that lead from the signer to the root.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from psycopg.rows import dict_row

from lienthong.blocks.trust import asic
from lienthong.gateway.callers import Caller
from lienthong.gateway.core import Gateway
from lienthong.gateway.envelope import MessageSignature, Sealed
from lienthong.gateway.signing import documents_of
from lienthong.gateway.xroad.errors import XRoadError

ROWS_MAX: Final = 50
PLAIN: Final = [(b"content-type", b"text/plain;charset=utf-8")]
_PARTS: Final = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
_ROWS: Final = (
    "select * from gateway.message where id = %s and client = %s order by recorded_at, request_id limit %s"
)
_COLUMNS: Final = {"request": "question", "response": "reply"}

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages' containers: of one X-Road-Id of one client; sides: request, response or both."""

    query_id: str
    client: str
    sides: tuple[str, ...]
    unique: bool


class WrongQueryError(ValueError):
    """The query names no message: what is missing."""


class Evidence:
    """Reads the log; signs nothing, so it needs no key."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def asic(self, query: bytes, caller: Caller) -> Answer:
        """One container where `unique` and one side are asked for, else a ZIP of all; errors in plain text."""
        try:
            wanted = wanted_of(query)
            self.gateway.callers.check(wanted.client, caller)
        except (WrongQueryError, XRoadError) as error:
            return _refused(error)
        rows = await self._rows(wanted)
        if not rows:
            return 404, PLAIN, f"no message {wanted.query_id} of {wanted.client} in this log".encode()
        if wanted.unique and len(rows) > 1:
            return 400, PLAIN, f"{len(rows)} messages have this id: leave out unique".encode()
        made: dict[str, bytes] = {}
        for number, row in enumerate(rows, start=1):
            for side in wanted.sides:
                if (container := await self._container(row, side)) is not None:
                    made[f"{wanted.query_id}-{side}-{number}.asice"] = container
        if not made:
            return 404, PLAIN, b"the message was refused: its signature was not a member's"
        if wanted.unique and len(wanted.sides) == 1:
            [content] = made.values()
            return 200, [(b"content-type", asic.MIMETYPE.encode())], content
        return 200, [(b"content-type", b"application/zip")], _zipped(made)

    async def _rows(self, wanted: Wanted) -> list[dict[str, Any]]:
        async with (
            self.gateway.pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_ROWS, [wanted.query_id, wanted.client, ROWS_MAX])
            return await cursor.fetchall()

    async def _container(self, row: dict[str, Any], side: str) -> bytes | None:
        """None for a message that was refused because its signature was not a known member's."""
        gateway, column = self.gateway, _COLUMNS[side]
        message: bytes = row[column]
        sealed = Sealed(message, MessageSignature.parse(row[f"{column}_signature"]), b"")
        documents = documents_of(sealed, gateway.keeper.snapshot.holders, gateway.keys.anchor)
        if documents is None:
            return None
        stamp = await gateway.stamper.stamp_of(row["serial"], column)
        token, chain = stamp or (None, None)
        return asic.container_build(
            message, documents.signatures, signature_chain=documents.chain, token=token, token_chain=chain
        )


def _refused(error: WrongQueryError | XRoadError) -> Answer:
    """401 where the connection is not the client's, as in X-Road."""
    if isinstance(error, XRoadError):
        return 401, PLAIN, f"{error.sentence.vi}\n{error.sentence.en}".encode()
    return 400, PLAIN, str(error).encode()


def wanted_of(query: bytes) -> Wanted:
    """WrongQueryError where a part is missing, or both sides are excluded."""
    given = {
        name: values[-1] for name, values in parse_qs(query.decode("latin-1"), keep_blank_values=True).items()
    }
    if missing := [name for name in ("queryId", *_PARTS) if not given.get(name)]:
        raise WrongQueryError(f"missing: {', '.join(missing)}")
    request_only, response_only = "requestOnly" in given, "responseOnly" in given
    if request_only and response_only:
        raise WrongQueryError("requestOnly and responseOnly exclude each other")
    sides = ("request",) if request_only else ("response",) if response_only else ("request", "response")
    client = "/".join(given[name] for name in _PARTS)
    return Wanted(given["queryId"], client, sides, unique="unique" in given)


def _zipped(made: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in made.items():
            archive.writestr(zipfile.ZipInfo(name.replace("/", "_")), content)
    return packed.getvalue()
