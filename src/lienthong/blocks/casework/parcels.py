"""Results on paper by post: asked for by the applicant, handed over at the desk, delivered or come back.

The electronic result counts from the moment it is issued; the paper is its print, so no clock waits for the post.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import engine, problems
from lienthong.blocks.casework.models import Case, Parcel, PostList, Result
from lienthong.blocks.casework.parcel_rules import (
    ADDRESS_MAY_CHANGE,
    STATE_TEXT,
    ParcelState,
    not_with_post,
    nothing_to_hand_over,
    tracking_of,
    tracking_taken,
    why_missing,
)
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One row of the desk's page."""

    number: str
    title: str
    recipient: dict[str, str]
    state: str
    tracking: str
    why: str
    changed_at: datetime
    papers: list[Result]

    @property
    def word(self) -> Text:
        return STATE_TEXT[ParcelState(self.state)]


def parcel_ask(*, number: str, applicant: str, recipient: dict[str, str] | None, at: datetime) -> None:
    """The applicant wants the papers by post, there; or no longer (None). Once the post has them, nothing changes.

    Errors: case-unknown (404).
    """
    with transaction.atomic():
        case = _locked(applicant=applicant, number=number)
        parcel = Parcel.objects.filter(case=case).first()
        if parcel is not None and parcel.state not in ADDRESS_MAY_CHANGE:
            return
        if recipient is None:
            if parcel is None:
                return
            parcel.delete()
            text = Text("Người nộp không cần bản giấy nữa.", "The applicant wants no paper any more.")
        else:
            if parcel is not None and (parcel.recipient, parcel.state) == (recipient, ParcelState.ASKED):
                return
            # A slip that was written before bears another address, or went already.
            slip = {"tracking": "", "why": ""}
            given = {"recipient": recipient, "state": ParcelState.ASKED, "changed_at": at, **slip}
            first = {"case": case, "agency": case.agency, "asked_at": at}
            Parcel.objects.update_or_create(case=case, defaults=given, create_defaults=first | given)
            text = Text(
                "Người nộp muốn nhận bản giấy qua bưu chính.", "The applicant wants the paper by post."
            )
        case.by_post = recipient is not None
        case.save(update_fields=["by_post"])
        engine.entry_add(case, kind="parcel", actor=applicant, text=text)
        engine.told_beside(case)


def numbers_enter(*, typed: Mapping[str, str], by: Principal, at: datetime) -> dict[str, Problem]:
    """Enter the slips' numbers, by dossier; an empty one is taken back. What is wrong with each, by dossier."""
    wrong: dict[str, Problem] = {}
    parcels = {row.case.number: row for row in _waiting(by.agency).filter(case__number__in=list(typed))}
    for number, parcel in parcels.items():
        try:
            tracking = tracking_of(typed[number]) if typed[number].strip() else ""
            if tracking != parcel.tracking:
                _number_keep(parcel, tracking, at)
        except Problem as problem:
            wrong[number] = problem
    return wrong


def _number_keep(parcel: Parcel, tracking: str, at: datetime) -> None:
    """Errors: tracking-taken (409)."""
    same = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.ASKED)
    try:
        with transaction.atomic():
            same.update(tracking=tracking, changed_at=at)
    except IntegrityError as error:
        other = Parcel.objects.filter(tracking=tracking, agency=parcel.agency).select_related("case").first()
        raise tracking_taken(tracking, other.case.number if other else "") from error


def hand_over(*, by: Principal, at: datetime) -> PostList:
    """The post takes all that has a number; the list of it, to print. Errors: nothing-to-hand-over (422)."""
    with transaction.atomic():
        ready = _waiting(by.agency).exclude(tracking="").order_by("case_id")
        numbers = list(ready.values_list("case__number", flat=True)[: PAGE * 4])
        cases = [_locked(agency=by.agency, number=number) for number in sorted(numbers)]
        rows = {row.pk: row for row in ready.filter(case__in=cases)}
        if not rows:
            raise nothing_to_hand_over()
        for case in cases:
            if (parcel := rows.get(case.pk)) is not None:
                said = Text(
                    f"{by.name} đã giao bản giấy cho bưu điện, số hiệu {parcel.tracking}.",
                    f"{by.name} handed the paper to the post, number {parcel.tracking}.",
                )
                _step(case, parcel, ParcelState.POSTED, said, by=by, at=at)
        return PostList.objects.create(
            agency=by.agency,
            handed_by={"code": by.subject, "name": by.name},
            handed_at=at,
            items=[
                {"number": case.number, "tracking": rows[case.pk].tracking}
                for case in cases
                if case.pk in rows
            ],
        )


