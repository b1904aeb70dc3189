"""Reminders: once each, by day, and only of what still waits for the applicant."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.models import Case, Child
from lienthong.ground import clock, workdays
from lienthong.systems.eid.models import Notice
from lienthong.systems.lifeevents import rules
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.reminders import sweep_reminders
from tests.jobs import run_jobs
from tests.pages import person
from tests.systems.country import Family
from tests.systems.lifeevents.applying import begin, send

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(clock.VIETNAM))


@pytest.fixture
def child(country: datetime, family: Family) -> Child:
    """A dossier at an agency, sent by the mother."""
    number = send(person(family.mother), family)
    run_jobs()
    return Child.objects.filter(case=Case.objects.get(number=number)).order_by("id")[0]


def reminded(at: datetime) -> list[str]:
    """The subjects of what is sent then."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with clock.fixed(at):
        sweep_reminders()
        run_jobs()
    return list(Notice.objects.exclude(pk__in=before).values_list("subject_vi", flat=True))


@pytest.mark.django_db
def test_a_supplement_is_reminded_of_once_two_working_days_before_it_lapses(
    child: Child, country: datetime
) -> None:
    due = workdays.due_at(country, 10)
    child.supplement = {"reason": "Thiếu giấy chứng sinh", "due_at": due.isoformat()}
    child.save()
    assert reminded(country) == []
    near = datetime.combine(due.date() - timedelta(days=3), country.time(), clock.VIETNAM)
    near = near if rules.supplement_reminds(due, near) else near + timedelta(days=1)
    assert reminded(near) == [f"Nhắc bổ sung hồ sơ {child.number}"]
    assert reminded(near + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_an_unpaid_bill_is_reminded_of_and_a_paid_one_is_not(child: Child, country: datetime) -> None:
    child.bill, child.changed_at = {"bill": "b1", "total": 100_000}, country
    child.save()
    assert reminded(country + timedelta(days=1)) == []
    later = country + timedelta(days=4)  # 24 November is a day off
    assert reminded(later) == [f"Nhắc nộp phí hồ sơ {child.number}"]
    Child.objects.filter(pk=child.pk).update(bill={"bill": "b2", "total": 5_000}, outcome="granted")
    assert reminded(later + timedelta(days=5)) == []


@pytest.mark.django_db
def test_a_draft_left_alone_is_reminded_of_once_and_an_old_one_is_left_in_peace(
    country: datetime, family: Family
) -> None:
    begin(person(family.mother))
    assert reminded(country + timedelta(days=2)) == []
    (subject,) = reminded(country + timedelta(days=3, minutes=1))
    assert subject.startswith("Tờ khai chưa gửi: ")
    assert reminded(country + timedelta(days=4)) == []
    begin(person(family.father, "Trần Quốc Bảo"))
    assert Draft.objects.count() == 2
    assert reminded(country + timedelta(days=31)) == []


@pytest.mark.django_db
def test_nobody_is_reminded_at_night(child: Child, country: datetime) -> None:
    child.bill, child.changed_at = {"bill": "b1", "total": 100_000}, country
    child.save()
    assert reminded(country.replace(hour=23) + timedelta(days=4)) == []


@given(MOMENTS, MOMENTS)
def test_a_supplement_is_reminded_of_only_while_it_may_still_be_answered(
    due: datetime, now: datetime
) -> None:
    if rules.supplement_reminds(due, now):
        assert now < due
        assert workdays.Calendar().working_days_between(now.date(), due.date()) <= rules.SUPPLEMENT_LEFT


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_draft_is_reminded_of_in_its_month_only(changed: datetime, passed: timedelta) -> None:
    since, until = rules.drafts_remind(changed + passed)
    assert (since <= changed <= until) == (timedelta(days=3) <= passed <= timedelta(days=30))
