"""A dossier that is late: the agency says sorry once, in writing, and promises another day (Decree 118/2025)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import engine, problems
from lienthong.blocks.casework.models import Apology, Case
from lienthong.blocks.casework.rules import ASKED
from lienthong.ground import clock, formats, workdays
from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text

AGAIN_WORKING_DAYS = 3
"""What is promised where no officer names another day."""
BATCH = 200
CLOSING_TIME = time(17, 0)


def sweep_late() -> int:
    """Write the letter for each dossier that passed its day unsettled while its clock ran; how many."""
    past = clock.now() - timedelta(minutes=1)
    late = Case.objects.filter(closed_at=None, paused_at=None, due_at__lt=past, apology=None)
    # A linked dossier is only as late as its parts, and each part's agency speaks for itself.
    # What another agency asks for is nobody's dossier: nobody is told that it is late.
    late = late.exclude(procedure__agency_kind__in=["linked", ASKED]).order_by("due_at")
    written = 0
    for case_id in list(late.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            case = engine.case_lock(case_id)
            if case.closed_at is None and case.paused_at is None and case.due_at is not None:
                written += _apologise(case, case.due_at)
    return written


def _apologise(case: Case, due_at: datetime) -> bool:
    now = clock.now()
    again = workdays.due_at(now, AGAIN_WORKING_DAYS)
    letter, fresh = Apology.objects.get_or_create(
        case=case, defaults={"due_before": due_at, "promised_at": again, "written_at": now}
    )
    if fresh:
        before, after = _said(due_at), _said(letter.promised_at)
        text = Text(
            f"Xin lỗi vì chậm trả kết quả: đã hẹn {before.vi}, hẹn lại {after.vi}.",
            f"An apology for being late: promised for {before.en}, now for {after.en}.",
        )
        engine.entry_add(case, kind="apology", actor="clock", text=text)
        engine.told_beside(case)
    return fresh


def apology_redate(*, number: str, by: Principal, day: date, reason: str) -> None:
    """An officer gives another day, and says why.

    Errors: case-unknown (404), no-apology (409), reason-missing, day-passed (422).
    """
    with transaction.atomic():
        found = Case.objects.filter(number=number, agency=by.agency).values_list("pk", flat=True).first()
        if found is None:
            raise problems.case_unknown(number)
        case = engine.case_lock(found)
        letter = Apology.objects.filter(case=case).first()
        if letter is None or case.closed_at is not None:
            raise no_apology(number)
        if not reason.strip():
            raise problems.reason_missing()
        promised = datetime.combine(day, CLOSING_TIME, clock.VIETNAM)
        if promised <= clock.now() or not workdays.is_working_day(day):
            raise day_passed()
        letter.promised_at, letter.reason = promised, reason.strip()
        letter.changed_by = {"code": by.subject, "name": by.name}
        letter.save(update_fields=["promised_at", "reason", "changed_by"])
        after = _said(promised)
        text = Text(f"{by.name} hẹn lại {after.vi}: {reason}", f"{by.name} promised {after.en}: {reason}")
        engine.entry_add(case, kind="apology", actor=by.subject, text=text)
        engine.told_beside(case)


def apology_of(*, number: str) -> Apology | None:
    return Apology.objects.filter(case__number=number).first()


def _said(moment: datetime) -> Text:
    local = clock.in_vietnam(moment)
    return Text(formats.datetime(local, "vi"), formats.datetime(local, "en"))


def no_apology(number: str) -> Conflict:
    return Conflict(
        "no-apology",
        Text(f"Hồ sơ {number} không cần hẹn lại.", f"Dossier {number} needs no other day."),
        Text("Hồ sơ chưa quá hạn, hoặc đã kết thúc.", "It is not late, or it has ended."),
        Text("Mở lại hồ sơ để xem hạn trả.", "Open it again and see when it is due."),
    )


def day_passed() -> Invalid:
    return Invalid(
        "day-passed",
        Text("Ngày hẹn lại chưa phù hợp.", "This day cannot be promised."),
        Text("Ngày đã qua, hoặc không phải ngày làm việc.", "It has passed, or it is no working day."),
        Text("Chọn một ngày làm việc sắp tới.", "Choose a working day to come."),
        field="day",
    )
