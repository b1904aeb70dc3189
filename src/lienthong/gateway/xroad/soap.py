"""X-Road's rules for SOAP messages: what the header says, what the body must be named, how an answer fits its question.

PR-MESS 4.0 (document/literal wrapped SOAP 1.1; attachments as SwA or MTOM), the target server and represented party
of PR-TARGETSS and PR-REPR. A message goes on byte by byte as it came; only `requestHash` is put into the answer.
Stricter than X-Road 7: the body's element has the service's very name, where X-Road takes any that begins with it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from lienthong.gateway.xroad.errors import Kind, XRoadError, quoted
from lienthong.gateway.xroad.mime import Part, faulty, media_type_parse, parts_of
from lienthong.gateway.xroad.soapheader import Header, RequestHash, header_read
from lienthong.gateway.xroad.soapxml import (
    SOAP,
    XROAD,
    Entry,
    Envelope,
    encoding_is_utf8,
    envelope_read,
    not_utf8,
)
from lienthong.ground.text import Text

SHA512: Final = "http://www.w3.org/2001/04/xmlenc#sha512"
METHOD: Final = "SOAP"
"""Stands as the method of a question that came as a SOAP message; no HTTP request can have it."""
_XML: Final = "text/xml"
_XOP: Final = "application/xop+xml"
_MULTIPART: Final = "multipart/related"
_AS_IT_IS: Final = frozenset({b"7bit", b"8bit", b"binary"})
_ACTION: Final = re.compile(rb'"[^\x00-\x20\x7f"<>\\^`{|}]+"')


@dataclass(frozen=True, slots=True)
class Message:
    """soap: its bytes, `body[start:start + len(soap)]` of the HTTP body; wrapper: the one element of its Body."""

    soap: bytes
    start: int
    header: Header
    wrapper: Entry
    envelope: Envelope

    @property
    def hash(self) -> str:
        """X-Road's request hash of this message: SHA-512 over the SOAP's bytes, base64."""
        return base64.b64encode(hashlib.sha512(self.soap).digest()).decode()


def request_read(content_type: bytes | None, body: bytes) -> Message:
    """XRoadError where the rules do not let it through."""
    message = _message(content_type, body)
    if message is None:
        raise _invalid_body(Text("yêu cầu không thể là Fault", "a request cannot be a Fault"))
    _wrapper_check(message, message.header.service.code)
    return message


def answer_read(content_type: bytes | None, body: bytes) -> Message | None:
    """A response; None where it is a fault of the provider's own. XRoadError as above."""
    message = _message(content_type, body)
    if message is not None:
        _wrapper_check(message, f"{message.header.service.code}Response")
    return message


def action_check(value: bytes | None) -> None:
    """SOAPAction: none, an empty one, or a URI in quotes. XRoadError where it is anything else."""
    if value in {None, b"", b'""'} or _ACTION.fullmatch(value or b""):
        return
    raise XRoadError(
        Kind.INVALID_SOAP_ACTION,
        Text(f"SOAPAction {quoted(value or b'')} không đúng.", f"SOAPAction {quoted(value or b'')} is none."),
        next_step=Text(
            "Để trống, hoặc ghi URI trong ngoặc kép.", "Leave it empty, or write a URI in quotes."
        ),
    )


def with_request_hash(message: Message, body: bytes, value: str) -> bytes:
    """The HTTP body of an answer with `requestHash` after its id; one that the provider wrote is replaced."""
    return _spliced(body, message.start, message.header, value)


def header_answered(message: Message, value: str) -> bytes:
    """All of a request up to its Body, as an answer repeats it: with `requestHash`."""
    return _spliced(message.soap[: message.envelope.body_start], 0, message.header, value)


def _spliced(data: bytes, start: int, header: Header, value: str) -> bytes:
    made = f'<xrd:requestHash xmlns:xrd="{XROAD}" algorithmId="{SHA512}">{value}</xrd:requestHash>'.encode()
    edits = [(header.hash_at, header.hash_at, made)]
    if header.hash_given is not None:
        edits.append((*header.hash_given, b""))
    for begin, end, put in sorted(edits, reverse=True):
        data = data[: start + begin] + put + data[start + end :]
    return data


def echo_check(asked: Message, answered: Message) -> None:
    """XRoadError unless the answer repeats the question's fields in their order and hashes that very question."""
    question, answer = asked.header, answered.header
    if answer.request_hash != RequestHash(SHA512, asked.hash):
        raise _inconsistent(Text("requestHash không khớp yêu cầu", "requestHash is not that of the request"))
    if answer.fields == question.fields:
        return
    for given, found in zip(question.fields, answer.fields, strict=False):
        if given != found:
            raise _inconsistent(
                Text(
                    f"đầu mục {given[0]} là {quoted('/'.join(given[1:]))}, nhưng trả lại {found[0]} "
                    f"{quoted('/'.join(found[1:]))}",
                    f"the field {given[0]} was {quoted('/'.join(given[1:]))}, and {found[0]} "
                    f"{quoted('/'.join(found[1:]))} came back in its place",
                )
            )
    raise _inconsistent(
        Text("số đầu mục trả lại khác yêu cầu", "another number of header fields came back than was sent")
    )


