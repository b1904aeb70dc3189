"""Which gateways are looked after, and what each said of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lienthong.blocks.exchange.models import Gateway, GatewayHealth


def gateways_to_ask() -> list[tuple[str, str]]:
    """(server, address) of every gateway."""
    return list(Gateway.objects.order_by("server").values_list("server", "address"))


def gateways_with_folder() -> list[tuple[str, str]]:
    """(server, folder) of those whose connection's certificate the worker renews."""
    return list(Gateway.objects.exclude(tls_folder="").order_by("server").values_list("server", "tls_folder"))


def gateway_seen(
    *,
    server: str,
    at: datetime,
    status: int,
    told: dict[str, Any],
    problem: str,
    tls_until: datetime | None,
) -> None:
    """Keep the newest answer; one that failed leaves when it last answered, and what was known of its certificate."""
    kept: dict[str, Any] = {"asked_at": at, "problem": problem}
    if not problem:
        kept |= {"answered_at": at, "status": status, "told": told, "tls_until": tls_until}
    GatewayHealth.objects.update_or_create(gateway_id=server, defaults=kept)
