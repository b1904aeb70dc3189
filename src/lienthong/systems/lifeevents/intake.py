"""Taking in at the counter and by post: an officer types for the applicant, at whichever centre that is.

The deciding agency follows the place; a centre takes in for its own province (Decree 118/2025/NĐ-CP).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from lienthong.blocks.access.principals import ActingFor, Kind, Principal
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.rules import limit_of
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock, units, workdays
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, disposal, known, mandates, rules, scans, services
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.selectors import package_of

PROVINCE_DIGITS = 2
COMPARED: Final = ("number", "full_name", "birth_date", "full_address")
"""What the officer compares with the identity card of who stands there."""
SHOWN = 20
CHANNELS: dict[str, Text] = {
    "counter": Text("Tại quầy", "At the counter"),
    "post": Text("Qua bưu chính công ích", "By public post"),
}


def intake_start(
    *, by: Principal, applicant: str, procedure: str, channel: str, chosen: ActingFor | None = None
) -> Draft:
    """An officer types for who stands at the counter, or for what came by post, at whichever agency that is.

    applicant: the person's number; chosen: for whom the person applies, None for themselves. The deciding agency is
    found by the place, not by where the dossier was taken in (Decree 118/2025). Errors: application-unknown,
    person-unknown (404); channel-unknown (422); those of `mandates.package_problem` (403, 422).
    """
    if channel not in CHANNELS:
        raise rules.channel_unknown(channel)
    package = package_of(procedure)
    if problem := mandates.package_problem(package, chosen):
        raise problem
    taken_in: dict[str, Any] = {"channel": channel, "taken_in_by": by.subject, "taken_in_at": by.agency}
    if chosen is None:
        return services.draft_begin(applicant, procedure, **taken_in)
    person = known.person_of(applicant, purpose=package["purpose"], officer=by.subject)
    who = Principal(Kind.PERSON, applicant, person["full_name"], acting_for=chosen)
    party = None
    if chosen.kind == mandates.ORGANISATION:
        party = acting.organisation_of(chosen, officer=by.subject)
    present = {name: person[name] for name in COMPARED}
    record = acting.acting_record(who)
    return services.draft_begin(
        chosen.number, procedure, party=party, present=present, acting=record, **taken_in
    )


def mandates_at_counter(*, person: str, procedure: str, by: Principal) -> list[ActingFor]:
    """For whom this person may apply for this procedure today, as the registers say.

    The registers tell those concerned which officer asked. Errors: nobody-to-act-for (422).
    """
    package = package_of(procedure)
    admitted = [
        each
        for each in acting.mandates_of(person, officer=by.subject)
        if mandates.package_problem(package, each) is None
    ]
    if not admitted:
        raise _nobody_to_act_for(package["name"])
    return admitted


def draft_taken_in(*, draft_id: UUID, by: Principal) -> Draft:
    """A draft of the officer's own agency. Errors: draft-unknown (404), also for another agency's."""
    draft = Draft.objects.filter(pk=draft_id, taken_in_at=by.agency).exclude(taken_in_by="").first()
    if draft is None:
        raise NotFound(
            "draft-unknown",
            Text("Không tìm thấy tờ khai này.", "This application is not here."),
            Text(
                "Tờ khai do cơ quan khác tiếp nhận, hoặc đã bỏ.",
                "Another agency took it in, or it was dropped.",
            ),
            Text("Mở lại từ trang Tiếp nhận.", "Open it again from the intake page."),
        )
    return draft


def drafts_open(*, by: Principal) -> list[Draft]:
    """What the agency began to take in and has not sent, the last changed first."""
    rows = Draft.objects.filter(taken_in_at=by.agency, case_number="").exclude(taken_in_by="")
    return list(rows.order_by("-changed_at")[:SHOWN])


def drafts_sent(*, by: Principal) -> list[Draft]:
    """What the agency took in last, for its receipts."""
    rows = Draft.objects.filter(taken_in_at=by.agency).exclude(taken_in_by="").exclude(case_number="")
    return list(rows.order_by("-changed_at")[:SHOWN])


def draft_drop(*, draft: Draft) -> None:
    """Forget a draft that was begun for the wrong person, with its papers. Errors: sent-already (409)."""
    if not disposal.drafts_end(Q(pk=draft.pk), at=clock.now()):
        raise Conflict(
            "sent-already",
            Text("Tờ khai đã gửi.", "The application was sent."),
            Text("Hồ sơ đã có mã, không bỏ được nữa.", "It has a number and cannot be dropped."),
            Text("Người nộp có thể rút hồ sơ trên Cổng.", "The applicant may withdraw it on the portal."),
        )


def intake_problems(*, draft: Draft, declaration: dict[str, Any]) -> list[Problem]:
    """What speaks against sending it from here: the place, then what speaks against it from anywhere."""
    ended = _mandate_ended(draft)
    own, theirs = _province(agency_get(draft.taken_in_at).unit), _province(str(declaration.get("unit") or ""))
    elsewhere = [other_province(theirs)] if own and theirs and own != theirs else []
    return [
        *ended,
        *elsewhere,
        *scans.waiting(draft),
        *services.problems_before_sending(draft=draft, declaration=declaration),
    ]


def intake_submit(*, draft_id: UUID, by: Principal, language: str) -> str:
    """Send what was taken in; the case's number. Errors: other-province (422), those of `draft_submit`."""
    draft = draft_taken_in(draft_id=draft_id, by=by)
    declaration = services.declaration_of(draft, language=language)
    for problem in intake_problems(draft=draft, declaration=declaration):
        raise problem
    return services.draft_submit(draft_id=draft_id, by=by, language=language)


