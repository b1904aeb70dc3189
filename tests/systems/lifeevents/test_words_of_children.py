"""What a child dossier tells reaches the parent case, also while its number is just being stored."""

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from lienthong.blocks.casework import children, engine, services
from lienthong.blocks.casework import selectors as cases
from lienthong.blocks.casework.models import Step
from lienthong.ground.ids import uuid7
from lienthong.systems.lifeevents.services import dossier_changed
from tests.blocks.casework import casework_kit as kit

CHILD = "G24.26-261123-0001"
SENDER = "VN/GOV/G24.26/onestop"


@pytest.mark.django_db(transaction=True)
def test_a_word_that_comes_while_the_childs_number_is_being_stored_is_not_lost(
    tmp_path: Path, at: datetime
) -> None:
    kit.agency_enter()
    case = kit.case_of(tmp_path, {"review": kit.task(approve="end:granted")}, start="review", at=at)
    word = {
        "number": CHILD,
        "reference": case.number,
        "revision": 3,
        "at": (at + timedelta(seconds=1)).isoformat(),
        "status": 6,
        "outcome": "",
        "due_at": None,
        "reason": None,
        "bill": {"bill": str(case.pk), "total": 16000},
        "supplement": None,
        "results": [],
    }

    def told() -> None:
        with transaction.atomic():
            dossier_changed(sender=SENDER, change=word, message_id=str(uuid7(at)))
        connection.close()

    teller = threading.Thread(target=told)
    with transaction.atomic():
        engine.case_lock(case.pk)
        teller.start()
        _until_somebody_waits_for_a_lock()
        opened = {"number": CHILD, "status": 2, "due_at": None}
        children.child_record(
            case, Step.objects.get(case=case), provider=SENDER, procedure="x", answer=opened
        )
    teller.join(20)
    (child,) = cases.case_get(number=case.number).children
    assert (child.status, child.bill) == (6, word["bill"])
    services.case_withdraw(number=case.number, applicant=kit.APPLICANT)


def _until_somebody_waits_for_a_lock() -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits for the case")
