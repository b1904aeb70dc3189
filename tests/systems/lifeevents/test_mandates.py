"""Who may act for whom: the rules by themselves."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.access.principals import ActingFor, Basis
from lienthong.blocks.casework.package_diff import package_changes
from lienthong.blocks.casework.packages import package_read
from lienthong.ground import clock
from lienthong.ground.text import Text, same
from lienthong.systems.lifeevents import mandates
from lienthong.systems.procedures import sheet
from tests.conftest import ROOT

PROCEDURES = ROOT / "content" / "procedures"
TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))
ME, OTHER = "001195000001", "001093000002"


def party(*rows: dict[str, Any], active: bool = True) -> dict[str, Any]:
    return {"name": "CÔNG TY TNHH SAO MAI", "active": active, "representatives": list(rows)}


def row(number: str = ME, **days: str) -> dict[str, Any]:
    return {"number": number, "role": "legal", **days}


def code(problem: Any) -> str:
    return problem.code if problem else ""


def chosen(basis: Basis, kind: str = "person", procedures: tuple[str, ...] = ()) -> ActingFor:
    return ActingFor(OTHER, "Ai", kind, basis, same("vai"), "x:1", clock.now(), procedures=procedures)


@given(first=DAYS, last=DAYS, today=DAYS)
def test_a_representative_acts_from_the_first_day_through_the_last(
    first: date, last: date, today: date
) -> None:
    problem = mandates.representative_problem(
        party(row(**{"from": first.isoformat(), "to": last.isoformat()})), ME, today=today
    )
    assert (problem is None) == (first <= today <= last)


def test_an_ended_representation_is_refused_with_its_last_day_and_a_second_term_counts() -> None:
    ended = row(**{"from": "2024-01-01", "to": "2026-06-30"})
    problem = mandates.representative_problem(party(ended), ME, today=TODAY)
    assert problem is not None
    assert problem.code == "representation-ended"
    assert "30/06/2026" in problem.why.vi
    again = row(**{"from": "2026-11-01"})
    assert mandates.representative_problem(party(ended, again), ME, today=TODAY) is None


def test_a_stranger_and_the_head_of_a_closed_firm_do_not_act() -> None:
    mine = row(**{"from": "2024-01-01"})
    assert code(mandates.representative_problem(party(mine), OTHER, today=TODAY)) == "representation-unknown"
    closed = party(mine, active=False)
    assert code(mandates.representative_problem(closed, ME, today=TODAY)) == "organisation-not-active"


def birth(born: date, **changes: Any) -> dict[str, Any]:
    parents = {"mother": {"number": ME}, "father": {"number": OTHER}}
    return {"full_name": "An", "birth_date": born.isoformat(), "state": "in-force", **parents, **changes}


@given(born=DAYS, days=st.integers(0, 40 * 366))
def test_a_parent_acts_until_the_day_before_the_child_is_18(born: date, days: int) -> None:
    today = born + timedelta(days)
    problem = mandates.parent_problem(birth(born), ME, today=today)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert (problem is None) == (age < 18)


def test_whom_the_birth_record_does_not_name_is_no_parent_nor_by_a_revoked_one() -> None:
    born = date(2020, 5, 1)
    stranger = mandates.parent_problem(birth(born), "001199000009", today=TODAY)
    revoked = mandates.parent_problem(birth(born, state="revoked"), ME, today=TODAY)
    assert [code(stranger), code(revoked)] == ["representation-unknown"] * 2


def test_an_agent_is_of_age_alive_and_named_as_registered() -> None:
    agent = {"birth_date": "2008-11-24", "alive": True}
    assert code(mandates.agent_problem(agent, "B", today=TODAY, same_name=True)) == "agent-under-age"
    grown = agent | {"birth_date": "2008-11-23"}
    assert mandates.agent_problem(grown, "B", today=TODAY, same_name=True) is None
    dead = mandates.agent_problem(grown | {"alive": False}, "B", today=TODAY, same_name=True)
    other = mandates.agent_problem(grown, "B", today=TODAY, same_name=False)
    assert [code(dead), code(other)] == ["agent-not-matching"] * 2


@given(until=DAYS, today=DAYS)
def test_an_authorisation_holds_through_its_last_day_for_its_agent_alone(until: date, today: date) -> None:
    data = {"agent_number": ME, "until": until.isoformat()}
    assert (mandates.authorisation_problem(data, ME, today=today) is None) == (today <= until)
    assert mandates.authorisation_problem(data, OTHER, today=today) is not None


def test_a_package_says_who_applies_and_by_what_right() -> None:
    plain = {"code": "1.000001"}
    both = {
        "code": "1.000002",
        "applicants": ["person", "organisation"],
        "representation": ["representative"],
    }
    own = {"code": "1.000894", "representation": []}
    firm = chosen(Basis.REPRESENTATIVE, "organisation")
    parent, agent = chosen(Basis.PARENT), chosen(Basis.AUTHORISATION, procedures=("1.000001",))
    assert mandates.package_problem(plain, None) is None
    assert mandates.package_problem(both, firm) is None
    assert mandates.package_problem(plain, parent) is None
    assert mandates.package_problem(plain, agent) is None
    assert code(mandates.package_problem(plain, firm)) == "applicant-kind"
    assert code(mandates.package_problem({**plain, "applicants": ["organisation"]}, None)) == "applicant-kind"
    assert code(mandates.package_problem(own, parent)) == "representation-not-admitted"
    assert code(mandates.package_problem({**plain, "linked": True}, parent)) == "representation-not-admitted"
    assert code(mandates.package_problem({**plain, "code": "1.000003"}, agent)) == "authorisation-scope"


def test_a_choice_survives_the_session() -> None:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM)
    given_ = ActingFor(
        OTHER, "Ai", "person", Basis.AUTHORISATION, Text("a", "b"), "x:1", at, "2026-12-31", ("1.1",)
    )
    assert ActingFor.from_dict(given_.as_dict()) == given_
    assert not given_.sees_all


def test_the_sheet_and_the_difference_say_who_applies_and_who_signs() -> None:
    marriage = package_read(PROCEDURES / "1.000894").raw
    seal = package_read(PROCEDURES / "1.115231").raw
    facts = {label.en: said.en for label, said in sheet.sections(marriage)[0].rows if label}
    assert facts["Who may apply for them"] == "nobody"
    assert facts["Who else must sign"] == "The other party, within 10 working days"
    facts = {label.vi: said.vi for label, said in sheet.sections(seal)[0].rows if label}
    assert facts["Ai được nộp"] == "cá nhân, tổ chức"
    changes = package_changes(
        marriage, {**marriage, "signing": {"working_days": 5}, "representation": ["parent"]}
    )
    assert {change.en for change in changes} == {
        "By what right others apply: changed.",
        "The time to sign: changed.",
    }
