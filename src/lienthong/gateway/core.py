"""One running gateway: its configuration, keys, log and connections, and what both of its sides share."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

import structlog
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from lienthong.blocks.exchange.wire import Subsystem
from lienthong.gateway import oprecord_bodies, oprecord_times
from lienthong.gateway.archive_job import ArchiveJob
from lienthong.gateway.batches import Batches
from lienthong.gateway.callers import Callers
from lienthong.gateway.config import MIB, GatewayConfig
from lienthong.gateway.envelope import MessageSignature, Question, Reply, Sealed, head_bytes
from lienthong.gateway.keeper import Keeper
from lienthong.gateway.keys import Keys
from lienthong.gateway.lasts import Lasts, Named
from lienthong.gateway.links import Link
from lienthong.gateway.log import CONNECTING, MessageLog, Row
from lienthong.gateway.memory import Memory
from lienthong.gateway.metrics import Metrics, outcome_of
from lienthong.gateway.months import MonthsJob
from lienthong.gateway.peers import Peers
from lienthong.gateway.signing import examine, leaf_of, moment_of, signed_at
from lienthong.gateway.stamper import Stamper
from lienthong.ground import clock

POOL_MAX: Final = 4
LOG_AWAY_S: Final = 5.0
"""An exchange waits so long for its log's database, then it is refused."""
RECONNECT_S: Final = 2.0
"""For so long a lost connection is tried again, ever more rarely; after it the next exchange tries at once."""
_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
log = structlog.get_logger("lienthong.gateway")
MADE_AND_SIGNED: Final = timedelta(minutes=1)
"""A head waits less than this for its batch's signature."""


class BusyError(RuntimeError):
    """As many exchanges as this side takes are under way."""


