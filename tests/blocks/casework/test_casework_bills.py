"""A dossier that ends leaves no bill to pay, wherever its paying step stood."""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.blocks.casework import kinds, services
from lienthong.blocks.casework.models import Case
from lienthong.blocks.casework.rules import Status
from lienthong.systems.fees.models import Bill
from tests.blocks.casework import casework_kit as kit
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db

STEPS = {
    "fee": {
        "kind": "pay",
        "province": "01",
        "items": [{"code": "civil-status-extract", "quantity": 2}],
        "next": "end:granted",
    }
}


@pytest.fixture
def case(tmp_path: Path, country: datetime) -> Case:
    return kit.case_of(tmp_path, STEPS, start="fee", at=country)


def withdraw(case: Case) -> None:
    services.case_withdraw(number=case.number, applicant=kit.APPLICANT)
    run_jobs()


def test_the_clock_stands_while_only_the_payment_is_left(case: Case) -> None:
    run_jobs()
    assert kit.fresh(case).status == Status.FINANCIAL_DUTY
    assert kit.fresh(case).paused_at is not None
    assert Bill.objects.get(case=case.number).total == 16000


def test_a_withdrawn_dossier_voids_its_bill(case: Case) -> None:
    run_jobs()
    withdraw(case)
    assert Bill.objects.get(case=case.number).status == "void"
    assert kit.states(case) == {"fee": "cancelled"}


def test_a_dossier_withdrawn_while_its_bill_is_being_made_voids_it_too(case: Case) -> None:
    kinds._prepare(kit.step_of(case, "fee").pk)  # the worker died between its two transactions
    withdraw(case)
    assert Bill.objects.get(case=case.number).status == "void"
    assert kit.states(case) == {"fee": "cancelled"}
    assert kit.fresh(case).status == Status.WITHDRAWN


def test_a_dossier_withdrawn_before_its_bill_was_asked_for_makes_none(case: Case) -> None:
    withdraw(case)
    assert not Bill.objects.filter(case=case.number).exists()
    assert kit.states(case) == {"fee": "cancelled"}
