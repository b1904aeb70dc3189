"""An application that is never sent ends after its term, and not before its owner was told."""

from datetime import datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from lienthong.blocks.casework import files
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.systems.eid.models import Notice
from lienthong.systems.lifeevents.disposal import sweep_drafts
from lienthong.systems.lifeevents.models import Draft, Reminder
from tests.jobs import run_jobs
from tests.pages import person
from tests.systems.country import Family
from tests.systems.lifeevents.applying import begin, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(country: datetime, family: Family) -> Draft:
    begin(person(family.mother))
    row = Draft.objects.get()
    sha = files.file_keep(b"%PDF of a draft")
    row.files = [{"code": "a", "name": "a.pdf", "sha256": sha, "size": 15, "media_type": "application/pdf"}]
    row.save()
    return row


def swept(at: datetime) -> int:
    with clock.fixed(at):
        gone = sweep_drafts()
        run_jobs()
    return gone


def told() -> list[str]:
    return [
        subject for subject in Notice.objects.values_list("subject_vi", flat=True) if "sắp bị xóa" in subject
    ]


def test_its_owner_is_told_two_weeks_before_and_then_it_goes_with_its_files(
    draft: Draft, country: datetime
) -> None:
    sha = draft.files[0]["sha256"]
    assert (swept(country + timedelta(days=165)), told()) == (0, [])
    assert swept(country + timedelta(days=166)) == 0
    assert len(told()) == 1
    assert swept(country + timedelta(days=179)) == 0
    assert len(told()) == 1
    assert swept(country + timedelta(days=180)) == 1
    assert not Draft.objects.exists()
    assert not default_storage.exists(files._name(sha))
    with pytest.raises(Problem) as gone:
        files.file_read(sha)
    assert "không gửi đi" in gone.value.why.vi
    assert not Reminder.objects.filter(key__startswith="draft-end:").exists()


def test_where_nobody_was_told_in_time_it_waits_its_notice_out(draft: Draft, country: datetime) -> None:
    assert swept(country + timedelta(days=300)) == 0
    assert swept(country + timedelta(days=313)) == 0
    assert swept(country + timedelta(days=314)) == 1


def test_who_goes_on_with_it_keeps_it_and_what_was_sent_is_no_draft(
    draft: Draft, country: datetime, family: Family
) -> None:
    swept(country + timedelta(days=170))
    Draft.objects.filter(pk=draft.pk).update(changed_at=country + timedelta(days=175))
    assert swept(country + timedelta(days=190)) == 0
    send(person(family.mother), family)
    sent = Draft.objects.exclude(case_number="")
    assert sent.count() == 1
    assert swept(country + timedelta(days=2000)) == 0  # told anew
    assert swept(country + timedelta(days=2014)) == 1
    assert sent.count() == 1


def test_nobody_is_told_at_night(draft: Draft, country: datetime) -> None:
    night = (country + timedelta(days=170)).replace(hour=2)
    assert (swept(night), told()) == (0, [])
