"""An agency's own SOAP system, as small as one can be, and its WSDL; it knows X-Road's header and nothing of ours."""

from __future__ import annotations

import copy
import email.parser
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from lxml import etree

from tests.gateway.soap_texts import SOAP, TESTING, XROAD

RECORDS, PATH = "VN/GOV/T02/records", "/soap/records"
WSDL = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="records" targetNamespace="{TESTING}" xmlns:t="{TESTING}" xmlns:xrd="{XROAD}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <!-- Records of the agency T02 -->
  <wsdl:types>
    <xs:schema targetNamespace="{TESTING}" elementFormDefault="qualified">
      <xs:complexType name="Text"><xs:sequence><xs:element name="text" type="xs:string"/></xs:sequence></xs:complexType>
      <xs:element name="echo" type="t:Text"/>
      <xs:element name="echoResponse" type="t:Text"/>
      <xs:element name="plain" type="t:Text"/>
      <xs:element name="plainResponse" type="t:Text"/>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="echo"><wsdl:part name="body" element="t:echo"/></wsdl:message>
  <wsdl:message name="echoResponse"><wsdl:part name="body" element="t:echoResponse"/></wsdl:message>
  <wsdl:message name="plain"><wsdl:part name="body" element="t:plain"/></wsdl:message>
  <wsdl:message name="plainResponse"><wsdl:part name="body" element="t:plainResponse"/></wsdl:message>
  <wsdl:portType name="records">
    <wsdl:operation name="echo">
      <wsdl:documentation><xrd:title>Hỏi lại</xrd:title></wsdl:documentation>
      <wsdl:input message="t:echo"/><wsdl:output message="t:echoResponse"/>
    </wsdl:operation>
    <wsdl:operation name="plain">
      <wsdl:input message="t:plain"/><wsdl:output message="t:plainResponse"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="records" type="t:records">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="echo">
      <soap:operation soapAction="urn:echo"/><xrd:version>v1</xrd:version>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
    <wsdl:operation name="plain">
      <soap:operation soapAction=""/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="records">
    <wsdl:port name="records" binding="t:records"><soap:address location="http://10.20.30.40:8080{PATH}"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
""".encode()


@dataclass(frozen=True)
class Seen:
    """What came to the system."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)


SEEN: list[Seen] = []


def answer(seen: Seen) -> tuple[int, str, bytes]:
    """Status, Content-Type and body. What the text says is done: `fault`, `html`, `another id`, `away`."""
    SEEN.append(seen)
    soap, attachments = parts_of(seen)
    envelope = etree.fromstring(soap)
    [asked] = envelope.find(f"{{{SOAP}}}Body")
    text = asked.findtext(f"{{{TESTING}}}text") or ""
    if text == "fault":
        return 500, "text/xml; charset=utf-8", fault()
    if text == "html":
        return 200, "text/html", b"<html><body>Login</body></html>"
    if text == "away":
        return 404, "text/html", b"not here"
    made = response(envelope, etree.QName(asked).localname, text)
    if text == "another id":
        made = made.replace(b":id>", b":id>x", 1)
    if text == "own hash":
        made = made.replace(
            b"</s:Header>", b'<q:requestHash xmlns:q="%b">own</q:requestHash></s:Header>' % XROAD.encode()
        )
    if not attachments:
        return 200, "text/xml; charset=utf-8", made
    return 200, 'multipart/related; type="text/xml"; boundary="=_answer"', joined(made, attachments)


def response(envelope: Any, name: str, text: str) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP, "t": TESTING})
    root.append(copy.deepcopy(envelope.find(f"{{{SOAP}}}Header")))
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    etree.SubElement(etree.SubElement(body, f"{{{TESTING}}}{name}Response"), f"{{{TESTING}}}text").text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def fault() -> bytes:
    inner = "<faultcode>s:Server</faultcode><faultstring>Hết giấy</faultstring><detail><t:paper/></detail>"
    named = f'xmlns:s="{SOAP}" xmlns:t="{TESTING}"'
    return f"<s:Envelope {named}><s:Body><s:Fault>{inner}</s:Fault></s:Body></s:Envelope>".encode()


def parts_of(seen: Seen) -> tuple[bytes, list[bytes]]:
    """The SOAP and the attachments, by Python's own reader of MIME."""
    kind = seen.header("Content-Type") or ""
    if not kind.startswith("multipart/"):
        return seen.body, []
    read = email.parser.BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + seen.body)
    first, *others = [part.get_payload(decode=True) for part in read.get_payload()]
    return first, others


def joined(soap: bytes, attachments: list[bytes]) -> bytes:
    made = b"--=_answer\r\nContent-Type: text/xml; charset=utf-8\r\n\r\n" + soap + b"\r\n"
    for content in attachments:
        made += b"--=_answer\r\nContent-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    return made + b"--=_answer--\r\n"


class SoapSystem(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, content_type, told = answer(Seen(self.path, self.headers.items(), body))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(told)))
        self.send_header("X-Own", "not passed on")
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        """Silent."""


def publish() -> None:
    """Into the control plane's database: the system with its WSDL, and who may ask it what."""
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from tests.gateway import control

    services.subsystem_open(name=RECORDS, gateway=control.TWO, framed=False)
    services.service_publish(subsystem=RECORDS, description=WSDL, at=clock.now())
    services.service_publish(subsystem=RECORDS, code="rest", at=clock.now())
    control.grant("records/echo/v1", control.PURPOSE)
    control.grant("records/rest", control.PURPOSE)
    configuration.publish_if_changed(at=clock.now())
