"""Opinions asked of several agencies at once: answers in any order, silence, withdrawal, and who may say what."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from lienthong.blocks.casework import apologies, deadlines, kinds, services
from lienthong.blocks.casework.models import Apology, Case, Deadline, Entry, Step
from lienthong.blocks.casework.opinions import Opinion, Standing, opinions_of
from lienthong.blocks.exchange.models import Delivery, Message
from lienthong.blocks.exchange.services import call
from lienthong.ground import clock, workdays
from lienthong.ground.errors import Conflict, NotFound, Problem
from lienthong.nation.audit import cases_audit
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.procedures.services import package_publish
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import APPLICANT, days, fresh, step_of, task
from tests.conftest import ROOT
from tests.jobs import run_jobs
from tests.systems.country import COMMITTEE, HOAN_KIEM, OTHER_COMMITTEE, POLICE, subsystem

pytestmark = pytest.mark.django_db

TAX = "G12.26"
QUESTION = {"vi": "Có vướng mắc gì không?", "en": "Is there anything against it?"}
STEPS: dict[str, Any] = {
    "ask": {
        "kind": "opinions",
        "asked": {
            "police": {
                "to": {"agency_kind": "commune-police", "unit": "=data.unit"},
                "working_days": 3,
                "question": QUESTION,
                "discloses": [{"vi": "Nơi ở", "en": "Address", "value": "=data.address"}],
            },
            "tax": {
                "to": {"agency_kind": "tax", "unit": "=data.unit"},
                "working_days": 2,
                "question": QUESTION,
                "when": "!(data.untaxed)",
            },
        },
        "next": "review",
    },
    "review": task(approve="end:granted", refuse="end:refused"),
}
DATA = {"unit": HOAN_KIEM, "address": "12 phố Hàng Trống", "secret": "không tiết lộ"}


@pytest.fixture
def now(country: datetime) -> datetime:
    """The country, whose agencies can be asked."""
    package_publish(ROOT / "content" / "procedures" / "9.000010")
    return country


def asked_case(tmp_path: Path, at: datetime, *, steps: dict[str, Any] = STEPS, **data: Any) -> Case:
    """A case that has asked whom it asks."""
    case = kit.case_of(tmp_path, steps, start="ask", at=at, data={**DATA, **data})
    run_jobs()
    return case


def request_at(agency: str) -> Case:
    """The request on an agency's desk."""
    return Case.objects.get(agency=agency, procedure__code="9.000010")


def give(agency: str, opinion: str, reason: str = "") -> None:
    """An officer of the agency answers."""
    kit.decide(request_at(agency), "answer", opinion, by=kit.officer(agency=agency), reason=reason)
    run_jobs()


def opinions(case: Case) -> dict[str, Opinion]:
    """By the agency's English name."""
    steps = list(Step.objects.filter(case=case).order_by("opened_at", "id"))
    return {row.agency.en: row for row in opinions_of(case_id=case.pk, steps=steps)}


@pytest.mark.parametrize("order", [(POLICE, TAX), (TAX, POLICE)])
def test_two_are_asked_at_once_and_answer_in_either_order(
    tmp_path: Path, now: datetime, order: tuple[str, str]
) -> None:
    case = asked_case(tmp_path, now)
    assert request_at(POLICE).status == request_at(TAX).status == 2
    give(order[0], "agree")
    assert not Step.objects.filter(case=case, key="review").exists()
    give(order[1], "disagree", "Nơi ở đang có tranh chấp.")
    assert step_of(case, "review").state == "open"
    first, second = (step_of(case, {POLICE: "ask_police", TAX: "ask_tax"}[agency]) for agency in order)
    assert (first.outcome, second.outcome) == ("agree", "disagree")
    assert {request_at(agency).outcome for agency in order} == {"granted"}
    said = Entry.objects.get(case=case, kind="opinion", vi__contains="tranh chấp")
    assert "Không đồng ý. Nơi ở đang có tranh chấp." in said.vi


def test_an_answer_comes_back_signed_and_logged_over_the_officers_name(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now)
    give(POLICE, "conditions", "Sau khi tách hộ.")
    sent = Message.objects.get(service="onestop/opinions-give/v1", side="client")
    assert (sent.client, sent.provider) == (subsystem(POLICE), subsystem(COMMITTEE))
    assert (sent.purpose, sent.officer, sent.problem) == ("coordination", f"{POLICE}-S01", "")
    (found,) = [row for row in opinions(case).values() if row.standing is Standing.GIVEN]
    assert found.answer is not None
    assert (found.answer.en, found.reason) == ("Agrees with conditions", "Sau khi tách hộ.")
    assert found.by is not None
    assert found.by.vi == "Cán bộ 1, Phó Chủ tịch"
    assert not found.late


