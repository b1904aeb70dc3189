"""The jobs of a worker that died are done by another, whatever our clock says."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from lienthong.config import worker
from lienthong.ground import clock

pytestmark = pytest.mark.django_db


def job_of(owner: str) -> int:
    """A job in the hands of a worker whose last sign of life is as given (SQL)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (clock_timestamp() - %s::interval)"
            " returning id",
            [owner],
        )
        (worker_id,) = cursor.fetchone()
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, priority, args, status, worker_id)"
            " values ('casework', 'casework.step_run', 0, '{}', 'doing', %s) returning id",
            [worker_id],
        )
        return int(cursor.fetchone()[0])


def started(job: int, ago: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_events (job_id, type, at)"
            " values (%s, 'started', clock_timestamp() - %s::interval)",
            [job, ago],
        )


def state_of(job: int) -> tuple[str, bool]:
    """status, and whether the queue would hand it out now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select status::text, coalesce(scheduled_at <= clock_timestamp(), true)"
            " from procrastinate_jobs where id = %s",
            [job],
        )
        return cursor.fetchone()


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=365)], ids=["real time", "a year ahead"])
def test_a_dead_workers_job_is_handed_out_at_once(ahead: timedelta) -> None:
    job = job_of("20 seconds")
    with clock.fixed(datetime.now(UTC) + ahead):
        assert worker.reap_jobs() == 1
    assert state_of(job) == ("todo", True)
    assert worker.reap_jobs() == 0


def test_a_living_workers_job_is_left_to_it() -> None:
    job = job_of("1 second")
    assert worker.reap_jobs() == 0
    assert state_of(job)[0] == "doing"


def test_a_job_whose_end_could_not_be_written_is_given_back_though_its_worker_lives() -> None:
    lost, running = job_of("1 second"), job_of("1 second")
    started(lost, "2 minutes")
    started(running, "5 seconds")
    assert worker.reap_jobs() == 1
    assert (state_of(lost)[0], state_of(running)[0]) == ("todo", "doing")
