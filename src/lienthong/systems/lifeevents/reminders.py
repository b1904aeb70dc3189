"""What waits for the applicant and may be forgotten: a supplement near its end, an unpaid bill, an unsent draft.

Each is reminded of once, by day, by mail and SMS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction

from lienthong.blocks.casework import following
from lienthong.ground import clock, formats
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, rules
from lienthong.systems.lifeevents.models import Draft, Reminder
from lienthong.systems.lifeevents.telling import person_tell

BATCH = 500


@dataclass(frozen=True, slots=True)
class Due:
    """key: what is reminded of, once."""

    key: str
    people: list[str]
    subject: Text
    text: Text
    case: str = ""


def sweep_reminders() -> int:
    """Send the reminders that are due; how many."""
    now = clock.now()
    if not rules.may_remind(now):
        return 0
    due = _due(now)
    sent = 0
    while batch := list(islice(due, BATCH)):
        known = set(Reminder.objects.filter(key__in=[one.key for one in batch]).values_list("key", flat=True))
        sent += sum(remind(one, now) for one in batch if one.key not in known)
    return sent


def _due(now: datetime) -> Iterator[Due]:
    for row in following.children_waiting(system="lifeevents"):
        if found := _supplement(row, now) if row.supplement else _bill(row, now):
            yield found
    yield from _drafts(now)


def _supplement(row: following.Waiting, now: datetime) -> Due | None:
    wanted = row.supplement or {}
    due = datetime.fromisoformat(wanted["due_at"])
    if not rules.supplement_reminds(due, now):
        return None
    subject = Text(f"Nhắc bổ sung hồ sơ {row.number}", f"Reminder: dossier {row.number} needs more from you")
    text = Text(
        f"Hạn: {formats.datetime(due)}; quá hạn, hồ sơ dừng xử lý. Cần bổ sung: {wanted['reason']}",
        f"By {formats.datetime(due, 'en')}, or the dossier is stopped. Wanted: {wanted['reason']}",
    )
    people = acting.told_of(row.applicant, row.acting)
    return Due(f"supplement:{row.number}:{wanted['due_at']}", people, subject, text, row.case_number)


def _bill(row: following.Waiting, now: datetime) -> Due | None:
    if not row.bill or not rules.bill_reminds(row.changed_at, now):
        return None
    total = int(row.bill["total"])
    subject = Text(f"Nhắc nộp phí hồ sơ {row.number}", f"Reminder: dossier {row.number} awaits payment")
    text = Text(
        f"Chưa nộp phí {formats.number(total)} đồng; hồ sơ chờ tới khi bạn nộp.",
        f"VND {formats.number(total, 'en')} is unpaid; the dossier waits until you pay.",
    )
    people = acting.told_of(row.applicant, row.acting)
    return Due(f"bill:{row.number}:{row.bill['bill']}", people, subject, text, row.case_number)


def _drafts(now: datetime) -> Iterator[Due]:
    drafts = Draft.objects.filter(case_number="", taken_in_by="", changed_at__range=rules.drafts_remind(now))
    names = following.Names(drafts.values_list("procedure", flat=True).distinct())
    for row in drafts.only("owner", "acting", "procedure", "changed_at").iterator(BATCH):
        name = names.on(row.procedure, now.date())
        subject = Text(f"Tờ khai chưa gửi: {name.vi}", f"Not sent yet: {name.en}")
        text = Text(
            f"Tờ khai được giữ từ {formats.date(row.changed_at)}. Mở «Hồ sơ của tôi» để điền tiếp.",
            f"It is kept since {formats.date(row.changed_at, 'en')}. Open “My dossiers” to go on.",
        )
        yield Due(f"draft:{row.pk}", acting.told_of(row.owner, row.acting), subject, text)


def remind(due: Due, at: datetime) -> int:
    """Once for each key, whichever worker is first."""
    try:
        with transaction.atomic():
            Reminder.objects.create(key=due.key, sent_at=at)
            for person in due.people:
                person_tell(to=person, subject=due.subject, text=due.text, case=due.case)
    except IntegrityError:
        return 0
    return 1
