"""Jobs of this room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from lienthong.systems.eid import delivery


@app.task(name="eid.notice_deliver", queue="notices")
def notice_deliver(delivery_id: str) -> None:
    delivery.notice_deliver(delivery_id)
