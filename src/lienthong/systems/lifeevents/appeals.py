"""Complaints and feedback on a person's own dossiers: what they may still do, and its filing.

Each is a case of the portal (`content/procedures/9.000029`) with the agency's as its child, as every application is; so
it is followed, withdrawn and told of as any dossier.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import appeal_rules
from lienthong.blocks.casework import appeals as casework_appeals
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.appeal_rules import FEEDBACK, FIRST, Ground
from lienthong.blocks.casework.appeals import Followed
from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.registry.agencies import AgencyCard, agency_get
from lienthong.ground import clock
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, appeal_words, selectors
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.services import file_row

PORTAL: Final = "9.000029"
FEEDBACK_OPEN_MAX: Final = 3
SETTLED: Final = frozenset({"granted", "partly", "refused"})
"""Ends of a complaint that was looked into; it is not filed a second time with the same agency."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may file about one dossier now; until: in time without a reason, None where nothing runs out."""

    grounds: tuple[Ground, ...]
    until: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A complaint or feedback that was filed, in one line of its dossier's page."""

    number: str
    kind: str
    word: Text
    colour: str
    said: Text


@dataclass(frozen=True, slots=True)
class AboutPart:
    """Beside a part of a dossier: what was filed about it, and what may be."""

    lines: tuple[Line, ...]
    may_complain: bool
    rights: Rights
    refused: bool


@dataclass(frozen=True, slots=True)
class Filing:
    """What a person typed; uploads: (name, content)."""

    text: str
    ground: str = ""
    wish: str = ""
    late_reason: str = ""
    uploads: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])


def rights_of(child: Any, *, now: datetime) -> Rights:
    """child: a dossier at an agency, as its parent case knows it."""
    ended_at = child.changed_at if child.outcome else None
    grounds = appeal_rules.grounds_open(
        outcome=child.outcome, due_at=_first_promised(child), ended_at=ended_at, now=now
    )
    until = appeal_rules.file_until(ended_at) if ended_at and grounds else None
    return Rights(grounds, until, appeal_rules.is_late(until=until, now=now))


def _first_promised(child: Any) -> datetime | None:
    """The day that was promised before any apology; a letter of apology does not make a dossier less late."""
    before = (child.apology or {}).get("due_before")
    return datetime.fromisoformat(before) if before else child.due_at


def about_parts(card: cases.CaseCard, by: Principal) -> dict[str, AboutPart]:
    """By number, each dossier of a case that is at an agency, but for complaints and feedback themselves."""
    now = clock.now()
    filed = followed(card.number, by)
    found = {}
    for child in card.children:
        if child.procedure in appeal_words.PROCEDURES.values():
            continue
        rows = [row for row in filed if row.about == child.number]
        rights = rights_of(child, now=now)
        left = [ground for ground in rights.grounds if _against(rows, ground) is None]
        found[child.number] = AboutPart(
            tuple(_line(row) for row in rows if _seen(row, by)),
            bool(left),
            replace(rights, grounds=tuple(left)),
            child.outcome in appeal_rules.REFUSALS,
        )
    return found


def _seen(row: Followed, by: Principal) -> bool:
    """Whoever is authorised sees what they filed themselves."""
    return by.acting_for is None or by.acting_for.sees_all or row.filed_by == by.subject


def followed(parent: str, by: Principal) -> list[Followed]:
    """What was filed about the dossiers of a case, the newest first."""
    return casework_appeals.appeals_followed(applicant=by.party, parent=parent, system="lifeevents")


def _line(row: Followed) -> Line:
    word, colour = appeal_words.tag_of(kind=row.kind, outcome=row.outcome)
    said = appeal_words.state_said(
        kind=row.kind,
        outcome=row.outcome,
        agency=agency_get(row.agency).name,
        received_on=clock.in_vietnam(row.opened_at).date(),
        due_at=row.due_at,
        renewed=row.renewed,
    )
    return Line(row.number, row.kind, word, colour, said)


def _against(rows: list[Followed], ground: str) -> Followed | None:
    """What stands against one more complaint: one that is open, or one of the same ground that was settled."""
    complaints = [row for row in rows if row.kind != FEEDBACK]
    waiting = (row for row in complaints if not row.outcome)
    settled = (row for row in complaints if row.ground == ground and row.outcome in SETTLED)
    return next(waiting, None) or next(settled, None)


