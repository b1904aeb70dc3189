"""Holds: a dossier under complaint, denunciation, lawsuit or inspection is not disposed of until that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import engine, problems
from lienthong.blocks.casework.models import Case, Child
from lienthong.blocks.casework.retention_models import Hold
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text

HOLD_TEXT: Final[dict[str, Text]] = {
    "complaint": Text("Khiếu nại", "Complaint"),
    "denunciation": Text("Tố cáo", "Denunciation"),
    "lawsuit": Text("Khởi kiện, tố tụng", "Lawsuit"),
    "inspection": Text("Thanh tra, kiểm tra, kiểm toán", "Inspection or audit"),
}
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold that stands."""

    id: int
    number: str
    reason: Text
    note: str
    until: date | None
    by: str
    placed_at: datetime


def hold_place(*, number: str, reason: str, note: str, until: date | None, by: Principal) -> None:
    """Keep a dossier of the officer's agency from disposal; until: the last day, None until it is lifted.

    Errors: case-unknown (404), hold-reason, hold-past, reason-missing (422), disposed-already (409).
    """
    if reason not in HOLD_TEXT:
        raise _reason_unknown(reason)
    if not note.strip():
        raise problems.reason_missing()
    if until is not None and until < clock.today():
        raise _past()
    with transaction.atomic():
        case = _locked(number, by)
        if case.disposals.exclude(disposed_at=None).filter(part="dossier").exists():  # type: ignore[attr-defined]
            raise _disposed(number)
        Hold.objects.create(
            case=case,
            reason=reason,
            note=note.strip(),
            until=until,
            placed_by={"code": by.subject, "name": by.name},
            placed_at=clock.now(),
        )
        said = HOLD_TEXT[reason]
        text = Text(
            f"{by.name} giữ lại, không hủy: {said.vi.lower()}. {note}",
            f"{by.name} put it on hold: {said.en.lower()}. {note}",
        )
        engine.entry_add(case, kind="hold", actor=by.subject, text=text)


def hold_lift(*, hold_id: int, by: Principal) -> None:
    """The reason is over. Errors: case-unknown (404), also for another agency's."""
    with transaction.atomic():
        number = (
            Hold.objects.filter(pk=hold_id, lifted_at=None).values_list("case__number", flat=True).first()
        )
        if number is None:
            raise problems.case_unknown(str(hold_id))
        case = _locked(number, by)
        Hold.objects.filter(pk=hold_id, case=case).update(
            lifted_at=clock.now(), lifted_by={"code": by.subject, "name": by.name}
        )
        text = Text(f"{by.name} thôi giữ lại.", f"{by.name} lifted the hold.")
        engine.entry_add(case, kind="hold", actor=by.subject, text=text)


def holds_of(*, agency: str, on: date) -> list[HoldRow]:
    """The agency's holds that stand that day, the newest first; at most PAGE."""
    rows = holds_standing(on).filter(case__agency=agency).select_related("case").order_by("-id")
    rows = rows.only("case__number", "reason", "note", "until", "placed_by", "placed_at")
    return [
        HoldRow(
            row.pk,
            row.case.number,
            HOLD_TEXT[row.reason],
            row.note,
            row.until,
            str(row.placed_by["name"]),
            row.placed_at,
        )
        for row in rows[:PAGE]
    ]


def holds_standing(on: date) -> QuerySet[Hold]:
    return Hold.objects.filter(Q(until=None) | Q(until__gte=on), lifted_at=None)


def is_held(on: date) -> Q:
    """Of a case: it is on hold, or one of its parts is that lies here; or its applicant's complaint of it is open."""
    standing = holds_standing(on)
    parts = Child.objects.filter(case=OuterRef("pk"), number__in=standing.values("case__number"))
    filed = Case.objects.filter(applicant=OuterRef("applicant"), closed_at=None, data__has_key="about")
    number = KeyTextTransform("number", KeyTransform("about", "data"))
    open_complaints = filed.annotate(about=number).filter(about=OuterRef("number"))
    return Q(Exists(standing.filter(case=OuterRef("pk")))) | Q(Exists(parts)) | Q(Exists(open_complaints))


def _locked(number: str, by: Principal) -> Case:
    found = Case.objects.filter(number=number, agency=by.agency).values_list("pk", flat=True).first()
    if found is None:
        raise problems.case_unknown(number)
    return engine.case_lock(found)


def _reason_unknown(reason: str) -> Invalid:
    return Invalid(
        "hold-reason",
        Text("Chưa giữ lại được hồ sơ.", "The dossier was not put on hold."),
        Text(f"«{reason}» không phải lý do giữ lại.", f"«{reason}» is no reason to hold a dossier."),
        Text(f"Chọn một trong: {', '.join(HOLD_TEXT)}.", f"Choose one of {', '.join(HOLD_TEXT)}."),
        field="reason",
    )


def _past() -> Invalid:
    return Invalid(
        "hold-past",
        Text("Chưa giữ lại được hồ sơ.", "The dossier was not put on hold."),
        Text("Ngày kết thúc đã qua.", "The last day of the hold has passed."),
        Text("Chọn ngày sau này, hoặc để trống.", "Choose a later day, or leave it empty."),
        field="until",
    )


def _disposed(number: str) -> Conflict:
    return Conflict(
        "disposed-already",
        Text(f"Hồ sơ {number} đã được hủy.", f"Dossier {number} was disposed of."),
        Text("Không còn dữ liệu để giữ lại.", "No data of it is left to hold."),
        Text("Xem biên bản hủy của quyết định.", "See the disposal record of the decision."),
    )
