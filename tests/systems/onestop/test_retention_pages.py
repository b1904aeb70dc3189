"""The whole way of disposal, years later: a birth's dossiers, papers and messages, on the desk and on the portal."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import disposed, disposing, due, files, retention_rules
from lienthong.blocks.casework.models import Case, CaseFile, Child
from lienthong.blocks.exchange import log as message_log
from lienthong.blocks.exchange.models import Delivery, Inbox, Member
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock, yamls
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.reporting import services as reporting
from tests.conftest import ROOT
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, POLICE, SOCIAL_SECURITY, Family
from tests.systems.lifeevents.applying import send
from tests.systems.lifeevents.test_follow_pages import PNG, child, settle

pytestmark = pytest.mark.django_db
LATER = datetime(2032, 1, 5, 9, 0, tzinfo=clock.VIETNAM)
SECRETS = ("Trần Minh An", "12 phố Hàng Trống")


@pytest.fixture(autouse=True)
def five_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """The country keeps births for good; here every part of everything goes after five years."""
    text = (ROOT / "content" / "retention.yaml").read_text(encoding="utf-8")
    text = text.replace("nomination: keep", "years: 5, nomination: dispose")
    table = retention_rules.table_read(yamls.load(re.sub(r"years: \d+", "years: 5", text)))
    monkeypatch.setattr(due, "table", lambda: table)


@pytest.fixture
def number(family: Family, at: datetime) -> str:
    """A linked birth with an uploaded paper, granted at all three agencies; its number."""
    paper = SimpleUploadedFile("giấy chứng sinh An.png", PNG, content_type="image/png")
    sent = send(person(family.mother), family, birth_notice={"birth_notice": paper})
    run_jobs()
    settle(at)
    assert Case.objects.get(number=sent).outcome == "granted"
    while message_log.seal_pending():
        pass
    return sent


def rows_of_facts() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every fact view that was recorded by now."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.views where table_schema = 'facts' order by 1"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(
                f'select to_jsonb(v)::text from facts."{name}" v where recorded_at < %s order by 1',
                [LATER - timedelta(days=1)],
            )
            found[name] = cursor.fetchall()
    return found


def members_renew() -> None:
    """The agencies' certificates of 2026 have ended by now."""
    wanted = [trust.SignerRequest(row.name, "member", row.title_vi, row.code) for row in Member.objects.all()]
    trust.signers_ensure_many(requests=wanted, at=clock.now())


def decision(agency: str, number: str = "7/QĐ") -> None:
    members_renew()
    by = Principal(Kind.OFFICER, f"{agency}-C01", "Lê Văn Cường", agency, frozenset({Role.SIGN}))
    given = disposing.Decided(number, clock.today(), "Nguyễn Thị Hoa", "Biên bản 1")
    disposing.decision_enter(decided=given, by=by, at=clock.now())
    run_jobs()


def decisions() -> None:
    """Of every agency, the portal's last: it keeps the linked dossier until its parts are gone."""
    for agency in (COMMITTEE, POLICE, SOCIAL_SECURITY, Case.objects.get(system="lifeevents").agency):
        decision(agency)


def dump(*models: Any) -> str:
    return " ".join(str(list(model.objects.values())) for model in models)


def test_figures_and_evidence_are_the_same_before_and_after(number: str, family: Family) -> None:
    with clock.fixed(LATER):
        before, report = (
            rows_of_facts(),
            reporting.report_make(month="2026-11", as_of=LATER - timedelta(days=1)),
        )
        assert sum(map(len, before.values())) > 50
        assert all(
            before[name] for name in ("dossiers", "dossier_closings", "results", "components", "exchanges")
        )
        whole = message_log.log_check()
        assert whole.broken is None
        decisions()
        assert disposed.all_disposed(list(Case.objects.values_list("number", flat=True))).keys() == set(
            Case.objects.values_list("number", flat=True)
        )
        assert rows_of_facts() == before
        again = reporting.report_make(month="2026-11", as_of=LATER - timedelta(days=1))
        assert again.as_json() == report.as_json()
        while message_log.seal_pending():
            pass
        checked = message_log.log_check()
        assert checked.broken is None
        assert checked.rows > whole.rows
    kept = dump(Case, Child, CaseFile, Draft) + dump(
        *(Case._meta.get_field(name).related_model for name in ("steps", "signals", "entries", "supplements"))
    )
    assert not [secret for secret in SECRETS if secret in kept]


def test_bodies_of_messages_go_and_writes_still_happen_once(number: str) -> None:
    case = Case.objects.get(number=number)
    told = Delivery.objects.filter(case=number).exclude(delivered_at=None)
    assert told.exclude(body={}).exists()
    taken = Inbox.objects.exclude(answer={}).count()
    with clock.fixed(LATER):
        decisions()
    assert case.pk
    assert not told.filter(created_at__lt=LATER - timedelta(days=1)).exclude(body={}).exists()
    left = Inbox.objects.filter(recorded_at__lt=LATER - timedelta(days=1)).exclude(answer={}).count()
    assert left < taken


