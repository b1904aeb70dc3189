"""Several signers: who sent asks the others; the dossier goes to the agency when everybody has signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework import hearing
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.rules import SIGNATURES
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import clock, formats, workdays
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.ids import derived
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.models import Declared, Draft, Signing
from lienthong.systems.lifeevents.telling import person_tell

ASKED: Final = "asked"
SIGNED: Final = "signed"
DECLINED: Final = "declined"
APPLICANT: Final = Text("Người nộp hồ sơ", "Applicant")
SHOWN: Final = 20


def content_hash(declaration: dict[str, Any]) -> str:
    """What is signed, as its SHA-256."""
    return sha256_hex(canonical_json(declaration))


def signatures_ask(*, draft: Draft, number: str, data: dict[str, Any], at: datetime) -> None:
    """In the transaction that sends: the applicant has signed by sending, each other signer is asked and told."""
    signers: Sequence[dict[str, Any]] = data.get("signers") or ()
    if not signers:
        return
    due, signed = workdays.due_at(at, int(data["signing"]["working_days"])), content_hash(data["declaration"])
    by = draft.acting or {"number": draft.owner, "name": draft.known["person"]["full_name"]}
    common = {"case_number": number, "content_hash": signed, "asked_at": at, "due_at": due}
    first = Signing(
        position=0,
        number=by["number"],
        name=by["name"],
        role=APPLICANT.as_dict(),
        state=SIGNED,
        answered_at=at,
        **common,
    )
    others = [
        Signing(
            position=index, number=row["number"], name=row["name"], role=row["role"], state=ASKED, **common
        )
        for index, row in enumerate(signers, start=1)
    ]
    Signing.objects.bulk_create([first, *others])
    what = data["procedure_name"]
    subject = Text(
        f"{by['name']} mời bạn cùng ký: {what['vi']}", f"{by['name']} asks you to sign: {what['en']}"
    )
    text = Text(
        f"Mở «Hồ sơ của tôi» trên Cổng để xem toàn bộ tờ khai rồi ký hoặc từ chối, trước {formats.datetime(due)}.",
        f"Open “My dossiers” on the portal to see all of it, and sign or decline by {formats.datetime(due, 'en')}.",
    )
    for row in others:
        person_tell(to=row.number, subject=subject, text=text, case=number)


def signatures_of(number: str) -> list[Signing]:
    """Of a sent application, the applicant's first; none where nobody else must sign."""
    return list(Signing.objects.filter(case_number=number).order_by("position"))


def waiting_for(person: str) -> list[Signing]:
    """What a person is asked to sign and still may, the nearest deadline first."""
    rows = Signing.objects.filter(number=person, state=ASKED, due_at__gte=clock.now())
    drafts = Draft.objects.filter(case_number__in=rows.values("case_number"))
    open_ones = {draft.case_number for draft in drafts}
    return [row for row in rows.order_by("due_at")[:SHOWN] if row.case_number in open_ones]


def signing_get(*, number: str, by: Principal) -> Signing:
    """What a person was asked to sign. Errors: signing-unknown (404), also for another's."""
    row = Signing.objects.filter(case_number=number, number=by.subject, position__gt=0).first()
    if row is None:
        raise NotFound(
            "signing-unknown",
            Text("Bạn không được mời ký hồ sơ này.", "You were not asked to sign this."),
            Text(
                "Mã hồ sơ không đúng, hoặc hồ sơ mời người khác.",
                "The number is wrong, or others were asked.",
            ),
            Text("Mở «Hồ sơ của tôi» để xem việc chờ bạn ký.", "Open “My dossiers” for what waits for you."),
        )
    return row


def sign(*, number: str, by: Principal, agrees: bool, reason: str = "") -> None:
    """Agree or decline, once, in one's own name; the last signature sends the dossier on, a refusal ends it.

    Errors: signing-unknown (404); sign-yourself (403); reason-missing (422); signing-over (409).
    """
    row = signing_get(number=number, by=by)
    if by.acting_for is not None:
        raise _yourself()
    if not agrees and not reason.strip():
        raise _reason_missing()
    now = clock.now()
    with transaction.atomic():
        rows = list(Signing.objects.select_for_update().filter(case_number=number).order_by("position"))
        mine = next(each for each in rows if each.pk == row.pk)
        if mine.state != ASKED or any(each.state == DECLINED for each in rows):
            raise signing_over()
        if now.replace(second=0, microsecond=0) > mine.due_at or case_closed(number):
            raise signing_over()
        mine.state, mine.answered_at = (SIGNED if agrees else DECLINED), now
        mine.reason = reason.strip()
        mine.save(update_fields=["state", "answered_at", "reason"])
        if agrees and any(each.state == ASKED for each in rows):
            return
        if not agrees:
            Declared.objects.filter(case_number=number).delete()
        hearing.case_signal(
            number=number,
            name=SIGNATURES,
            payload={"outcome": mine.state, "signatures": [_as_signed(each) for each in rows]},
            signal_id=derived(number, SIGNATURES),
            at=now,
        )


def case_closed(number: str) -> bool:
    """Whether the application was withdrawn, or ended."""
    return cases.case_get(number=number).closed_at is not None


def _as_signed(row: Signing) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": row.name,
        "role": row.role,
        "signed_at": row.answered_at.isoformat() if row.answered_at else "",
        "content_hash": row.content_hash,
    }


def signing_over() -> Conflict:
    return Conflict(
        "signing-over",
        Text("Không ký được nữa.", "It cannot be signed any more."),
        Text(
            "Bạn đã trả lời, có người từ chối, hồ sơ đã rút, hoặc đã hết hạn ký.",
            "You answered, somebody declined, it was withdrawn, or the time to sign has passed.",
        ),
        Text(
            "Nếu vẫn cần, người nộp gửi hồ sơ mới.", "If it is still wanted, the applicant sends a new one."
        ),
    )


def _yourself() -> Forbidden:
    return Forbidden(
        "sign-yourself",
        Text("Bạn phải tự ký cho mình.", "You sign in your own name."),
        Text("Bạn đang làm cho người khác.", "You are acting for another now."),
        Text("Vào «Làm thay», chọn «Bản thân», rồi ký.", "Open “Acting for”, choose “Myself”, then sign."),
    )


def _reason_missing() -> Invalid:
    return Invalid(
        "reason-missing",
        Text("Chưa có lý do.", "There is no reason."),
        Text("Người nộp cần biết vì sao bạn không ký.", "The applicant needs to know why you do not sign."),
        Text("Viết một câu ngắn.", "Write a short sentence."),
        field="reason",
    )
