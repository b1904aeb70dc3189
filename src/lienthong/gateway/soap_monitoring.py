"""What a gateway tells of itself by SOAP: operational data and health data (PR-OPMON), metrics of its machine.

Operational data are records of the log as a zipped attachment; `soap_health` and `soap_environment` write the others.
Of exchanges the gateway's owner and its monitoring client see all, any other client those in which its own system asked
or was asked; of the machine the two alone are told. Another gateway's are asked for at that gateway.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from psycopg import sql
from psycopg.rows import dict_row

from lienthong.blocks.trust.wire import canonical_json
from lienthong.gateway import refusals, soap_environment, soap_health
from lienthong.gateway.core import Gateway, owner_of
from lienthong.gateway.metaservices import Answer, answer
from lienthong.gateway.monitoring_asked import asked_client, asked_element, asked_fields, wrong
from lienthong.gateway.oprecord import COLUMNS, FIELDS, chosen, record_of
from lienthong.gateway.soap_health import MONITORING
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.soap import Message
from lienthong.gateway.xroad.soapanswers import SOAP_TYPE, attached, response_render
from lienthong.ground.text import Text

CODE: Final = "getSecurityServerOperationalData"
CODES: Final = frozenset({CODE, soap_health.CODE, soap_environment.CODE})
OFFSET_S: Final = 2
"""Rows are on disk before an answer leaves, so what is older than this is all there (X-Road: 60)."""
RECORDS_MAX: Final = 10_000
_FILE: Final = "operational-monitoring-data.json.gz"
_LONGEST: Final = 4_000_000_000
_ROWS: Final = sql.SQL(
    "select {} from gateway.message where recorded_at >= %(begin)s and recorded_at < %(end)s"
    " and (%(own)s = '' or client = %(own)s or position(%(own_asked)s::bytea in question) > 0)"
    " and (%(of)s = '' or client = %(of)s or position(%(of_asked)s::bytea in question) > 0)"
    " order by recorded_at, serial limit %(most)s"
).format(sql.SQL(COLUMNS))


@dataclass(frozen=True, slots=True)
class Wanted:
    """begin, end: seconds since 1970, both included; of: a client's records, of all where empty."""

    begin: int
    end: int
    of: str
    fields: tuple[str, ...]


class SoapMonitoring:
    """Reads the log; the records are made in a thread."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def answer(self, asked: Message) -> Answer:
        """XRoadError where it is not this gateway's to tell, or the question is of another form."""
        own = self._own(asked)
        if asked.header.service.code == soap_health.CODE:
            content = await soap_health.content(self.gateway, asked.soap, own)
            return answer(SOAP_TYPE, response_render(asked, content))
        if asked.header.service.code == soap_environment.CODE:
            if own:
                raise _owner_only(own, self.gateway.config.server)
            content = await soap_environment.content(self.gateway, asked.soap)
            return answer(SOAP_TYPE, response_render(asked, content))
        return await self._operational(asked, own)

    async def _operational(self, asked: Message, own: str) -> Answer:
        wanted = wanted_of(asked.soap)
        limit = int(self.gateway.now().timestamp()) - OFFSET_S
        if wanted.begin >= limit:
            raise _wrong("recordsFrom")
        end = min(wanted.end, limit - 1)
        rows = await self._rows(wanted, end, own)
        following = limit if wanted.end >= limit else None
        if len(rows) > RECORDS_MAX:
            rows, following = _whole_seconds(rows)
        content = await asyncio.to_thread(self._packed, rows, wanted.fields)
        response = response_render(asked, _content(len(rows), following))
        return answer(*attached(response, content, name=_FILE, kind="application/gzip", uuid=str(uuid4())))

    def _own(self, asked: Message) -> str:
        """Whose records the client may see: its own system's, or, empty, all."""
        server, header = self.gateway.config.server, asked.header
        client, owner = str(header.client), owner_of(server)
        named = str(header.security_server or server)
        if str(header.service.provider) != owner or named != server:
            raise refusals.not_behind(str(header.service.provider), server)
        if client in (owner, self.gateway.config.monitoring_client):
            return ""
        if self.gateway.keeper.snapshot.subsystems.get(client) != server:
            raise refusals.not_our_client(client, server)
        return "" if owner_of(client) == owner else client

    async def _rows(self, wanted: Wanted, end: int, own: str) -> list[dict[str, Any]]:
        values = {
            "begin": datetime.fromtimestamp(wanted.begin, UTC),
            "end": datetime.fromtimestamp(end + 1, UTC),
            "own": own,
            "own_asked": _provider(own),
            "of": wanted.of,
            "of_asked": _provider(wanted.of),
            "most": RECORDS_MAX + 1,
        }
        async with (
            self.gateway.pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_ROWS, values)
            return await cursor.fetchall()

    def _packed(self, rows: list[dict[str, Any]], fields: tuple[str, ...]) -> bytes:
        known = self.gateway.keeper.snapshot, self.gateway.config
        records = chosen((record_of(row, *known) for row in rows), fields)
        return gzip.compress(json.dumps({"records": records}, ensure_ascii=False).encode(), mtime=0)


