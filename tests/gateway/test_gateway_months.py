"""The log's months: made ahead without waiting for readers, dropped when they are older than `record_days`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from lienthong.gateway.log import CONNECTING
from lienthong.gateway.months import AHEAD, Months, MonthsJob, month_name, months_before
from tests.gateway.conftest import Exchange
from tests.gateway.control import ONE, TWO
from tests.nation.programs import wait_until

OLD = "message_2020_01"
DAYS = 30


@pytest.fixture(scope="module")
def gateway_settings() -> dict[str, dict[str, Any]]:
    return {ONE: {"record_days": DAYS}}


def months(exchange: Exchange, server: str) -> list[str]:
    with psycopg.connect(exchange.databases[server]) as connection:
        return months_before(connection, datetime(2999, 1, 1, tzinfo=UTC))


def run(
    exchange: Exchange, server: str, now: datetime, *, record_days: int = 0, known: Months | None = None
) -> list[str]:
    """One run of the job, on a gateway's own database."""

    async def ran() -> list[str]:
        url = exchange.databases[server]
        async with AsyncConnectionPool(url, kwargs=CONNECTING, min_size=1, open=False) as pool:
            job = MonthsJob(known or Months(), pool=pool, database=url, record_days=record_days)
            return await job.run(now)

    return asyncio.run(ran())


def old_month(exchange: Exchange, server: str) -> None:
    run(exchange, server, datetime(2020, 1, 15, tzinfo=UTC))
    with psycopg.connect(exchange.databases[server]) as connection:
        connection.execute(
            "insert into gateway.message select nextval('gateway.message_serial'), '2020-01-31 23:59+00', side, 'old',"
            ' request_id, client, service, purpose, "case", status, problem, question, question_signature,'
            " question_leaf, reply, reply_signature, reply_leaf from gateway.message order by serial limit 1"
        )


def test_a_gateway_makes_the_next_month_a_week_ahead(exchange: Exchange) -> None:
    assert exchange.ask("GET", "echo").status_code == 200
    now = datetime.now(UTC)
    for server in (ONE, TWO):
        assert {month_name(now), month_name(now + AHEAD)} <= set(months(exchange, server))


def test_a_month_is_made_while_somebody_reads_the_log(exchange: Exchange) -> None:
    """A reader's transaction is open; the new month waits for no lock, and has the log's indexes and checks."""
    name = "message_2031_02"
    with psycopg.connect(exchange.databases[TWO]) as reader:
        reader.execute("select count(*) from gateway.message")
        run(exchange, TWO, datetime(2031, 1, 28, tzinfo=UTC))
        assert name in months(exchange, TWO)
        assert exchange.ask("GET", "echo").status_code == 200
    with psycopg.connect(exchange.databases[TWO]) as connection:
        told = connection.execute(
            "select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where c.relkind = 'i' and c.oid in"
            " (select indexrelid from pg_index where indrelid = to_regclass(%s))",
            [f"gateway.{name}"],
        ).fetchone()
        assert told == (3,)
        connection.execute(f"drop table gateway.{name}")


def test_a_month_that_could_not_be_made_is_tried_again(exchange: Exchange) -> None:
    known, moment = Months(), datetime(2032, 5, 1, tzinfo=UTC)
    with psycopg.connect(exchange.databases[TWO], autocommit=True) as connection:
        connection.execute("create table gateway.message_2032_05 (serial int)")
        with pytest.raises(psycopg.errors.DuplicateTable):
            run(exchange, TWO, moment, known=known)
        connection.execute("drop table gateway.message_2032_05")
        run(exchange, TWO, moment, known=known)
        assert "message_2032_05" in months(exchange, TWO)
        connection.execute("drop table gateway.message_2032_05")


def test_a_month_leaves_the_log_once_all_of_it_is_older_than_record_days(exchange: Exchange) -> None:
    assert exchange.ask("GET", "echo").status_code == 200
    old_month(exchange, TWO)
    ended = datetime(2020, 2, 1, tzinfo=UTC)
    assert run(exchange, TWO, ended + timedelta(days=DAYS, seconds=-1), record_days=DAYS) == []
    assert OLD in months(exchange, TWO)
    assert run(exchange, TWO, ended + timedelta(days=DAYS + 1), record_days=0) == []
    assert run(exchange, TWO, ended + timedelta(days=DAYS + 1), record_days=DAYS) == [OLD]
    assert OLD not in months(exchange, TWO)
    assert exchange.logged(TWO, "old") == []


def test_a_gateway_drops_what_is_too_old_by_itself_and_keeps_the_rest(exchange: Exchange) -> None:
    assert exchange.ask("GET", "echo", headers={"X-Road-Id": "kept"}).status_code == 200
    for server in (ONE, TWO):
        old_month(exchange, server)
        exchange.stop(server)
        exchange.start(server)
    wait_until(lambda: OLD not in months(exchange, ONE), seconds=20)
    assert len(exchange.logged(ONE, "kept")) == 1
    assert OLD in months(exchange, TWO)  # which was told no number of days
    assert exchange.ask("GET", "echo").status_code == 200


def test_a_month_in_use_waits_for_another_run(exchange: Exchange) -> None:
    old_month(exchange, ONE)
    now = datetime(2020, 6, 1, tzinfo=UTC)
    with psycopg.connect(exchange.databases[ONE]) as reader:
        reader.execute("select count(*) from gateway.message")
        assert run(exchange, ONE, now, record_days=DAYS) == []
    assert run(exchange, ONE, now, record_days=DAYS) == [OLD]