def test_the_desk_shows_what_is_due_takes_the_decision_and_says_what_became_of_the_dossier(
    number: str, at: datetime
) -> None:
    dossier = child("1.001193")
    sha = CaseFile.objects.get(case__number=dossier).sha256
    desk = officer("H26.12-C01", COMMITTEE, at=at)  # who decided these births holds the role already
    with clock.fixed(LATER):
        page = text_of(desk.get("/desk/retention/"))
        assert "Đăng ký khai sinh 1.001193 2026 Dữ liệu và tệp của hồ sơ Hủy 1 0" in page
        day = {"decided_on-day": "5", "decided_on-month": "1", "decided_on-year": "2032"}
        typed = {"act": "decide", "number": "12/QĐ-UBND", "signed_by": "Nguyễn Thị Hoa", **day}
        lacking = desk.post("/desk/retention/", typed)
        assert lacking.status_code == 422
        assert 'value="12/QĐ-UBND"' in lacking.content.decode()
        hold = {"act": "hold", "dossier": dossier, "reason": "lawsuit", "note": "Thụ lý 5/2032"}
        assert desk.post("/desk/retention/", hold).status_code == 302
        assert f"{dossier} : Khởi kiện, tố tụng. Thụ lý 5/2032" in text_of(
            desk.get("/desk/retention/")
        ).replace(f"{dossier}:", f"{dossier} :")
        whole = {**typed, "minutes": "Biên bản 3"}
        refused = desk.post("/desk/retention/", whole)
        assert refused.status_code == 409
        assert "Cơ quan không có gì đến hạn hủy hôm nay." in text_of(refused)
        (held,) = re.findall(r'name="hold" value="(\d+)"', refused.content.decode())
        assert desk.post("/desk/retention/", {"act": "lift", "hold": held}).status_code == 302
        assert desk.post("/desk/retention/", {**hold, "dossier": "H26.12-000000-0001"}).status_code == 404
        members_renew()
        assert desk.post("/desk/retention/", whole).status_code == 302
        run_jobs()
        listed = desk.get("/desk/retention/").content.decode()
        (record,) = re.findall(r'href="(/desk/retention/\d+/record/)"', listed)
        shown = desk.get(record).json()
        assert shown["verifies"]
        assert {row["number"] for row in shown["list"]} == {dossier}
        other = officer("H26.04-C01", OTHER_COMMITTEE, Role.SIGN, at=at)
        assert other.get(record).status_code == 404
        assert "Chưa có gì đến hạn." in text_of(other.get("/desk/retention/"))
        page = text_of(desk.get(f"/desk/dossiers/{dossier}/"))
        assert "đã được hủy ngày 05/01/2032 theo Quyết định 12/QĐ-UBND ngày 05/01/2032" in page
        assert sha in page
        assert "Trần Minh An" not in page
        english = desk.get(f"/desk/dossiers/{dossier}/files/{sha}/?lang=en")
        assert english.status_code == 410
        assert "The file was disposed of." in text_of(english)
        assert "12/QĐ-UBND" in text_of(english)
        clerk = officer("H26.12-I01", COMMITTEE, Role.INTAKE, at=at)
        assert clerk.get("/desk/retention/").status_code == 403
    # The portal's own copy of the same paper keeps the file.
    assert default_storage.exists(files._name(sha))


def test_the_person_reads_on_the_portal_that_the_agency_disposed_and_then_that_all_is_gone(
    number: str, family: Family
) -> None:
    mother = person(family.mother)
    sha = CaseFile.objects.get(case__number=child("1.001193")).sha256
    with clock.fixed(LATER):
        decision(COMMITTEE, "12/QĐ-UBND")
        page = text_of(mother.get(f"/dossiers/{number}/"))
        assert page.count("theo Quyết định 12/QĐ-UBND ngày 05/01/2032 do Nguyễn Thị Hoa ký") == 1
        assert "Trần Minh An" in page
        parent = Case.objects.get(number=number)
        decision(parent.agency, "0/QĐ-VP")  # of the messages alone
        assert disposed.disposed_of(number=number) is None
        for agency in (POLICE, SOCIAL_SECURITY):
            decision(agency)
        decision(parent.agency, "1/QĐ-VP")
        for language, said in (
            (
                "vi",
                "đã được hủy ngày 05/01/2032 theo Quyết định 1/QĐ-VP ngày 05/01/2032 do Nguyễn Thị Hoa ký",
            ),
            ("en", "were disposed of on 5 January 2032 under decision 1/QĐ-VP of 5 January 2032"),
        ):
            answer = mother.get(f"/dossiers/{number}/?lang={language}")
            assert answer.status_code == 200
            assert said in text_of(answer)
        page = text_of(mother.get("/dossiers/?lang=vi"))
        assert "Đã hủy dữ liệu" in page
        assert "Trần Minh An" not in page
        assert person(family.father, "Trần Quốc Bảo").get(f"/dossiers/{number}/").status_code == 404
    assert not default_storage.exists(files._name(sha))
    draft = Draft.objects.get(case_number=number)
    assert (draft.answers, draft.known, draft.files) == ({}, {}, [])


def test_a_paper_that_the_person_has_in_the_warehouse_stays(number: str) -> None:
    dossier = Case.objects.get(number=child("1.001193"))
    result = dossier.results.get(code="KQ.G15.000001")
    with clock.fixed(LATER):
        decision(COMMITTEE)
    result.refresh_from_db()
    assert result.owners == []
    assert files.file_read(result.sha256).startswith(b"%PDF")
