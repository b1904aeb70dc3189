"""Rows of several models in one statement: as Django would have written them, with their jobs and an update."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from procrastinate.contrib.django import app

from lienthong.blocks.casework.models import Absence, NumberCounter
from lienthong.blocks.exchange.models import Delivery, Inbox
from lienthong.blocks.registry.bulk import NewRow, jobs_deferred, rows_insert

AT = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def delivery(**changes: object) -> Delivery:
    common = {
        "sender": "VN/GOV/A/a",
        "receiver": "VN/GOV/B/b",
        "service": "b/c/v1",
        "purpose": "p",
        "case": "",
    }
    return Delivery(id=uuid4(), created_at=AT, next_try_at=AT, **{**common, "body": {}, **changes})


def absence(day: int) -> Absence:
    return Absence(
        officer="a",
        agency="A",
        substitute="b",
        from_day=date(2026, 11, day),
        to_day=date(2026, 12, 1),
        recorded_at=AT,
    )


class Whatever(TestCase):
    @given(body=st.dictionaries(texts, values, max_size=4), text=texts)
    def test_whatever_stands_in_a_value_comes_back(self, body: dict[str, object], text: str) -> None:
        row = delivery(body=body, problem=text)
        rows_insert([row])
        found = Delivery.objects.get(pk=row.pk)
        assert (found.body, found.problem, found.created_at, found.delivered_at) == (body, text, AT, None)


@pytest.mark.django_db
def test_several_models_go_in_one_statement_and_rows_keep_their_order() -> None:
    first, second = delivery(case="1"), delivery(case="2")
    with CaptureQueriesContext(connection) as found:
        rows_insert(
            [first, absence(3), second, absence(2), NumberCounter(agency="A", day=date(2026, 11, 1), last=7)]
        )
    assert len(found) == 1
    assert set(Delivery.objects.values_list("case", flat=True)) == {"1", "2"}
    assert [row.from_day.day for row in Absence.objects.order_by("pk")] == [3, 2]
    assert NumberCounter.objects.get().last == 7


@pytest.mark.django_db
def test_what_is_saved_later_is_an_update() -> None:
    row = delivery()
    rows_insert([row])
    row.tries = 3
    row.save()
    assert Delivery.objects.get(pk=row.pk).tries == 3


@pytest.mark.django_db
def test_an_update_goes_the_same_way_and_all_or_nothing_is_written() -> None:
    asked = Inbox.objects.create(
        client="a", message_id=uuid4(), service="s", body_hash="0" * 64, answer={}, recorded_at=AT
    )
    row = delivery()
    rows_insert(
        [row], besides=("update exchange_inbox set answer = %s::jsonb where id = %s", ['{"a": 1}', asked.pk])
    )
    asked.refresh_from_db()
    assert asked.answer == {"a": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_insert([delivery(case="new"), row])
    assert not Delivery.objects.filter(case="new").exists()


@pytest.mark.django_db
def test_a_job_is_the_one_that_procrastinate_would_defer() -> None:
    """But for its id: a new release of the library that defers otherwise is noticed here."""
    arguments = {"delivery_id": str(uuid4())}
    app.configure_task("exchange.deliver", queueing_lock="first").defer(**arguments)
    rows_insert([delivery()], besides=jobs_deferred("exchange.deliver", [(arguments, "second")]))
    with connection.cursor() as cursor:
        cursor.execute("select * from procrastinate_jobs order by id")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute("select type, count(*) from procrastinate_events group by type")
        events = cursor.fetchall()
    assert [row.pop("queueing_lock") for row in rows] == ["first", "second"]
    assert rows[0]["id"] < rows[1]["id"]
    assert {**rows[0], "id": 0} == {**rows[1], "id": 0}
    assert events == [("deferred", 2)]
    assert jobs_deferred("exchange.deliver", []) is None


@pytest.mark.django_db
def test_a_new_row_has_its_fields_defaults_and_only_their_names() -> None:
    common = {
        "sender": "a",
        "receiver": "b",
        "service": "b/c/v1",
        "purpose": "p",
        "body": {},
        "next_try_at": AT,
    }
    pk = uuid4()
    rows_insert([NewRow(Delivery, id=pk, created_at=AT, **common)])
    found, made = Delivery.objects.get(pk=pk), Delivery(id=pk, created_at=AT, **common)
    assert {field.attname: getattr(found, field.attname) for field in Delivery._meta.concrete_fields} == {
        field.attname: getattr(made, field.attname) for field in Delivery._meta.concrete_fields
    }
    with pytest.raises(TypeError, match=r"Delivery: colour"):
        NewRow(Delivery, id=pk, created_at=AT, colour="red", **common)
    with pytest.raises(TypeError, match=r"Delivery: created_at"):
        NewRow(Delivery, id=pk, **common)
