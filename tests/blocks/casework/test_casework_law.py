"""Awkward days and people of the law, each with the article that decides it, played on real dossiers."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.range import DateRange

from lienthong.blocks.casework import in_force, kinds, selectors, services
from lienthong.blocks.casework.context import context_of
from lienthong.blocks.casework.models import Procedure
from lienthong.blocks.casework.rules import limit_of
from lienthong.blocks.exchange.models import Message
from lienthong.blocks.registry import agencies
from lienthong.ground import clock, workdays
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from tests.blocks.casework import casework_kit as kit
from tests.blocks.casework.casework_kit import case_of, fresh, states, task
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
REVIEW = {"review": task(approve="end:granted", refuse="end:refused")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+07:00")


def test_a_deadline_runs_over_tet_and_its_swapped_days(tmp_path: Path, agency: datetime) -> None:
    """Labour Code 45/2019/QH14, art. 112: Tết 2026 is 16-20 February; five working days after the 12th."""
    with clock.fixed(at("2026-02-12T09:00")) as now:
        case = case_of(tmp_path, REVIEW, start="review", at=now)
    assert clock.in_vietnam(case.due_at) == at("2026-02-26T17:00")
    assert [workdays.is_working_day(at(f"2026-02-{day:02}T09:00").date()) for day in (13, 16, 20, 23)] == [
        True,
        False,
        False,
        True,
    ]


def test_taken_in_at_15_01_on_the_last_working_day_before_a_holiday(tmp_path: Path, agency: datetime) -> None:
    """Decree 63/2024/NĐ-CP: after 15:00 the next working day counts; 31 December 2026 is followed by New Year."""
    with clock.fixed(at("2026-12-31T15:01")) as now:
        case = case_of(tmp_path, REVIEW, start="review", at=now)
    assert case.received_on.isoformat() == "2027-01-04"
    assert clock.in_vietnam(case.due_at) == at("2027-01-11T17:00")
    assert case.number.split("-")[1] == "261231"  # the number is of the day on which it came


def test_a_province_merged_while_a_dossier_is_open(tmp_path: Path, agency: datetime) -> None:
    """Resolution 202/2025/QH15: Hà Nam (35) became part of Ninh Bình (37) on 1 July 2025."""
    agencies.agency_enter(
        code="G24.29",
        kind="social-security",
        name=Text("Bảo hiểm xã hội tỉnh Hà Nam", "Social Security of Ha Nam"),
        short=Text("BHXH Hà Nam", "Social Security of Ha Nam"),
        unit="35",
        valid_from=at("2020-01-01T00:00").date(),
    )
    with clock.fixed(at("2025-06-27T09:00")) as now:
        package = kit.package_of(tmp_path, REVIEW, start="review", valid_from="2024-01-01")
        services.procedure_publish(package=package, at=now)
        case = kit.open_case(now, agency="G24.29")
        assert context_of(case)["case"]["place"] == "Hà Nam"
    with clock.fixed(at("2025-07-02T09:00")):
        # The dossier goes on where it is, and its paper names the place as it is called on its day.
        assert context_of(fresh(case))["case"]["place"] == "Ninh Bình"
        kit.decide(case, "review", "approve", by=kit.officer(agency="G24.29"))
        # Whoever still asks for the old province finds the agency that serves the new one.
        agencies.agency_enter(
            code="G24.31",
            kind="social-security",
            name=Text("Bảo hiểm xã hội tỉnh Ninh Bình", "Social Security of Ninh Binh"),
            short=Text("BHXH Ninh Bình", "Social Security of Ninh Binh"),
            unit="37",
            valid_from=at("2025-07-01T00:00").date(),
        )
        agencies.agency_end(code="G24.29", valid_to=at("2025-07-01T00:00").date())
        assert agencies.agency_serving(kind="social-security", unit="35").code == "G24.31"
    assert fresh(case).outcome == "granted"


def test_a_package_withdrawn_while_cases_run(tmp_path: Path, agency: datetime) -> None:
    """Law on Promulgation of Legal Documents 64/2025/QH15: what began under a rule ends under it."""
    case = case_of(tmp_path, REVIEW, start="review", at=agency)
    Procedure.objects.filter(code="8.000001").update(
        valid=DateRange(datetime(2026, 1, 1).date(), agency.date())
    )
    in_force.procedures_forget()
    with pytest.raises(NotFound, match="procedure-not-in-force"):
        kit.open_case(agency)
    kit.decide(case, "review", "approve")
    assert fresh(case).outcome == "granted"


def test_a_register_that_answers_after_the_time_out(
    tmp_path: Path, country: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register did write; its answer came too late. Asked again with the same message, it answers the same."""
    ask = {
        "kind": "call",
        "service": "population/numbers-allocate/v1",
        "purpose": "birth-registration",
        "body": {
            "birth_date": "2026-11-20",
            "sex": "female",
            "province": "01",
            "full_name": "Trần Minh An",
            "mother_number": None,
            "father_number": None,
        },
        "next": "end:granted",
    }
    real = kinds.call
    late: list[Any] = []

    def slow(*given: Any, **named: Any) -> Any:
        answer = real(*given, **named)
        if not late:
            late.append(answer)
            gone = Text("hết thời gian chờ", "timed out")
            raise Problem("exchange-unreachable", gone, gone, gone, status=504)
        return answer

    monkeypatch.setattr(kinds, "call", slow)
    case = case_of(tmp_path, {"ask": ask}, start="ask", at=country)
    run_jobs()
    assert states(case) == {"ask": "calling"}
    assert kit.problem_of(case, "ask") == "exchange-unreachable"
    with clock.fixed(country.replace(hour=10)):
        assert kinds.sweep_steps() == 1
        run_jobs()
    assert fresh(case).outcome == "granted"
    assert kit.step_of(case, "ask").answer == late[0]  # one number was given, not two
    asked = Message.objects.filter(service="population/numbers-allocate/v1", side="client")
    assert len({row.message_id for row in asked}) == 1