def _nobody_to_act_for(name: dict[str, str]) -> Invalid:
    return Invalid(
        "nobody-to-act-for",
        Text("Người nộp chưa làm thay được cho ai.", "They cannot apply for anybody."),
        Text(
            "Không cơ sở dữ liệu nào ghi người này đại diện cho tổ chức, cho con dưới 18 tuổi hay được ủy quyền"
            f" làm «{name['vi']}».",
            "No register says that they represent an organisation or a child under 18, or are authorised, for"
            f" “{name['en']}”.",
        ),
        Text(
            "Xem lại số định danh; nếu sổ ghi thiếu, đăng ký người đại diện hoặc lập ủy quyền trên Cổng trước.",
            "Look at the number again; if the register lacks it, register the representative or grant an"
            " authorisation on the portal first.",
        ),
        field="party",
    )


def _mandate_ended(draft: Draft) -> list[Problem]:
    """What the registers say now against whoever applies for another."""
    if not draft.acting:
        return []
    name = draft.known["person"]["full_name"]
    chosen = acting.chosen_of(number=draft.owner, name=name, acting=draft.acting)
    try:
        acting.mandate_checked(person=draft.acting["number"], chosen=chosen, officer=draft.taken_in_by)
    except Problem as problem:
        if problem.unanswered:
            raise
        return [problem]
    return []


def _province(unit: str) -> str:
    return units.commune(unit, clock.today()).province_code if len(unit) > PROVINCE_DIGITS else unit


def other_province(code: str) -> Invalid:
    name = units.province(code, clock.today()).name
    return Invalid(
        "other-province",
        Text(f"Hồ sơ này thuộc {name.vi}.", f"This dossier belongs to {name.en}."),
        Text(
            "Trung tâm tiếp nhận mọi hồ sơ trong tỉnh, không phân biệt địa giới xã, phường (Nghị định 118/2025).",
            "A centre takes in for every commune of its own province (Decree 118/2025).",
        ),
        Text(
            f"Hướng dẫn người nộp gửi trên Cổng, hoặc tới trung tâm bất kỳ ở {name.vi}.",
            f"Let the applicant use the portal, or any centre in {name.en}.",
        ),
    )


def expected_at(*, draft: Draft, card: cases.CaseCard) -> datetime | None:
    """When the result is promised: the latest of the agencies' limits, or the procedure's until they have it."""
    promised = [moment for moment in (card.due_at, *(child.due_at for child in card.children)) if moment]
    if promised:
        return max(promised)
    package = package_of(draft.procedure)
    settles = {"data": card.data.get("declaration", card.data), "agency_kind": package["agency_kind"]}
    limit = limit_of(package.get("time_limit"), settles)
    return workdays.due_at(card.opened_at, limit) if limit is not None else None
