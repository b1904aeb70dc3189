"""Disposal under a decision: what goes, what stays, what is held back, and the record that is left."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import disposed, disposing, due, files, holds, services
from lienthong.blocks.casework.files import _name
from lienthong.blocks.casework.models import Case, CaseFile, Entry, Step
from lienthong.blocks.casework.retention_models import Disposal, DisposalDecision, Hold, RemovedFile
from lienthong.blocks.casework.retention_rules import Part
from lienthong.blocks.casework.services import FileRef
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from tests.blocks.casework.casework_kit import (
    AGENCY,
    case_of,
    days,
    decide,
    fresh,
    officer,
    open_case,
    task,
)
from tests.jobs import run_jobs
from tests.systems.country import OTHER_COMMITTEE

HEAD = Principal(Kind.OFFICER, "H26.12-C01", "Lê Văn Cường", AGENCY, frozenset({Role.SIGN}))
SECRET = "Trần Minh An"
STEPS = {"work": task(approve="end:granted", refuse="end:refused")}
LATER = datetime(2037, 1, 2, 9, 0, tzinfo=clock.VIETNAM)
"""Ten years after the end of 2026 have passed."""


def paper(content: bytes) -> FileRef:
    return FileRef("paper", "giấy của An.pdf", files.file_keep(content), len(content), "application/pdf")


@pytest.fixture
def closed(agency: datetime, tmp_path: Path) -> list[Case]:
    """Three dossiers that were settled in 2026; the first and the second came with the same paper."""
    first = case_of(tmp_path, STEPS, start="work", at=agency, data={"child": SECRET})
    found = [first, *(open_case(agency, data={"child": SECRET}, title=SECRET) for _ in range(2))]
    for case in found:
        Case.objects.filter(pk=case.pk).update(title=SECRET)
        decide(case, "work", "approve", reason=f"Đúng, {SECRET}")
    return found


def attach(case: Case, content: bytes, at: datetime) -> str:
    ref = paper(content)
    services.files_add(case=case, files=[ref], at=at)
    return ref.sha256


def decided(number: str = "12/QĐ-UBND", day: date = date(2037, 1, 2)) -> disposing.Decided:
    return disposing.Decided(number, day, "Nguyễn Thị Hoa", "Biên bản 03/BB-HĐ ngày 28/12/2036")


def dispose(number: str = "12/QĐ-UBND", *, at: datetime = LATER, by: Principal = HEAD) -> DisposalDecision:
    with clock.fixed(at):
        decision = disposing.decision_enter(decided=decided(number, at.date()), by=by, at=at)
        run_jobs()
    decision.refresh_from_db()
    return decision


def everything_said(case: Case) -> str:
    """All that the rows of a dossier hold."""
    rows: list[Any] = [fresh(case).__dict__]
    for name in (
        "steps",
        "signals",
        "children",
        "supplements",
        "results",
        "files",
        "entries",
        "status_changes",
    ):
        rows += [row.__dict__ for row in getattr(case, name).all()]
    return " ".join(str(row) for row in rows)


@pytest.mark.django_db
def test_nothing_goes_before_its_day_and_everything_personal_goes_on_it(
    closed: list[Case], agency: datetime
) -> None:
    with pytest.raises(Problem) as early:
        dispose(at=datetime(2031, 12, 31, 9, 0, tzinfo=clock.VIETNAM))
    assert early.value.code == "nothing-due"
    before = due.due_counts(on=date(2036, 12, 31), agency=AGENCY)
    assert {row.part for row in before} == {Part.MESSAGES}  # five years for them
    sha = attach(closed[0], b"%PDF the only copy", agency)
    assert SECRET in everything_said(closed[0])
    decision = dispose()
    assert decision.finished_at == LATER
    for case in closed:
        said = everything_said(case)
        assert SECRET not in said
        assert "giấy của An" not in said
    kept = fresh(closed[0])
    assert (kept.number, kept.status, kept.outcome, kept.applicant) == (
        closed[0].number,
        10,
        "granted",
        "001195000001",
    )
    assert kept.closed_at == agency
    assert Step.objects.get(case=kept).officer["name"] == officer().name
    assert CaseFile.objects.get(case=kept).sha256 == sha
    assert not default_storage.exists(_name(sha))
    with pytest.raises(Problem) as gone:
        files.file_read(sha)
    assert (gone.value.status, gone.value.code) == (410, "file-disposed")
    assert "12/QĐ-UBND ngày 02/01/2037" in gone.value.why.vi
    assert Entry.objects.filter(case=kept, kind="disposed").count() == 2
    told = disposed.disposed_of(number=kept.number)
    assert told is not None
    assert told.said.vi.startswith(
        "Dữ liệu và tệp của hồ sơ đã được hủy ngày 02/01/2037 theo Quyết định 12/QĐ-UBND"
    )
    assert due.due_counts(on=LATER.date(), agency=AGENCY) == []


@pytest.mark.django_db
def test_a_file_that_another_dossier_has_stays_until_that_one_goes_too(
    closed: list[Case], agency: datetime
) -> None:
    shared, own = attach(closed[0], b"%PDF shared", agency), attach(closed[0], b"%PDF own", agency)
    still_open = open_case(agency)
    assert attach(still_open, b"%PDF shared", agency) == shared
    dispose()
    assert files.file_read(shared) == b"%PDF shared"
    assert not default_storage.exists(_name(own))
    assert not RemovedFile.objects.filter(sha256=shared).exists()
    with clock.fixed(LATER):
        decide(still_open, "work", "approve")
    dispose("13/QĐ-UBND", at=LATER.replace(year=2048))
    assert not default_storage.exists(_name(shared))


@pytest.mark.django_db
def test_a_file_that_comes_anew_after_its_removal_is_kept_again(closed: list[Case], agency: datetime) -> None:
    sha = attach(closed[0], b"%PDF twice", agency)
    dispose()
    assert files.file_keep(b"%PDF twice") == sha
    assert files.file_read(sha) == b"%PDF twice"


@pytest.mark.django_db
def test_a_file_that_is_kept_anew_while_condemned_is_not_removed(
    closed: list[Case], agency: datetime
) -> None:
    sha = attach(closed[0], b"%PDF raced", agency)
    files.files_condemn([sha], decision=None, at=agency)
    CaseFile.objects.filter(sha256=sha).delete()
    files.file_keep(b"%PDF raced")
    assert files.files_remove(at=agency) == 0
    assert files.file_read(sha) == b"%PDF raced"


@pytest.mark.django_db
def test_a_hold_stops_disposal_until_it_is_over(closed: list[Case], agency: datetime) -> None:
    first, second, third = closed
    with clock.fixed(LATER - days(5)):
        held = {"reason": "complaint", "note": "Đơn 17/KN", "by": HEAD}
        holds.hold_place(number=first.number, until=None, **held)
        holds.hold_place(number=second.number, until=LATER.date() + days(30), **held)
        holds.hold_place(number=third.number, until=LATER.date() - days(1), **held)
    (row,) = [r for r in due.due_counts(on=LATER.date(), agency=AGENCY) if r.part is Part.DOSSIER]
    assert (row.procedure, row.year, row.count, row.held) == ("8.000001", 2026, 3, 2)
    dispose()
    assert set(disposed.all_disposed([case.number for case in closed])) == {third.number}
    with clock.fixed(LATER + days(31)):
        assert [row.number for row in holds.holds_of(agency=AGENCY, on=clock.today())] == [first.number]
    dispose("13/QĐ-UBND", at=LATER + days(31))
    assert disposed.disposed_of(number=first.number) is None
    with clock.fixed(LATER + days(32)):
        holds.hold_lift(hold_id=Hold.objects.get(case=first).pk, by=HEAD)
    dispose("14/QĐ-UBND", at=LATER + days(32))
    assert disposed.disposed_of(number=first.number)


@pytest.mark.django_db
def test_a_hold_that_comes_after_the_decision_still_counts(closed: list[Case], agency: datetime) -> None:
    with clock.fixed(LATER):
        decision = disposing.decision_enter(decided=decided(), by=HEAD, at=LATER)
        holds.hold_place(number=closed[0].number, reason="lawsuit", note="Thụ lý 5", until=None, by=HEAD)
        run_jobs()
        shown = disposing.record_of(agency=AGENCY, number=decision.number)
    assert (shown.record["disposed"], shown.record["kept"]) == (4, 2)
    assert {line["kept_why"] for line in shown.listed if line["number"] == closed[0].number} == {"held"}
    assert SECRET in everything_said(closed[0])


@pytest.mark.django_db
def test_an_open_complaint_holds_its_dossier_until_it_is_settled(
    closed: list[Case], agency: datetime
) -> None:
    first, *others = closed
    complaint = open_case(agency, data={"about": {"number": first.number}})
    dispose()
    assert set(disposed.all_disposed([case.number for case in closed])) == {case.number for case in others}
    with clock.fixed(LATER + days(2)):
        decide(complaint, "work", "refuse", reason="Không có căn cứ")
    dispose("13/QĐ-UBND", at=LATER + days(3))
    assert disposed.disposed_of(number=first.number)


@pytest.mark.django_db
def test_who_may_hold_what_and_why(closed: list[Case], agency: datetime) -> None:
    other = Principal(Kind.OFFICER, "x", "X", OTHER_COMMITTEE, frozenset({Role.SIGN}))
    given = {"number": closed[0].number, "reason": "complaint", "note": "Đơn", "until": None, "by": HEAD}
    for wrong, code in (
        ({"by": other}, "case-unknown"),
        ({"reason": "mood"}, "hold-reason"),
        ({"note": " "}, "reason-missing"),
        ({"until": agency.date() - timedelta(days=1)}, "hold-past"),
    ):
        with pytest.raises(Problem) as refused:
            holds.hold_place(**{**given, **wrong})
        assert refused.value.code == code
    holds.hold_place(**given)
    with pytest.raises(Problem) as refused:
        holds.hold_lift(hold_id=Hold.objects.get().pk, by=other)
    assert refused.value.code == "case-unknown"
    Hold.objects.all().delete()
    dispose()
    with pytest.raises(Problem) as refused, clock.fixed(LATER):
        holds.hold_place(**given)
    assert refused.value.code == "disposed-already"


@pytest.mark.django_db
def test_a_decision_is_whole_of_a_head_and_entered_once(closed: list[Case], agency: datetime) -> None:
    clerk = Principal(Kind.OFFICER, "I01", "I", AGENCY, frozenset({Role.INTAKE}))
    lacking = disposing.Decided("1", LATER.date(), "A", "")
    for given, by, code in (
        (decided(), clerk, "disposal-role"),
        (lacking, HEAD, "decision-incomplete"),
        (decided(day=date(2037, 1, 3)), HEAD, "decision-day"),
    ):
        with pytest.raises(Problem) as refused:
            disposing.decision_enter(decided=given, by=by, at=LATER)
        assert refused.value.code == code
    assert not Disposal.objects.exists()
    dispose()
    with pytest.raises(Problem) as refused:
        dispose()
    assert refused.value.code == "decision-repeated"
    other = Principal(Kind.OFFICER, "x", "X", OTHER_COMMITTEE, frozenset({Role.SIGN}))
    with pytest.raises(Problem) as refused:
        dispose(by=other)
    assert refused.value.code == "nothing-due"


@pytest.mark.django_db
def test_the_record_verifies_for_ever_and_shows_what_was_changed(
    closed: list[Case], agency: datetime
) -> None:
    sha = attach(closed[0], b"%PDF listed", agency)
    decision = dispose()
    with clock.fixed(LATER.replace(year=2060)):
        shown = disposing.record_of(agency=AGENCY, number="12/QĐ-UBND")
    assert shown.wrong is None
    assert shown.record["minutes"] == "Biên bản 03/BB-HĐ ngày 28/12/2036"
    assert shown.record["files_removed"] == 1
    line = next(row for row in shown.listed if row["number"] == closed[0].number and row["part"] == "dossier")
    assert line["files"] == [{"removed": True, "sha256": sha, "size": 11}]
    assert len(line["content_sha256"]) == 64
    assert SECRET not in json.dumps(shown.listed, ensure_ascii=False)
    DisposalDecision.objects.update(record={**decision.record, "disposed": 1})  # type: ignore[dict-item]
    assert disposing.record_of(agency=AGENCY, number="12/QĐ-UBND").wrong is not None
    for number, code in (("99", "decision-unknown"),):
        with pytest.raises(Problem) as refused:
            disposing.record_of(agency=AGENCY, number=number)
        assert refused.value.code == code


@pytest.mark.django_db
def test_batches_go_on_where_a_killed_worker_left_and_end_in_one_record(
    closed: list[Case], agency: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposing, "BATCH", 2)
    with clock.fixed(LATER):
        decision = disposing.decision_enter(decided=decided(), by=HEAD, at=LATER)
        assert disposing.dispose_some(decision.pk)
        assert Disposal.objects.exclude(disposed_at=None).count() == 2
        with pytest.raises(Problem) as running:
            disposing.record_of(agency=AGENCY, number=decision.number)
        assert running.value.code == "decision-running"
    with clock.fixed(LATER + timedelta(minutes=1)):
        while disposing.sweep_disposals():
            pass
        assert disposing.record_of(agency=AGENCY, number=decision.number).record["disposed"] == 6
        assert not disposing.dispose_some(decision.pk)


@pytest.mark.django_db
def test_a_package_may_name_its_class(agency: datetime, tmp_path: Path) -> None:
    case = case_of(tmp_path, STEPS, start="work", at=agency, retention="civil-status")
    decide(case, "work", "approve")
    hundred = date(2126, 1, 1)
    parts = {row.part for row in due.due_counts(on=hundred, agency=AGENCY)}
    assert parts == {Part.MESSAGES}
    found = due.verdict_of(fresh(case), [], due.classed(), Part.DOSSIER, hundred)
    assert not found.is_due(hundred)
    short = due.verdict_of(fresh(case), ["2.001159"], due.classed(), Part.MESSAGES, hundred)
    assert short.kept_until == date(2036, 12, 31)  # the longest of its own and its parts'
