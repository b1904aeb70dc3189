"""A control plane for the gateways' tests: two agencies, three systems, their rights, published and signed."""

from __future__ import annotations

from datetime import date, timedelta

ASKER, DATA, CLOSED = "VN/GOV/T01/app", "VN/GOV/T02/data", "VN/GOV/T02/closed"
ONE, TWO = "VN/GOV/T01/gw1", "VN/GOV/T02/gw2"
PURPOSE, OTHER_PURPOSE = "testing", "statistics"


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
    configuration.publish_if_changed(at=at)


def grant(service: str, purpose: str, quota: int | None = None) -> None:
    from lienthong.blocks.exchange import services

    services.agreement_grant(
        client=ASKER,
        service=service,
        purpose=purpose,
        legal_basis="Nghị định 47/2024/NĐ-CP",
        granted_by="T02",
        valid_from=date(2025, 7, 1),
        daily_quota=quota,
    )


def grant_more(service: str) -> None:
    from lienthong.blocks.exchange import configuration
    from lienthong.ground import clock

    grant(service, PURPOSE)
    configuration.publish_if_changed(at=clock.now())
