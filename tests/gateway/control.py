"""A control plane for the gateways' tests: two agencies, three systems, their rights, published and signed."""

from __future__ import annotations

from datetime import date, timedelta

ASKER, DATA, CLOSED = "VN/GOV/T01/app", "VN/GOV/T02/data", "VN/GOV/T02/closed"
REGISTRY, READER, STRANGER = "VN/GOV/T02/registry", "VN/GOV/T01/reader", "VN/GOV/T01/stranger"
NUMBERS = "VN/GOV/T02/population"
FRAMED, NAMESAKE = "VN/GOV/T02/warehouse", "VN/GOV/T01/registry"
ONE, TWO = "VN/GOV/T01/gw1", "VN/GOV/T02/gw2"
PURPOSE, OTHER_PURPOSE = "testing", "statistics"
OPENAPI = b"""openapi: 3.0.3
info: {title: Persons, version: '1'}
servers: [{url: 'https://10.0.0.7:8443/api'}]
paths:
  /persons: {get: {responses: {'200': {description: ok}}}, post: {responses: {'200': {description: ok}}}}
  /persons/{id}: {get: {responses: {'200': {description: ok}}}, put: {responses: {'200': {description: ok}}}}
  /persons/{id}/photo: {get: {responses: {'200': {description: ok}}}}
"""
WSDL = b"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">
<w:binding name="b" type="t"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="askOldWay"/></w:binding>
<w:service name="x"><w:port name="p" binding="b"><s:address location="http://10.0.0.7/soap"/></w:port></w:service>
</w:definitions>"""


def publish(addresses: dict[str, str]) -> None:
    """Into the database that Django is set up on; addresses: gateway -> where the other one reaches it."""
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from lienthong.ground.text import Text

    at = clock.now()
    for server, address in addresses.items():
        services.gateway_open(server=server, address=address)
    for code in ("T01", "T02"):
        title = Text(f"Cơ quan {code}", f"Agency {code}")
        services.member_join(name=f"VN/GOV/{code}", code=code, title=title, at=at - timedelta(days=1))
    for name, server in ((ASKER, ONE), (DATA, TWO), (CLOSED, TWO)):
        services.subsystem_open(name=name, gateway=server, framed=False)
    grants = (
        ("data/echo", PURPOSE),
        ("data/slow", PURPOSE),
        ("data/both", PURPOSE),
        ("data/both", OTHER_PURPOSE),
    )
    for service, purpose in grants:
        grant(service, purpose)
    grant("data/scarce", PURPOSE, quota=3)
    registry()
    configuration.publish_if_changed(at=at)


def registry() -> None:
    """A system with described services, rights to endpoints of them, and a group; a system of Lienthong beside it."""
    from lienthong.blocks.exchange import services
    from lienthong.ground import clock
    from lienthong.ground.text import Text

    at = clock.now()
    services.subsystem_open(name=FRAMED, gateway=TWO)
    for name, server in ((REGISTRY, TWO), (READER, ONE), (STRANGER, ONE), (NAMESAKE, ONE)):
        services.subsystem_open(name=name, gateway=server, framed=False)
    services.service_publish(subsystem=REGISTRY, code="persons", description=OPENAPI, at=at)
    services.service_publish(subsystem=REGISTRY, code="plain", at=at)
    services.service_publish(subsystem=NAMESAKE, code="plain", at=at)
    services.service_publish(
        subsystem=REGISTRY, code="limited", endpoints=[("GET", "/a/*"), ("*", "/b/**")], at=at
    )
    services.service_publish(subsystem=REGISTRY, description=WSDL, at=at)
    services.group_set(code="photographers", title=Text("Người xem ảnh", "Photographers"))
    services.group_members(code="photographers", members=[ASKER, READER])
    grant("registry/persons", PURPOSE, endpoints=[("GET", "/persons/*")])
    grant("registry/persons", PURPOSE, client="group:photographers", endpoints=[("GET", "/persons/*/photo")])
    grant("registry/plain", PURPOSE)
    grant("registry/limited", PURPOSE, endpoints=[("GET", "/**"), ("POST", "/b/only")])
    services.group_set(code="second", title=Text("Nhóm hai", "Second"))
    services.group_members(code="second", members=[ASKER])
    for group, quota in (("photographers", 2), ("second", 3)):
        grant("registry/limited", PURPOSE, quota, client=f"group:{group}", endpoints=[("PUT", "/b/**")])
    grant("registry/withdrawn", PURPOSE)
    grant("registry/askOldWay", PURPOSE)
    grant("warehouse/documents-find/v1", PURPOSE)


def numbers() -> None:
    """A system of Lienthong that writes once for each message: it gives personal numbers."""
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock

    services.subsystem_open(name=NUMBERS, gateway=TWO)
    grant("population/numbers-allocate/v1", "birth-registration")
    configuration.publish_if_changed(at=clock.now())


def certificates_more() -> None:
    """Two more of the first agency, with keys: one that expired, and one that was revoked."""
    from lienthong.blocks.exchange import configuration
    from lienthong.blocks.trust import services as trust
    from lienthong.blocks.trust.authority import AUTHORITY_FROM, Subject
    from lienthong.blocks.trust.wire import certificate_pem
    from lienthong.ground import clock

    at = clock.now().replace(microsecond=0)
    subject = Subject("VN/GOV/T01", "member", "Cơ quan T01", "T01")
    for made_at, revoked_at in ((AUTHORITY_FROM, None), (at - timedelta(days=2), at - timedelta(days=1))):
        certificate = trust.authority().issue(subject, at=made_at)
        row = {
            "pem": certificate_pem(certificate),
            "revoked_at": revoked_at.isoformat() if revoked_at else None,
        }
        trust.certificates_take([row])
    configuration.publish_if_changed(at=at)


def grant(
    service: str,
    purpose: str,
    quota: int | None = None,
    *,
    client: str = ASKER,
    endpoints: list[tuple[str, str]] | None = None,
) -> None:
    from lienthong.blocks.exchange import services

    services.agreement_grant(
        client=client,
        service=service,
        purpose=purpose,
        legal_basis="Nghị định 47/2024/NĐ-CP",
        granted_by="T02",
        valid_from=date(2025, 7, 1),
        daily_quota=quota,
        endpoints=endpoints or [],
    )


def grant_more(service: str) -> None:
    from lienthong.blocks.exchange import configuration
    from lienthong.ground import clock

    grant(service, PURPOSE)
    configuration.publish_if_changed(at=clock.now())


def neighbour(name: str) -> None:
    """A system behind the provider's own gateway, which may ask its neighbour."""
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock

    services.subsystem_open(name=name, gateway=TWO, framed=False)
    grant("data/echo", PURPOSE, client=name)
    configuration.publish_if_changed(at=clock.now())


