"""Agencies, dossier numbers and procedure codes: what is written can be read, in each official style."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import agencies, dossiers, procedures
from lienthong.ground.agencies import AgencyId
from lienthong.ground.dossiers import DossierNumber
from lienthong.ground.errors import Invalid
from lienthong.ground.procedures import ProcedureCode

ROOTS = st.builds("{}{:02}".format, st.sampled_from("GH"), st.integers(1, 99))
LEVELS = st.lists(st.integers(1, 99), max_size=3)
AGENCIES = st.builds(
    lambda root, levels: AgencyId(".".join([root, *(f"{n:02}" for n in levels)])), ROOTS, LEVELS
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def test_one_agency_is_one_value_in_both_styles() -> None:
    assert agencies.parse("000.00.12.H01") == agencies.parse("H01.12") == "H01.12"
    assert hash(agencies.parse("000.00.12.H01")) == hash(agencies.parse("H01.12"))
    assert agencies.parse(" h01.12 ") == "H01.12"
    assert agencies.parse("000.00.00.G09") == "G09"


def test_a_province_and_a_ministry_are_told_apart() -> None:
    assert AgencyId("H01.12").is_province
    assert not AgencyId("H01.12").is_ministry
    assert AgencyId("G09.20").is_ministry


def test_an_agency_knows_what_lies_above_and_below_it() -> None:
    agency = AgencyId("H01.12.03")
    assert agency.parent == "H01.12"
    assert agency.root == "H01"
    assert AgencyId("H01").parent is None
    assert AgencyId("H01.12").contains(agency)
    assert agency.contains(agency)
    assert not AgencyId("H01.11").contains(agency)
    assert not agency.contains(AgencyId("H01.12"))


def test_an_agency_too_deep_for_the_old_style_says_so() -> None:
    with pytest.raises(ValueError, match="old style"):
        AgencyId("H01.01.02.03.04").old_style()


@pytest.mark.parametrize("text", ["", "H1", "01.H", "H01.", "H01.1", "H01-12", "000.00.H01", "H01.12; --"])
def test_what_is_no_agency_identifier_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        agencies.parse(text)
    assert caught.value.code == "agency.id"


@given(AGENCIES)
def test_an_agency_survives_both_styles(agency: AgencyId) -> None:
    assert AgencyId(str(agency)) == agency
    assert AgencyId(agency.old_style()) == agency
    assert agency.parent is None or agency.parent.contains(agency)


def test_a_dossier_number_is_agency_day_and_serial() -> None:
    number = dossiers.parse("H01.01-240612-0001")
    assert number == DossierNumber(AgencyId("H01.01"), date(2024, 6, 12), 1)
    assert str(number) == "H01.01-240612-0001"
    assert str(dossiers.parse("000.00.01.H22-240612-12345")) == "H22.01-240612-12345"


@pytest.mark.parametrize(
    "text",
    ["", "H01.01-240631-0001", "H01.01-240612-001", "H01.01-240612-0000", "X-240612-0001", "H01.01-0001"],
)
def test_what_is_no_dossier_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        dossiers.parse(text)
    assert caught.value.code == "dossier.number"


def test_a_serial_below_one_is_never_issued() -> None:
    with pytest.raises(ValueError, match="serial 0"):
        DossierNumber(AgencyId("H01"), date(2026, 11, 22), 0)


@given(AGENCIES, DAYS, st.integers(1, 10**9 - 1))
def test_a_dossier_number_written_is_read_again(agency: AgencyId, day: date, serial: int) -> None:
    number = DossierNumber(agency, day, serial)
    assert DossierNumber.parse(str(number)) == number


@given(AGENCIES, DAYS, st.integers(1, 9998))
def test_numbers_of_one_agency_and_day_sort_as_they_were_issued(
    agency: AgencyId, day: date, serial: int
) -> None:
    one, next_one = DossierNumber(agency, day, serial), DossierNumber(agency, day, serial + 1)
    assert one < next_one
    assert str(one) < str(next_one)


def test_a_procedure_is_the_same_in_its_national_local_and_lettered_form() -> None:
    national = procedures.parse("1.000110")
    local = procedures.parse("1.000110.000.00.00.H01")
    assert national == local == procedures.parse("1.000110a")
    assert len({national, local}) == 1
    assert (local.owner, procedures.parse("1.000110A").letter) == ("H01", "A")
    assert procedures.parse("1.001193") != national


@pytest.mark.parametrize("text", ["", "1.00119", "10.001193", "1.001193AB", "1.001193.", "1.001193.H1", "x"])
def test_what_is_no_procedure_code_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        procedures.parse(text)
    assert caught.value.code == "procedure.code"


@given(
    st.integers(1, 9),
    st.integers(0, 999_999),
    st.sampled_from(["", "A", "B"]),
    st.none() | AGENCIES,
)
def test_a_procedure_code_written_is_read_again(
    level: int, number: int, letter: str, owner: AgencyId | None
) -> None:
    code = ProcedureCode(f"{level}.{number:06}", letter, owner)
    again = ProcedureCode.parse(str(code))
    assert (again.national, again.letter, again.owner) == (code.national, code.letter, code.owner)
