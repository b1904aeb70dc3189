"""The provider's side of SOAP: does the question fit the service, does the system's answer keep the protocol.

The system gets the client's message byte by byte; its response comes back with `requestHash` put in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import unquote

from lienthong.gateway.envelope import Question, headers_raw
from lienthong.gateway.peers import Answered
from lienthong.gateway.rights import unknown_service
from lienthong.gateway.snapshot import Published, Snapshot
from lienthong.gateway.xroad.errors import Kind, XRoadError, quoted
from lienthong.gateway.xroad.soap import METHOD, answer_read, request_read, with_request_hash
from lienthong.ground.text import Text

SOAP_TYPE: Final = "SOAP"
LARGE: Final = 16 * 1024
"""A message from this size on is read beside the event loop, which goes on with the others."""
_STATUSES: Final = frozenset({200, 500})  # 500 carries the provider's own faults
_FAILED: Final = {
    Kind.INVALID_REQUEST: Kind.FAILED_CONTENT_TYPE,
    Kind.INVALID_CONTENT_TYPE: Kind.FAILED_CONTENT_TYPE,
    Kind.MIME_PARSING_FAILED: Kind.FAILED_MIME,
    Kind.INVALID_XML: Kind.FAILED_XML,
    Kind.INVALID_SOAP: Kind.FAILED_SOAP,
    Kind.MISSING_HEADER: Kind.FAILED_HEADER,
    Kind.MISSING_HEADER_FIELD: Kind.FAILED_HEADER_FIELD,
    Kind.DUPLICATE_HEADER_FIELD: Kind.FAILED_DUPLICATE,
    Kind.MISSING_BODY: Kind.FAILED_MISSING_BODY,
    Kind.INVALID_BODY: Kind.FAILED_INVALID_BODY,
    Kind.INCONSISTENT_HEADERS: Kind.FAILED_INCONSISTENT_HEADERS,
    Kind.INVALID_PROTOCOL_VERSION: Kind.FAILED_PROTOCOL_VERSION,
}
PASSED: Final = frozenset({b"content-type", b"soapaction"})
"""The HTTP headers that go on with a message; X-Road passes no other."""
Headers = list[tuple[bytes, bytes]]
T = TypeVar("T")


def soap_service(question: Question, snapshot: Snapshot) -> Published | None:
    """The SOAP service that the question goes to; None for REST. XRoadError where question and service differ in it."""
    code, provider = question.code, question.provider
    published = snapshot.published(provider).get(code)
    offered = published.type if published is not None else ""
    if question.method != METHOD:
        if offered == SOAP_TYPE:
            raise XRoadError(
                Kind.SERVICE_TYPE,
                Text(f"{provider}/{code} là dịch vụ SOAP.", f"{provider}/{code} is a SOAP service."),
                next_step=Text("Gửi thông điệp SOAP bằng POST tới /.", "POST a SOAP message to /."),
            )
        return None
    undescribed = published is None and provider not in snapshot.described
    if undescribed and any(name.split("/")[1] == code for name in snapshot.services_of(provider)):
        raise rest_only(provider, code)  # such a system speaks REST, as its agreements say
    if published is None:
        raise unknown_service(provider, code)
    if offered != SOAP_TYPE:
        raise rest_only(provider, code)
    version_check(published, provider, unquote(question.target.removeprefix("/")))
    return published


def version_check(published: Published, provider: str, version: str) -> None:
    """XRoadError unless the service is described in this version; '' is that of one without."""
    if version in (published.versions or ("",)):
        return
    has = ", ".join(published.versions)
    raise XRoadError(
        Kind.UNKNOWN_SERVICE,
        Text(
            f"{provider}/{published.code} không có phiên bản {quoted(version)}.",
            f"{provider}/{published.code} has no version {quoted(version)}.",
        ),
        next_step=Text(
            f"Ghi serviceVersion là một trong: {has}." if has else "Bỏ serviceVersion.",
            f"Let serviceVersion be one of {has}." if has else "Leave out serviceVersion.",
        ),
    )


def rest_only(provider: str, code: str) -> XRoadError:
    return XRoadError(
        Kind.SERVICE_TYPE,
        Text(f"{provider}/{code} là dịch vụ REST.", f"{provider}/{code} is a REST service."),
        next_step=Text(f"Gọi qua REST: /r1/{provider}/{code}.", f"Call it by REST: /r1/{provider}/{code}."),
    )


async def beside(work: Callable[[bytes | None, bytes], T], content_type: bytes | None, body: bytes) -> T:
    """Read a message; a large one in a thread."""
    if len(body) < LARGE:
        return work(content_type, body)
    return await asyncio.to_thread(work, content_type, body)


async def question_hash(question: Question, body: bytes) -> str:
    """The request hash. XRoadError where the SOAP names another sender, service or id than the signed head."""
    try:
        message = await beside(request_read, header_of(soap_headers(question), b"content-type"), body)
    except XRoadError as error:
        raise XRoadError(Kind.INVALID_MESSAGE, error.message, why=error.why) from error
    said = message.header
    signed = (question.client, question.provider, question.code, question.target, question.id, question.user)
    if signed != (
        str(said.client),
        str(said.service.provider),
        said.service.code,
        said.service.target,
        said.id,
        said.user_id,
    ):
        raise XRoadError(
            Kind.INVALID_MESSAGE,
            Text(
                "Header SOAP nêu bên gửi, dịch vụ hoặc mã khác với phần đã ký.",
                "The SOAP header names another sender, service or id than was signed.",
            ),
        )
    return message.hash


async def soap_answered(got: Answered, request_hash: str) -> Answered:
    """The system's answer as it goes back: a response with its hash, or the fault as it is. XRoadError: neither."""
    if got.status not in _STATUSES:
        raise XRoadError(
            Kind.FAILED_HTTP_ERROR,
            Text(f"Hệ thống trả trạng thái HTTP {got.status}.", f"The system answered HTTP {got.status}."),
            next_step=Text("Báo cho cơ quan cung cấp.", "Tell the provider."),
        )
    content_type = header_of(got.headers, b"content-type")
    kept: Headers = [] if content_type is None else [(b"content-type", content_type)]
    try:
        message = await beside(answer_read, content_type, got.body)
    except XRoadError as error:
        kind = _FAILED.get(error.kind, Kind.SERVICE_FAILED)
        raise XRoadError(
            kind,
            Text(
                f"Hệ thống trả lời sai giao thức. {error.message.vi}",
                f"The system's answer: {error.message.en}",
            ),
            why=error.why,
            next_step=Text("Báo cho cơ quan cung cấp.", "Tell the provider."),
        ) from error
    body = got.body if message is None else with_request_hash(message, got.body, request_hash)
    return Answered(got.status, kept, body)


def header_of(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The last of that name."""
    return next((value for given, value in reversed(headers) if given.lower() == name), None)


def soap_headers(question: Question) -> Headers:
    return [one for one in headers_raw(question.headers) if one[0].lower() in PASSED]
