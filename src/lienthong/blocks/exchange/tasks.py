"""Jobs of the exchange."""

from __future__ import annotations

from procrastinate.contrib.django import app

from lienthong.blocks.exchange import outbox


@app.task(name="exchange.deliver", queue="exchange")
def deliver(delivery_id: str) -> None:
    """A failed delivery is not retried by the queue: its own row says when, and the sweep comes back to it."""
    outbox.deliver(delivery_id)
