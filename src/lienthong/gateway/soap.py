"""The consumer's SOAP side: an X-Road client's message becomes a question, the verified answer its response.

Errors are SOAP faults. Message and response pass byte by byte, but for the `requestHash` that the provider's side adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from lienthong.gateway import refusals
from lienthong.gateway.consumer import Answer, Arrived
from lienthong.gateway.core import Gateway, service_name
from lienthong.gateway.envelope import headers_raw
from lienthong.gateway.framing import PURPOSE
from lienthong.gateway.metaservices import answer
from lienthong.gateway.outgoing import FAILURES, Asking, Outgoing
from lienthong.gateway.soap_metaservices import SoapMetaservices
from lienthong.gateway.soap_provider import PASSED, beside, header_of, rest_only
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import Headers, headers_check
from lienthong.gateway.xroad.soap import METHOD, Message, action_check, answer_read, echo_check, request_read
from lienthong.gateway.xroad.soapanswers import fault_render
from lienthong.ground.text import Text


class SoapConsumer:
    """Answers the X-Road SOAP clients of this gateway's members."""

    def __init__(self, gateway: Gateway, outgoing: Outgoing) -> None:
        self.gateway = gateway
        self.outgoing = outgoing
        self.metaservices = SoapMetaservices(gateway)

    async def ask(self, request: Arrived) -> Answer:
        """The response to a message; every refusal is a SOAP fault."""
        try:
            async with self.gateway.place("consumer"):
                return await self._asked(request)
        except FAILURES as error:
            return self.refuse(self.outgoing.refusal_of(error), request.headers)

    def refuse(self, refusal: XRoadError, _headers: Headers) -> Answer:
        return fault_render(refusal, style=self.gateway.config.error_style)

    async def _asked(self, request: Arrived) -> Answer:
        if request.method != "POST":
            raise XRoadError(
                Kind.INVALID_HTTP_METHOD,
                Text("Thông điệp SOAP phải gửi bằng POST.", "SOAP messages are sent by POST."),
            )
        headers_check(request.headers)
        content_type = _only(request.headers, b"content-type")
        action_check(_only(request.headers, b"soapaction"))
        message = await beside(request_read, content_type, request.body)
        self.gateway.callers.check(str(message.header.client), request.caller)
        if (found := await self.metaservices.answer(message)) is not None:
            return found
        asking = self._understood(request, message)
        reply, body = await self.outgoing.exchange(asking)
        return await self._response(message, asking, headers_raw(reply.headers), body)

    def _understood(self, request: Arrived, message: Message) -> Asking:
        header = message.header
        client, provider, code = str(header.client), str(header.service.provider), header.service.code
        server = self.outgoing.server_of(client, provider, str(header.security_server or ""))
        if provider in self.gateway.keeper.snapshot.framed:
            raise rest_only(provider, code)
        target = header.service.target
        service = service_name(provider=provider, code=code, target=target)
        said = (_only(request.headers, PURPOSE) or b"").decode("latin-1")
        return Asking(
            id=header.id,
            request_id=str(uuid4()),
            client=client,
            provider=provider,
            server=server,
            code=code,
            method=METHOD,
            target=target,
            purpose=self.outgoing.purpose_of(provider, client, service, said),
            case=header.issue,
            user=header.user_id,
            headers=[one for one in request.headers if one[0].lower() in PASSED],
            body=request.body,
            hash=message.hash,
        )

    async def _response(
        self, message: Message, asking: Asking, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        """XRoadError where the response does not fit the request; a fault of the provider's passes as it is."""
        content_type = header_of(list(headers), b"content-type") or b""
        try:
            answered = await beside(answer_read, content_type, body)
        except XRoadError as error:
            raise refusals.inconsistent(asking.server, error.sentence.en) from error
        if answered is not None:
            echo_check(message, answered)
        return answer(content_type, body)


def _only(headers: Headers, name: bytes) -> bytes | None:
    """XRoadError where there are several: this gateway and the provider could go by different ones."""
    found = [value for given, value in headers if given.lower() == name]
    if len(found) > 1:
        raise XRoadError(
            Kind.INVALID_REQUEST,
            Text(f"Đầu mục HTTP {name.decode()} lặp lại.", f"The HTTP header {name.decode()} comes twice."),
        )
    return found[0] if found else None