def test_disagreeing_and_conditions_need_a_reason_and_nothing_is_supplemented(
    tmp_path: Path, now: datetime
) -> None:
    asked_case(tmp_path, now)
    with pytest.raises(Problem, match="reason-missing"):
        give(POLICE, "disagree")
    with pytest.raises(Conflict) as raised:
        services.supplement_ask(
            number=request_at(POLICE).number,
            step_id=step_of(request_at(POLICE), "answer").pk,
            by=kit.officer(agency=POLICE),
            reason="Thiếu giấy tờ",
            revision=request_at(POLICE).revision,
        )
    assert raised.value.code == "no-supplement-here"


def test_who_is_silent_past_the_time_counts_as_no_answer_and_the_case_goes_on(
    tmp_path: Path, now: datetime
) -> None:
    case = asked_case(tmp_path, now)
    give(POLICE, "agree")
    until = Deadline.objects.get(step=step_of(case, "ask_tax")).due_at
    assert until == workdays.due_at(now, 2) == request_at(TAX).due_at
    with clock.fixed(until):
        deadlines.sweep_deadlines()
        assert step_of(case, "ask_tax").state == "waiting"
    with clock.fixed(until + days(1)):
        deadlines.sweep_deadlines()
        run_jobs()
        assert step_of(case, "ask_tax").outcome == "timeout"
        assert step_of(case, "review").state == "open"
        silent = next(row for row in opinions(case).values() if row.standing is Standing.SILENT)
        assert silent.until == until
        assert "không trả lời trong thời hạn" in Entry.objects.get(case=case, kind="opinion-silent").vi
        assert request_at(TAX).outcome == "lapsed"
        with pytest.raises(Conflict):
            give(TAX, "agree")


def test_an_answer_that_crosses_the_end_of_its_time_is_shown_and_changes_nothing(
    tmp_path: Path, now: datetime
) -> None:
    case = asked_case(tmp_path, now)
    kit.decide(request_at(TAX), "answer", "disagree", by=kit.officer(agency=TAX), reason="Còn nợ thuế.")
    with clock.fixed(workdays.due_at(now, 2) + days(1)):
        deadlines.sweep_deadlines()
        run_jobs()
        late = next(row for row in opinions(case).values() if row.late)
    assert (late.standing, late.code, late.reason) == (Standing.SILENT, "disagree", "Còn nợ thuế.")
    assert step_of(case, "ask_tax").outcome == "timeout"


def test_a_case_that_is_withdrawn_takes_its_questions_back(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now)
    give(TAX, "agree")
    services.case_withdraw(number=case.number, applicant=APPLICANT)
    run_jobs()
    assert (request_at(POLICE).outcome, request_at(TAX).outcome) == ("lapsed", "granted")
    assert not Step.objects.filter(case=request_at(POLICE), state="open").exists()
    said = Entry.objects.get(case=request_at(POLICE), kind="withdrawn")
    assert "không cần cho ý kiến nữa" in said.vi
    assert {row.standing for row in opinions(case).values()} == {Standing.TAKEN_BACK, Standing.GIVEN}


