"""A kept connection to the database: whether it still stands is seen without asking."""

from collections.abc import Generator

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from lienthong.config.database.base import DatabaseWrapper
from tests.conftest import server_execute

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Generator[DatabaseWrapper]:
    """A connection of its own, as a thread keeps one."""
    made = connections.create_connection("default")
    assert isinstance(made, DatabaseWrapper)
    made.ensure_connection()
    yield made
    made.close()


def pid_of(connection: DatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


def hung_up(pid: int) -> None:
    server_execute(sql.SQL("select pg_terminate_backend({}, 5000)").format(sql.Literal(pid)))


def test_a_connection_that_rests_is_usable(kept: DatabaseWrapper) -> None:
    assert kept.is_usable()
    assert pid_of(kept) == pid_of(kept)
    assert kept.is_usable()


def test_a_server_that_hung_up_is_noticed_before_the_next_statement(kept: DatabaseWrapper) -> None:
    before = pid_of(kept)
    hung_up(before)
    assert not kept.is_usable()
    kept.close_if_unusable_or_obsolete()  # as at the end of a request, and at the beginning of the next
    assert pid_of(kept) != before


def test_a_connection_in_a_failed_transaction_is_not_usable(kept: DatabaseWrapper) -> None:
    kept.set_autocommit(False)
    with pytest.raises(psycopg.Error), kept.connection.cursor() as cursor:
        cursor.execute("select no_such_column")
    assert not kept.is_usable()
    kept.rollback()
    assert kept.is_usable()


def test_one_that_is_closed_is_not_usable(kept: DatabaseWrapper) -> None:
    kept.close()
    assert not kept.is_usable()