def complaint_file(*, parent: str, number: str, by: Principal, filing: Filing, language: str) -> str:
    """Complain of a dossier to the agency whose decision it is. The number of the complaint's case.

    Errors: case-unknown, child-unknown (404); ground-not-open, late-reason-missing, those of `files.upload_check`
    (422); complaint-open, complaint-settled (409).
    """
    card = selectors.case_of(number=parent, by=by)
    child = selectors.child_of(card, number)
    now = clock.now()
    rights = rights_of(child, now=now)
    if filing.ground not in rights.grounds:
        raise appeal_words.ground_not_open()
    if rights.late and rights.until and not filing.late_reason.strip():
        raise appeal_words.late_reason_missing(rights.until)
    declaration = {
        "about": _about(card, child),
        "ground": filing.ground,
        "ground_said": appeal_words.GROUND_TEXT[filing.ground].as_dict(),
        "text": filing.text.strip(),
        "wish": filing.wish.strip(),
        "late_reason": filing.late_reason.strip() if rights.late else "",
    }
    with transaction.atomic():
        casework_appeals.case_hold(number=parent, applicant=by.party)
        rows = [row for row in followed(parent, by) if row.about == number]
        if (earlier := _against(rows, filing.ground)) is not None:
            known = appeal_words.complaint_settled if earlier.outcome else appeal_words.complaint_open
            raise known(earlier.number)
        return appeal_open(
            agency=agency_get(child.agency),
            kind=FIRST,
            card=card,
            by=by,
            declaration=declaration,
            filing=filing,
            language=language,
        )


def feedback_file(*, parent: str, number: str, by: Principal, filing: Filing, language: str) -> str:
    """Tell the agency how a dossier is dealt with, at any time of it. The number of the feedback's case.

    Errors: case-unknown, child-unknown (404); those of `files.upload_check` (422); feedback-many (409).
    """
    card = selectors.case_of(number=parent, by=by)
    child = selectors.child_of(card, number)
    declaration = {"about": _about(card, child), "ground": "", "text": filing.text.strip()}
    with transaction.atomic():
        casework_appeals.case_hold(number=parent, applicant=by.party)
        rows = [row for row in followed(parent, by) if row.about == number and row.kind == FEEDBACK]
        if len([row for row in rows if not row.outcome]) >= FEEDBACK_OPEN_MAX:
            raise appeal_words.feedback_many()
        return appeal_open(
            agency=agency_get(child.agency),
            kind=FEEDBACK,
            card=card,
            by=by,
            declaration=declaration,
            filing=filing,
            language=language,
        )


def _about(card: cases.CaseCard, child: Any) -> dict[str, Any]:
    """The dossier, as both sides name it."""
    name = next(part.name for part in selectors.tracking_parts(card) if part.number == child.number)
    agency = agency_get(child.agency)
    return {
        "number": child.number,
        "parent": card.number,
        "title": card.title,
        "agency_kind": agency.kind,
        "unit": agency.unit,
        "procedure": child.procedure,
        "name": name.as_dict(),
        "outcome": child.outcome,
        "known_on": appeal_words.known_said(child.changed_at) if child.outcome else "",
        "reason": (child.reason or {}).get("vi", ""),
    }


def appeal_open(
    *,
    agency: AgencyCard,
    kind: str,
    card: cases.CaseCard,
    by: Principal,
    declaration: dict[str, Any],
    filing: Filing,
    language: str,
) -> str:
    """A case of the portal for a complaint or feedback to this agency; the caller has held the dossier's case.

    card: whose applicant it is. Errors (422): those of `files.upload_check`.
    """
    now = clock.now()
    documents = [file_row(code="evidence", name=name, content=content) for name, content in filing.uploads]
    package = selectors.package_any(appeal_words.PROCEDURES[kind])
    title = appeal_words.title_of(kind, declaration["about"])
    case = casework.case_open(
        opening=casework.Opening(
            system="lifeevents",
            agency=Subsystem.parse(selectors.subsystem()).member,
            procedure=PORTAL,
            applicant=card.applicant,
            applicant_name=card.applicant_name,
            acting=acting.acting_record(by),
            channel="online",
            language=language,
            data={
                "kind": kind,
                "procedure": appeal_words.PROCEDURES[kind],
                "procedure_name": package["name"],
                "agency": agency.code,
                "agency_kind": agency.kind,
                "unit": agency.unit,
                "title": title,
                "language": language,
                "documents": documents,
                "about": declaration["about"],
                "declaration": declaration,
            },
            title=title,
        ),
        at=now,
    )
    if documents:  # the agency fetches them from here, and the person sees who did
        Draft.objects.create(
            id=uuid7(now),
            owner=card.applicant,
            acting=acting.acting_record(by),
            procedure=PORTAL,
            files=documents,
            case_number=case.number,
            started_at=now,
            changed_at=now,
        )
    return str(case.number)