@pytest.mark.parametrize("name", ["Y", "H'Hen", "Nguyễn " + "Thị " * 12 + "Thanh"])
def test_a_dossier_of_a_person_with_an_unusual_name(tmp_path: Path, agency: datetime, name: str) -> None:
    """Civil Code 91/2015/QH13, art. 26: a name may be a single word; 60 characters are kept whole."""
    services.procedure_publish(package=kit.package_of(tmp_path, REVIEW, start="review"), at=agency)
    case = services.case_open(
        opening=services.Opening(
            system="onestop",
            agency=kit.AGENCY,
            procedure="8.000001",
            applicant=kit.APPLICANT,
            applicant_name=name,
            channel="counter",
            data={},
            title=name,
        ),
        at=agency,
    )
    (row,) = selectors.cases_search(agency=kit.AGENCY, query=name)
    assert (row.number, row.title) == (case.number, name)


@pytest.mark.parametrize(
    ("data", "kind", "days"),
    [({}, "commune-committee", 5), ({"verify": True}, "commune-committee", 10), ({}, "province-police", 2)],
)
def test_the_time_limit_follows_the_case_and_who_settles_it(
    data: dict[str, Any], kind: str, days: int
) -> None:
    limit = {
        "working_days": 5,
        "cases": [
            {"when": "data.verify", "working_days": 10},
            {"when": "agency_kind == 'province-police'", "working_days": 2},
        ],
    }
    assert limit_of(limit, {"data": data, "agency_kind": kind}) == days
    assert limit_of(None, {}) is None


def test_a_dossier_is_due_by_the_limit_of_its_case(tmp_path: Path, agency: datetime) -> None:
    cases = [{"when": "data.verify", "working_days": 10, "vi": "nếu phải xác minh", "en": "if verified"}]
    limit = {"working_days": 2, "cases": cases}
    package = kit.package_of(tmp_path, REVIEW, start="review", time_limit=limit)
    services.procedure_publish(package=package, at=agency)
    plain, verified = kit.open_case(agency), kit.open_case(agency, data={"verify": True})
    assert (plain.due_at, verified.due_at) == (workdays.due_at(agency, 2), workdays.due_at(agency, 10))
