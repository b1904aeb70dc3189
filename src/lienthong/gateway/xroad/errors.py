"""Which X-Road error a caller of the gateway gets, and in which form.

PR-REST 1.0.4 §4.6. Codes were renamed in 7.8; agencies' clients know either spelling, so a setting chooses.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from enum import Enum
from typing import Final, Literal
from uuid import uuid4

from lienthong.ground.text import Text

Style = Literal["modern", "classic"]

QUOTED_MAX = 80
_XML_TYPES: Final = {"text/xml": "text/xml", "application/xml": "application/xml", "text/*": "text/xml"}
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _failed(modern: str, classic: str) -> tuple[str, str]:
    """The provider's own system answered, but wrongly: how."""
    return f"server.serverproxy.service_failed.{modern}", f"Server.ServerProxy.ServiceFailed.{classic}"


class Kind(Enum):
    """Where it went wrong, by prefix: the request (client), the consumer's gateway, the provider's gateway."""

    BAD_REQUEST = ("client.bad_request", "Client.BadRequest")
    INVALID_HTTP_METHOD = ("client.invalid_http_method", "Client.InvalidHttpMethod")
    # What may be wrong with a SOAP message; FAILED_ below where it is the provider's answer.
    INVALID_REQUEST = ("client.invalid_request", "Client.InvalidRequest")
    INVALID_CONTENT_TYPE = ("client.invalid_content_type", "Client.InvalidContentType")
    INVALID_SOAP_ACTION = ("client.invalid_soap_action", "Client.InvalidSoapAction")
    MIME_PARSING_FAILED = ("client.mime_parsing_failed", "Client.MimeParsingFailed")
    INVALID_XML = ("client.invalid_xml", "Client.InvalidXml")
    INVALID_SOAP = ("client.invalid_soap", "Client.InvalidSoap")
    MISSING_HEADER = ("client.missing_header", "Client.MissingHeader")
    MISSING_HEADER_FIELD = ("client.missing_header_field", "Client.MissingHeaderField")
    DUPLICATE_HEADER_FIELD = ("client.duplicate_header_field", "Client.DuplicateHeaderField")
    MISSING_BODY = ("client.missing_body", "Client.MissingBody")
    INVALID_BODY = ("client.invalid_body", "Client.InvalidBody")
    INCONSISTENT_HEADERS = ("client.inconsistent_headers", "Client.InconsistentHeaders")
    INVALID_PROTOCOL_VERSION = ("client.invalid_protocol_version", "Client.InvalidProtocolVersion")

    UNKNOWN_MEMBER = ("server.clientproxy.unknown_member", "Server.ClientProxy.UnknownMember")
    SSL_AUTHENTICATION_FAILED = (
        "server.clientproxy.ssl_authentication_failed",
        "Server.ClientProxy.SslAuthenticationFailed",
    )
    GLOBAL_CONF_OUTDATED = (
        "server.clientproxy.global_conf_outdated",
        "Server.ClientProxy.OutdatedGlobalConf",
    )
    INVALID_SECURITY_SERVER = (
        "server.clientproxy.invalid_security_server",
        "Server.ClientProxy.InvalidSecurityServer",
    )
    INCONSISTENT_RESPONSE = (
        "server.clientproxy.inconsistent_response",
        "Server.ClientProxy.InconsistentResponse",
    )
    SOAP_INCONSISTENT_RESPONSE = (
        "server.clientproxy.service_failed.inconsistent_response",
        "Server.ClientProxy.ServiceFailed.InconsistentResponse",
    )
    INVALID_CLIENT_IDENTIFIER = (
        "server.clientproxy.invalid_client_identifier",
        "Server.ClientProxy.InvalidClientIdentifier",
    )
    CONSUMER_LOGGING_FAILED = ("server.clientproxy.logging_failed", "Server.ClientProxy.LoggingFailed")
    CONSUMER_NOT_STAMPED = (
        "server.clientproxy.logging_failed.timestamper_failed",
        "Server.ClientProxy.LoggingFailed.TimestamperFailed",
    )
    CONSUMER_NETWORK_ERROR = ("server.clientproxy.network_error", "Server.ClientProxy.NetworkError")
    CONSUMER_INTERNAL_ERROR = ("server.clientproxy.internal_error", "Server.ClientProxy.InternalError")
    CONSUMER_BUSY = ("server.clientproxy.busy", "Server.ClientProxy.Busy")

    ACCESS_DENIED = ("server.serverproxy.access_denied", "Server.ServerProxy.AccessDenied")
    UNKNOWN_SERVICE = ("server.serverproxy.unknown_service", "Server.ServerProxy.UnknownService")
    # X-Road reads a metaservice's parameters on the provider's side.
    INVALID_PARAMETERS = ("server.serverproxy.invalid_request", "Server.ServerProxy.InvalidRequest")
    SERVICE_DISABLED = ("server.serverproxy.service_disabled", "Server.ServerProxy.ServiceDisabled")
    SERVICE_FAILED = ("server.serverproxy.service_failed", "Server.ServerProxy.ServiceFailed")
    FAILED_HTTP_ERROR = _failed("http_error", "HttpError")
    FAILED_CONTENT_TYPE = _failed("invalid_content_type", "InvalidContentType")
    FAILED_MIME = _failed("mime_parsing_failed", "MimeParsingFailed")
    FAILED_XML = _failed("invalid_xml", "InvalidXml")
    FAILED_SOAP = _failed("invalid_soap", "InvalidSoap")
    FAILED_HEADER = _failed("missing_header", "MissingHeader")
    FAILED_HEADER_FIELD = _failed("missing_header_field", "MissingHeaderField")
    FAILED_DUPLICATE = _failed("duplicate_header_field", "DuplicateHeaderField")
    FAILED_MISSING_BODY = _failed("missing_body", "MissingBody")
    FAILED_INVALID_BODY = _failed("invalid_body", "InvalidBody")
    FAILED_INCONSISTENT_HEADERS = _failed("inconsistent_headers", "InconsistentHeaders")
    FAILED_PROTOCOL_VERSION = _failed("invalid_protocol_version", "InvalidProtocolVersion")
    SERVICE_MISSING_URL = ("server.serverproxy.service_missing_url", "Server.ServerProxy.ServiceMissingUrl")
    SERVICE_TYPE = ("server.serverproxy.service_type", "Server.ServerProxy.ServiceType")
    NETWORK_ERROR = ("server.serverproxy.network_error", "Server.ServerProxy.NetworkError")
    DATABASE_ERROR = ("server.serverproxy.database_error", "Server.ServerProxy.DatabaseError")
    LOGGING_FAILED = ("server.serverproxy.logging_failed", "Server.ServerProxy.LoggingFailed")
    NOT_STAMPED = (
        "server.serverproxy.logging_failed.timestamper_failed",
        "Server.ServerProxy.LoggingFailed.TimestamperFailed",
    )
    INTERNAL_ERROR = ("server.serverproxy.internal_error", "Server.ServerProxy.InternalError")
    UNKNOWN_CLIENT = ("server.serverproxy.unknown_member", "Server.ServerProxy.UnknownMember")
    INVALID_MESSAGE = ("server.serverproxy.invalid_message", "Server.ServerProxy.InvalidMessage")
    INVALID_SIGNATURE = (
        "server.serverproxy.invalid_signature_value",
        "Server.ServerProxy.InvalidSignatureValue",
    )
    # X-Road has no words for these: it takes old and repeated messages, and queues without end.
    OUTDATED = ("server.serverproxy.message_outdated", "Server.ServerProxy.MessageOutdated")
    REPLAYED = ("server.serverproxy.message_replayed", "Server.ServerProxy.MessageReplayed")
    BUSY = ("server.serverproxy.busy", "Server.ServerProxy.Busy")
    QUOTA_USED = ("server.serverproxy.quota_used", "Server.ServerProxy.QuotaUsed")

    def type(self, style: Style) -> str:
        modern, classic = self.value
        return modern if style == "modern" else classic


