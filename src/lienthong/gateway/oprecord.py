"""The operational record of an exchange, as PR-OPMON's annex B names and types its fields: made from a row of the log.

The heads say nearly all of it, and the row's four times the rest; so monitoring writes nothing of its own, and is kept
as long as the log. Left out is what is not known: a fault's text, the number of a multipart message's attachments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from lienthong.gateway.config import GatewayConfig, host_port
from lienthong.gateway.envelope import Question, Reply, head_parse
from lienthong.gateway.snapshot import Snapshot
from lienthong.gateway.xroad.soap import METHOD as SOAP

FIELDS: Final = (
    "monitoringDataTs",
    "securityServerInternalIp",
    "securityServerType",
    "requestInTs",
    "requestOutTs",
    "responseInTs",
    "responseOutTs",
    "clientXRoadInstance",
    "clientMemberClass",
    "clientMemberCode",
    "clientSubsystemCode",
    "serviceXRoadInstance",
    "serviceMemberClass",
    "serviceMemberCode",
    "serviceSubsystemCode",
    "serviceCode",
    "restMethod",
    "restPath",
    "serviceVersion",
    "representedPartyClass",
    "representedPartyCode",
    "messageId",
    "messageUserId",
    "messageIssue",
    "messageProtocolVersion",
    "clientSecurityServerAddress",
    "serviceSecurityServerAddress",
    "requestSize",
    "requestMimeSize",
    "requestAttachmentCount",
    "responseSize",
    "responseMimeSize",
    "responseAttachmentCount",
    "succeeded",
    "serviceType",
    "faultCode",
    "faultString",
    "statusCode",
    "xRoadVersion",
)
"""All 39."""
COLUMNS: Final = "recorded_at, side, request_in, request_out, response_in, response_out, question, reply"
_PARTS: Final = ("XRoadInstance", "MemberClass", "MemberCode", "SubsystemCode")
SOFTWARE: Final = "lienthong"
"""Stands for the version of X-Road, which this is not."""
_TEXT_MAX: Final = 255
_REPRESENTED: Final = "x-road-represented-party"

Record = dict[str, Any]


def record_of(row: Mapping[str, Any], snapshot: Snapshot, config: GatewayConfig) -> Record:
    """row: `COLUMNS` of the log. EnvelopeError where its heads are of another form."""
    question, reply = head_parse(Question, row["question"]), head_parse(Reply, row["reply"])
    soap = question.method == SOAP
    path = question.target.split("?", 1)[0]
    party = _header(question.headers, _REPRESENTED).rpartition("/")
    made: Record = {
        "monitoringDataTs": int(row["recorded_at"].timestamp()),
        "securityServerInternalIp": host_port(config.consumer)[0],
        "securityServerType": "Client" if row["side"] == "consumer" else "Producer",
        "requestInTs": row["request_in"],
        "requestOutTs": row["request_out"],
        "responseInTs": row["response_in"],
        "responseOutTs": row["response_out"],
        **_named("client", question.client),
        **_named("service", question.provider),
        "serviceCode": question.code,
        "serviceVersion": path.strip("/") if soap else "",
        "restMethod": "" if soap else question.method,
        "restPath": "" if soap else path,
        "representedPartyClass": party[0],
        "representedPartyCode": party[2],
        "messageId": question.id,
        "messageUserId": question.user,
        "messageIssue": question.case,
        "messageProtocolVersion": "4.0" if soap else "1",
        "clientSecurityServerAddress": _address(snapshot, question.server),
        "serviceSecurityServerAddress": _address(snapshot, snapshot.subsystems.get(question.provider, "")),
        **_sizes("request", question.headers, question.body_size),
        **_sizes("response", reply.headers, reply.body_size),
        "succeeded": not reply.problem,
        "serviceType": _type(snapshot, question, soap=soap),
        "faultCode": reply.problem,
        "statusCode": None if soap else reply.status,
        "xRoadVersion": SOFTWARE,
    }
    return {name: _bounded(value) for name, value in made.items() if value not in (None, "")}


def chosen(records: Iterable[Record], fields: Iterable[str]) -> list[Record]:
    """Of each record the fields that were asked for; all where none was."""
    wanted = set(fields)
    return [
        {name: value for name, value in record.items() if not wanted or name in wanted} for record in records
    ]


def _named(kind: str, name: str) -> Record:
    return {f"{kind}{part}": value for part, value in zip(_PARTS, name.split("/"), strict=False)}


def _header(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for given, value in headers if given.lower() == name), "")


def _address(snapshot: Snapshot, server: str) -> str:
    address = snapshot.gateways.get(server, "")
    return urlsplit(address).hostname or address


def _sizes(side: str, headers: Iterable[tuple[str, str]], size: int) -> Record:
    if _header(headers, "content-type").lower().startswith("multipart/"):
        return {f"{side}Size": size, f"{side}MimeSize": size}
    return {f"{side}Size": size, f"{side}AttachmentCount": 0}


def _type(snapshot: Snapshot, question: Question, *, soap: bool) -> str:
    if soap:
        return "WSDL"
    published = snapshot.published(question.provider).get(question.code)
    return "OPENAPI3" if published and published.type == "OPENAPI" else "REST"


def _bounded(value: Any) -> Any:
    return value[:_TEXT_MAX] if isinstance(value, str) else value
