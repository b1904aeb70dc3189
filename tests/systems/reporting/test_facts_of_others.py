"""Facts of systems that other instances run: told by page, collected once, and missed aloud."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.services import Opening
from lienthong.blocks.exchange import dispatch
from lienthong.blocks.exchange import services as exchange
from lienthong.blocks.exchange.models import Agreement
from lienthong.blocks.exchange.transport import Transports, out_of_reach
from lienthong.blocks.exchange.wire import SignedAnswer, SignedRequest
from lienthong.blocks.insight import publish
from lienthong.blocks.insight.collect import collect
from lienthong.blocks.insight.contract import PURPOSE, facts_service
from lienthong.blocks.insight.models import CollectedFact, FactCursor, FactSource, Report
from lienthong.blocks.insight.services import report_build
from lienthong.blocks.insight.views import views_here
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.systems.procedures.services import packages_publish
from lienthong.systems.reporting import contract, services
from tests.conftest import ROOT
from tests.jobs import run_jobs
from tests.pages import officer, text_of
from tests.systems import country

pytestmark = pytest.mark.django_db
SOURCE = country.ONESTOP_SOCIAL
REPORTING = country.subsystem("G22", "reporting")
LIST = facts_service("onestop").name


class Loop:
    """The other instance, which is this one: a question that leaves comes back in, unless nobody is there."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[dict] = []

    def send(self, request: SignedRequest) -> SignedAnswer:
        if self.away:
            raise out_of_reach(request.head.provider, Text("mất điện", "a power cut"))
        self.asked.append(request.body)
        return dispatch.receive(request)


def dossier_open(agency: str = country.SOCIAL_SECURITY) -> str:
    opening = Opening(
        system="onestop",
        agency=agency,
        procedure="1.003077",
        applicant="001195000001",
        applicant_name="Nguyễn Thị Ánh",
        channel="online",
        data={"person": {}, "residence": {}},
    )
    return casework.case_open(opening=opening, at=clock.now()).number


@pytest.fixture
def other(at: datetime) -> Generator[Loop]:
    """Social security's one-stop is elsewhere: five dossiers there, two here; ten minutes have passed."""
    country.country_join(at)
    packages_publish()
    for _ in range(5):
        dossier_open()
    for _ in range(2):
        dossier_open(country.POLICE)
    exchange.subsystem_open(name=SOURCE, hosted=False)
    before, loop = Transports.current, Loop()
    Transports.current = loop
    with clock.fixed(at + timedelta(minutes=10)):
        yield loop
    Transports.current = before


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def take(**more: float) -> bool:
    return collect(source=SOURCE, client=REPORTING, **{"seconds": 60, **more})


def collected() -> int:
    return CollectedFact.objects.filter(view="dossiers").count()


def figure(name: str, as_of: datetime | None = None) -> dict:
    return next(row for row in report_build(month="2026-11", as_of=as_of).figures if row["id"] == name)


def test_rows_come_by_page_as_they_stand_and_only_the_agencys_own(other: Loop) -> None:
    assert take(page=2)
    assert collected() == 5
    assert len(other.asked) > 5  # dossiers and their openings, two rows a page
    told = "select * from facts.dossiers where agency = 'G24.26'"
    here = told.replace("facts.", "facts_here.")
    assert rows(f"{told} except {here}") == rows(f"{here} except {told}") == []
    assert len(rows(told)) == 2 * len(rows(here)) == 10  # this test's other instance has the same database
    assert CollectedFact.objects.exclude(source=SOURCE).count() == 0
    assert {row["agency"] for row in CollectedFact.objects.values_list("row", flat=True)} == {"G24.26"}


def test_taking_them_again_changes_nothing_and_asks_for_what_is_new(other: Loop) -> None:
    take()
    first = list(CollectedFact.objects.order_by("view", "key").values("view", "key", "row", "recorded_at"))
    other.asked.clear()
    take()
    again = list(CollectedFact.objects.order_by("view", "key").values("view", "key", "row", "recorded_at"))
    assert again == first
    assert len(other.asked) == 1
    with clock.fixed(clock.now() + timedelta(minutes=10)):
        number = dossier_open()
    with clock.fixed(clock.now() + timedelta(minutes=20)):
        take()
    assert collected() == 6
    assert CollectedFact.objects.filter(view="dossiers", row__number=number).count() == 1


