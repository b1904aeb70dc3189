"""Two agencies with a plain system each, a gateway, and the browsers of their engineers."""

from dataclasses import dataclass
from datetime import datetime

from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.exchange import services
from lienthong.ground.text import Text
from tests.pages import officer

ASKER, PROVIDER, THIRD = "N01", "N02", "N03"
APP, CLINICS, OTHER = "VN/GOV/N01/app", "VN/GOV/N02/clinics", "VN/GOV/N03/other"
GATEWAY = "VN/GOV/N02/gw"
OPENAPI = b"""openapi: 3.0.3
info: {title: Clinics of the country, version: '1'}
servers: [{url: 'https://10.0.0.7:8443/api'}]
paths:
  /clinics: {get: {responses: {'200': {description: ok}}}}
  /clinics/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer, example: 17}}]
      responses: {'200': {description: ok}}
    put: {responses: {'200': {description: ok}}}
"""
WSDL = b"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">
<w:binding name="b" type="t"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="findOldWay"/><w:operation name="countOldWay"/></w:binding>
<w:service name="x"><w:port name="p" binding="b"><s:address location="http://10.0.0.7/soap"/></w:port></w:service>
</w:definitions>"""


@dataclass(frozen=True)
class Two:
    """engineers of both agencies and of a third; the operator; a secretary of the committee."""

    asker: Client
    provider: Client
    third: Client
    operator: Client
    committee: Client
    at: datetime


def two_make(at: datetime) -> Two:
    services.gateway_open(server=GATEWAY, address="http://127.0.0.1:9")
    for code in (ASKER, PROVIDER, THIRD):
        title = Text(f"Cơ quan {code}", f"Agency {code}")
        services.member_join(name=f"VN/GOV/{code}", code=code, title=title, at=at)
    for name in (APP, CLINICS, OTHER):
        services.subsystem_open(name=name, hosted=False, gateway=GATEWAY, framed=False)
    return Two(
        officer("N01-E1", ASKER, Role.ENGINEER, at=at),
        officer("N02-E1", PROVIDER, Role.ENGINEER, at=at),
        officer("N03-E1", THIRD, Role.ENGINEER, at=at),
        officer("G22-O1", "G22", Role.OPERATOR, at=at),
        officer("G22-B1", "G22", Role.COMMITTEE, at=at),
        at,
    )


def offer(at: datetime) -> None:
    """CLINICS describes a service `clinics`."""
    title = Text("Cơ sở khám bệnh", "Clinics")
    services.service_publish(subsystem=CLINICS, code="clinics", description=OPENAPI, title=title, at=at)
