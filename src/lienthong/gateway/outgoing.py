"""A question on its way: signed for the client, carried to the provider's gateway, its answer verified and logged.

Which protocol the client spoke makes no difference from here on: REST (`consumer`) and SOAP end in an `Asking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NoReturn

from psycopg import Error as DatabaseError

from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway import oprecord_times, refusals
from lienthong.gateway.consumer_streams import ConsumerStreams, Download
from lienthong.gateway.core import BusyError, Gateway, owner_of
from lienthong.gateway.envelope import (
    EnvelopeError,
    Question,
    Reply,
    Sealed,
    head_parse,
    headers_text,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.keys import NoKeyError
from lienthong.gateway.log import LogFullError
from lienthong.gateway.memory import MemoryFullError
from lienthong.gateway.peers import AwayError, PeerBusyError, TooLargeError
from lienthong.gateway.provider import Provider
from lienthong.gateway.provider_streams import ELSEWHERE, Parked
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import Headers

OK: Final = 200
FAILURES: Final = (
    XRoadError,
    BusyError,
    MemoryFullError,
    NoConfigurationError,
    NoKeyError,
    LogFullError,
    DatabaseError,
)
"""What may go wrong in an exchange; `refusal_of` has the words for each."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One question, understood. target: raw path and query behind the service; hash: as X-Road computes it."""

    id: str
    request_id: str
    client: str
    provider: str
    server: str
    code: str
    method: str
    target: str
    purpose: str
    case: str
    user: str
    headers: Headers
    body: bytes
    hash: str