class Gateway:
    """What a consumer's and a provider's side stand on."""

    def __init__(self, config: GatewayConfig) -> None:
        self.config = config
        if config.clock_offset_s:
            clock.set_source(clock.source_from({"LIENTHONG_CLOCK_OFFSET": str(config.clock_offset_s)}))
        self.keys = Keys(config.authority)
        self.keeper = Keeper(control=config.control, copy=config.copy, anchor=self.keys.anchor)
        self.callers = Callers(self.keeper, config.server, self.now)
        self.pool: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(
            make_conninfo(config.database, **CONNECTING),
            min_size=1,
            max_size=POOL_MAX,
            timeout=LOG_AWAY_S,
            reconnect_timeout=RECONNECT_S,
            open=False,
        )
        self.memory = Memory(config.memory_mib * MIB)
        self.log = MessageLog(self.pool)
        self.peers = Peers(
            timeout_s=config.answer_timeout_s,
            body_max=config.body_max,
            idle_s=config.idle_timeout_s,
            tls=config.tls,
        )
        self.batches = Batches(self._sign)
        self._links: dict[str, Link] = {}
        self.stamper = Stamper(pool=self.pool, peers=self.peers, url=config.tsa, grace_s=config.stamp_grace_s)
        self.archiving = ArchiveJob(config, self.keeper, self.keys)
        self.months = MonthsJob(
            self.log.months, pool=self.pool, database=config.database, record_days=config.record_days
        )
        self.metrics = Metrics()
        self.lasts = Lasts()
        self.started_at = self.now()
        self.in_flight = {"consumer": 0, "provider": 0}
        self.streaming = {"consumer": 0, "provider": 0}
        self.idle = asyncio.Event()
        self.idle.set()

    async def start(self) -> None:
        await self.pool.open(wait=True)
        await self.log.start()
        await self.months.start()
        await self.peers.start()
        await self.keeper.start()
        await self.stamper.start()
        await self.archiving.start()

    async def stop(self) -> None:
        await self.archiving.stop()
        await self.stamper.stop()
        await self.keeper.stop()
        await self.peers.stop()
        await self.months.stop()
        await self.log.stop()
        await self.pool.close()

    def link(self, address: str) -> Link:
        """The way to another gateway."""
        if address not in self._links:
            self._links[address] = Link(
                self.peers, f"{address}/exchange", body_max=self.config.body_max, memory=self.memory
            )
        return self._links[address]

    def now(self) -> datetime:
        """UTC, by the settable clock: a sandbox may live on another day."""
        return clock.now().astimezone(UTC)

    @asynccontextmanager
    async def place(self, side: str) -> AsyncGenerator[None]:
        """A place among the exchanges under way on a side; BusyError where none is free."""
        if self.in_flight[side] >= self.config.in_flight:
            raise BusyError(side)
        self.in_flight[side] += 1
        self.idle.clear()
        token, began = oprecord_times.begin(self.now()), perf_counter()
        try:
            yield
        finally:
            oprecord_times.end(token)
            self.metrics.ended(side, perf_counter() - began)
            self.in_flight[side] -= 1
            if not any(self.in_flight.values()):
                self.idle.set()

    async def seal(self, head: Question | Reply, *, member: str, body: bytes) -> Sealed:
        """Sign in the member's name. NoKeyError where its key is not here."""
        data = head_bytes(head)
        return Sealed(data, await self.batches.sign(member, data), body)

    def _sign(self, member: str, parts: Mapping[str, bytes]) -> MessageSignature:
        return self.keys.sign_parts(member=member, parts=parts, snapshot=self.keeper.snapshot, at=self.now())

    def verify(self, sealed: Sealed, head: Question | Reply, *, member: str, at: datetime) -> str:
        """Why the signature is not the member's own; empty where it is. The head is the one that was signed."""
        holder = self.keeper.snapshot.holders.get(sealed.signature.certificate)
        if holder is None:
            return "the certificate is not one of a member"
        if holder.member != member:
            return f"signed by {holder.member}, not by {member}"
        if refusal := holder.refusal(at):
            return refusal
        try:
            if abs(signed_at(sealed.signature) - moment_of(head)) > MADE_AND_SIGNED:
                return "signed at another moment than it was made"
            holds = examine(sealed, holder.certificate, self.keys.anchor).holds
        except ValueError:
            holds = False
        return "" if holds else "the signature does not fit the message"

    async def record(
        self, *, side: str, question: Question, asked: Sealed, reply: Reply, answered: Sealed
    ) -> None:
        """Write both heads down; returns once they are on disk."""
        known = (self.keeper.snapshot.holders, self.keys.anchor)
        now, times = self.now(), oprecord_times.current()
        service = service_of(question)
        bodies = oprecord_bodies.noted(question, asked.body, reply, answered.body)
        await self.log.write(
            Row(
                recorded_at=now,
                side=side,
                id=question.id,
                request_id=question.request_id,
                client=question.client,
                service=service,
                purpose=question.purpose,
                case=question.case,
                status=reply.status,
                problem=reply.problem,
                question=asked.head,
                question_signature=asked.signature.text(),
                question_leaf=leaf_of(asked, *known),
                reply=answered.head,
                reply_signature=answered.signature.text(),
                reply_leaf=leaf_of(answered, *known),
                request_in=times.request_in if times else None,
                request_out=times.request_out if times else None,
                response_in=times.response_in if times else None,
                response_out=oprecord_times.milliseconds(now),
                **bodies,
            )
        )
        outcome = outcome_of(reply.status, reply.problem)
        known_service = self.keeper.snapshot.names(question.provider, question.code, service)
        self.metrics.logged(side=side, service=service, known=known_service, outcome=outcome)
        if side == "provider" and known_service:
            named = Named(question.provider, question.code, bodies["version"])
            self.lasts.note(named, good=not bodies["fault_code"], at=oprecord_times.milliseconds(now))
        log.info(
            "exchange", side=side, id=question.id, service=service, outcome=outcome, **trace_of(question)
        )


def trace_of(question: Question) -> dict[str, str]:
    """`trace_id` of W3C's `traceparent`, where the client sent a good one: the lines of both gateways meet in it."""
    for name, value in question.headers:
        if name.lower() == "traceparent":
            found = _TRACEPARENT.fullmatch(value)
            return {"trace_id": found[1]} if found and set(found[1]) != {"0"} else {}
    return {}


def owner_of(name: str) -> str:
    """The member of a subsystem or a gateway."""
    return Subsystem.parse(name).owner


def service_name(*, provider: str, code: str, target: str) -> str:
    """`<system>/<code>` with the version where the target begins with one: as agreements name services."""
    system = provider.rsplit("/", 1)[-1]
    version = target.split("?", 1)[0].strip("/").split("/", 1)[0]
    return f"{system}/{code}/{version}" if is_version(version) else f"{system}/{code}"


def service_of(question: Question) -> str:
    return service_name(provider=question.provider, code=question.code, target=question.target)


def is_version(part: str) -> bool:
    return part[:1] == "v" and part[1:].isdigit()