def test_a_case_that_is_withdrawn_while_it_asks_takes_back_what_it_asked(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = kit.case_of(tmp_path, STEPS, start="ask", at=now, data=DATA)

    def withdrawn_meanwhile(service: str, *given: Any, **named: Any) -> Any:
        if fresh(case).closed_at is None:
            services.case_withdraw(number=case.number, applicant=APPLICANT)
        return call(service, *given, **named)

    monkeypatch.setattr(kinds, "call", withdrawn_meanwhile)
    run_jobs()
    asked = Case.objects.filter(procedure__code="9.000010")
    assert [row.outcome for row in asked] == ["lapsed"]
    assert not Step.objects.filter(case=case, state__in=["ready", "calling", "waiting", "open"]).exists()


def test_who_need_not_be_asked_is_not_waited_for(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now, untaxed=True)
    assert not Case.objects.filter(agency=TAX).exists()
    give(POLICE, "agree")
    assert step_of(case, "review").state == "open"
    assert len(opinions(case)) == 1


def test_where_nobody_can_be_asked_the_case_goes_on_and_says_so(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now, unit="99999")
    assert step_of(case, "review").state == "open"
    assert [entry.kind for entry in Entry.objects.filter(case=case)].count("problem") == 2
    rows = opinions_of(case_id=case.pk, steps=list(Step.objects.filter(case=case)))
    assert {row.standing for row in rows} == {Standing.NOT_ASKED}
    assert {row.problem.code for row in rows if row.problem} == {"agency-not-serving"}


def test_a_case_may_ask_again(tmp_path: Path, now: datetime) -> None:
    steps = {**STEPS, "review": task(approve="end:granted", again="ask")}
    case = asked_case(tmp_path, now, steps=steps, untaxed=True)
    give(POLICE, "disagree", "Chưa rõ ranh giới.")
    kit.decide(case, "review", "again")
    run_jobs()
    second = Case.objects.get(procedure__code="9.000010", closed_at=None)
    kit.decide(second, "answer", "agree", by=kit.officer(agency=POLICE))
    run_jobs()
    outcomes = (
        Step.objects.filter(case=case, key="ask_police").order_by("round").values_list("outcome", flat=True)
    )
    assert list(outcomes) == ["disagree", "agree"]
    assert step_of(case, "review").round == 2


def test_only_the_fields_that_the_package_names_are_disclosed_and_the_person_sees_it(
    tmp_path: Path, now: datetime
) -> None:
    case = asked_case(tmp_path, now)
    told = str(request_at(POLICE).data) + request_at(POLICE).applicant_name
    assert "12 phố Hàng Trống" in told
    assert "không tiết lộ" not in str([*Case.objects.filter(procedure__code="9.000010").values()])
    assert APPLICANT not in str([*Case.objects.filter(procedure__code="9.000010").values()])
    (read,) = AccessEntry.objects.filter(subject=APPLICANT, purpose="coordination")
    assert (read.reader, read.holder, read.case) == (subsystem(POLICE), subsystem(COMMITTEE), case.number)
    assert read.what_en == "Address"


def test_nobody_else_answers_or_takes_a_question_back(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now)
    sent = step_of(case, "ask_police_sent")
    forged = {
        "dossier": case.number,
        "asked_in": str(sent.message_id),
        "opinion": "agree",
        "officer": {"code": "x", "name": "x", "title": {"vi": "x", "en": "x"}},
    }
    common = {"client": subsystem(OTHER_COMMITTEE), "purpose": "coordination"}
    with pytest.raises(NotFound) as raised:
        call("onestop/opinions-give/v1", forged, provider=subsystem(COMMITTEE), **common)
    assert raised.value.code == "opinion-unasked"
    ended = {"number": request_at(POLICE).number, "why": "no-longer-needed"}
    with pytest.raises(NotFound):
        call("onestop/opinions-end/v1", ended, provider=subsystem(POLICE), **common)
    assert step_of(case, "ask_police").state == "waiting"
    assert request_at(POLICE).closed_at is None


def test_a_request_is_no_dossier_no_fact_and_no_apology(tmp_path: Path, now: datetime) -> None:
    case = asked_case(tmp_path, now)
    give(TAX, "agree")
    assert request_at(POLICE).number == f"{POLICE}-YK-261123-0001"
    assert kit.open_case(now, agency=POLICE).number == f"{POLICE}-261123-0001"
    with clock.fixed(workdays.due_at(now, 3) + days(0)), connection.cursor() as cursor:
        for view, wanted in (("dossiers", 2), ("dossier_closings", 0)):
            cursor.execute(f"select count(*) from facts.{view}")
            assert cursor.fetchone() == (wanted,), view
        cursor.execute("select count(*) from facts.dossier_status where number like '%-YK-%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from facts.procedures where code = '9.000010'")
        assert cursor.fetchone() == (0,)
    counts = cases_audit()["counts"]
    assert (counts["dossiers opened"], counts["opinions asked for"]) == (2, 2)
    assert [row for row in cases_audit()["wrong"] if "numbers" in row or "does not know" in row] == []
    with clock.fixed(workdays.due_at(now, 4)):
        apologies.sweep_late()
        assert not Apology.objects.filter(case=request_at(POLICE)).exists()
    assert fresh(case).closed_at is None


def test_whoever_opened_the_case_hears_whose_opinion_is_waited_for(tmp_path: Path, now: datetime) -> None:
    services.procedure_publish(package=kit.package_of(tmp_path, STEPS, start="ask"), at=now)
    kit.open_case(now, data=DATA, reply_to="VN/GOV/G22/lifeevents|lifeevents/dossier-events/v1")
    for key in ("ask_police_sent", "ask_tax_sent"):
        kinds.step_run(Step.objects.get(key=key).pk)
    words = Delivery.objects.filter(service="lifeevents/dossier-events/v1").order_by("body__revision")
    told = [sorted(row["agency"]["en"] for row in each.body.get("opinions", ())) for each in words]
    police, tax = "Hoan Kiem Police", "Tax Office of Ha Noi"
    assert told == [[], [police], [police, tax]]
