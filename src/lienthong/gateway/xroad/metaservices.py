"""Answers to listClients, listMethods, allowedMethods and getOpenAPI, for clients that discover what there is.

PR-META 2.15 §2, PR-MREST 0.5 §4, in the shape of their examples, which is what X-Road sends (the OpenAPI annex
of PR-MREST says otherwise).
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from lienthong.blocks.exchange.wire import RESERVED_CODES
from lienthong.gateway.xroad.errors import Kind, XRoadError, media_types, xml_text
from lienthong.gateway.xroad.identifiers import ClientId, ServiceId, SubsystemId
from lienthong.ground.text import Text

JSON_TYPE: Final = b"application/json;charset=utf-8"
XML_TYPE: Final = b"text/xml;charset=utf-8"
YAML_TYPE: Final = b"text/yaml;charset=utf-8"
_XROAD: Final = "http://x-road.eu/xsd/xroad.xsd"
_IDENTIFIERS: Final = "http://x-road.eu/xsd/identifiers"


@dataclass(frozen=True, slots=True)
class Client:
    """A member, or a subsystem with its member's name and, where it has one, its own."""

    id: ClientId
    name: str
    subsystem_name: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """method: one of HTTP's or `*`; path: a glob."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Service:
    id: ServiceId
    type: Literal["OPENAPI", "REST"]
    endpoints: tuple[Endpoint, ...]


def clients_render(clients: Iterable[Client], *, accept: bytes | None) -> tuple[bytes, bytes]:
    """listClients: content type and body; XML unless JSON is asked for by name."""
    if "application/json" in media_types(accept):
        return JSON_TYPE, _json({"member": [_client_json(client) for client in clients]})
    root = ET.Element("xrd:clientList", {"xmlns:id": _IDENTIFIERS, "xmlns:xrd": _XROAD})
    for client in clients:
        _client_xml(root, client)
    return XML_TYPE, ET.tostring(root, encoding="UTF-8", xml_declaration=True)


def methods_render(services: Iterable[Service]) -> tuple[bytes, bytes]:
    """listMethods, and allowedMethods of what the caller may call: content type and body.

    Metaservices are never listed (PR-MREST §4).
    """
    listed = [_service_json(service) for service in services if service.id.code not in RESERVED_CODES]
    return JSON_TYPE, _json({"service": listed})


def service_code_of(query: str) -> str:
    """Which service's description getOpenAPI is asked for; query: raw. XRoadError where it does not say.

    As the running X-Road reads it: in any case of letters, and the last one counts.
    """
    found = [value for name, value in parse_qsl(query) if name.lower() == "servicecode"]
    if not found or not found[-1]:
        raise XRoadError(
            Kind.INVALID_PARAMETERS,
            Text("Yêu cầu không nêu dịch vụ cần mô tả.", "The request does not say which service is meant."),
            next_step=Text("Thêm ?serviceCode=<mã dịch vụ>.", "Add ?serviceCode=<code of the service>."),
        )
    return found[-1]


def description_type(content: bytes) -> bytes:
    """The content type of an OpenAPI document, by what it is."""
    return JSON_TYPE if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else YAML_TYPE


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _id_json(identifier: ClientId) -> dict[str, str]:
    shown = {
        "member_class": identifier.member_class,
        "member_code": identifier.member,
        "object_type": _object_type(identifier),
        "xroad_instance": identifier.instance,
    }
    return shown | {"subsystem_code": identifier.subsystem} if isinstance(identifier, SubsystemId) else shown


def _object_type(identifier: ClientId) -> str:
    return "SUBSYSTEM" if isinstance(identifier, SubsystemId) else "MEMBER"


def _client_json(client: Client) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": _id_json(client.id), "name": client.name}
    return shown if client.subsystem_name is None else shown | {"subsystem_name": client.subsystem_name}


def _client_xml(root: ET.Element, client: Client) -> None:
    member = ET.SubElement(root, "xrd:member")
    identifier = ET.SubElement(member, "xrd:id", {"id:objectType": _object_type(client.id)})
    names = ("id:xRoadInstance", "id:memberClass", "id:memberCode", "id:subsystemCode")
    for name, part in zip(names, client.id.parts, strict=False):
        ET.SubElement(identifier, name).text = xml_text(part)
    ET.SubElement(member, "xrd:name").text = xml_text(client.name)
    if client.subsystem_name is not None:
        ET.SubElement(member, "xrd:subsystemName").text = xml_text(client.subsystem_name)


def _service_json(service: Service) -> dict[str, Any]:
    return {
        **_id_json(service.id.subsystem),
        "object_type": "SERVICE",
        "service_code": service.id.code,
        "service_type": service.type,
        "endpoint_list": [
            {"method": endpoint.method, "path": endpoint.path} for endpoint in service.endpoints
        ],
    }