class Outgoing:
    """Shared by the protocols of the consumer's door."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        self.provider = provider
        self.streams = ConsumerStreams(self)

    def server_of(self, client: str, provider: str, server: str = "") -> str:
        """The gateway of `provider`. XRoadError where the client is not ours or the provider not there."""
        snapshot, ours = self.gateway.keeper.snapshot, self.gateway.config.server
        if snapshot.subsystems.get(client) != ours:
            raise refusals.not_our_client(client, ours)
        found = snapshot.subsystems.get(provider)
        if not found or found not in snapshot.gateways:
            raise refusals.unknown_provider(provider)
        if server and server != found:
            raise refusals.not_behind(provider, server)
        return found

    def purpose_of(self, provider: str, client: str, service: str, said: str) -> str:
        """The purpose that the client said, or the only one of its agreements on the service.

        Empty where it has none: the provider's gateway checks the right itself. XRoadError where it has several.
        """
        if said:
            return said
        on = self.gateway.now().date()
        rights = self.gateway.keeper.snapshot.rights_at(provider, client, service, on)
        purposes = sorted({right.purpose for right in rights})
        if len(purposes) > 1:
            raise refusals.which_purpose(service, purposes)
        return purposes[0] if purposes else ""

    async def exchange(self, asking: Asking) -> tuple[Reply, bytes]:
        """The verified answer and its body, once both sides have it in their logs.

        Any of FAILURES; a refusal of the provider's gateway is an XRoadError as it told it.
        """
        reply, body = await self.exchange_open(asking)
        if isinstance(body, Download):
            await body.drop()
            _inconsistent(asking.server, "its answer streams, which only one to a plain REST request may")
        return reply, body

    async def exchange_open(self, asking: Asking) -> tuple[Reply, bytes | Download]:
        """The same, but a body that is too large to be held is still coming."""
        gateway = self.gateway
        self.stamps_check()
        question = self.question_of(asking, body_hash=sha256_hex(asking.body), body_size=len(asking.body))
        asked = await gateway.seal(question, member=owner_of(asking.client), body=asking.body)
        oprecord_times.sent(self.gateway.now())
        answered = await self._sent(asking, asked)
        if isinstance(answered, Parked):
            return await self.streams.fetch(asking, question, asked, answered.token)
        oprecord_times.received(self.gateway.now())
        reply = self.verified(asking, asked, answered)
        await self.gateway.record(
            side="consumer", question=question, asked=asked, reply=reply, answered=answered
        )
        if reply.problem:
            raise refusals.from_peer(reply.problem, answered.body, asking.server)
        return reply, answered.body

    def stamps_check(self) -> None:
        """XRoadError where time stamps have been missing for too long."""
        gateway = self.gateway
        if since := gateway.stamper.overdue(gateway.now()):
            grace_s, kind = gateway.config.stamp_grace_s, Kind.CONSUMER_NOT_STAMPED
            raise refusals.not_stamped(gateway.config.server, since, grace_s, kind)

    def refusal_of(self, error: Exception) -> XRoadError:
        """In words, for any of FAILURES; each is counted."""
        refusal = self.refusal_in_words(error)
        self.gateway.metrics.refused(refusal.kind.type("modern"))
        return refusal

    def refusal_in_words(self, error: Exception) -> XRoadError:
        """The same, not counted."""
        server = self.gateway.config.server
        match error:
            case XRoadError():
                return error
            case BusyError():
                return refusals.busy(server, Kind.CONSUMER_BUSY)
            case MemoryFullError():
                return refusals.memory_full(server, Kind.CONSUMER_BUSY)
            case NoConfigurationError():
                return refusals.no_configuration(server)
            case NoKeyError():
                return refusals.no_key(str(error))
            case _:
                return refusals.not_logged()

    def question_of(self, asking: Asking, *, body_hash: str, body_size: int) -> Question:
        return Question(
            id=asking.id,
            request_id=asking.request_id,
            client=asking.client,
            provider=asking.provider,
            code=asking.code,
            method=asking.method,
            target=asking.target,
            purpose=asking.purpose,
            case=asking.case,
            user=asking.user,
            headers=headers_text(asking.headers),
            body_hash=body_hash,
            body_size=body_size,
            request_hash=asking.hash,
            server=self.gateway.config.server,
            sent_at=self.gateway.now().isoformat(),
        )

    async def _sent(self, asking: Asking, asked: Sealed) -> Sealed | Parked:
        """To the provider's gateway, which may be this one."""
        gateway = self.gateway
        if asking.server == gateway.config.server:
            return await self.provider.answer(asked)
        address = gateway.keeper.snapshot.gateways[asking.server]
        try:
            got = await gateway.link(address).send(sealed_encode(asked))
            content = got.content or b""
            if got.status == ELSEWHERE:
                return Parked(content.decode("ascii", "replace"))
            if got.status != OK:
                raise refusals.peer_refused(asking.server, content.decode("utf-8", "replace")[:300])
            return sealed_decode(content)
        except PeerBusyError as error:
            raise refusals.peer_busy(asking.server, str(error)) from error
        except AwayError as error:
            raise refusals.peer_away(asking.server, str(error)) from error
        except TooLargeError as error:
            raise refusals.answer_too_large(gateway.config.body_mib) from error
        except EnvelopeError as error:
            _inconsistent(asking.server, f"its answer is no envelope: {error}")

    def verified(self, asking: Asking, asked: Sealed, answered: Sealed) -> Reply:
        """The answer's head, once it is known to be the provider's own and to this very question."""
        reply = self.head_verified(asking, asked, answered)
        if reply.body_hash != sha256_hex(answered.body) or reply.body_size != len(answered.body):
            _inconsistent(asking.server, "the body is not the one that was signed")
        return reply

    def head_verified(self, asking: Asking, asked: Sealed, answered: Sealed) -> Reply:
        """The same of the head alone, whose body is still coming."""
        try:
            reply = head_parse(Reply, answered.head)
        except EnvelopeError as error:
            _inconsistent(asking.server, str(error))
        now = self.gateway.now()
        why = self.gateway.verify(answered, reply, member=owner_of(asking.provider), at=now)
        if why and reply.problem:  # a gateway refuses in its own name what is not behind it
            why = self.gateway.verify(answered, reply, member=owner_of(asking.server), at=now)
        if why:
            _inconsistent(asking.server, why)
        if reply.question_hash != asked.head_hash() or reply.request_id != asking.request_id:
            _inconsistent(asking.server, "it answers another question")
        return reply


def _inconsistent(server: str, why: str) -> NoReturn:
    raise refusals.inconsistent(server, why)
