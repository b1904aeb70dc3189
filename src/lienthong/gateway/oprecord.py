"""The operational record of an exchange, as PR-OPMON's annex B names and types its fields: made from a row of the log.

The heads say nearly all of it, the row's four times and what was noted of the bodies (`oprecord_bodies`) the rest; so
monitoring writes nothing of its own, and is kept as long as the log. Left out is what is not known: of rows written by
a version before, how many attachments there were and what a fault said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from lienthong.gateway.config import GatewayConfig, host_port
from lienthong.gateway.envelope import Question, Reply, head_parse
from lienthong.gateway.oprecord_bodies import FAULT_TEXT_MAX, version_of
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
COLUMNS: Final = (
    "recorded_at, side, request_in, request_out, response_in, response_out, question, reply, request_size,"
    " response_size, request_attachments, response_attachments, fault_code, fault_string"
)
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
        "serviceVersion": version_of(question),
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
        **_sizes("request", row, question.body_size),
        **_sizes("response", row, reply.body_size),
        "succeeded": not (row["fault_code"] or reply.problem),
        "serviceType": service_type(snapshot, question.provider, question.code, soap=soap),
        "faultCode": row["fault_code"] or reply.problem,
        "faultString": row["fault_string"],
        "statusCode": None if soap else reply.status,
        "xRoadVersion": SOFTWARE,
    }
    return {name: _bounded(name, value) for name, value in made.items() if value not in (None, "")}


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


def _sizes(side: str, row: Mapping[str, Any], whole: int) -> Record:
    """whole: bytes of the body; larger than the SOAP where that came with attachments in a MIME container."""
    size, attachments = row[f"{side}_size"], row[f"{side}_attachments"]
    if size is None:
        return {f"{side}Size": whole}
    mime = whole if size != whole else None
    return {f"{side}Size": size, f"{side}MimeSize": mime, f"{side}AttachmentCount": attachments}


def service_type(snapshot: Snapshot, provider: str, code: str, *, soap: bool) -> str:
    """WSDL, OPENAPI3 or REST."""
    if soap:
        return "WSDL"
    published = snapshot.published(provider).get(code)
    return "OPENAPI3" if published and published.type == "OPENAPI" else "REST"


def _bounded(name: str, value: Any) -> Any:
    most = FAULT_TEXT_MAX if name == "faultString" else _TEXT_MAX
    return value[:most] if isinstance(value, str) else value