class XRoadError(Exception):
    """`detail` identifies this one occurrence, in the answer and in the log: a UUID."""

    def __init__(
        self,
        kind: Kind,
        message: Text,
        *,
        why: Text | None = None,
        next_step: Text | None = None,
        detail: str | None = None,
    ) -> None:
        self.kind = kind
        self.message = message
        self.why = why
        self.next_step = next_step
        self.detail = str(uuid4()) if detail is None else detail
        super().__init__(f"{kind.type('modern')}: {self.sentence.en}")

    @property
    def sentence(self) -> Text:
        """What happened, why and what to do next, as one text."""
        texts = [text for text in (self.message, self.why, self.next_step) if text is not None]
        return Text(" ".join(text.vi for text in texts), " ".join(text.en for text in texts))

    @property
    def told(self) -> str:
        """What a client reads: English, as X-Road's own errors are.

        Both languages where it is for a person, who has to register a certificate before the program can call at all.
        """
        said = self.sentence
        return f"{said.vi} / {said.en}" if self.kind is Kind.SSL_AUTHENTICATION_FAILED else said.en


def bad_request(message: Text, *, why: Text | None = None, next_step: Text | None = None) -> XRoadError:
    return XRoadError(Kind.BAD_REQUEST, message, why=why, next_step=next_step)


def quoted(raw: bytes | str) -> str:
    """A caller's own input, short and harmless enough to stand in a message."""
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:QUOTED_MAX])
    return f"'{shown}…'" if len(text) > QUOTED_MAX else f"'{shown}'"


def media_types(accept: bytes | None) -> list[str]:
    """The media types of an Accept header, lower case, in its order, without parameters."""
    items = (accept or b"").decode("latin-1").split(",")
    return [item.partition(";")[0].strip().lower() for item in items]


def xml_text(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold even escaped."""
    return _NOT_XML.sub("\ufffd", text)


def error_render(
    error: XRoadError, *, accept: bytes | None, style: Style
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body; several Accept headers are handed in joined by commas.

    As the running X-Road does it, the first XML type wins over any JSON beside it, and q is ignored.
    """
    kind = error.kind.type(style)
    members = {"type": kind, "message": error.told, "detail": error.detail}
    xml_type = next((_XML_TYPES[item] for item in media_types(accept) if item in _XML_TYPES), None)
    if xml_type is None:
        body = json.dumps(members, ensure_ascii=False).encode()
    else:
        root = ET.Element("error")
        for name, value in members.items():
            ET.SubElement(root, name).text = xml_text(value)
        body = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    headers = [
        (b"content-type", f"{xml_type or 'application/json'};charset=utf-8".encode()),
        (b"x-road-error", kind.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return (500 if kind.lower().startswith("server.") else 400), headers, body
