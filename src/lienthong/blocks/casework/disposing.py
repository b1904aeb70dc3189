"""Disposal of records whose period has ended: decided by the agency, done in batches, recorded and signed.

Law on Archives 33/2024/QH15 (disposal of records without further value needs a decision, after minutes of a council).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.casework import announce, disposal_problems, due, engine, files
from lienthong.blocks.casework.disposal_parts import parts_clear
from lienthong.blocks.casework.holds import is_held
from lienthong.blocks.casework.models import Case, Child, Entry
from lienthong.blocks.casework.retention_models import Disposal, DisposalDecision
from lienthong.blocks.casework.retention_rules import PART_TEXT, Part
from lienthong.blocks.exchange.log import signer_here
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import clock, formats
from lienthong.ground.text import Text

BATCH: Final = 100
LIST_MAX: Final = 20_000
"""Parts on one decision's list; what is left is due for the next decision."""
WHO: Final = (Role.SIGN, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Decided:
    """What the agency decided: number, day and signer of the decision, and the council's minutes."""

    number: str
    decided_on: date
    signed_by: str
    minutes: str


def decision_enter(*, decided: Decided, by: Principal, at: datetime) -> DisposalDecision:
    """Enter a decision: everything of the agency that is due is put on its list, and a job disposes of it.

    Errors: disposal-role (403), decision-incomplete, decision-day (422), decision-repeated, nothing-due (409).
    """
    disposal_problems.decision_check(decided, by, today=clock.in_vietnam(at).date(), allowed=WHO)
    today = clock.in_vietnam(at).date()
    try:
        with transaction.atomic():
            decision = DisposalDecision.objects.create(
                agency=by.agency,
                number=decided.number.strip(),
                decided_on=decided.decided_on,
                signed_by=decided.signed_by.strip(),
                minutes=decided.minutes.strip(),
                entered_by={"code": by.subject, "name": by.name},
                entered_at=at,
            )
            if not _listed(decision, today):
                raise disposal_problems.nothing_due()
            job_defer(decision.pk)
    except IntegrityError as error:
        if "disposal_decision_once" in str(error):
            raise disposal_problems.decision_repeated(decided.number) from error
        raise disposal_problems.entered_meanwhile() from error
    return decision


def _listed(decision: DisposalDecision, today: date) -> int:
    """Put what is due on the decision's list; how many parts."""
    left = LIST_MAX
    for part in Part:
        cases = due.due_cases(part=part, on=today, agency=decision.agency).values_list("pk", flat=True)[:left]
        rows = [Disposal(case_id=pk, part=part, decision=decision) for pk in cases]
        Disposal.objects.bulk_create(rows, batch_size=1000)
        left -= len(rows)
    return LIST_MAX - left


def job_defer(decision_id: int) -> None:
    app.configure_task("casework.dispose").defer(decision_id=decision_id)


def dispose_some(decision_id: int) -> bool:
    """One batch of a decision's list, in one transaction; after the last, its record. True while some is left."""
    now = clock.now()
    with transaction.atomic():
        decision = DisposalDecision.objects.select_for_update().get(pk=decision_id)
        if decision.finished_at is not None:
            return False
        waiting = Disposal.objects.filter(decision=decision, disposed_at=None, kept_why="").order_by("pk")
        rows = list(waiting.select_related("case")[:BATCH])
        # A dossier's row is locked before anything of it changes, in one order.
        list(Case.objects.select_for_update().filter(pk__in=[row.case.pk for row in rows]).order_by("pk"))
        _batch(decision, rows, now)
    files.files_remove(at=now)
    if rows:
        return True
    _finish(decision_id, now)
    return False


def _batch(decision: DisposalDecision, rows: list[Disposal], now: datetime) -> None:
    today = clock.in_vietnam(now).date()
    cases = [row.case.pk for row in rows]
    held = set(Case.objects.filter(is_held(today), pk__in=cases).values_list("pk", flat=True))
    left = set(Case.objects.filter(due.parts_left(), pk__in=cases).values_list("pk", flat=True))
    parts: dict[Any, list[str]] = {}
    for pk, code in Child.objects.filter(case__in=cases).values_list("case_id", "procedure"):
        parts.setdefault(pk, []).append(code)
    known = due.classed()
    for row in rows:
        found = due.verdict_of(row.case, parts.get(row.case.pk, []), known, Part(row.part), today)
        if row.case.pk in held:
            row.kept_why = "held"
        elif not found.disposable(today) or (row.part == Part.DOSSIER and row.case.pk in left):
            row.kept_why = "not-due"
    going = [row for row in rows if not row.kept_why]
    for part in Part:
        parts_clear(part, [row for row in going if row.part == part], decision, at=now)
    Disposal.objects.bulk_update(rows, ["disposed_at", "kept_why", "content_hash", "files"])
    _tell(decision, going, now)


def _tell(decision: DisposalDecision, rows: list[Disposal], at: datetime) -> None:
    """The journal says it, and whoever opened the dossier hears of it."""
    Entry.objects.bulk_create(_entry(decision, row, at) for row in rows)
    for row in rows:
        if row.part == Part.DOSSIER and announce.case_changed(row.case, engine.steps_of(row.case)):
            row.case.save(update_fields=["told"])


def _entry(decision: DisposalDecision, row: Disposal, at: datetime) -> Entry:
    said = PART_TEXT[Part(row.part)]
    return Entry(
        case=row.case,
        at=at,
        actor=str(decision.entered_by["code"]),
        kind="disposed",
        vi=f"Đã hủy theo Quyết định {decision.number} ngày {formats.date(decision.decided_on)}: {said.vi.lower()}.",
        en=f"Disposed of under decision {decision.number} of {formats.date(decision.decided_on, 'en')}: "
        f"{said.en.lower()}.",
    )


def _finish(decision_id: int, now: datetime) -> None:
    """Sign what was done: a record with its counts, and the list under its hash."""
    rows = Disposal.objects.filter(decision=decision_id).select_related("case__procedure").order_by("pk")
    listed = [_line(row) for row in rows.defer("case__data", "case__procedure__package").iterator(1000)]
    gone = files.files_gone({file["sha256"] for line in listed for file in line["files"]})
    for line in listed:
        for file in line["files"]:
            file["removed"] = file["sha256"] in gone
    content = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in listed).encode()
    signer_here(now)
    with transaction.atomic():
        decision = DisposalDecision.objects.select_for_update().get(pk=decision_id)
        if decision.finished_at is not None:
            return
        record = {
            "instance": settings.LIENTHONG_INSTANCE,
            "agency": decision.agency,
            "decision": decision.number,
            "decided_on": decision.decided_on.isoformat(),
            "signed_by": decision.signed_by,
            "minutes": decision.minutes,
            "entered_by": decision.entered_by,
            "entered_at": clock.in_vietnam(decision.entered_at).isoformat(),
            "finished_at": clock.in_vietnam(now).isoformat(),
            "disposed": sum(line["disposed_at"] is not None for line in listed),
            "kept": sum(bool(line["kept_why"]) for line in listed),
            "files_removed": len(gone),
            "list_sha256": files.file_keep(content),
        }
        signed = trust.bytes_sign(subject_id=signer_here(now).subject_id, data=canonical_json(record), at=now)
        decision.record, decision.list_sha256 = record, str(record["list_sha256"])
        decision.signature, decision.certificate = signed.signature, signed.certificate
        decision.finished_at = now
        decision.save()


