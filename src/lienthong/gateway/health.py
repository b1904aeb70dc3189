"""`/health` of a gateway: whether it can serve, how old its configuration is, what has no time stamp yet."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from psycopg import Error as DatabaseError

from lienthong.gateway.asgi import JSON, Headers
from lienthong.gateway.core import Gateway
from lienthong.gateway.keeper import NoConfigurationError


async def health(gateway: Gateway) -> tuple[int, Headers, bytes]:
    """200 while there is a configuration: its age, the control plane's silence, and how much has no time stamp."""
    keeper = gateway.keeper
    told: dict[str, Any] = {"server": gateway.config.server, "in_flight": gateway.in_flight}
    with suppress(DatabaseError):
        late = await gateway.stamper.late()
        since = late.since.isoformat() if late.since else None
        told["without_time_stamp"] = {"messages": late.messages, "since": since}
    silent = keeper.silent_s()
    told["control_plane_silent_s"] = None if silent is None else round(silent, 1)
    try:
        snapshot = keeper.snapshot
    except NoConfigurationError:
        told["configuration"] = None
        return 503, JSON, json.dumps(told).encode()
    age = (gateway.now() - snapshot.made_at).total_seconds()
    told["configuration"] = {"version": snapshot.version, "age_s": round(age, 1)}
    return 200, JSON, json.dumps(told).encode()
