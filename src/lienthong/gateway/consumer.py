"""The consumer's side: an X-Road client's request becomes a signed question, the verified answer its response.

A plain JSON request to a system of Lienthong is put into that system's frame and signed here, so that an agency's
X-Road client works unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Final, NoReturn
from uuid import uuid4

from psycopg import Error as DatabaseError

from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway import refusals
from lienthong.gateway.core import BusyError, Gateway, owner_of, service_name
from lienthong.gateway.envelope import (
    MEDIA_TYPE,
    EnvelopeError,
    Question,
    Reply,
    Sealed,
    head_parse,
    headers_raw,
    headers_text,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.framing import PURPOSE, frame_of, is_frame, unframed
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.keys import NoKeyError
from lienthong.gateway.log import LogFullError
from lienthong.gateway.metaservices import Metaservices
from lienthong.gateway.peers import AwayError, TooLargeError
from lienthong.gateway.provider import Provider
from lienthong.gateway.xroad.errors import Kind, XRoadError, error_render
from lienthong.gateway.xroad.hashing import BodyDigest, request_hash, request_head
from lienthong.gateway.xroad.headers import (
    Headers,
    RequestMeta,
    method_check,
    request_forwarded,
    request_kept,
    request_meta,
    response_headers,
)
from lienthong.gateway.xroad.identifiers import SubsystemId, Target, target_parse

OK: Final = 200

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it came: raw path without query, headers as the client spelled them."""

    method: str
    raw_path: bytes
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Asking:
    """One request, understood. wrapped: its body was put into a frame here."""

    method: str
    target: Target
    meta: RequestMeta
    kept: Headers
    body: bytes
    hash: str
    client: str
    provider: str
    server: str
    purpose: str
    wrapped: bool = False


