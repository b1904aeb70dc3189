"""Jobs of the exchange."""

from __future__ import annotations

from procrastinate.contrib.django import app

from lienthong.blocks.exchange import outbox


@app.task(name="exchange.deliver", queue="exchange")
def deliver(delivery_id: str) -> None:
    """The queue does not retry a failed delivery: its own row says when, and the sweep comes back to it."""
    outbox.deliver(delivery_id)