def wanted_of(soap: bytes) -> Wanted:
    """XRoadError where the search criteria are missing or of another form, or a field is unknown."""
    element = asked_element(soap, MONITORING, CODE)
    criteria = element.find(f"{{{MONITORING}}}searchCriteria")
    if criteria is None:
        raise _wrong("searchCriteria")
    of = asked_client(criteria, MONITORING)
    begin, end = (_second(criteria, name) for name in ("recordsFrom", "recordsTo"))
    if end < begin:
        raise _wrong("recordsTo")
    fields = asked_fields(element, MONITORING)
    if unknown := [name for name in fields if name not in FIELDS]:
        raise _wrong(f"outputField {unknown[0][:100]}")
    return Wanted(begin, end, of, fields)


def _provider(name: str) -> bytes:
    """As it stands in a question's head: canonical JSON, in which no other value can hold these quotes."""
    return canonical_json({"provider": name})[1:-1]


def _second(criteria: Any, name: str) -> int:
    text = (criteria.findtext(f"{{{MONITORING}}}{name}") or "").strip()
    if not (text.isascii() and text.isdigit()) or int(text) > _LONGEST:
        raise _wrong(name)
    return int(text)


def _whole_seconds(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """As many whole seconds as fit, and the next one; of a single second that does not fit, its beginning."""
    last = int(rows[-1]["recorded_at"].timestamp())
    kept = [row for row in rows if int(row["recorded_at"].timestamp()) < last]
    return (kept, last) if kept else (rows[:RECORDS_MAX], last + 1)


def _content(count: int, following: int | None) -> bytes:
    more = "" if following is None else f"<om:nextRecordsFrom>{following}</om:nextRecordsFrom>"
    return (
        f'<om:{CODE}Response xmlns:om="{MONITORING}"><om:recordsCount>{count}</om:recordsCount>'
        f"<om:records>cid:{_FILE}</om:records>{more}</om:{CODE}Response>"
    ).encode()


def _wrong(part: str) -> XRoadError:
    return wrong(
        CODE,
        part,
        Text(
            f"Ghi searchCriteria với recordsFrom và recordsTo (giây), trước hiện tại {OFFSET_S} giây.",
            f"Write searchCriteria with recordsFrom and recordsTo, in seconds, {OFFSET_S} seconds before now.",
        ),
    )


def _owner_only(client: str, server: str) -> XRoadError:
    owner = owner_of(server)
    return XRoadError(
        Kind.ACCESS_DENIED,
        Text(
            f"{client} không được xem số đo của {server}.", f"{client} may not see the metrics of {server}."
        ),
        why=Text(
            f"Chỉ {owner} và đơn vị giám sát được khai ở cổng được xem.",
            f"{owner} may, and the monitoring client that the gateway was told.",
        ),
        next_step=Text(
            f"Đề nghị {owner} khai monitoring_client.",
            f"Ask {owner} to name you in the setting monitoring_client.",
        ),
    )
