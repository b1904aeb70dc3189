"""Jobs: the queue lies in PostgreSQL, so a job is enqueued in the transaction of the change that needs it."""

from __future__ import annotations

import procrastinate
from procrastinate.contrib.django.procrastinate_app import ProxyApp


def on_app_ready(app: procrastinate.App | ProxyApp) -> None:
    """Called by procrastinate once every room's `tasks` module has been read."""
    app.worker_defaults["delete_jobs"] = "successful"
    app.worker_defaults["update_heartbeat_interval"] = 2
    app.worker_defaults["stalled_worker_timeout"] = 6
