"""What the operational record needs of the two bodies, which the log does not keep: noted as a row is written.

Sizes, the number of attachments, and the fault with which an exchange ended: the gateway's refusal, or the SOAP fault
of the provider's own system. A REST exchange that was brought through has none, whatever status the system answered
(PR-OPMON annex B: `succeeded` is about the mediation, `statusCode` about the answer).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from lienthong.blocks.trust.xmlread import EvidenceError, xml_read
from lienthong.gateway.envelope import Question, Reply
from lienthong.gateway.xroad.errors import XRoadError
from lienthong.gateway.xroad.mime import media_type_parse, parts_of
from lienthong.gateway.xroad.soap import METHOD
from lienthong.gateway.xroad.soapxml import SOAP

FAULT_TEXT_MAX: Final = 2048
_CODE_MAX: Final = 255
_FAULT: Final = re.compile(rb"<(?:[^\s<>:/]+:)?Fault[\s/>]")
_UNNAMED: Final = "Fault"
"""For a fault without a code, so that it is not taken for a success."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One message. size: the SOAP's own bytes, or REST's body; attachments: None where the parts cannot be told."""

    size: int
    attachments: int | None
    soap: bytes


def noted(question: Question, asked: bytes, reply: Reply, answered: bytes) -> dict[str, Any]:
    """The columns `provider` to `fault_string` of a row of the log. asked, answered: the bodies."""
    soap = question.method == METHOD
    request = _measured(question.headers, asked, question.body_size, soap=soap)
    response = _measured(reply.headers, answered, reply.body_size, soap=soap)
    code, text = _fault(reply, answered, response.soap if soap else b"")
    return {
        "provider": question.provider,
        "code": question.code,
        "version": version_of(question),
        "request_size": request.size,
        "response_size": response.size,
        "request_attachments": request.attachments,
        "response_attachments": response.attachments,
        "fault_code": code[:_CODE_MAX],
        "fault_string": text[:FAULT_TEXT_MAX],
    }


def version_of(question: Question) -> str:
    """A SOAP service's version; a REST service has none of its own."""
    return unquote(question.target.split("?", 1)[0].strip("/")) if question.method == METHOD else ""


def _measured(headers: Headers, body: bytes, size: int, *, soap: bool) -> Measured:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if not soap or not kind.lower().startswith("multipart/"):
        return Measured(size, 0, body)
    try:
        parts = parts_of(body, media_type_parse(kind.encode("latin-1")).parameters.get("boundary", ""))
    except XRoadError:
        return Measured(size, None, b"")
    first = parts[0]
    return Measured(first.end - first.start, len(parts) - 1, body[first.start : first.end])


def _fault(reply: Reply, answered: bytes, soap: bytes) -> tuple[str, str]:
    """Code and text; empty where the exchange was brought through."""
    if reply.problem:
        return reply.problem, _refusal(answered)
    if b"Fault" not in soap or not _FAULT.search(soap):  # the first is fast, whatever the size
        return "", ""
    try:
        fault = xml_read(soap, "response").find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    except EvidenceError:
        return "", ""
    if fault is None:
        return "", ""
    code, text = ((fault.findtext(name) or "").strip() for name in ("faultcode", "faultstring"))
    return code or _UNNAMED, text


def _refusal(body: bytes) -> str:
    """The English sentence of a gateway's refusal."""
    try:
        return str(json.loads(body)["sentence"]["en"])
    except (ValueError, KeyError, TypeError):
        return ""