def publish_more(code: str) -> None:
    """One more described service, in a new configuration."""
    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock

    description = OPENAPI.replace(b"Persons", code.encode())
    services.service_publish(subsystem=REGISTRY, code=code, description=description, at=clock.now())
    configuration.publish_if_changed(at=clock.now())


def clients_set(
    connections: dict[str, str], certificates: list[tuple[str, str]], withdrawn: list[tuple[str, str]]
) -> None:
    """connections: by subsystem; certificates, withdrawn: a subsystem and the PEM file of a certificate of its."""
    from pathlib import Path

    from lienthong.blocks.exchange import clients, configuration
    from lienthong.blocks.exchange.granting import Actor
    from lienthong.blocks.trust.wire import fingerprint
    from lienthong.ground import clock

    by, at = Actor("T01-E1", "T01"), clock.now()
    for name, connection in connections.items():
        clients.connection_set(subsystem=name, connection=connection, by=by, at=at)
    for name, path in certificates:
        content = Path(path).read_bytes()
        # As if it had been registered while it was valid.
        until = clients.certificate_read(content).not_valid_after_utc
        clients.certificate_register(subsystem=name, content=content, by=by, at=min(at, until))
    for name, path in withdrawn:
        known = fingerprint(clients.certificate_read(Path(path).read_bytes()))
        assert clients.certificate_withdraw(subsystem=name, fingerprint=known, by=by, at=at)
    configuration.publish_if_changed(at=at)
