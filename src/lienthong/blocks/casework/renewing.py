"""A dossier settled anew, because a complaint against its decision was right (Law on Complaints, art. 31).

The person files nothing again: the same declaration and papers, under the procedure's version of the first dossier,
with no fee that was paid there. The first dossier stays as it ended; each names the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from lienthong.blocks.casework import appeal_rules, engine, problems
from lienthong.blocks.casework.hearing import case_signal
from lienthong.blocks.casework.models import Case, CaseFile, Signal, Step
from lienthong.blocks.casework.rules import Kind, State
from lienthong.blocks.casework.services import FileRef, Opening, case_open
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text

ORDERED: Final = "renewal-ordered"
"""What the superior agency tells a dossier whose decision it annulled."""


def case_renew(*, number: str, agency: str, order: str, reply_to: str, reference: str, at: datetime) -> Case:
    """Open the dossier anew; asked again for the same complaint it is the same dossier.

    number: the first dossier; order: the complaint that was upheld, at this agency or its superior.
    Errors: case-unknown (404); renewal-not-ordered (409), where the complaint did not bring the decision down.
    """
    with transaction.atomic():
        found = Case.objects.filter(number=number, agency=agency).values_list("pk", flat=True).first()
        if found is None:
            raise problems.case_unknown(number)
        first = engine.case_lock(found)
        _ordered_check(first, order)
        earlier = Case.objects.filter(agency=agency, applicant=first.applicant, data__renews__order=order)
        if (made := earlier.first()) is not None:
            return made
        paid = Step.objects.filter(case=first, kind=Kind.PAY, state=State.DONE).exclude(answer=None).exists()
        renews = {"number": number, "order": order, "paid": paid or _renews(first).get("paid", False)}
        case = case_open(
            opening=Opening(
                system=first.system,
                agency=agency,
                procedure=first.procedure.code,
                under=first.procedure,
                applicant=first.applicant,
                applicant_name=first.applicant_name,
                acting=first.acting,
                channel=first.channel,
                language=first.language,
                data={**first.data, "renews": renews},
                title=first.title,
                reply_to=reply_to,
                reference=reference,
                files=[_file(row) for row in CaseFile.objects.filter(case=first).order_by("id")],
            ),
            at=at,
        )
        text = Text(
            f"Giải quyết lại hồ sơ {number} theo quyết định giải quyết khiếu nại {order}.",
            f"Dossier {number} is settled anew by the decision on complaint {order}.",
        )
        engine.entry_add(case, kind="renewed", actor=order, text=text)
        text = Text(f"Được giải quyết lại ở hồ sơ {case.number}.", f"Settled anew as dossier {case.number}.")
        engine.entry_add(first, kind="renewed", actor=order, text=text)
    return case


def renewal_order(*, number: str, order: str, by: str, signal_id: UUID, at: datetime) -> None:
    """The superior agency annulled the decision in a dossier: kept, so that it may be opened anew.

    order: the complaint that the superior `by` settled. Errors: case-unknown (404).
    """
    payload = {"order": order, "by": by}
    case_signal(number=number, name=ORDERED, payload=payload, signal_id=signal_id, at=at)


def _ordered_check(first: Case, order: str) -> None:
    if Signal.objects.filter(case=first, name=ORDERED, payload__order=order).exists():
        return
    complaint = Case.objects.filter(number=order, agency=first.agency).select_related("procedure").first()
    upheld = (
        complaint is not None
        and bool(complaint.procedure.package.get("appeal"))
        and complaint.data["about"]["number"] == first.number
        and complaint.applicant == first.applicant
        and appeal_rules.settled_anew(ground=complaint.data.get("ground", ""), outcome=complaint.outcome)
    )
    if not upheld or first.closed_at is None:
        raise not_ordered(first.number, order)


def _renews(case: Case) -> dict[str, Any]:
    return case.data.get("renews") or {}


def _file(row: CaseFile) -> FileRef:
    return FileRef(row.code, row.name, row.sha256, row.size, row.media_type, row.kind)


def not_ordered(number: str, order: str) -> Conflict:
    return Conflict(
        "renewal-not-ordered",
        Text(f"Hồ sơ {number} không được giải quyết lại.", f"Dossier {number} is not settled anew."),
        Text(
            f"Khiếu nại {order} không có quyết định hủy quyết định trong hồ sơ này.",
            f"No decision on complaint {order} brings down the decision in this dossier.",
        ),
        Text("Xem quyết định giải quyết khiếu nại.", "Read the decision on the complaint."),
    )