def _message(content_type: bytes | None, body: bytes) -> Message | None:
    """None where it is a fault, whose header says nothing."""
    if content_type is None:
        raise XRoadError(
            Kind.INVALID_REQUEST,
            Text("Thông điệp thiếu Content-Type.", "The message has no Content-Type."),
            next_step=Text("Ghi text/xml; charset=utf-8.", "Write text/xml; charset=utf-8."),
        )
    start, end = _soap_place(content_type, body)
    soap = body[start:end] if end - start < len(body) else body
    envelope = envelope_read(soap)
    children = envelope.body
    if children is not None and len(children) == 1 and children[0].name == f"{SOAP} Fault":
        return None
    if envelope.header is None:
        raise XRoadError(
            Kind.MISSING_HEADER, Text("Thông điệp SOAP thiếu Header.", "The SOAP message has no Header.")
        )
    header = header_read(envelope.header)
    if children is None:
        raise XRoadError(
            Kind.MISSING_BODY, Text("Thông điệp SOAP thiếu Body.", "The SOAP message has no Body.")
        )
    if len(children) != 1:
        raise _invalid_body(
            Text(f"Body có {len(children)} phần tử con", f"the Body has {len(children)} elements")
        )
    return Message(soap, start, header, children[0], envelope)


def _soap_place(content_type: bytes, body: bytes) -> tuple[int, int]:
    """Where the SOAP stands: the whole body, or the first part of a multipart message."""
    media = media_type_parse(content_type)
    if media.name != _MULTIPART:
        _xml_check(content_type)
        return 0, len(body)
    boundary = media.parameters.get("boundary")
    if boundary is None:
        raise faulty(Text("Content-Type thiếu boundary", "Content-Type names no boundary"))
    first = parts_of(body, boundary)[0]
    _root_check(first, media.parameters.get("start"))
    given = first.header("content-type")
    if given is None:
        raise faulty(Text("phần đầu thiếu Content-Type", "the first part has no Content-Type"))
    _xml_check(given)
    return first.start, first.end


def _root_check(first: Part, start: str | None) -> None:
    """The first part is the SOAP, in bytes as they are, for every reader: also for one that goes by `start`."""
    encoding = (first.header("content-transfer-encoding") or b"8bit").lower()
    if encoding not in _AS_IT_IS:
        raise faulty(
            Text(f"phần SOAP được mã hóa {quoted(encoding)}", f"the SOAP part is encoded {quoted(encoding)}")
        )
    name = (first.header("content-id") or b"").decode("latin-1")
    if start is not None and start.strip("<>") != name.strip("<>"):
        raise faulty(
            Text(f"start {quoted(start)} không phải phần đầu", f"start {quoted(start)} is not the first part")
        )


def _xml_check(content_type: bytes) -> None:
    media = media_type_parse(content_type)
    if media.name not in {_XML, _XOP}:
        raise XRoadError(
            Kind.INVALID_CONTENT_TYPE,
            Text(
                f"Content-Type {quoted(media.name)} không được nhận.",
                f"Content-Type {quoted(media.name)} is not taken.",
            ),
            next_step=Text(
                "Gửi text/xml, application/xop+xml hoặc multipart/related.",
                "Send text/xml, application/xop+xml or multipart/related.",
            ),
        )
    charset = media.parameters.get("charset", "utf-8")
    if not encoding_is_utf8(charset):
        raise not_utf8(quoted(charset))


def _wrapper_check(message: Message, wanted: str) -> None:
    found = message.wrapper.name.rpartition(" ")[2]
    if found != wanted:
        raise XRoadError(
            Kind.INCONSISTENT_HEADERS,
            Text("Tên dịch vụ trong Header và Body không khớp.", "Header and Body name different services."),
            why=Text(
                f"Body chứa {quoted(found)}, lẽ ra là {quoted(wanted)}.",
                f"The Body holds {quoted(found)}, where {quoted(wanted)} belongs.",
            ),
        )


def _invalid_body(why: Text) -> XRoadError:
    return XRoadError(
        Kind.INVALID_BODY,
        Text(f"Body phải có đúng một phần tử: {why.vi}.", f"The Body holds exactly one element: {why.en}."),
    )


def _inconsistent(why: Text) -> XRoadError:
    return XRoadError(
        Kind.SOAP_INCONSISTENT_RESPONSE,
        Text(
            f"Câu trả lời không khớp với yêu cầu: {why.vi}.",
            f"The response does not fit the request: {why.en}.",
        ),
        next_step=Text(
            "Báo cho cơ quan cung cấp: dịch vụ phải trả lại nguyên các đầu mục của yêu cầu.",
            "Tell the provider: a service repeats the header fields of the request as they are.",
        ),
    )
