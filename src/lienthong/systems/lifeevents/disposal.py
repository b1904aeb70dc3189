"""What this room lets go: answers and papers of a case that was disposed of, and drafts that were never sent.

Law on Personal Data Protection 91/2025/QH15: data goes when its purpose has ended, and the person is told before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from lienthong.blocks.casework import disposal_parts, due, files, following
from lienthong.blocks.casework.retention_rules import DraftTerm, draft_term
from lienthong.ground import clock, formats
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, rules
from lienthong.systems.lifeevents.models import Declared, Draft, Reminder, Scan, Signing
from lienthong.systems.lifeevents.reminders import Due, remind

BATCH = 200
_EMPTY: dict[str, Any] = {"answers": {}, "known": {}, "files": [], "post_to": {}}


def cases_clear(numbers: Collection[str]) -> disposal_parts.Cleared:
    """Empty the drafts and signatures that these cases began with; see `disposal_parts.clearing`."""
    content: dict[str, dict[str, Any]] = {}
    papers: dict[str, list[dict[str, Any]]] = {}
    drafts = list(Draft.objects.filter(case_number__in=numbers))
    for row in drafts:
        content.setdefault(row.case_number, {})["draft"] = {
            **{name: getattr(row, name) for name in _EMPTY},
            "acting": row.acting,
        }
        papers[row.case_number] = [{"sha256": each["sha256"], "size": each["size"]} for each in row.files]
        for name, empty in _EMPTY.items():
            setattr(row, name, type(empty)())
        row.acting = {"number": row.acting["number"]} if row.acting else {}
    Draft.objects.bulk_update(drafts, [*_EMPTY, "acting"])
    signed = Signing.objects.filter(case_number__in=numbers)
    for number, name, reason in signed.order_by("pk").values_list("case_number", "name", "reason"):
        content.setdefault(number, {}).setdefault("signatures", []).append([name, reason])
    signed.update(name="", reason="")
    # The key of what is declared once holds names; by then its register refuses a second declaration.
    declared = Declared.objects.filter(case_number__in=numbers).exclude(key__startswith=rules.FORMER)
    for number, key in declared.order_by("key").values_list("case_number", "key"):
        content.setdefault(number, {}).setdefault("declared", []).append(key)
    declared.delete()
    return {number: {"content": found, "files": papers.get(number, [])} for number, found in content.items()}


def files_referred(hashes: Collection[str]) -> set[str]:
    """Of these, those that a draft has, or a scan that waits to be split."""
    asked = Q(pk__in=[])
    for sha256 in hashes:
        asked |= Q(files__contains=[{"sha256": sha256}])
    wanted = set(hashes)
    return {
        each["sha256"]
        for rows in Draft.objects.filter(asked).values_list("files", flat=True)
        for each in rows
        if each["sha256"] in wanted
    } | set(Scan.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))


def sweep_drafts() -> int:
    """Tell the owners of drafts that are near their end, by day, and delete those whose end has come; how many went."""
    now = clock.now()
    by_day, near, gone = rules.may_remind(now), _near(now), 0
    while batch := list(islice(near, BATCH)):
        keys = [_key(row) for row, _ in batch]
        told = dict(Reminder.objects.filter(key__in=keys).values_list("key", "sent_at"))
        for row, term in batch:
            if by_day and _key(row) not in told:
                remind(_notice(row, term), now)
        gone += _delete(
            [row for row, term in batch if term.may_end(told_at=told.get(_key(row)), now=now)], now
        )
    files.files_remove(at=now)  # also what a killed process condemned and left
    return gone


def _delete(drafts: list[Draft], now: datetime) -> int:
    same = Q(pk__in=[])
    for row in drafts:  # whoever typed in it meanwhile keeps it
        same |= Q(pk=row.pk, changed_at=row.changed_at)
    return drafts_end(same, at=now)


def drafts_end(same: Q, *, at: datetime) -> int:
    """Delete these drafts, unless they were sent, with their reminders, papers and scans; how many."""
    with transaction.atomic():
        rows = list(Draft.objects.select_for_update().filter(same, case_number=""))
        scans = Scan.objects.filter(draft__in=rows).values_list("sha256", flat=True)
        found = {each["sha256"] for row in rows for each in row.files} | set(scans)
        Draft.objects.filter(pk__in=[row.pk for row in rows]).delete()
        Reminder.objects.filter(key__in=[_key(row) for row in rows]).delete()
        files.files_condemn(found, decision=None, at=at)
    return len(rows)


_KEY = "draft-end:"


def _key(row: Draft) -> str:
    """Of this draft as it was changed last: one that is gone on with is told again."""
    return f"{_KEY}{row.pk}:{row.changed_at.isoformat()}"


def _near(now: datetime) -> Iterator[tuple[Draft, DraftTerm]]:
    """Drafts whose owner is to be told by now, with their term; the oldest first."""
    table = due.table().drafts
    least = min((rule.days - rule.tell_days for rule in table), default=0)
    rows = Draft.objects.filter(case_number="", changed_at__lte=now - timedelta(days=least))
    rows = rows.order_by("changed_at").only("owner", "acting", "procedure", "changed_at", "files")
    for row in rows.iterator(BATCH):
        term = draft_term(table, changed_at=row.changed_at, now=now)
        if term is not None and term.tell_from <= now:
            yield row, term


def _notice(row: Draft, term: DraftTerm) -> Due:
    name = following.Names([row.procedure]).on(row.procedure, clock.today())
    last = max(term.ends_at, clock.now() + timedelta(days=term.tell_days))
    return Due(
        _key(row),
        acting.told_of(row.owner, row.acting),
        Text(f"Tờ khai sắp bị xóa: {name.vi}", f"To be deleted soon: {name.en}"),
        Text(
            f"Tờ khai chưa gửi, giữ từ {formats.date(row.changed_at)}, sẽ bị xóa sau {formats.date(last)} cùng các tệp "
            "đã tải lên. Mở «Hồ sơ của tôi» để điền tiếp nếu bạn còn cần.",
            f"The application you have not sent, kept since {formats.date(row.changed_at, 'en')}, will be deleted "
            f"after {formats.date(last, 'en')} with its files. Open “My dossiers” to go on if you need it.",
        ),
    )
