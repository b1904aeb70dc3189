"""The month's report counts what happened, can be rebuilt byte for byte, and opens to its rows."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.services import Opening
from lienthong.blocks.insight import compute
from lienthong.blocks.insight.definitions import indicators
from lienthong.blocks.insight.models import Report
from lienthong.blocks.insight.services import report_build
from lienthong.ground import clock
from lienthong.ground.errors import Invalid
from lienthong.systems.procedures.services import packages_publish
from lienthong.systems.reporting import services
from tests.conftest import ROOT
from tests.pages import officer, text_of
from tests.systems import country

pytestmark = pytest.mark.django_db


def dossier_open(at: datetime, *, channel: str = "online", agency: str = country.SOCIAL_SECURITY) -> str:
    opening = Opening(
        system="onestop",
        agency=agency,
        procedure="1.003077",
        applicant="001195000001",
        applicant_name="Nguyễn Thị Ánh",
        channel=channel,
        data={"person": {}, "residence": {}},
    )
    return casework.case_open(opening=opening, at=at).number


@pytest.fixture
def month(at: datetime) -> datetime:
    """Six dossiers: four online, two at the counter; one of them withdrawn."""
    country.country_join(at)
    packages_publish()
    numbers = [dossier_open(at, channel=channel) for channel in ["online"] * 4 + ["counter"] * 2]
    casework.case_withdraw(number=numbers[0], applicant="001195000001")
    return at


def value(figures: list[dict], indicator: str) -> object:
    return next(row for row in figures if row["id"] == indicator)["value"]


def test_figures_are_counted_from_what_happened(month: datetime) -> None:
    figures = report_build(month="2026-11").figures
    assert value(figures, "casework.online_share") == 66.67
    assert value(figures, "portal.dossiers_half_year") == 4
    texts = [path.read_text() for path in (ROOT / "content" / "procedures").glob("*/package.yaml")]
    published = sum("\ninternal: true\n" not in text for text in texts)  # the software's envelopes are none
    assert value(figures, "services.catalogue_total") == published == len(texts) - 2
    assert value(figures, "exchange.members") == len(country.MINISTRIES) + len(country.LOCAL)
    assert value(figures, "casework.full_process_share") == 100
    assert value(figures, "casework.digitised_share.ministries") == 0


def test_a_share_of_nothing_and_an_unconnected_system_are_no_numbers(month: datetime) -> None:
    figures = report_build(month="2026-11").figures
    assert value(figures, "target.satisfaction") is None
    assert value(figures, "etax.enterprises_paying_online") is None
    unconnected = next(row for row in figures if row["id"] == "etax.enterprises_paying_online")
    assert services.value_said(unconnected, "vi") == "chưa kết nối hệ thống"
    assert services.value_said(unconnected, "en") == "system not connected"


def test_a_report_rebuilt_with_the_same_as_of_is_the_same_byte_for_byte(month: datetime) -> None:
    as_of = month + timedelta(hours=1)
    with clock.fixed(as_of):
        first = report_build(month="2026-11", as_of=as_of).as_json()
    with clock.fixed(as_of + timedelta(days=2)):
        later = clock.now()
        number = dossier_open(later)
        casework.case_withdraw(number=number, applicant="001195000001")
        country.exchange.member_join(
            name="VN/GOV/H99", code="H99.01", title=country.MINISTRIES["G22"][0], at=later
        )
        again = report_build(month="2026-11", as_of=as_of).as_json()
        fresh = report_build(month="2026-11").as_json()
    assert again.encode() == first.encode()
    assert fresh != first
    assert Report.objects.filter(as_of=as_of).count() == 1


SQL = {
    "portal.dossiers_half_year": "select count(*) from casework_case where channel = 'online' and system = 'onestop'",
    "exchange.members": "select count(*) from exchange_member",
    "portal.synchronised_dossiers": "select count(distinct case_id) from casework_statuschange",
}


@pytest.mark.parametrize("indicator", SQL)
def test_a_figure_opened_to_its_rows_agrees_with_a_plain_count(month: datetime, indicator: str) -> None:
    figure = next(row for row in report_build(month="2026-11").figures if row["id"] == indicator)
    with connection.cursor() as cursor:
        cursor.execute(SQL[indicator])
        (counted,) = cursor.fetchone()
    secretary = officer("G22-B01", "G22", Role.COMMITTEE, at=month)
    opened = secretary.get(f"{figure['rows']['address']}&format=json")
    assert opened.status_code == 200
    assert figure["value"] == counted
    rows = opened.json()
    assert rows["count"] == figure["rows"]["count"] == len(rows["rows"])
    if indicator != "portal.synchronised_dossiers":
        assert rows["count"] == counted


def test_every_connected_formula_runs_and_shows_a_query_that_runs(month: datetime) -> None:
    connected = [row for row in indicators().values() if row.formula is not None]
    assert len(connected) >= 25
    secretary = officer("G22-B01", "G22", Role.COMMITTEE, at=month)
    for row in connected:
        compute.value_of(row.formula, month=month.date().replace(day=1), as_of=month)
    page = secretary.get("/console/figures/casework.online_share/")
    assert "facts" in text_of(page)


def test_no_fact_view_shows_a_name_or_a_number_of_a_person(month: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'facts'"
        )
        columns = cursor.fetchall()
    forbidden = {
        "full_name",
        "applicant",
        "applicant_name",
        "birth_date",
        "address",
        "payer",
        "subject",
        "title",
    }
    assert columns
    assert [row for row in columns if row[1] in forbidden] == []


def test_the_report_is_written_as_page_pdf_and_json(month: datetime, tmp_path: Path) -> None:
    made = services.report_make(month="2026-11")
    html, pdf, listed = services.report_write(report=made, language="en", folder=tmp_path)
    assert "system not connected" in html.read_text(encoding="utf-8")
    assert pdf.read_bytes().startswith(b"%PDF-")
    figures = json.loads(listed.read_text(encoding="utf-8"))["figures"]
    assert {"id", "value", "unit", "period", "definition", "rows"} <= set(figures[0])
    assert len(figures) == len(indicators())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_console_shows_the_report_in_both_languages(month: datetime, language: str) -> None:
    secretary = officer("G22-B01", "G22", Role.COMMITTEE, at=month)
    page = secretary.get(f"/console/report/?month=2026-11&lang={language}", follow=True)
    assert page.status_code == 200
    pdf = secretary.get("/console/report/?month=2026-11&format=pdf")
    assert pdf["Content-Type"] == "application/pdf"


def test_what_is_no_month_is_told(month: datetime) -> None:
    with pytest.raises(Invalid) as told:
        report_build(month="2026-14")
    assert told.value.field == "month"
