"""The people of the birth journey, beneath the pages: they declare, pay at the bank, and decide what lies open."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import datetime
from uuid import UUID

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.rules import Status
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.secrets import text_sign
from lienthong.ground import clock
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text
from lienthong.nation.evidence import pending
from lienthong.systems.fees import payments
from lienthong.systems.fees.models import Bill, Payment
from lienthong.systems.lifeevents import services as lifeevents
from tests.systems import country

AGENCIES = (country.COMMITTEE, country.POLICE, country.SOCIAL_SECURITY)
TITLE = Text("Phó Chủ tịch", "Vice Chair")


def answers(**more: object) -> dict[str, object]:
    """What a parent answers; `more` over it."""
    return {
        "child_name": "Trần Minh An",
        "sex": "female",
        "birth_date": "2026-11-21",
        "birth_place": "Bệnh viện Phụ sản Hà Nội",
        "other_parent": "001093000002",
        "ethnicity_of": "001195000001",
        "home_town_of": "001195000001",
        "residence_with": "001195000001",
        "hospital": country.HOSPITAL,
        "extracts": 2,
        **more,
    }


def officer_join(code: str, agency: str, at: datetime) -> Principal:
    trust.signer_ensure(subject_id=code, kind="officer", name="Phạm Văn Ký", organisation=agency, at=at)
    access.officer_enter(code=code, agency=agency, name="Phạm Văn Ký", title=TITLE)
    return officer(agency)


def officer(agency: str) -> Principal:
    return Principal(Kind.OFFICER, f"{agency}-S01", "Phạm Văn Ký", agency, frozenset({Role.SIGN, Role.CASE}))


def declare(parent: Principal, **more: object) -> str:
    """A draft, answered and sent; the case's number."""
    draft = lifeevents.draft_start(by=parent, procedure="9.000001")
    lifeevents.draft_answer(draft=draft, answers=answers(**more))
    return lifeevents.draft_submit(draft_id=draft.pk, by=parent, language="vi")


def decide_what_is_open() -> None:
    for agency in AGENCIES:
        by = officer(agency)
        for row in cases.queue_page(agency=agency, roles=by.roles):
            card = cases.case_of_agency(number=row.number, agency=agency)
            with contextlib.suppress(Conflict):  # the dossier moved while the page was open: next time
                casework.task_decide(
                    number=row.number,
                    step_id=UUID(str(row.step_id)),
                    outcome="approve",
                    by=by,
                    title=TITLE,
                    revision=card.revision,
                )


def pay_what_is_due(case: str) -> None:
    """The parent sees the bill on the tracking page, and pays it at the bank."""
    for child in cases.case_get(number=case).children:
        bill = Bill.objects.filter(case=child.number, status="open").first() if child.bill else None
        if bill is not None and child.status == Status.FINANCIAL_DUTY:
            pay(bill)


def pay(bill: Bill) -> None:
    now = clock.now()
    payments.payment_start(bill=bill, at=now)
    order = Payment.objects.get(bill=bill, state="waiting")
    told = {
        "order": str(order.pk),
        "state": "paid",
        "amount": bill.total,
        "transaction": f"FT{order.pk.hex[:10]}",
        "paid_at": now.isoformat(),
    }
    body = json.dumps(told)
    payments.payment_confirm(body=body, signature=text_sign("bank", body), at=now)


def live_until_settled(case: str, *, patience_s: float) -> None:
    """Decide and pay whatever comes up, while a worker runs elsewhere, until nothing is left to do."""
    end = time.monotonic() + patience_s
    while True:
        decide_what_is_open()
        pay_what_is_due(case)
        card = cases.case_get(number=case)
        if card.closed_at is not None and pending(case=case) == 0:
            return
        assert time.monotonic() < end, f"not settled after {patience_s} s: {unsettled(case)}"
        time.sleep(0.2)


def unsettled(case: str) -> list[str]:
    card = cases.case_get(number=case)
    family = [card, *(cases.case_get(number=child.number) for child in card.children)]
    return [
        f"{one.number} {one.status.name} {step.key} {step.state} {step.problem}"
        for one in family
        for step in one.steps
        if step.state not in {"done", "skipped"}
    ]
