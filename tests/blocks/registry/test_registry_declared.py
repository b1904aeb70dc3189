"""Registers declared in YAML, and the list of agencies."""

from datetime import date, datetime
from typing import Any

import pytest

from lienthong.blocks.registry import agencies, declared
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.errors import Conflict, Invalid, NotFound
from lienthong.ground.text import Text

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 23)
NHI = {"name": "Bệnh viện Nhi Trung ương", "province": "01"}


def enter(at: datetime, key: str = "01-001", data: dict[str, Any] | None = None) -> None:
    declared.declared_enter(
        register="hospital",
        key=key,
        data=NHI if data is None else data,
        provenance=Provenance("G18"),
        at=at,
        valid_from=date(2026, 1, 1),
    )


def test_a_declared_register_takes_what_fits_its_schema(at: datetime) -> None:
    enter(at)
    record = declared.declared_get(register="hospital", key="01-001", on=ON)
    assert record is not None
    assert (record.data, declared.declared_key(record)) == (NHI, "01-001")
    assert declared.declared_get(register="hospital", key="01-001", on=date(2025, 12, 31)) is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "X", "province": "01"}, "name"),
        ({"name": "Bệnh viện", "province": "Hà Nội"}, "province"),
        ({"name": "Bệnh viện"}, "(gốc)"),
        ({**NHI, "owner": "?"}, "(gốc)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field(at: datetime, data: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        enter(at, data=data)
    assert (raised.value.code, raised.value.field) == ("data-invalid", field)
    assert declared.declared_get(register="hospital", key="01-001", on=ON) is None


def test_a_key_is_declared_once_and_corrected_when_wrong(at: datetime) -> None:
    enter(at)
    with pytest.raises(Conflict):
        enter(at)
    declared.declared_correct(
        register="hospital", key="01-001", data={**NHI, "name": "BV Nhi"}, provenance=Provenance("G18"), at=at
    )
    record = declared.declared_get(register="hospital", key="01-001", on=ON)
    assert record is not None
    assert record.data["name"] == "BV Nhi"


def test_verify_answers_only_about_the_fields_that_the_register_opens(at: datetime) -> None:
    enter(at)
    ask = {"register": "hospital", "key": "01-001", "on": ON}
    assert declared.declared_verify(**ask, claims={"province": "01"})
    assert not declared.declared_verify(**ask, claims={"province": "79"})
    assert not declared.declared_verify(**ask, claims={"name": NHI["name"]})
    assert not declared.declared_verify(**{**ask, "key": "?"}, claims={})


def test_records_are_found_by_what_they_contain(at: datetime) -> None:
    enter(at)
    enter(at, "79-001", {"name": "Bệnh viện Nhi Đồng 1", "province": "79"})
    found = declared.declared_find(register="hospital", claims={"province": "79"}, on=ON)
    assert [declared.declared_key(row) for row in found] == ["79-001"]
    assert len(declared.declared_find(register="hospital", claims={}, on=ON)) == 2
    assert declared.declared_find(register="hospital", claims={}, on=date(2025, 1, 1)) == []


def test_a_register_that_is_not_declared_is_unknown() -> None:
    with pytest.raises(NotFound) as raised:
        declared.declared_find(register="nothing", claims={}, on=ON)
    assert raised.value.code == "register-unknown"


def agency(code: str, kind: str, unit: str) -> None:
    name = Text(f"Cơ quan {code}", f"Agency {code}")
    agencies.agency_enter(code=code, kind=kind, name=name, short=name, unit=unit, valid_from=date(2025, 7, 1))


def test_a_place_is_served_by_its_own_agency_and_else_by_its_provinces() -> None:
    agency("H26.12", "commune-committee", "00070")
    agency("G24.26", "social-security", "01")
    assert agencies.agency_serving(kind="commune-committee", unit="00070").code == "H26.12"
    assert agencies.agency_serving(kind="social-security", unit="00070").code == "G24.26"
    assert agencies.agency_serving(kind="social-security", unit="01").code == "G24.26"
    for kind, unit in (
        ("commune-committee", "00004"),
        ("social-security", "79"),
        ("social-security", "99999"),
    ):
        with pytest.raises(NotFound) as raised:
            agencies.agency_serving(kind=kind, unit=unit)
        assert raised.value.code == "agency-not-serving"


def test_an_agency_is_known_by_its_code_as_soon_as_it_is_entered() -> None:
    with pytest.raises(NotFound):
        agencies.agency_get("H26.12")
    agency("H26.12", "commune-committee", "00070")
    assert agencies.agency_get("H26.12").name.en == "Agency H26.12"
