"""`/health` of a gateway: whether it can serve, how old its configuration is, what has no time stamp yet."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any, Final

from psycopg import Error as DatabaseError

from lienthong.gateway.asgi import JSON, Headers
from lienthong.gateway.core import Gateway
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.stamper import Late
from lienthong.ground.text import Text

LOG_WAIT_S: Final = 2.0
WARN_FROM: Final = 1 / 8
"""Of the grace for time stamps (by default half an hour of four hours)."""


async def health(gateway: Gateway) -> tuple[int, Headers, bytes]:
    """200 while exchanges are possible, else 503; JSON.

    The configuration's age and the control plane's silence, the log's state, how much has no time stamp and what
    follows from it. Never waits long: who asks wants to know now.
    """
    keeper, now = gateway.keeper, gateway.now()
    told: dict[str, Any] = {"server": gateway.config.server, "in_flight": gateway.in_flight}
    told["streams"] = gateway.streaming
    memory = gateway.memory
    told["memory"] = {"used_bytes": memory.used, "most_bytes": memory.most}
    try:
        async with asyncio.timeout(LOG_WAIT_S):
            told["without_time_stamp"] = _stamps(gateway, await gateway.stamper.late(), now)
        told["log"] = "ok"
    except (DatabaseError, TimeoutError):
        told["log"] = "away"
    silent = keeper.silent_s()
    told["control_plane_silent_s"] = None if silent is None else round(silent, 1)
    told["configuration"] = _configuration(gateway, now)
    serves = (
        told["configuration"] is not None and told["log"] == "ok" and gateway.stamper.overdue(now) is None
    )
    return 200 if serves else 503, JSON, json.dumps(told, ensure_ascii=False).encode()


def _configuration(gateway: Gateway, now: datetime) -> dict[str, Any] | None:
    try:
        snapshot = gateway.keeper.snapshot
    except NoConfigurationError:
        return None
    return {"version": snapshot.version, "age_s": round((now - snapshot.made_at).total_seconds(), 1)}


def _stamps(gateway: Gateway, late: Late, now: datetime) -> dict[str, Any]:
    """warning: in both languages, from an eighth of the grace on; exchange stops in left_s, None never."""
    grace_s = gateway.stamper.grace_s
    told: dict[str, Any] = {
        "messages": late.messages,
        "since": late.since.isoformat() if late.since else None,
        "grace_s": grace_s,
        "left_s": None,
        "warning": None,
    }
    if late.since is not None and grace_s:
        waited_s = (now - late.since).total_seconds()
        told["left_s"] = max(0.0, round(grace_s - waited_s, 1))
        if waited_s > grace_s * WARN_FROM:
            told["warning"] = _warning(late, told["left_s"]).as_dict()
    return told


def _warning(late: Late, left_s: float) -> Text:
    minutes = int(left_s // 60)
    stops = (
        Text(f"Trao đổi sẽ dừng sau {minutes} phút.", f"Exchange stops in {minutes} minutes.")
        if left_s
        else Text("Trao đổi đã dừng.", "Exchange has stopped.")
    )
    return Text(
        f"{late.messages} thông điệp chưa có dấu thời gian. {stops.vi} Hãy kiểm tra dịch vụ dấu thời gian (tsa).",
        f"{late.messages} messages have no time stamp. {stops.en} See to the time-stamp authority (tsa).",
    )
