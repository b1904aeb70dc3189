"""Reads of the control plane and of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lienthong.blocks.exchange.models import Agreement, Delivery, Member, Message, Seal, Subsystem
from lienthong.ground.kept import Kept
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    message_id: str
    client: str
    provider: str
    service: str
    purpose: str
    case: str
    officer: str
    sent_at: datetime
    status: int
    problem: str
    sealed: bool


def _row(row: Message) -> MessageRow:
    return MessageRow(
        row.pk,
        str(row.message_id),
        row.client,
        row.provider,
        row.service,
        row.purpose,
        row.case,
        row.officer,
        row.sent_at,
        row.status,
        row.problem,
        row.seal_id is not None,  # type: ignore[attr-defined]
    )


def messages_of_case(*, case: str, besides: Sequence[str] = (), limit: int = 200) -> list[MessageRow]:
    """The exchanges made for a case, the earliest first: as each provider logged it, or we, where it is elsewhere.

    besides: numbers of requests that belong to it.
    """
    rows = (
        Message.objects.filter(case__in=[case, *besides])
        .order_by("message_id", "-side")
        .distinct("message_id")
    )
    return [_row(row) for row in sorted(rows[:limit], key=lambda row: row.pk)]


def messages_page(*, before: int | None = None, limit: int = 50) -> list[MessageRow]:
    """The newest exchanges; `before` is the last id of the page above."""
    rows = Message.objects.filter(side="provider").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_row(row) for row in rows[:limit]]


def message_find(*, message_id: str) -> list[Message]:
    return list(Message.objects.filter(message_id=message_id).order_by("id")[:10])


def member_title(*, name: str) -> Text | None:
    """What the member `VN/GOV/G01` is called; None where it is not known here."""
    row = Member.objects.filter(name=name).first()
    return None if row is None else Text(row.title_vi, row.title_en)


def members_count() -> int:
    return Member.objects.count()


_named: Kept[tuple[str, str], Subsystem] = Kept()


def subsystem_of(*, member: str, system: str) -> str | None:
    """The name of an agency's subsystem, when it runs that system."""
    found = _named.get((member, system), lambda: _subsystem(member__code=member, system=system))
    return found.name if found else None


def national_subsystem(system: str) -> str | None:
    found = provider_of(system=system, name=None)
    return found.name if found else None


def provider_of(*, system: str, name: str | None) -> Subsystem | None:
    """The subsystem of that name, or the national one of the system; one that changed counts within five seconds."""
    which: dict[str, Any] = {"name": name} if name else {"system": system, "national": True}
    return _named.get(("", name or system), lambda: _subsystem(**which))


def _subsystem(**which: Any) -> Subsystem | None:
    return Subsystem.objects.filter(**which).first()


def subsystems_forget() -> None:
    """Read subsystems afresh at the next question."""
    _named.forget()


def agreements_all(limit: int = 500) -> list[Agreement]:
    return list(Agreement.objects.order_by("service", "client", "purpose")[:limit])


@dataclass(frozen=True, slots=True)
class Health:
    """unsealed: rows without a seal; waiting: deliveries not made; failing: of them, those tried in vain."""

    unsealed: int
    waiting: int
    failing: int
    last_seal_at: datetime | None


def health() -> Health:
    last = Seal.objects.order_by("-id").values_list("sealed_at", flat=True).first()
    waiting = Delivery.objects.filter(delivered_at=None)
    return Health(
        Message.objects.filter(seal=None).count(), waiting.count(), waiting.filter(tries__gte=3).count(), last
    )