def parcel_delivered(*, number: str, by: Principal, at: datetime) -> None:
    """The post says that it was delivered. Errors: case-unknown (404), parcel-not-posted (409)."""
    said = Text("Bưu điện đã phát bản giấy.", "The post delivered the paper.")
    _end(number, ParcelState.DELIVERED, said, by=by, at=at)


def parcel_returned(*, number: str, why: str, by: Principal, at: datetime) -> None:
    """It came back, and why. Errors: case-unknown (404), parcel-not-posted (409), returned-why-missing (422)."""
    if not why.strip():
        raise why_missing()
    why = why.strip()[:300]
    said = Text(f"Bưu điện trả lại bản giấy: {why}", f"The post brought the paper back: {why}")
    _end(number, ParcelState.RETURNED, said, by=by, at=at, why=why)


def _end(number: str, state: ParcelState, said: Text, *, by: Principal, at: datetime, why: str = "") -> None:
    with transaction.atomic():
        case = _locked(agency=by.agency, number=number)
        parcel = Parcel.objects.filter(case=case, state=ParcelState.POSTED).first()
        if parcel is None:
            raise not_with_post(number)
        parcel.why = why
        _step(case, parcel, state, said, by=by, at=at)


def _step(case: Case, parcel: Parcel, state: ParcelState, said: Text, *, by: Principal, at: datetime) -> None:
    parcel.state, parcel.changed_at = state, at
    parcel.save(update_fields=["state", "why", "changed_at"])
    engine.entry_add(case, kind="parcel", actor=by.subject, text=said)
    engine.told_beside(case)


def _locked(**which: str) -> Case:
    """The case, its row locked. Errors: case-unknown (404)."""
    found = Case.objects.filter(**which).values_list("pk", flat=True).first()
    if found is None:
        raise problems.case_unknown(which["number"])
    return engine.case_lock(found)


def _waiting(agency: str) -> QuerySet[Parcel]:
    """What can go to the post: the dossier has ended, and there is a paper."""
    papers = Exists(Result.objects.filter(case=OuterRef("case")))
    rows = Parcel.objects.filter(agency=agency, state=ParcelState.ASKED, case__closed_at__isnull=False)
    return rows.filter(papers).select_related("case")


def parcels_waiting(*, agency: str) -> list[ParcelRow]:
    """The oldest first, at most a page; what has a number already comes before."""
    return _rows(_waiting(agency).order_by("-tracking", "changed_at")[:PAGE])


def parcels_posted(*, agency: str) -> list[ParcelRow]:
    """What the post has, the oldest first, at most a page."""
    rows = Parcel.objects.filter(agency=agency, state=ParcelState.POSTED)
    return _rows(rows.select_related("case").order_by("changed_at")[:PAGE])


def parcels_returned(*, agency: str) -> list[ParcelRow]:
    """What came back and waits for another address, the newest first, at most a page."""
    rows = Parcel.objects.filter(agency=agency, state=ParcelState.RETURNED)
    return _rows(rows.select_related("case").order_by("-changed_at")[:PAGE])


def lists_of(*, agency: str) -> list[PostList]:
    """The last lists that were handed over."""
    return list(PostList.objects.filter(agency=agency).order_by("-id")[:10])


def list_of(*, agency: str, list_id: int) -> tuple[PostList, list[tuple[str, str, ParcelRow | None]]] | None:
    """A list with its items: tracking, dossier, and the papers and recipient while they are still that item's.

    None for another agency's.
    """
    found = PostList.objects.filter(agency=agency, pk=list_id).first()
    if found is None:
        return None
    numbers = [item["number"] for item in found.items]
    parcels = Parcel.objects.filter(agency=agency, case__number__in=numbers).select_related("case")
    rows = {(row.number, row.tracking): row for row in _rows(parcels)}
    return found, [
        (item["tracking"], item["number"], rows.get((item["number"], item["tracking"])))
        for item in found.items
    ]


def parcel_of(*, number: str) -> ParcelRow | None:
    """Of one dossier, for who may see it."""
    return next(iter(_rows(Parcel.objects.filter(case__number=number).select_related("case"))), None)


def _rows(parcels: QuerySet[Parcel]) -> list[ParcelRow]:
    found = list(parcels)
    papers: dict[Any, list[Result]] = {row.pk: [] for row in found}
    for paper in Result.objects.filter(case__in=list(papers)).order_by("issued_at"):
        papers[paper.case_id].append(paper)  # type: ignore[attr-defined] - Django's, not seen by the checker
    return [
        ParcelRow(
            row.case.number,
            row.case.title,
            row.recipient,
            row.state,
            row.tracking,
            row.why,
            row.changed_at,
            papers[row.pk],
        )
        for row in found
    ]