class Consumer:
    """Answers the X-Road clients of this gateway's members."""

    def __init__(self, gateway: Gateway, provider: Provider) -> None:
        self.gateway = gateway
        self.provider = provider
        self.metaservices = Metaservices(gateway)

    async def ask(self, request: Arrived) -> Answer:
        """The response to a request; every refusal is an X-Road error in the form that the client accepts."""
        try:
            if request.raw_path == b"/listClients":
                return self.metaservices.clients(accept_of(request.headers))
            async with self.gateway.place("consumer"):
                return await self._asked(request)
        except (
            XRoadError,
            BusyError,
            NoConfigurationError,
            NoKeyError,
            LogFullError,
            DatabaseError,
        ) as error:
            return self.refuse(self._refusal(error), request.headers)

    def _refusal(self, error: Exception) -> XRoadError:
        server = self.gateway.config.server
        match error:
            case XRoadError():
                return error
            case BusyError():
                return refusals.busy(server, Kind.CONSUMER_BUSY)
            case NoConfigurationError():
                return refusals.no_configuration(server)
            case NoKeyError():
                return refusals.no_key(str(error))
            case _:
                return refusals.not_logged()

    def refuse(self, refusal: XRoadError, headers: Headers) -> Answer:
        return error_render(refusal, accept=accept_of(headers), style=self.gateway.config.error_style)

    async def _asked(self, request: Arrived) -> Answer:
        method_check(request.method)
        kept = request_kept(request.headers)
        snapshot = self.gateway.keeper.snapshot
        meta = request_meta(kept, instance=snapshot.instance, uuid=str(uuid4()), request_id=str(uuid4()))
        target = target_parse(request.raw_path, request.query)
        if (answer := self.metaservices.answer(target, meta)) is not None:
            return answer
        asking = self._understood(request, target, meta, kept)
        question, asked = self._question(asking)
        answered = await self._sent(asking, asked)
        reply = self._verified(asking, asked, answered)
        await self.gateway.record(
            side="consumer", question=question, asked=asked, reply=reply, answered=answered
        )
        return self._response(asking, reply, answered)

    def _understood(self, request: Arrived, target: Target, meta: RequestMeta, kept: Headers) -> Asking:
        snapshot, config = self.gateway.keeper.snapshot, self.gateway.config
        client, provider = str(meta.client), str(target.service.subsystem)
        if not isinstance(meta.client, SubsystemId) or snapshot.subsystems.get(client) != config.server:
            raise refusals.not_our_client(client, config.server)
        server = snapshot.subsystems.get(provider)
        if not server or server not in snapshot.gateways:
            raise refusals.unknown_provider(provider)
        if meta.security_server is not None and str(meta.security_server) != server:
            raise refusals.not_behind(provider, str(meta.security_server))
        digest = BodyDigest()
        digest.update(request.body)
        made_id = meta.id if meta.id_generated else None
        whole = request.raw_path + (b"?" + request.query if request.query else b"")
        head = request_head(request.method, whole, kept, meta.request_id, generated_id=made_id)
        said = next((value.decode("latin-1") for name, value in kept if name.lower() == PURPOSE), "")
        asking = Asking(
            method=request.method,
            target=target,
            meta=meta,
            kept=kept,
            body=request.body,
            hash=request_hash(head, digest.digest()),
            client=client,
            provider=provider,
            server=server,
            purpose=said or self._only_purpose(client, target),
        )
        return self._wrapped(asking) if provider in snapshot.framed and not is_frame(kept) else asking

    def _only_purpose(self, client: str, target: Target) -> str:
        """Of the client's agreements on the service; the provider's gateway checks the right itself."""
        service = service_name(
            provider=str(target.service.subsystem), code=target.service.code, target=target.path
        )
        on = self.gateway.now().date()
        purposes = sorted(
            {right.purpose for right in self.gateway.keeper.snapshot.rights_of(client, service, on)}
        )
        if len(purposes) > 1:
            raise refusals.which_purpose(service, purposes)
        return purposes[0] if purposes else ""

    def _wrapped(self, asking: Asking) -> Asking:
        service = service_name(
            provider=asking.provider, code=asking.target.service.code, target=asking.target.path
        )
        gateway = self.gateway
        body = frame_of(
            body=asking.body,
            client=asking.client,
            provider=asking.provider,
            service=service,
            purpose=asking.purpose,
            meta=asking.meta,
            at=gateway.now(),
            sign=lambda data: gateway.keys.sign(
                member=owner_of(asking.client), data=data, snapshot=gateway.keeper.snapshot, at=gateway.now()
            ),
        )
        return replace(asking, body=body, wrapped=True)

    def _question(self, asking: Asking) -> tuple[Question, Sealed]:
        gateway, meta, target = self.gateway, asking.meta, asking.target
        query = f"?{target.query}" if target.query else ""
        question = Question(
            id=meta.id,
            request_id=meta.request_id,
            client=asking.client,
            provider=asking.provider,
            code=target.service.code,
            method=asking.method,
            target=target.path + query,
            purpose=asking.purpose,
            case=meta.issue or "",
            user=meta.user_id or "",
            headers=headers_text(request_forwarded(asking.kept, meta, content_length=None)),
            body_hash=sha256_hex(asking.body),
            body_size=len(asking.body),
            request_hash=asking.hash,
            server=gateway.config.server,
            sent_at=gateway.now().isoformat(),
        )
        return question, gateway.seal(question, member=owner_of(asking.client), body=asking.body)

    async def _sent(self, asking: Asking, asked: Sealed) -> Sealed:
        """To the provider's gateway, which may be this one."""
        gateway = self.gateway
        data = sealed_encode(asked)
        if asking.server == gateway.config.server:
            return sealed_decode(await self.provider.answer(data))
        address = gateway.keeper.snapshot.gateways[asking.server]
        headers = [(b"Content-Type", MEDIA_TYPE.encode())]
        try:
            got = await gateway.peers.gateway(f"{address}/exchange", headers=headers, body=data)
            if got.status != OK:
                raise refusals.peer_refused(asking.server, got.body.decode("utf-8", "replace")[:300])
            return sealed_decode(got.body)
        except AwayError as error:
            raise refusals.peer_away(asking.server, str(error)) from error
        except TooLargeError as error:
            raise refusals.answer_too_large(gateway.config.body_mib) from error
        except EnvelopeError as error:
            _inconsistent(asking.server, f"its answer is no envelope: {error}")

    def _verified(self, asking: Asking, asked: Sealed, answered: Sealed) -> Reply:
        """The answer's head, once it is known to be the provider's own and to this very question."""
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
        if reply.question_hash != asked.head_hash() or reply.request_id != asking.meta.request_id:
            _inconsistent(asking.server, "it answers another question")
        if reply.body_hash != sha256_hex(answered.body) or reply.body_size != len(answered.body):
            _inconsistent(asking.server, "the body is not the one that was signed")
        return reply

    def _response(self, asking: Asking, reply: Reply, answered: Sealed) -> Answer:
        if reply.problem:
            raise refusals.from_peer(reply.problem, answered.body, asking.server)
        status, headers, body = reply.status, headers_raw(reply.headers), answered.body
        if asking.wrapped:
            status, headers, body = unframed(status, body, asking.provider)
        date = format_datetime(self.gateway.now(), usegmt=True).encode()
        sent = response_headers(
            headers, service=asking.target.service, meta=asking.meta, request_hash=asking.hash, date=date
        )
        return status, sent, body


def accept_of(headers: Headers) -> bytes | None:
    """All Accept headers as one."""
    found = [value for name, value in headers if name.lower() == b"accept"]
    return b",".join(found) if found else None


def _inconsistent(server: str, why: str) -> NoReturn:
    raise refusals.inconsistent(server, why)
