"""What a client can find out: who is on the exchange, what a system offers, and what of it the client may call."""

from __future__ import annotations

from lienthong.gateway.core import Gateway, owner_of
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import RequestMeta
from lienthong.gateway.xroad.identifiers import MemberId, ServiceId, SubsystemId, Target
from lienthong.gateway.xroad.metaservices import Client, Endpoint, Service, clients_render, methods_render
from lienthong.ground.text import Text

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class Metaservices:
    """Answered from the configuration; nothing leaves this gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def clients(self, accept: bytes | None) -> Answer:
        """listClients: members, and systems that stand behind a gateway."""
        snapshot = self.gateway.keeper.snapshot
        listed = [Client(MemberId(*name.split("/")), title) for name, title in snapshot.members.items()]
        for name, server in snapshot.subsystems.items():
            if server:
                title = snapshot.members.get(owner_of(name), "")
                listed.append(Client(SubsystemId(*name.split("/")), title))
        return _answer(*clients_render(listed, accept=accept))

    def answer(self, target: Target, meta: RequestMeta) -> Answer | None:
        """The answer where the service is one of these, else None."""
        if target.service.code == "listMethods":
            return _answer(*methods_render(self._services(target.service.subsystem, None)))
        if target.service.code == "allowedMethods":
            return _answer(*methods_render(self._services(target.service.subsystem, str(meta.client))))
        if target.service.code == "getOpenAPI":
            raise XRoadError(
                Kind.UNKNOWN_SERVICE,
                Text("Dịch vụ này chưa công bố mô tả OpenAPI.", "This system has not published an OpenAPI."),
                next_step=Text("Xem hợp đồng của hệ thống.", "See the system's contract."),
            )
        return None

    def _services(self, subsystem: SubsystemId, client: str | None) -> list[Service]:
        """Of the system; with a client, only those that it has an agreement on."""
        snapshot = self.gateway.keeper.snapshot
        if str(subsystem) not in snapshot.subsystems:
            raise XRoadError(
                Kind.UNKNOWN_MEMBER,
                Text(f"Không có hệ thống {subsystem}.", f"There is no system {subsystem}."),
            )
        endpoints: dict[str, list[Endpoint]] = {}
        for service in snapshot.services_of(str(subsystem)):
            if client is not None and not _allowed(self.gateway, client, service):
                continue
            _, code, *rest = service.split("/", 2)
            endpoints.setdefault(code, []).append(Endpoint("POST", "/" + rest[0] if rest else "/**"))
        return [
            Service(ServiceId(subsystem, code), "REST", tuple(found)) for code, found in endpoints.items()
        ]


def _allowed(gateway: Gateway, client: str, service: str) -> bool:
    snapshot = gateway.keeper.snapshot
    return client in snapshot.subsystems and bool(snapshot.rights_of(client, service, gateway.now().date()))


def _answer(content_type: bytes, body: bytes) -> Answer:
    return 200, [(b"content-type", content_type), (b"content-length", str(len(body)).encode())], body