def test_a_row_that_came_to_light_after_its_time_is_taken_over_in_the_next_round(other: Loop) -> None:
    with clock.fixed(clock.now() - timedelta(minutes=2)):
        late = dossier_open()
    take()
    CollectedFact.objects.filter(row__number=late).delete()  # as if its transaction had been open then
    assert collected() == 5
    take()
    assert collected() == 6


def test_a_round_that_was_cut_off_goes_on_where_it_stopped(other: Loop) -> None:
    assert not take(page=2, seconds=0)
    assert CollectedFact.objects.count() == 2
    assert FactSource.objects.get(pk=SOURCE).known_until is None
    tries = 1
    while not take(page=2, seconds=0):
        tries += 1
    assert collected() == 5
    assert len(other.asked) == tries + 1
    assert len({str(body["after"]) for body in other.asked}) == len(
        other.asked
    )  # no page was asked for twice
    assert len({datetime.fromisoformat(body["until"]) for body in other.asked}) == 1


def test_what_is_being_written_is_told_later(other: Loop) -> None:
    number = dossier_open()
    take()
    assert not CollectedFact.objects.filter(row__number=number).exists()
    assert FactSource.objects.get(pk=SOURCE).known_until < clock.now()
    with clock.fixed(clock.now() + timedelta(seconds=30)):
        take()
    assert CollectedFact.objects.filter(row__number=number, view="dossiers").count() == 1


def test_columns_that_changed_are_taken_over_from_the_beginning(other: Loop) -> None:
    take()
    cursor = FactCursor.objects.get(source=SOURCE, view="dossiers")
    cursor.columns = cursor.columns[:-1]
    cursor.save()
    CollectedFact.objects.filter(view="dossiers").update(row={})
    take()
    assert collected() == 5
    assert not CollectedFact.objects.filter(view="dossiers", row={}).exists()


def test_without_an_agreement_nothing_is_told_and_the_report_says_why(other: Loop) -> None:
    Agreement.objects.filter(service=LIST).delete()
    dispatch.agreements_forget()
    take()
    assert collected() == 0
    (source,) = report_build(month="2026-11").sources
    assert not source["complete"]
    assert f"no agreement for {REPORTING} to call {LIST}" in source["problem"]["en"]


def test_another_system_and_another_purpose_are_refused(other: Loop) -> None:
    body = {"until": clock.now().isoformat()}
    for client, purpose in ((country.LIFEEVENTS, PURPOSE), (REPORTING, "own-data")):
        with pytest.raises(Problem) as told:
            exchange.call(LIST, body, client=client, provider=SOURCE, purpose=purpose)
        assert told.value.code == "no-agreement"


@pytest.mark.parametrize(
    "body", [{"limit": 0}, {"limit": 100_000}, {"after": {'x" drop': {}}}, {"until": "-"}]
)
def test_a_question_that_is_none_is_refused(other: Loop, body: dict) -> None:
    with pytest.raises(Problem) as told:
        exchange.call(
            LIST,
            {"until": clock.now().isoformat(), **body},
            client=REPORTING,
            provider=SOURCE,
            purpose=PURPOSE,
        )
    assert told.value.status == 422


def test_an_agency_that_is_away_is_missed_aloud_until_it_is_back(other: Loop) -> None:
    as_of = clock.now() - timedelta(minutes=1)
    name = "portal.dossiers_half_year"
    other.away = True
    services.facts_ask()
    run_jobs()
    missed = figure(name, as_of)
    assert missed["lacks"] == [SOURCE]
    made = report_build(month="2026-11", as_of=as_of)
    for language, words in (
        ("en", f"Nothing is known of the facts of Social Security of Ha Noi ({SOURCE})."),
        ("vi", f"Chưa có số liệu nào của Bảo hiểm xã hội thành phố Hà Nội ({SOURCE})."),
    ):
        (line,) = services.sources_said(made, language)
        assert line.startswith(words)
    assert services.sources_said(made, "en")[0].endswith(f"{SOURCE} was not reached: a power cut.")

    other.away = False
    services.facts_ask()
    run_jobs()
    known = figure(name, as_of)
    assert known["lacks"] == []
    assert known["value"] == missed["value"] + 5
    complete = report_build(month="2026-11", as_of=as_of)
    assert [source["complete"] for source in complete.sources] == [True]
    stored = Report.objects.get(as_of=as_of)
    assert stored.figures == complete.figures  # the one that lacked rows gave way

    other.away = True
    with clock.fixed(as_of + timedelta(hours=1)):
        services.facts_ask()
        run_jobs()
        older = report_build(month="2026-11")
        (line,) = services.sources_said(older, "en")
        assert "are known until 23 November 2026" in line
        assert figure(name)["lacks"] == [SOURCE]
        secretary = officer("G22-B01", "G22", Role.COMMITTEE, at=clock.now())
        page = secretary.get(f"/console/figures/{name}/?month=2026-11&lang=en", follow=True)
        assert f"The latest rows of {SOURCE} may be missing." in text_of(page)
        assert report_build(month="2026-11", as_of=as_of).as_json() == complete.as_json()


