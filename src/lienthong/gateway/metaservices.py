"""What a client can find out: who is on the exchange, what a system offers, what of it the client may call, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lienthong.blocks.exchange.globs import ANY, glob_within
from lienthong.gateway import refusals
from lienthong.gateway.core import Gateway, owner_of
from lienthong.gateway.snapshot import Published, Right
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import RequestMeta
from lienthong.gateway.xroad.identifiers import MemberId, ServiceId, SubsystemId, Target
from lienthong.gateway.xroad.metaservices import (
    Client,
    Endpoint,
    Service,
    clients_render,
    description_type,
    methods_render,
    service_code_of,
)
from lienthong.ground.text import Text

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
REST_TYPES = ("REST", "OPENAPI")


class Metaservices:
    """Answered from the configuration and its descriptions; nothing leaves this gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def clients(self, accept: bytes | None) -> Answer:
        """The answer to listClients."""
        return answer(*clients_render(self.clients_known(), accept=accept))

    def clients_known(self) -> list[Client]:
        """Members, and systems that stand behind a gateway."""
        snapshot = self.gateway.keeper.snapshot
        listed = [Client(MemberId(*name.split("/")), title) for name, title in snapshot.members.items()]
        for name, server in snapshot.subsystems.items():
            if server:
                title = snapshot.members.get(owner_of(name), "")
                listed.append(Client(SubsystemId(*name.split("/")), title))
        return listed

    async def answer(self, method: str, target: Target, meta: RequestMeta) -> Answer | None:
        """The answer where the service is one of these, else None. They are asked by GET alone, as in X-Road."""
        if method != "GET":
            return None
        provider = target.service.subsystem
        if target.service.code == "listMethods":
            return answer(*methods_render(self.services(provider)))
        if target.service.code == "allowedMethods":
            return answer(*methods_render(self.services(provider, client=str(meta.client))))
        if target.service.code == "getOpenAPI":
            content = await self.openapi(provider, service_code_of(target.query))
            return answer(description_type(content), content)
        return None

    def services(self, provider: SubsystemId, *, client: str | None = None) -> list[Service]:
        """REST services of the system; with a client, those it has a right to, and of them the endpoints.

        XRoadError where there is no such system.
        """
        name = str(provider)
        if name not in self.gateway.keeper.snapshot.subsystems:
            raise refusals.unknown_provider(name)
        found: list[Service] = []
        for code, published in self._offered(name).items():
            endpoints = published.endpoints
            if client is not None:
                rights = self._rights(client, name, code)
                if not rights:
                    continue
                endpoints = allowed(endpoints, rights)
            kind = "OPENAPI" if published.type == "OPENAPI" else "REST"
            found.append(Service(ServiceId(provider, code), kind, endpoints))
        return found

    async def openapi(self, provider: SubsystemId, code: str) -> bytes:
        """The description of a service. XRoadError where the system or the service is not there, or has none."""
        snapshot, name = self.gateway.keeper.snapshot, str(provider)
        if name not in snapshot.subsystems:
            raise refusals.unknown_provider(name)
        published = snapshot.published(name).get(code) or self._offered(name).get(code)
        if published is None:
            raise XRoadError(
                Kind.INTERNAL_ERROR,
                Text(f"{name} không có dịch vụ {code}.", f"{name} has no service {code}."),
                next_step=Text("Tìm dịch vụ bằng listMethods.", "Find its services by listMethods."),
            )
        if published.type != "OPENAPI":
            raise XRoadError(
                Kind.INTERNAL_ERROR,
                Text(f"{name}/{code} không có mô tả OpenAPI.", f"{name}/{code} has no OpenAPI description."),
                why=Text(f"Dịch vụ này là {published.type}.", f"It is a {published.type} service."),
                next_step=Text("Hỏi cơ quan cung cấp.", "Ask its provider for one."),
            )
        content = await self.gateway.keeper.document(published.document)
        if content is None:
            raise XRoadError(
                Kind.DATABASE_ERROR,
                Text(
                    f"Chưa đọc được mô tả của {name}/{code}.",
                    f"The description of {name}/{code} was not read.",
                ),
                why=Text("Chưa liên lạc được với nơi quản lý kết nối.", "The control plane was not reached."),
                next_step=Text("Hãy hỏi lại sau ít phút.", "Ask again in a few minutes."),
            )
        return content

    def _offered(self, name: str) -> dict[str, Published]:
        """By code: what the system described, or where it has described nothing, what anyone has an agreement on."""
        snapshot = self.gateway.keeper.snapshot
        published = snapshot.published(name)
        if published or name in snapshot.described:
            return {code: one for code, one in published.items() if one.type in REST_TYPES}
        found: dict[str, Published] = {}
        for service in snapshot.services_of(name):
            _, code, *rest = service.split("/", 2)
            before = found.get(code) or Published(code, "REST", Text(code, code), "", (), "")
            endpoints = _under(rest[0]) if rest else (Endpoint("*", "/**"),)
            found[code] = replace(before, endpoints=(*before.endpoints, *endpoints))
        return found

    def _rights(self, client: str, provider: str, code: str) -> list[Right]:
        """Those of any version; each for the path of its version alone, where it names one."""
        snapshot = self.gateway.keeper.snapshot
        if client not in snapshot.subsystems:
            return []
        base = f"{provider.rsplit('/', 1)[-1]}/{code}"
        names = [base, *(name for name in snapshot.services_of(provider) if name.startswith(f"{base}/"))]
        found: dict[Right, None] = {}
        for name in names:
            for right in snapshot.rights_at(provider, client, name, self.gateway.now().date()):
                found[_of_version(right)] = None
        return list(found)


def _of_version(right: Right) -> Right:
    """A right to `<system>/<code>/v2` covers `/v2` and what lies under it."""
    version = right.service.split("/", 2)[2:]
    if not version or right.endpoints:
        return right
    return replace(right, endpoints=_under(version[0]))


def _under(version: str) -> tuple[Endpoint, ...]:
    return Endpoint("*", f"/{version}"), Endpoint("*", f"/{version}/**")


def allowed(endpoints: Iterable[Endpoint], rights: Iterable[Right]) -> tuple[Endpoint, ...]:
    """Of a service's endpoints those that a right covers, and those of a right that are narrower than any of them."""
    offered, given = list(endpoints), list(rights)
    if any(not right.endpoints for right in given):
        return tuple(offered)
    own = [one for right in given for one in right.endpoints]
    within = [one for one in offered if _covered(one, own)]
    narrower = [one for one in own if _covered(one, offered) and not _covered(one, within)]
    return tuple(dict.fromkeys([*within, *narrower]))


def _covered(endpoint: Endpoint, by: Iterable[Endpoint]) -> bool:
    return any(one.method in {ANY, endpoint.method} and glob_within(endpoint.path, one.path) for one in by)


def answer(content_type: bytes, body: bytes) -> Answer:
    return 200, [(b"content-type", content_type), (b"content-length", str(len(body)).encode())], body
