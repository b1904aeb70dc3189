"""Runs the jobs that wait, in order, in this thread: for a nation whose clock is set, and for tests."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app


def job_next() -> tuple[int, str, dict[str, Any]] | None:
    """The first job that waits and is not put off until later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, task_name, args from procrastinate_jobs"
            " where status = 'todo' and scheduled_at is null order by priority desc, id limit 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return row[0], row[1], row[2] if isinstance(row[2], dict) else json.loads(row[2])


def run_jobs(limit: int = 200) -> int:
    """Run jobs until none waits; how many were run. A job that raises stays queued, and raises here."""
    for done in range(limit):
        job = job_next()
        if job is None:
            return done
        number, name, arguments = job
        app.tasks[name].func(**arguments)
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where id = %s", [number])
    raise AssertionError(f"more than {limit} jobs: {job_next()}")