def test_what_does_not_travel_is_missed_where_it_counts(other: Loop) -> None:
    """The hash of a personal number stays where it is: a figure over it says that it lacks the others'."""
    as_of = clock.now() - timedelta(minutes=1)
    take()
    assert "applicants" in FactSource.objects.get(pk=SOURCE).stays
    assert not CollectedFact.objects.filter(view__in=["applicants", "eid_accounts"]).exists()
    lacking = {row["id"] for row in report_build(month="2026-11", as_of=as_of).figures if row["lacks"]}
    over = {"applicants"}
    assert lacking == {
        row.id
        for row in services.insight.indicators().values()
        if row.formula is not None and row.formula.view in over
    }


def test_the_reports_own_questions_are_not_counted(other: Loop) -> None:
    exchanges = rows("select count(*) from facts.exchanges")
    take(page=2)
    assert rows("select count(*) from exchange_message where service like '%%facts-list%%'") != [(0,)]
    assert rows("select count(*) from facts.exchanges") == exchanges


def test_a_system_that_comes_home_is_not_counted_twice(other: Loop) -> None:
    take()
    both = rows("select count(*) from facts.dossiers")
    exchange.subsystem_open(name=SOURCE, hosted=True)
    assert both == [(12,)]
    assert rows("select count(*) from facts.dossiers") == [(7,)]
    assert report_build(month="2026-11").sources == []


@pytest.mark.parametrize("view", ["dossiers", "exchanges"])
def test_a_source_cannot_tell_facts_of_another(
    other: Loop, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"number": "001195000009"}
    exchange.call("population/persons-verify/v1", asked, client=country.LIFEEVENTS, purpose="own-data")
    monkeypatch.setattr(publish, "scope_of", lambda row, _provider: {} if row.name == view else None)
    with clock.fixed(clock.now() + timedelta(minutes=1)):
        take()
    assert CollectedFact.objects.count() == 0
    problem = FactSource.objects.get(pk=SOURCE).problem
    assert problem["code"] == "facts-of-others"


def test_one_job_waits_for_each_source(other: Loop) -> None:
    assert services.facts_ask() == services.facts_ask() == 1
    assert rows("select count(*) from procrastinate_jobs where task_name = 'reporting.collect'") == [(1,)]
    run_jobs()
    assert collected() == 5


def test_the_console_and_the_pdf_say_what_is_missing(other: Loop) -> None:
    other.away = True
    services.facts_ask()
    run_jobs()
    secretary = officer("G22-B01", "G22", Role.COMMITTEE, at=clock.now())
    page = secretary.get("/console/report/?month=2026-11&lang=en", follow=True)
    assert f"Nothing is known of the facts of Social Security of Ha Noi ({SOURCE})." in text_of(page)
    assert f"may lack rows of {SOURCE}" in text_of(page)
    assert secretary.get("/console/report/?month=2026-11&format=pdf").content.startswith(b"%PDF-")


def test_a_view_tells_its_rows_apart_by_its_first_column_and_has_both_times(other: Loop) -> None:
    views = [view for view in views_here() if not view.stays]
    assert {"births", "exchanges", "dossiers"} <= {view.name for view in views}
    for view in views:
        assert view.has("happened_at", "recorded_at"), view.name
    travelling = [view for view in views if view.has("provider") or view.has("system", "agency")]
    for view in travelling:
        first = view.columns[0][0]
        twice = f"select {first} from facts_here.{view.name} group by {first} having count(*) > 1"
        assert rows(twice) == [], view.name


def test_every_room_that_could_tell_is_in_the_contract() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "lienthong" / "systems").glob("*/apps.py")}
    # `ndxp` is pages of the exchange, whose facts the block tells: it is no system that could be asked.
    assert set(contract.TELLING) == rooms - {"reporting", "ndxp"}
