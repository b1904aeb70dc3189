"""The main journey over HTTP, and what it left: signed papers, one number, provenance, a log of every reading."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lienthong.blocks.trust.pdf import pdf_verify
from lienthong.ground import clock, personal_number
from lienthong.nation.browsing import Page, Person
from tests.journeys.running import Running

TYPED = {
    "child_name",
    "sex",
    "birth_date-day",
    "birth_date-month",
    "birth_date-year",
    "birth_place",
    "extracts",
}
SIGNERS = 2


@pytest.fixture
def inside(running: Running) -> Iterator[Running]:
    with running.inside():
        yield running


@pytest.fixture(scope="module")
def played(running: Running) -> object:
    """The journey, played once for the tests of this file; each looks at another thing it left."""
    from lienthong.nation import journey_birth

    lines: list[str] = []
    with running.inside():
        result = journey_birth.run(echo=lines.append)
    return result, lines


@pytest.fixture
def journey(inside: Running, played: tuple[object, list[str]]) -> object:
    return played[0]


def pdfsig(content: bytes, folder: Path) -> str:
    """What pdfsig says; its exit code is 0 whatever it found."""
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=True).stdout


def one_byte_changed(content: bytes) -> bytes:
    """A byte of a page's content is another one; every offset stays."""
    place = content.index(b"stream\n") + len(b"stream\n") + 40
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def public_check(running: Running, content: bytes) -> Page:
    anybody = Person("anybody", running.url)
    return anybody.submit(anybody.open("/check/"), uploads={"file": ("paper.pdf", content)}, action="")


def heading(page: Page) -> str:
    return " ".join(page.text("//h1").split())


@pytest.mark.needs("pdfsig")
def test_pdfsig_and_our_own_check_agree_on_each_paper_and_on_one_byte(
    inside: Running, journey: object, tmp_path: Path
) -> None:
    assert len(journey.files) == 5
    for content in journey.files.values():
        said = pdfsig(content, tmp_path)
        assert (
            said.count("Signature is Valid")
            == SIGNERS
            == len(pdf_verify(pdf=content, at=clock.now()).signatures)
        )
        assert "Invalid" not in said
        forged = one_byte_changed(content)
        assert "Signature is Valid" not in pdfsig(forged, tmp_path)
        assert heading(public_check(inside, forged)) == "Không thể tin tệp này"


def test_the_check_page_tells_a_correction_and_a_revocation_with_their_reasons(
    inside: Running, journey: object
) -> None:
    from lienthong.blocks.exchange.services import call
    from lienthong.systems.warehouse.models import Document

    for number, state, verdict in (
        (journey.numbers["health card"], "corrected", "Giấy tờ có thật nhưng đã được cải chính"),
        (journey.numbers["residence registration"], "revoked", "Giấy tờ đã bị thu hồi"),
    ):
        paper = Document.objects.get(number=number)
        content = next(file for file in journey.files.values() if paper.sha256 == _hash(file))
        assert heading(public_check(inside, content)) == "Giấy tờ có thật và còn hiệu lực"
        reason = f"Ghi sai nơi ở trên giấy số {number}."
        call(
            "warehouse/documents-state/v1",
            {
                "result_code": paper.result_code,
                "number": number,
                "state": state,
                "reason": {"vi": reason, "en": f"The address on number {number} is wrong."},
            },
            client=f"VN/GOV/{paper.issuer}/onestop",
            purpose="result-delivery",
            case=paper.case,
        )
        by_file = public_check(inside, content)
        by_code = Person("anybody", inside.url).open(f"/check/{paper.check_code}/")
        for page in (by_file, by_code):
            assert heading(page) == verdict
            assert reason in page.text()


def _hash(content: bytes) -> str:
    from lienthong.blocks.trust.wire import sha256_hex

    return sha256_hex(content)


def test_the_childs_number_was_given_once_and_fits_birth_sex_and_place(
    inside: Running, journey: object
) -> None:
    from lienthong.systems.population.models import NumberAllocation

    birth_case = _child_cases(journey.case)["1.001193"]
    (given,) = NumberAllocation.objects.filter(case=birth_case)
    assert not personal_number.check(
        given.number, birth_date=given.birth_date, sex="female", province_code=f"0{given.province}"
    )
    assert (clock.today() - given.birth_date).days == 2
    assert (given.officer, bool(given.message_id)) == ("H26.01-S01", True)


def test_the_population_register_names_case_message_and_officer_of_the_birth(
    inside: Running, journey: object
) -> None:
    from lienthong.blocks.registry.selectors import record_history
    from lienthong.systems.population.models import NumberAllocation
    from lienthong.systems.population.models import Person as Registered

    birth_case = _child_cases(journey.case)["1.001193"]
    number = NumberAllocation.objects.get(case=birth_case).number
    first, *later = record_history(Registered, key=number)
    assert (first.full_name, first.case) == (journey.child, birth_case)
    assert first.message
    assert first.officer
    assert all(version.case for version in later)


def _child_cases(case: str) -> dict[str, str]:
    from lienthong.blocks.casework.selectors import case_get

    return {child.procedure: child.number for child in case_get(number=case).children}


def test_the_parents_log_lists_each_agencys_reading_with_purpose_and_case(
    inside: Running, journey: object
) -> None:
    from lienthong.nation.build import cast
    from lienthong.systems.population.selectors import reads_page

    rows, _ = reads_page(subject=cast().mother, limit=200)
    cases = {journey.case, *_child_cases(journey.case).values()}
    readers = {row.reader for row in rows if row.case in cases}
    assert {
        "VN/GOV/G22/lifeevents",
        "VN/GOV/H26.01/onestop",
        "VN/GOV/G01.26.01/onestop",
        "VN/GOV/G24.26/onestop",
    } <= readers
    assert all(row.purpose and row.legal_basis for row in rows)
    assert all(row.case or row.reader == "VN/GOV/G22/lifeevents" for row in rows)


def test_the_parent_typed_only_what_no_register_knew(journey: object) -> None:
    from lienthong.nation.build import cast
    from lienthong.systems.population.selectors import person_get

    assert set(journey.typed) == TYPED
    for number in (cast().mother, cast().father):
        known = person_get(number=number, on=clock.today())
        for fact in (known.full_name, known.key, known.address, known.household):
            assert all(fact not in str(value) for value in journey.typed.values())


def test_the_last_line_names_the_three_papers_and_the_signatures(journey: object) -> None:
    line = journey.last_line()
    assert line.startswith(f"Issued for {journey.child}: birth certificate ")
    assert line.endswith("; 10 signatures verified")
    for name in ("birth certificate", "residence registration", "health card"):
        assert f"{name} {journey.numbers[name]}" in line
