"""Runs the jobs that wait, in order, in this thread: for a nation whose clock is set, and for tests."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

from lienthong.blocks.casework import deadlines, kinds
from lienthong.blocks.exchange import outbox

ROUNDS_MAX = 20


def job_next() -> tuple[int, str, dict[str, Any]] | None:
    """The first job that waits and is not put off until later."""
    return _one("select id, task_name, args from procrastinate_jobs where id = (" + _FIRST + ")")


def settle() -> None:
    """Jobs, lost steps, deliveries and deadlines, now, until nothing moves."""
    for _ in range(ROUNDS_MAX):
        if not run_jobs() + deadlines.sweep_deadlines() + kinds.sweep_steps() + outbox.sweep_deliveries():
            return


def run_jobs(limit: int = 200) -> int:
    """Run jobs until none waits; how many were run. A job that raises stays queued, and raises here.

    Several processes may run jobs side by side: each job is taken by one of them.
    """
    for done in range(limit):
        job = _one(
            "update procrastinate_jobs set status = 'doing' where id = ("
            + _FIRST
            + " for update skip locked)"
            " returning id, task_name, args"
        )
        if job is None:
            return done
        number, name, arguments = job
        try:
            app.tasks[name].func(**arguments)
        except BaseException:
            _do("update procrastinate_jobs set status = 'todo' where id = %s", number)
            raise
        _do("delete from procrastinate_jobs where id = %s", number)
    raise AssertionError(f"more than {limit} jobs: {job_next()}")


_FIRST = (
    "select id from procrastinate_jobs where status = 'todo' and scheduled_at is null"
    " order by priority desc, id limit 1"
)


def _one(statement: str) -> tuple[int, str, dict[str, Any]] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    if row is None:
        return None
    return row[0], row[1], row[2] if isinstance(row[2], dict) else json.loads(row[2])


def _do(statement: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [number])
