from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from lienthong.blocks.exchange.services import call
from lienthong.config import factviews
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text
from lienthong.systems.warehouse import selectors, services
from lienthong.systems.warehouse.models import Document, DocumentChange, DocumentOwner, DocumentUse
from tests.systems.country import (
    CIVILSTATUS,
    COMMITTEE,
    LIFEEVENTS,
    ONESTOP,
    ONESTOP_POLICE,
    OTHER_COMMITTEE,
    country_join,
)
from tests.systems.warehouse.warehouse_kit import BIRTH, CASE, CHILD, FATHER, MOTHER, deposit, origin, paper

pytestmark = pytest.mark.django_db

REVOKED = services.Change(BIRTH, "15/2026", "revoked", Text("Cấp nhầm", "Issued by mistake"), "16/2026")


def change(what: services.Change, at: datetime, issuer: str | None = COMMITTEE) -> Document:
    return services.document_change(change=what, issuer=issuer, changed_by=ONESTOP, case=CASE, at=at)


def test_a_paper_is_deposited_once_with_its_owners_in_order(country: datetime) -> None:
    first = deposit(country, content=b"paper", owners=(CHILD, MOTHER, FATHER, MOTHER))
    again = deposit(country, content=b"paper", owners=(CHILD, MOTHER, FATHER))
    assert first.document.pk == again.document.pk
    owners = DocumentOwner.objects.order_by("position").values_list("owner", flat=True)
    assert list(owners) == [CHILD, MOTHER, FATHER]


def test_the_same_number_of_another_issuer_is_another_paper(country: datetime) -> None:
    deposit(country, content=b"paper")
    services.documents_deposit(
        origin=origin(OTHER_COMMITTEE), owners=[FATHER], papers=[paper(b"other", country)], at=country
    )
    assert Document.objects.count() == 2


def test_another_file_under_a_known_number_is_refused_and_nothing_of_it_stays(country: datetime) -> None:
    deposit(country, content=b"paper")
    with pytest.raises(Conflict) as refused:
        services.documents_deposit(
            origin=origin(),
            owners=[FATHER],
            papers=[paper(b"new", country, number="16/2026"), paper(b"other", country)],
            at=country,
        )
    assert refused.value.code == "document-differs"
    assert Document.objects.count() == 1


def test_each_owner_finds_the_paper_and_nobody_else(country: datetime) -> None:
    made = deposit(country, content=b"paper").document
    assert [row.pk for row in selectors.documents_of(owner=CHILD)] == [made.pk]
    assert selectors.document_of(document=made.pk, owner=MOTHER) == made
    assert selectors.documents_of(owner=FATHER) == []
    assert selectors.documents_of(owner=CHILD, result_codes=["KQ.G24.000001"]) == []
    with pytest.raises(NotFound):
        selectors.document_of(document=made.pk, owner=FATHER)


def test_a_paper_is_found_by_its_code_however_typed(country: datetime) -> None:
    made = deposit(country, content=b"paper").document
    typed = made.check_code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert selectors.document_by_code(typed=typed) == made
    with pytest.raises(Invalid):
        selectors.document_by_code(typed="abc")
    with pytest.raises(NotFound):
        selectors.document_by_code(typed="0" * 16)


def test_a_revocation_is_kept_with_reason_and_replacement_and_told_again_does_nothing(
    country: datetime,
) -> None:
    made = deposit(country, content=b"paper").document
    for moment in (country, country + timedelta(days=1)):
        assert change(REVOKED, moment).state == "revoked"
    (row,) = selectors.changes_of(made)
    assert (row.state, row.reason_vi, row.replaced_by, row.happened_at) == (
        "revoked",
        "Cấp nhầm",
        "16/2026",
        country,
    )


def test_a_corrected_paper_may_be_revoked_and_a_revoked_one_changes_no_more(country: datetime) -> None:
    made = deposit(country, content=b"paper").document
    corrected = replace(REVOKED, state="corrected")
    change(corrected, country)
    change(REVOKED, country)
    assert [row.state for row in selectors.changes_of(made)] == ["revoked", "corrected"]
    with pytest.raises(Conflict) as refused:
        change(corrected, country)
    assert refused.value.code == "document-revoked"


def test_only_the_issuer_or_a_national_register_changes_a_paper(country: datetime) -> None:
    deposit(country, content=b"paper")
    with pytest.raises(NotFound):
        change(REVOKED, country, issuer=OTHER_COMMITTEE)
    assert change(REVOKED, country, issuer=None).state == "revoked"