def _line(row: Disposal) -> dict[str, Any]:
    return {
        "number": row.case.number,
        "procedure": row.case.procedure.code,
        "part": row.part,
        "closed_at": clock.in_vietnam(row.case.closed_at).isoformat() if row.case.closed_at else None,
        "disposed_at": clock.in_vietnam(row.disposed_at).isoformat() if row.disposed_at else None,
        "kept_why": row.kept_why,
        "content_sha256": row.content_hash,
        "files": [dict(file) for file in row.files],
    }


@dataclass(frozen=True, slots=True)
class DisposalRecord:
    """The signed record of a decision with its list; `wrong`: what does not verify, None where all does."""

    record: dict[str, Any]
    signature: str
    certificate: str
    listed: list[dict[str, Any]]
    wrong: Text | None


def record_of(*, agency: str, number: str) -> DisposalRecord:
    """Read and verified anew. Errors: decision-unknown (404), decision-running (409)."""
    decision = DisposalDecision.objects.filter(agency=agency, number=number).first()
    if decision is None:
        raise disposal_problems.decision_unknown(number)
    if decision.finished_at is None or decision.record is None:
        raise disposal_problems.decision_running(number)
    content = files.file_read(decision.list_sha256)
    checked = trust.bytes_verify(
        data=canonical_json(decision.record),
        signature=decision.signature,
        certificate=decision.certificate,
        at=decision.finished_at,
    )
    wrong = checked.reason
    if wrong is None and sha256_hex(content) != decision.record["list_sha256"]:
        wrong = Text(
            "Danh mục không khớp mã băm trong biên bản.", "The list does not match the record's hash."
        )
    listed = [json.loads(line) for line in content.decode().splitlines()]
    return DisposalRecord(decision.record, decision.signature, decision.certificate, listed, wrong)


def decisions_of(*, agency: str, limit: int = 50) -> list[DisposalDecision]:
    """The agency's decisions, the newest first."""
    return list(DisposalDecision.objects.filter(agency=agency).order_by("-id")[:limit])


def sweep_disposals() -> int:
    """Go on with decisions whose job was lost: one batch of each; how many there are."""
    late = clock.now() - engine.LOST_AFTER
    open_ones = DisposalDecision.objects.filter(finished_at=None, entered_at__lt=late).order_by("id")
    ids = list(open_ones.values_list("pk", flat=True)[:20])
    for pk in ids:
        dispose_some(pk)
    return len(ids)
