"""The outbox: events and read notices, written with what they tell of, then delivered as calls, once each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q

from lienthong.blocks.exchange.contract import Event, Service
from lienthong.blocks.exchange.models import Delivery, Subscription
from lienthong.blocks.exchange.provide import CallContext, Offers
from lienthong.blocks.exchange.selectors import national_subsystem
from lienthong.blocks.registry.bulk import NewRow, jobs_deferred, rows_insert
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.ids import uuid7

READS_SERVICE = "population/reads-record/v1"
RETRY_MAX = timedelta(hours=1)
OWN_JOB_HAS = timedelta(seconds=5)
"""So long a delivery is left to its own job: sent by the sweep as well, it would be asked, and logged, twice."""
log = structlog.get_logger("lienthong.exchange")


def event_publish(
    *,
    event: Event,
    body: dict[str, Any],
    sender: str,
    case: str = "",
    purpose: str,
    to: list[str] | None = None,
) -> None:
    """Tell subscribers, and whoever `to` names as `<subsystem>|<service>`, in the caller's transaction."""
    if event.name not in Offers.events:
        raise ValueError(f"{event.name} is not announced")
    event.body.model_validate(body)
    targets = {(row.subscriber, row.service) for row in Subscription.objects.filter(event=event.name)} | {
        (name, service) for name, _, service in (item.partition("|") for item in to or [])
    }
    for receiver, service in sorted(targets):
        delivery_add(sender=sender, receiver=receiver, service=service, purpose=purpose, case=case, body=body)


def read_notices_add(*, service: Service, context: CallContext) -> None:
    """One notice for each person whom the answer disclosed, for the population system's access log."""
    receiver = national_subsystem("population")
    if receiver is None:
        return
    reads = [
        {
            "subject": read.subject,
            "what": read.what.as_dict(),
            "reader": str(context.client),
            "holder": str(context.provider),
            "service": service.name,
            "legal_basis": service.legal_basis,
            "purpose": context.purpose,
            "case": context.case,
            "officer": context.officer,
            "message_id": context.message_id,
            "read_at": context.at.isoformat(),
        }
        for read in {(read.subject, read.what.en): read for read in context.reads}.values()
    ]
    delivery_add(
        sender=str(context.provider),
        receiver=receiver,
        service=READS_SERVICE,
        purpose="own-data",
        case=context.case,
        body={"reads": reads},
    )


def delivery_add(
    *, sender: str, receiver: str, service: str, purpose: str, case: str, body: dict[str, Any]
) -> None:
    now = clock.now()
    pk = uuid7(now)
    row = NewRow(
        Delivery,
        id=pk,
        sender=sender,
        receiver=receiver,
        service=service,
        purpose=purpose,
        case=case,
        body=body,
        created_at=now,
        next_try_at=now,
    )
    job = {"delivery_id": str(pk)}
    rows_insert([row], besides=jobs_deferred("exchange.deliver", [(job, f"deliver:{pk}")]))


def deliver(delivery_id: str) -> bool:
    """Make the call of one delivery; True once delivered. A failure waits longer each time, up to an hour."""
    from lienthong.blocks.exchange.services import call  # noqa: PLC0415 - services stands on this module

    row = Delivery.objects.filter(pk=delivery_id, delivered_at=None).first()
    if row is None:
        return True
    try:
        call(
            row.service,
            row.body,
            client=row.sender,
            provider=row.receiver,
            purpose=row.purpose,
            case=row.case,
            message_id=str(row.pk),
        )
    except Exception as error:  # noqa: BLE001 - one delivery that breaks does not hold up the others
        code = error.code if isinstance(error, Problem) else type(error).__name__
        told = f"{code}: {error.why.en}" if isinstance(error, Problem) else code
        wait = min(timedelta(seconds=2 ** min(row.tries, 12)), RETRY_MAX)
        log.warning("delivery failed", delivery=str(row.pk), service=row.service, code=code)
        Delivery.objects.filter(pk=row.pk).update(
            tries=row.tries + 1, next_try_at=clock.now() + wait, problem=told
        )
        return False
    Delivery.objects.filter(pk=row.pk).update(delivered_at=clock.now(), problem="")
    return True


def sweep_deliveries() -> int:
    """Deliver what is due and was not delivered by its own job: after a failure, or a lost worker."""
    now = clock.now()
    lost = Q(tries=0, next_try_at__lte=now - OWN_JOB_HAS)
    due = Delivery.objects.filter(lost | Q(tries__gt=0, next_try_at__lte=now), delivered_at=None)
    ids = list(due.order_by("next_try_at").values_list("pk", flat=True)[:200])
    for pk in ids:
        deliver(str(pk))
    return len(ids)