def test_a_register_does_not_guess_between_two_issuers_papers(country: datetime) -> None:
    deposit(country, content=b"paper")
    services.documents_deposit(
        origin=origin(OTHER_COMMITTEE), owners=[FATHER], papers=[paper(b"other", country)], at=country
    )
    with pytest.raises(Conflict) as refused:
        change(REVOKED, country, issuer=None)
    assert refused.value.code == "document-ambiguous"
    assert not DocumentChange.objects.exists()


def test_the_facts_count_papers_changes_and_uses_and_name_nobody(country: datetime) -> None:
    made = deposit(country, content=b"paper").document
    change(REVOKED, country)
    services.use_note(document=made, used_by=ONESTOP, purpose="permanent-residence", case=CASE, at=country)
    factviews.create()
    with connection.cursor() as cursor:
        cursor.execute("select owners, root from facts.documents")
        assert cursor.fetchall() == [(2, "H26")]
        for view in ("documents", "document_changes", "document_uses"):
            cursor.execute(f"select to_jsonb(v)::text from facts.{view} v")
            (row,) = cursor.fetchall()
            assert CHILD not in row[0]


BODY = {
    "owners": [CHILD, MOTHER],
    "issuer": COMMITTEE,
    "issuer_name": {"vi": "UBND phường Hoàn Kiếm", "en": "Hoan Kiem Committee"},
    "holder": ONESTOP,
    "case": CASE,
    "documents": [
        {
            "result_code": BIRTH,
            "number": "15/2026",
            "title": {"vi": "Giấy khai sinh", "en": "Birth certificate"},
            "sha256": "a" * 64,
            "size": 10,
            "check_code": "7K2M-94QX-B0TC-H3WZ",
            "issued_on": "2026-11-23",
        }
    ],
}


def _ask(
    service: str, body: dict[str, object], client: str, purpose: str, case: str = CASE
) -> dict[str, object]:
    return call(f"warehouse/{service}/v1", body, client=client, purpose=purpose, case=case)


@pytest.mark.django_db(transaction=True)
def test_agencies_deposit_find_and_revoke_over_the_exchange(at: datetime) -> None:
    country_join(at)
    first = _ask("documents-deposit", BODY, ONESTOP, "result-delivery")
    assert first == _ask("documents-deposit", BODY, ONESTOP, "result-delivery")
    with pytest.raises(Forbidden) as refused:
        _ask("documents-deposit", BODY, ONESTOP_POLICE, "result-delivery")
    assert refused.value.code == "not-issuer"
    wanted = {"owner": CHILD, "result_codes": [BIRTH]}
    for _ in range(2):
        found = _ask("documents-find", wanted, ONESTOP_POLICE, "permanent-residence", "G01.26.12-261123-0001")
    _ask("documents-find", wanted, LIFEEVENTS, "linked-procedure", "")
    (row,) = found["documents"]  # type: ignore[misc]
    assert (row["number"], row["state"], row["holder"]) == ("15/2026", "valid", ONESTOP)
    (use,) = DocumentUse.objects.all()
    assert (use.used_by, use.case) == (ONESTOP_POLICE, "G01.26.12-261123-0001")
    state = {
        "result_code": BIRTH,
        "number": "15/2026",
        "state": "revoked",
        "reason": {"vi": "Sai", "en": "Wrong"},
    }
    with pytest.raises(NotFound):
        _ask("documents-state", state, ONESTOP_POLICE, "result-delivery")
    _ask("documents-state", state, CIVILSTATUS, "result-delivery")
    assert Document.objects.get().state == "revoked"


@pytest.mark.django_db(transaction=True)
def test_finding_a_persons_papers_is_noted_for_that_person(at: datetime) -> None:
    country_join(at)
    _ask("documents-deposit", BODY, ONESTOP, "result-delivery")
    _ask("documents-find", {"owner": CHILD}, ONESTOP_POLICE, "permanent-residence")
    with connection.cursor() as cursor:
        cursor.execute(
            "select body::text from exchange_delivery where service = 'population/reads-record/v1'"
        )
        (row,) = cursor.fetchall()
    assert CHILD in row[0]
    assert "permanent-residence" in row[0]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.mark.django_db(transaction=True)
def test_deposits_and_revocations_at_once_happen_once(at: datetime, threads: ThreadPoolExecutor) -> None:
    country_join(at)

    def once(turn: int) -> str:
        try:
            row = deposit(at, content=b"paper").document
            change(REVOKED, at)
            return str(row.pk)
        finally:
            connection.close()

    assert len(set(threads.map(once, range(4)))) == 1
    assert (Document.objects.count(), DocumentChange.objects.count()) == (1, 1)
