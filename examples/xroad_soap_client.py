"""Call a service over the X-Road Message Protocol 4.0 (SOAP) with plain zeep.

python examples/xroad_soap_client.py http://127.0.0.1:8080 VN/GOV/T01/app VN/GOV/T02/records/echo/v1 text=hello
"""

import argparse
import base64
import hashlib
import io
import uuid
from typing import Any

import zeep
from lxml import etree
from lxml.builder import ElementMaker

XROAD, IDENTIFIERS = "http://x-road.eu/xsd/xroad.xsd", "http://x-road.eu/xsd/identifiers"
PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode", "serviceVersion")
# X-Road's service that hands out the WSDL of any other, itself described as plainly as it can be.
GET_WSDL = b"""<w:definitions targetNamespace="http://x-road.eu/xsd/xroad.xsd" xmlns:x="http://x-road.eu/xsd/xroad.xsd"
    xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns="http://www.w3.org/2001/XMLSchema">
  <w:types><schema targetNamespace="http://x-road.eu/xsd/xroad.xsd" elementFormDefault="qualified">
    <complexType name="named"><sequence><element name="serviceCode" type="string"/>
      <element name="serviceVersion" type="string" minOccurs="0"/></sequence></complexType>
    <element name="getWsdl" type="x:named"/><element name="getWsdlResponse" type="x:named"/>
  </schema></w:types>
  <w:message name="in"><w:part name="body" element="x:getWsdl"/></w:message>
  <w:message name="out"><w:part name="body" element="x:getWsdlResponse"/></w:message>
  <w:portType name="meta"><w:operation name="getWsdl">
    <w:input message="x:in"/><w:output message="x:out"/></w:operation></w:portType>
  <w:binding name="meta" type="x:meta"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="getWsdl"><s:operation soapAction=""/>
      <w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
  <w:service name="meta"><w:port name="meta" binding="x:meta"><s:address location="http://gateway/"/></w:port></w:service>
</w:definitions>"""


class Transport(zeep.Transport):
    """Keeps the last exchange as bytes, to check the request hash."""

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        self.sent, self.got = message, super().post(address, message, headers)
        return self.got


def identifier(element: str, kind: str, name: str) -> Any:
    """A client or a service as X-Road writes it; the parts of `name` are divided by slashes."""
    xroad = ElementMaker(namespace=XROAD, nsmap={"xrd": XROAD, "id": IDENTIFIERS})
    part = ElementMaker(namespace=IDENTIFIERS)
    parts = [part(tag, value) for tag, value in zip(PARTS, name.split("/"), strict=False)]
    return xroad(element, *parts, {f"{{{IDENTIFIERS}}}objectType": kind})


def header(client: str, service: str) -> list[Any]:
    xroad = ElementMaker(namespace=XROAD, nsmap={"xrd": XROAD})
    return [
        identifier("client", "SUBSYSTEM", client),
        identifier("service", "SERVICE", service),
        xroad("id", str(uuid.uuid4())),
        xroad("userId", "VN001099000001"),
        xroad("protocolVersion", "4.0"),
    ]


def client_of(wsdl: bytes, gateway: str, transport: Transport) -> Any:
    """The operations of the WSDL by zeep, sent to the gateway and not to the address that stands in it."""
    made = zeep.Client(io.BytesIO(wsdl), transport=transport)
    return made.create_service(str(next(iter(made.wsdl.bindings))), f"{gateway.rstrip('/')}/")


def hash_is_right(transport: Transport) -> bool:
    """Whether requestHash is the SHA-512 of the bytes that were posted, base64."""
    stated = etree.fromstring(transport.got.content).findtext(f".//{{{XROAD}}}requestHash")
    return stated == base64.b64encode(hashlib.sha512(transport.sent).digest()).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description="Call an X-Road SOAP service and check its request hash.")
    parser.add_argument("gateway", help="http://127.0.0.1:8080")
    parser.add_argument("client", help="who asks: instance/class/member/subsystem")
    parser.add_argument("service", help="what is asked: instance/class/member/subsystem/code[/version]")
    parser.add_argument("values", nargs="*", help="name=value, for each element of the request")
    given = parser.parse_args()
    instance, member_class, member, subsystem, code, *versions = given.service.split("/")
    version = versions[0] if versions else None

    transport = Transport(operation_timeout=60)
    meta = client_of(GET_WSDL, given.gateway, transport)
    about = f"{instance}/{member_class}/{member}/{subsystem}/getWsdl"
    answer = meta.getWsdl(serviceCode=code, serviceVersion=version, _soapheaders=header(given.client, about))
    wsdl = answer.attachments[0].content
    print(f"WSDL: {len(wsdl)} bytes")

    values = dict(value.split("=", 1) for value in given.values)
    operation = client_of(wsdl, given.gateway, transport)[code]
    try:
        print(operation(**values, _soapheaders=header(given.client, given.service)))
        print("Request hash:", "right" if hash_is_right(transport) else "WRONG")
    except zeep.exceptions.Fault as fault:
        print(f"Fault {fault.code}: {fault.message}")


if __name__ == "__main__":
    main()
