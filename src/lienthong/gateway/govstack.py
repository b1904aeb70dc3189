"""The directory services in GovStack's form, beside X-Road's own: the same answers under other names.

GovStack's information mediator is X-Road with its own spelling: paths without `/r1`, `GovStackInstance` and
`applicationCode` for instance and subsystem, lists under `member`, a description as one JSON string. Source: the
conformance suite in its repository bb-information-mediator (`test/openAPI`); its API description differs from it.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from lienthong.gateway import refusals
from lienthong.gateway.callers import Caller
from lienthong.gateway.core import Gateway
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.metaservices import Answer, Metaservices
from lienthong.gateway.xroad.errors import Kind, XRoadError, bad_request
from lienthong.gateway.xroad.headers import ERROR, Headers
from lienthong.gateway.xroad.identifiers import SubsystemId, client_parse, is_code
from lienthong.gateway.xroad.metaservices import Client, Service, service_code_of
from lienthong.ground.text import Text

SERVICES: Final = frozenset({"listMethods", "allowedMethods", "getOpenAPI"})
CLIENTS: Final = b"/listClients"
CLIENT_HEADERS: Final = (b"information-mediator-client", b"x-govstack-client")
CONTENT_TYPE: Final = (b"content-type", b"application/json; charset=utf-8")
_PARTS: Final = 6  # the empty one before the first slash, four of the system, the service
_OURS: Final = frozenset({Kind.DATABASE_ERROR, Kind.GLOBAL_CONF_OUTDATED})
"""What is no mistake of the request; the rest is, and GovStack's status for it is 400."""


def is_route(method: str, raw_path: bytes) -> bool:
    """Whether a request is one of GovStack's."""
    if method != "GET":
        return False
    parts = raw_path.split(b"/")
    return raw_path == CLIENTS or (len(parts) == _PARTS and parts[5].decode("latin-1") in SERVICES)


class GovStack:
    """Answers what `is_route` has let in."""

    def __init__(self, gateway: Gateway, metaservices: Metaservices) -> None:
        self.gateway = gateway
        self.metaservices = metaservices

    async def ask(self, raw_path: bytes, query: str, headers: Headers, caller: Caller) -> Answer:
        """The answer, or the refusal as one JSON string."""
        try:
            return _answer(200, await self._asked(raw_path, query, headers, caller))
        except XRoadError as error:
            return self._refuse(error)
        except NoConfigurationError:
            return self._refuse(refusals.no_configuration(self.gateway.config.server))

    def _refuse(self, error: XRoadError) -> Answer:
        kind = error.kind.type(self.gateway.config.error_style)
        status, headers, body = _answer(500 if error.kind in _OURS else 400, error.told)
        return status, [*headers, (ERROR, kind.encode())], body

    async def _asked(self, raw_path: bytes, query: str, headers: Headers, caller: Caller) -> object:
        if raw_path == CLIENTS:
            return self._clients(query)
        *parts, code = (unquote(part.decode("latin-1")) for part in raw_path.split(b"/")[1:])
        provider = SubsystemId(*parts) if all(is_code(part) for part in parts) else None
        client: str | None = None
        if code == "allowedMethods" or not caller.plain_here:  # GovStack names no client in the others
            client = str(client_parse(_client_header(headers)))
            self.gateway.callers.check(client, caller)
        if code == "getOpenAPI":
            wanted = service_code_of(query)
            if provider is None:
                raise refusals.unknown_provider("/".join(parts))
            return (await self.metaservices.openapi(provider, wanted)).decode("utf-8-sig")
        if provider is None or str(provider) not in self.gateway.keeper.snapshot.subsystems:
            return {"member": []}  # whom nobody knows offers nothing
        allowed = client if code == "allowedMethods" else None
        return {"member": [_service(one) for one in self.metaservices.services(provider, client=allowed)]}

    def _clients(self, query: str) -> dict[str, Any]:
        """All, or with `instanceId` those of that instance."""
        wanted = dict(parse_qsl(query)).get("instanceId")
        known = self.metaservices.clients_known()
        return {"member": [_client(one) for one in known if wanted in {None, one.id.instance}]}


def _client_header(headers: Headers) -> str:
    """Of several the last counts, as with X-Road-Client. XRoadError where there is none."""
    found = [value for name, value in headers if name.lower() in CLIENT_HEADERS]
    if not found:
        raise bad_request(
            Text("Thiếu Information-Mediator-Client.", "Information-Mediator-Client is missing."),
            next_step=Text(
                "Ghi hệ thống hỏi: instance/lớp/thành viên/hệ thống.",
                "Name the asking system: instance/class/member/application.",
            ),
        )
    return found[-1].decode("latin-1")


def _client(client: Client) -> dict[str, Any]:
    kind = "SUBSYSTEM" if isinstance(client.id, SubsystemId) else "MEMBER"
    return {"objectType": {"object_type": kind}, **_names(client.id.parts)}


def _service(service: Service) -> dict[str, Any]:
    return {
        "objectType": {"object_type": "SERVICE"},
        "serviceType": service.type,
        **_names(service.id.subsystem.parts),
        "serviceCode": service.id.code,
        "endpointList": {"member": [{"method": one.method, "path": one.path} for one in service.endpoints]},
    }


def _names(parts: tuple[str, ...]) -> dict[str, str]:
    names = ("GovStackInstance", "memberClass", "memberCode", "applicationCode")
    return dict(zip(names, parts, strict=False))


def _answer(status: int, value: object) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return status, [CONTENT_TYPE, (b"content-length", str(len(body)).encode())], body
