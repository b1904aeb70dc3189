"""The consumer's REST side: an X-Road client's request becomes a question, the verified answer its response.

A plain JSON request to a system of Lienthong is put into that system's frame and signed here, so that an agency's
X-Road client works unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import partial
from uuid import uuid4

from lienthong.gateway import refusals
from lienthong.gateway.callers import Caller
from lienthong.gateway.consumer_streams import Download, Upload
from lienthong.gateway.core import Gateway, owner_of, service_name
from lienthong.gateway.envelope import Reply, headers_raw
from lienthong.gateway.framing import PURPOSE, frame_of, is_frame, unframed
from lienthong.gateway.metaservices import Metaservices
from lienthong.gateway.outgoing import FAILURES, Asking, Outgoing
from lienthong.gateway.xroad.errors import XRoadError, error_render
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
from lienthong.gateway.xroad.identifiers import Target, target_parse

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Given = tuple[int, list[tuple[bytes, bytes]], bytes | Download]
"""An answer, or one whose body is still coming."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it came: raw path without query, headers as the client spelled them.

    upload: a body that is too large to be held, and still comes; then `body` is empty.
    """

    method: str
    raw_path: bytes
    query: bytes
    headers: Headers
    body: bytes
    caller: Caller
    upload: Upload | None = None


class Consumer:
    """Answers the X-Road REST clients of this gateway's members."""

    def __init__(self, gateway: Gateway, outgoing: Outgoing) -> None:
        self.gateway = gateway
        self.outgoing = outgoing
        self.metaservices = Metaservices(gateway)

    async def ask(self, request: Arrived) -> Given:
        """The response to a request; every refusal is an X-Road error in the form that the client accepts.

        CutShortError, TooSlowError and BodyTooLargeError where an upload does not come to its end.
        """
        try:
            if request.raw_path == b"/listClients":
                return self.metaservices.clients(accept_of(request.headers))
            async with self.gateway.place("consumer"):
                return await self._asked(request)
        except FAILURES as error:
            return self.refuse(self.outgoing.refusal_of(error), request.headers)

    def refuse(self, refusal: XRoadError, headers: Headers) -> Answer:
        return error_render(refusal, accept=accept_of(headers), style=self.gateway.config.error_style)

    async def _asked(self, request: Arrived) -> Given:
        method_check(request.method)
        kept = request_kept(request.headers)
        snapshot = self.gateway.keeper.snapshot
        meta = request_meta(kept, instance=snapshot.instance, uuid=str(uuid4()), request_id=str(uuid4()))
        self.gateway.callers.check(str(meta.client), request.caller)
        target = target_parse(request.raw_path, request.query)
        if (answer := await self.metaservices.answer(request.method, target, meta)) is not None:
            return answer
        asking = self._understood(request, target, meta, kept)
        wrap = asking.provider in snapshot.framed and not is_frame(kept)
        if request.upload is not None:
            return await self._streamed(request, request.upload, asking, target, meta)
        if wrap:
            reply, body = await self.outgoing.exchange(self._wrapped(asking, meta))
            return self._unwrapped(asking, target, meta, reply, body)
        reply, given = await self.outgoing.exchange_open(asking)
        return await self._response(asking, target, meta, reply, given)

    async def _streamed(
        self, request: Arrived, upload: Upload, asking: Asking, target: Target, meta: RequestMeta
    ) -> Given:
        if asking.provider in self.gateway.keeper.snapshot.framed:
            raise refusals.too_large(self.gateway.config.body_mib)
        kept = request_kept(request.headers)
        hashing = partial(_hash_of, request, meta, kept)
        asking, reply, body = await self.outgoing.streams.exchange(asking, upload, hashing)
        return await self._response(asking, target, meta, reply, body)

    def _understood(self, request: Arrived, target: Target, meta: RequestMeta, kept: Headers) -> Asking:
        client, provider = str(meta.client), str(target.service.subsystem)
        server = self.outgoing.server_of(client, provider, str(meta.security_server or ""))
        service = service_name(provider=provider, code=target.service.code, target=target.path)
        said = next((value.decode("latin-1") for name, value in kept if name.lower() == PURPOSE), "")
        return Asking(
            id=meta.id,
            request_id=meta.request_id,
            client=client,
            provider=provider,
            server=server,
            code=target.service.code,
            method=request.method,
            target=target.path + (f"?{target.query}" if target.query else ""),
            purpose=self.outgoing.purpose_of(provider, client, service, said),
            case=meta.issue or "",
            user=meta.user_id or "",
            headers=request_forwarded(kept, meta, content_length=None),
            body=request.body,
            hash="" if request.upload else _hash_of(request, meta, kept, _digest_of(request.body)),
        )

    def _wrapped(self, asking: Asking, meta: RequestMeta) -> Asking:
        """The same with its body in the system's frame, signed in the client's name."""
        gateway = self.gateway
        body = frame_of(
            body=asking.body,
            client=asking.client,
            provider=asking.provider,
            service=service_name(provider=asking.provider, code=asking.code, target=asking.target),
            purpose=asking.purpose,
            meta=meta,
            at=gateway.now(),
            sign=lambda data: gateway.keys.sign(
                member=owner_of(asking.client), data=data, snapshot=gateway.keeper.snapshot, at=gateway.now()
            ),
        )
        return replace(asking, body=body)

    async def _response(
        self, asking: Asking, target: Target, meta: RequestMeta, reply: Reply, body: bytes | Download
    ) -> Given:
        try:
            headers = self._headers(asking, target, meta, headers_raw(reply.headers))
        except XRoadError:
            if isinstance(body, Download):
                await body.drop()
            raise
        return reply.status, headers, body

    def _unwrapped(
        self, asking: Asking, target: Target, meta: RequestMeta, reply: Reply, body: bytes
    ) -> Answer:
        status, headers, body = unframed(reply.status, body, asking.provider)
        return status, self._headers(asking, target, meta, headers), body

    def _headers(
        self, asking: Asking, target: Target, meta: RequestMeta, headers: list[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        date = format_datetime(self.gateway.now(), usegmt=True).encode()
        return response_headers(
            headers, service=target.service, meta=meta, request_hash=asking.hash, date=date
        )


def _digest_of(body: bytes) -> BodyDigest:
    digest = BodyDigest()
    digest.update(body)
    return digest


def _hash_of(request: Arrived, meta: RequestMeta, kept: Headers, digest: BodyDigest) -> str:
    """X-Road's request hash, over the request as the client sent it."""
    made_id = meta.id if meta.id_generated else None
    whole = request.raw_path + (b"?" + request.query if request.query else b"")
    head = request_head(request.method, whole, kept, meta.request_id, generated_id=made_id)
    return request_hash(head, digest.digest())


def accept_of(headers: Headers) -> bytes | None:
    """All Accept headers as one."""
    found = [value for name, value in headers if name.lower() == b"accept"]
    return b",".join(found) if found else None
