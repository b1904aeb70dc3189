"""The outbox: what happened is told to each subscriber once, however long it takes."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from psycopg.types.range import DateRange
from pydantic import ValidationError

from lienthong.blocks.exchange import outbox, selectors, services
from lienthong.blocks.exchange.contract import Event, schema
from lienthong.blocks.exchange.models import Delivery
from lienthong.blocks.registry.models import Agency
from lienthong.ground import clock
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text
from tests.blocks.exchange.desk import ASKER, DESK, HEAR, KEPT, NOTE, SERVICES, TODAY, Note, ask
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(desk: datetime) -> datetime:
    services.subscribe(event=KEPT.name, subscriber=ASKER, service=HEAR.name)
    return desk


def obstacle(code: str) -> Agency:
    return Agency.objects.create(code=code, kind="obstacle", valid=DateRange(TODAY, None))


def heard() -> list[str]:
    return sorted(Agency.objects.filter(code__startswith="heard").values_list("code", flat=True))


def test_a_subscriber_hears_once_what_was_committed(told: datetime) -> None:
    ask(NOTE, Note(code="a", fate="told"))
    assert heard() == []
    run_jobs()
    outbox.sweep_deliveries()
    assert heard() == ["heard a"]
    assert Delivery.objects.get().delivered_at == told
    assert selectors.health().waiting == 0


def test_delivering_again_after_a_lost_worker_takes_no_second_effect(told: datetime) -> None:
    ask(NOTE, Note(code="a", fate="told"))
    run_jobs()
    Delivery.objects.update(delivered_at=None)
    Agency.objects.filter(code="heard a").delete()
    with clock.fixed(told + timedelta(seconds=6)):
        assert outbox.sweep_deliveries() == 1
    assert heard() == []
    assert Delivery.objects.get().delivered_at is not None


def test_the_sweep_leaves_a_delivery_to_its_own_job_at_first(told: datetime) -> None:
    ask(NOTE, Note(code="a", fate="told"))
    with clock.fixed(told + timedelta(seconds=4)):
        assert outbox.sweep_deliveries() == 0
    with clock.fixed(told + timedelta(seconds=5)):
        assert outbox.sweep_deliveries() == 1
    assert heard() == ["heard a"]


def test_nobody_hears_of_what_was_undone(told: datetime) -> None:
    with transaction.atomic():
        services.event_publish(event=KEPT, body={"code": "a"}, sender=DESK, purpose="own-data")
        transaction.set_rollback(True)
    assert run_jobs() == 0
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(("cause", "told_as"), [("deaf", "deaf: why"), ("broken", "RuntimeError")])
def test_a_listener_that_fails_is_told_again_until_it_hears(told: datetime, cause: str, told_as: str) -> None:
    standing = obstacle(cause)
    ask(NOTE, Note(code="a", fate="told"))
    run_jobs()
    row = Delivery.objects.get()
    assert (row.tries, row.problem, row.delivered_at) == (1, told_as, None)
    assert outbox.sweep_deliveries() == 0
    waits = []
    for _ in range(14):
        with clock.fixed(row.next_try_at + timedelta(seconds=1)) as now:
            assert outbox.sweep_deliveries() == 1
            row.refresh_from_db()
            waits.append(row.next_try_at - now)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
    assert selectors.health().failing == 1
    standing.delete()
    with clock.fixed(row.next_try_at + timedelta(seconds=1)):
        outbox.sweep_deliveries()
    assert heard() == ["heard a"]
    assert Delivery.objects.get().problem == ""


def test_one_delivery_that_breaks_does_not_hold_up_the_others(told: datetime) -> None:
    ask(NOTE, Note(code="a", fate="told"))
    ask(NOTE, Note(code="b", fate="told"))
    Delivery.objects.filter(body__code="a").update(service="asker/gone/v1")
    with clock.fixed(told + timedelta(seconds=6)):
        assert outbox.sweep_deliveries() == 2
    assert heard() == ["heard b"]


def test_an_event_can_be_addressed_to_who_asked_for_it(desk: datetime) -> None:
    services.event_publish(
        event=KEPT, body={"code": "a"}, sender=DESK, purpose="own-data", to=[f"{ASKER}|{HEAR.name}"]
    )
    run_jobs()
    assert heard() == ["heard a"]


def test_an_event_is_published_as_announced_or_not_at_all(told: datetime) -> None:
    with pytest.raises(ValidationError):
        services.event_publish(event=KEPT, body={"colour": 1}, sender=DESK, purpose="own-data")
    with pytest.raises(ValueError, match="not announced"):
        services.event_publish(
            event=Event("desk", "secret", Text("", ""), Note),
            body={"code": "a"},
            sender=DESK,
            purpose="own-data",
        )
    assert Delivery.objects.count() == 0


def test_a_refused_note_is_not_told(told: datetime) -> None:
    with pytest.raises(Conflict):
        ask(NOTE, Note(code="a", fate="refused"))
    assert run_jobs() == 0


def test_a_contract_is_published_as_json_schema() -> None:
    published = schema(SERVICES, (KEPT,))
    assert set(published["services"]) == {service.name for service in SERVICES}
    assert published["services"][NOTE.name]["request"]["additionalProperties"] is False
    assert published["events"][KEPT.name]["body"]["required"] == ["code"]
