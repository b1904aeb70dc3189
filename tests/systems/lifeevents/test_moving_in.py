"""Moving in: open dossiers of an earlier one-stop system become work of the desk that decides them."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import numbers
from lienthong.blocks.casework.models import Case, Entry, MovedIn, Step
from lienthong.config import moving_in
from lienthong.config.cli_import import dossiers_taker
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, NotFound
from lienthong.ground.mappings import mapping_read
from lienthong.systems.lifeevents import moving_in as lifeevents
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.procedures.services import packages_publish
from tests.conftest import ROOT
from tests.jobs import run_jobs
from tests.pages import officer, text_of
from tests.systems.country import COMMITTEE, Family

EXAMPLE = ROOT / "examples" / "moving-in"
FILE, MAPPING = EXAMPLE / "household-businesses.json", EXAMPLE / "household-businesses.yaml"
CLERK = f"{COMMITTEE}-I01"


@pytest.fixture
def clerk(country: datetime, family: Family) -> str:
    packages_publish()
    officer(CLERK, COMMITTEE, Role.INTAKE, at=country, name="Nguyễn Thu Lan")
    return CLERK


def bring(clerk: str, *, dry_run: bool = False) -> moving_in.Report:
    take = dossiers_taker(FILE, officer=clerk, folder=None, dry_run=dry_run)
    report = moving_in.bring_in(FILE, mapping_read(MAPPING), take, whole=False, dry_run=dry_run)
    run_jobs()
    return report


def dossier(number: str) -> Case:
    return MovedIn.objects.get(former_number=number).case


@pytest.mark.django_db
def test_a_dossier_keeps_its_number_its_day_and_its_promise(clerk: str, family: Family) -> None:
    report = bring(clerk)
    assert report.fates == {"entered": 2}
    case = dossier("H26.12-261120-0007")
    assert (case.number, case.system, case.agency) == ("H26.12-261120-0007", "onestop", COMMITTEE)
    assert (case.applicant, case.channel) == (family.father, "counter")
    assert clock.in_vietnam(case.opened_at) == datetime(2026, 11, 20, 10, 15, tzinfo=clock.VIETNAM)
    assert case.due_at is not None
    assert clock.in_vietnam(case.due_at).isoformat() == "2026-11-25T17:00:00+07:00"
    assert Entry.objects.filter(case=case, kind="moved-in", vi__contains="Đã xem hồ sơ").exists()
    assert dossier("HKD/2026/118").number == "H26.12-261123-0001"


@pytest.mark.django_db
def test_what_was_paid_there_is_not_asked_for_again(clerk: str) -> None:
    bring(clerk)
    paid = Step.objects.get(case=dossier("H26.12-261120-0007"), kind="pay")
    due = Step.objects.get(case=dossier("HKD/2026/118"), kind="pay")
    assert (paid.state, due.state) == ("done", "waiting")
    assert Step.objects.get(case=dossier("H26.12-261120-0007"), kind="task").state == "open"


@pytest.mark.django_db
def test_what_does_not_fit_is_told_and_leaves_nothing(clerk: str) -> None:
    report = bring(clerk)
    told = [(one.line, one.problem.code, one.problem.field) for one in report.refused]
    assert told == [
        (3, "other-agency", None),
        (4, "person-unknown", "number"),
        (5, "row-incomplete", "due_at"),
        (6, "answers-missing", "line"),
    ]
    assert Draft.objects.filter(case_number="").count() == 0
    assert MovedIn.objects.count() == 2


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_keeps_nothing(clerk: str) -> None:
    dry = bring(clerk, dry_run=True)
    assert (MovedIn.objects.count(), Draft.objects.count(), Case.objects.count()) == (0, 0, 0)
    done = bring(clerk)
    assert (dry.fates, dry.reasons) == (done.fates, done.reasons)


@pytest.mark.django_db
def test_the_same_file_again_brings_nothing_again(clerk: str) -> None:
    bring(clerk)
    before = Case.objects.count()
    assert bring(clerk).fates == {"same": 2}
    assert Case.objects.count() == before


@pytest.mark.django_db
def test_a_number_that_was_brought_is_never_given_again(clerk: str) -> None:
    bring(clerk)
    assert numbers.number_next(agency=COMMITTEE, day=date(2026, 11, 20)) == "H26.12-261120-0008"


@pytest.mark.django_db
def test_the_desk_finds_it_by_its_former_number(clerk: str, country: datetime) -> None:
    bring(clerk)
    desk = officer(f"{COMMITTEE}-A01", COMMITTEE, Role.CASE, at=country)
    found = text_of(desk.get("/desk/search/", {"q": "HKD/2026/118"}))
    assert "Bún chả Ánh" in found


@pytest.mark.django_db
def test_the_applicant_finds_it_on_the_portal(clerk: str, family: Family) -> None:
    bring(clerk)
    parent = Case.objects.get(system="lifeevents", applicant=family.father)
    assert [child.number for child in parent.children.all()] == ["H26.12-261120-0007"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_only_an_intake_officer_brings_dossiers_in(clerk: str) -> None:
    with pytest.raises(NotFound, match="officer-unknown"):
        dossiers_taker(FILE, officer="H26.12-X99", folder=None, dry_run=True)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "absent.pdf"])
def test_papers_come_from_their_folder_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        lifeevents._paper(tmp_path, name)
    assert caught.value.code == "paper-absent"


GOOD: dict[str, Any] = {
    "number": "A",
    "procedure": "1.001612",
    "applicant": "001093000002",
    "channel": "post",
    "opened_at": "2026-11-20",
    "due_at": None,
    "answers": {},
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", ""),
        ("procedure", None),
        ("applicant", 7),
        ("channel", "fax"),
        ("opened_at", "20/11/2026"),
        ("opened_at", "2027-01-01"),
        ("due_at", "2026-11-19"),
        ("answers", []),
    ],
)
def test_a_row_that_says_too_little_is_told_at_its_field(at: datetime, name: str, value: Any) -> None:
    lifeevents.old_dossier(GOOD)
    with pytest.raises(Invalid) as caught:
        lifeevents.old_dossier({**GOOD, name: value})
    assert (caught.value.code, caught.value.field) == ("row-incomplete", name)
