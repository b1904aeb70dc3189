"""SOAP that the gateway itself writes: faults, and the answers of listMethods, allowedMethods and getWsdl.

PR-MESS 4.0 §2.5 and annex D, PR-META 2.15 §3–4. An answer repeats the question's header in the question's own bytes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any, Final, cast

from lxml import etree  # pyright: ignore - it has no stubs

from lienthong.blocks.trust.hashchain import EvidenceError, xml_read
from lienthong.gateway.xroad.errors import Kind, Style, XRoadError, xml_text
from lienthong.gateway.xroad.identifiers import SubsystemId
from lienthong.gateway.xroad.soap import Message, header_answered
from lienthong.gateway.xroad.soapheader import SoapService
from lienthong.gateway.xroad.soapxml import IDENTIFIERS, SOAP, XROAD
from lienthong.ground.text import Text

ENDPOINT: Final = "http://example.org/xroad-endpoint"
"""Stands in a WSDL for the address of the agency's own system, which clients never reach."""
SOAP_TYPE: Final = b"text/xml;charset=utf-8"
_ADDRESSES: Final = tuple(
    f"{{http://schemas.xmlsoap.org/wsdl/{name}/}}address" for name in ("soap", "soap12", "http")
)
_PARTS: Final[tuple[str, ...]] = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def fault_render(error: XRoadError, *, style: Style) -> Answer:
    """Status, headers and body. The running X-Road sends faults with 200, where SOAP 1.1 §6.2 has 500."""
    root = ET.Element("SOAP-ENV:Envelope", {"xmlns:SOAP-ENV": SOAP})
    fault = ET.SubElement(ET.SubElement(root, "SOAP-ENV:Body"), "SOAP-ENV:Fault")
    ET.SubElement(fault, "faultcode").text = error.kind.type(style)
    ET.SubElement(fault, "faultstring").text = xml_text(error.told)
    ET.SubElement(fault, "faultactor").text = ""
    detail = ET.SubElement(fault, "detail")
    ET.SubElement(detail, "faultDetail", {"xmlns": ""}).text = xml_text(error.detail)
    body = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return 200, [(b"content-type", SOAP_TYPE), (b"content-length", str(len(body)).encode())], body


def response_render(asked: Message, content: bytes) -> bytes:
    """The response to a question: its header with the request hash, and `content` as the body's one element."""
    body = b'<SOAP-ENV:Body xmlns:SOAP-ENV="' + SOAP.encode() + b'">' + content + b"</SOAP-ENV:Body>"
    return header_answered(asked, asked.hash) + body + b"</" + asked.envelope.tag + b">"


def methods_content(code: str, services: Iterable[SoapService]) -> bytes:
    """code: listMethods or allowedMethods."""
    root = ET.Element(f"xroad:{code}Response", {"xmlns:xroad": XROAD, "xmlns:id": IDENTIFIERS})
    for service in services:
        service_add(root, "xroad:service", service)
    return ET.tostring(root)


def service_add(parent: ET.Element, name: str, service: SoapService) -> None:
    """A service's identifier below `parent`, where the prefix `id` is known. name: of the element, with its prefix."""
    identifier = ET.SubElement(parent, name, {"id:objectType": "SERVICE"})
    named = dict(zip(_PARTS, service.provider.parts, strict=False), serviceCode=service.code)
    if service.version:
        named["serviceVersion"] = service.version
    for part, value in named.items():
        ET.SubElement(identifier, f"id:{part}").text = value


def wsdl_asked(asked: Message) -> tuple[str, str]:
    """Code and version (or an empty one) in the body of getWsdl. XRoadError where it names no service."""
    said = {part.name.rpartition(" ")[2]: part.text.strip() for part in asked.wrapper.parts}
    if not said.get("serviceCode"):
        raise XRoadError(
            Kind.INVALID_REQUEST,
            Text("getWsdl thiếu serviceCode.", "getWsdl has no serviceCode."),
            next_step=Text(
                f"Ghi serviceCode (không gian tên {XROAD}) trong phần tử getWsdl.",
                f"Write serviceCode, in the namespace {XROAD}, into the element getWsdl.",
            ),
        )
    return said["serviceCode"], said.get("serviceVersion", "")


def wsdl_content(code: str, version: str) -> bytes:
    root = ET.Element("xroad:getWsdlResponse", {"xmlns:xroad": XROAD})
    ET.SubElement(root, "xroad:serviceCode").text = xml_text(code)
    if version:
        ET.SubElement(root, "xroad:serviceVersion").text = xml_text(version)
    return ET.tostring(root)


def wsdl_attached(soap: bytes, wsdl: bytes, uuid: str) -> tuple[bytes, bytes]:
    """Content type and body: the response, and the WSDL as its attachment. uuid: makes the boundary."""
    boundary = f"wsdl-{uuid}"
    parts = (
        ("text/xml; charset=UTF-8", "8bit", f"<soap={uuid}@x-road.eu>", soap),
        ("text/xml", "binary", f"<wsdl={uuid}@x-road.eu>", wsdl),
    )
    made = b""
    for kind, encoding, name, content in parts:
        head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: {name}\r\n\r\n"
        made += f"--{boundary}\r\n{head}".encode() + content + b"\r\n"
    made += f"--{boundary}--\r\n".encode()
    start = parts[0][2]
    return f'multipart/related; type="text/xml"; start="{start}"; boundary="{boundary}"'.encode(), made


def attached(soap: bytes, content: bytes, *, name: str, kind: str, uuid: str) -> tuple[bytes, bytes]:
    """Content type and body: the response, and an attachment that it names `cid:<name>`. uuid: makes the boundary."""
    boundary = f"part-{uuid}"
    parts = (
        (f"Content-Type: {SOAP_TYPE.decode()}\r\nContent-ID: <{uuid}@x-road.eu>", soap),
        (f"Content-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>", content),
    )
    made = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + part + b"\r\n" for head, part in parts)
    made += f"--{boundary}--\r\n".encode()
    start = f"<{uuid}@x-road.eu>"
    return f'multipart/related; type="text/xml"; start="{start}"; boundary="{boundary}"'.encode(), made


def wsdl_hidden(wsdl: bytes, provider: SubsystemId) -> bytes:
    """With every endpoint's address replaced: PR-META §4. XRoadError where the document is no XML."""
    try:
        root: Any = xml_read(wsdl, "WSDL", comments=True)
    except EvidenceError as error:
        raise XRoadError(
            Kind.INTERNAL_ERROR,
            Text(f"WSDL của {provider} không phải XML đúng.", f"The WSDL of {provider} is no XML."),
            next_step=Text("Báo cho cơ quan cung cấp.", "Tell the provider."),
        ) from error
    for address in root.iter(*_ADDRESSES):
        address.set("location", ENDPOINT)
    return cast("Any", etree).tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
