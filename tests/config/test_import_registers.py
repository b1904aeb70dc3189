"""Moving in: a register of an earlier system, brought as a file."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.registry import declared
from lienthong.blocks.registry import moving_in as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.config import moving_in
from lienthong.config.cli_import import register_taker
from lienthong.ground import expressions
from lienthong.ground.errors import Invalid
from lienthong.ground.mappings import mapping_read, rows_read
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "moving-in"
FILE, MAPPING = EXAMPLE / "driving-licences.csv", EXAMPLE / "driving-licences.yaml"
ON = date(2026, 11, 23)


def bring(file: Path = FILE, *, dry_run: bool = False) -> moving_in.Report:
    mapping = mapping_read(MAPPING)
    return moving_in.bring_in(file, mapping, register_taker(mapping, file), whole=True, dry_run=dry_run)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def licence(key: str) -> dict[str, object] | None:
    row = declared.declared_get(register="driving-licence", key=key, on=ON)
    return row.data if row else None


@pytest.mark.django_db
def test_what_fits_is_entered_and_what_does_not_is_told_by_line_and_field(at: datetime) -> None:
    report = bring()
    assert report.fates == {"entered": 2}
    told = [(one.line, one.problem.code, one.problem.field) for one in report.refused]
    assert told == [
        (4, "data-invalid", "person_number"),
        (5, "data-invalid", "class"),
        (6, "row-incomplete", "valid_from"),
        (7, "licence-age-18", "class"),
    ]
    assert "Điều 59" in report.refused[3].words("vi")
    row = declared.declared_get(register="driving-licence", key="010240000102", on=ON)
    assert row is not None
    assert (row.data["class"], row.data["birth_date"], row.data["points"]) == ("A1", "1995-03-08", 12)
    assert (row.valid.lower, row.case) == (date(2025, 4, 9), "")
    assert row.reason.startswith("Chuyển từ hệ thống trước (driving-licences.csv sha256 ")


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_keeps_nothing(at: datetime) -> None:
    dry = bring(dry_run=True)
    assert licence("010240000101") is None
    done = bring()
    assert (dry.fates, dry.reasons) == (done.fates, done.reasons)


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing_and_a_mended_one_corrects(at: datetime, tmp_path: Path) -> None:
    bring()
    assert bring().fates == {"same": 2}
    mended = tmp_path / FILE.name
    mended.write_text(FILE.read_text().replace("Nguyễn Thị Ánh;8/3/1995;a1", "Nguyễn Thị Ánh;8/3/1995;a"))
    assert bring(mended).fates == {"same": 1, "corrected": 1}
    assert licence("010240000102") is not None
    assert licence("010240000102")["class"] == "A"  # type: ignore[index]


@pytest.mark.django_db
def test_a_record_that_a_dossier_changed_since_is_left_as_it_is(at: datetime, tmp_path: Path) -> None:
    bring()
    declared.declared_change(
        register="driving-licence",
        key="010240000101",
        data={"points": 10},
        provenance=Provenance("G01", case="G01.26-261120-0001"),
        at=at,
        valid_from=date(2026, 11, 20),
    )
    report = bring()
    assert report.fates == {"same": 2}  # what the file says of the time before still stands
    mended = tmp_path / FILE.name
    mended.write_text(FILE.read_text().replace("05/03/2035;12;Cấp mới", "05/03/2034;12;Cấp mới"))
    report = bring(mended)
    assert report.fates == {"same": 1}
    assert report.reasons["record-newer"] == 1
    assert licence("010240000101")["points"] == 10  # type: ignore[index]


@pytest.mark.django_db
def test_refused_rows_come_back_as_a_file_to_mend(at: datetime, tmp_path: Path) -> None:
    bring().write(tmp_path / "refused.csv")
    rows = table(tmp_path / "refused.csv")
    assert [row["SO_GPLX"][-1] for row in rows] == ["3", "4", "5", "6"]
    assert all(row["vi"] and row["en"] for row in rows)


def test_no_cell_of_the_report_is_a_formula(tmp_path: Path) -> None:
    report = moving_in.Report()
    report.refused.append(
        moving_in.Refused(2, {"a": "=1+1", "b": "@x"}, registry._incomplete("key", "a", "b"))
    )
    report.write(tmp_path / "r.csv")
    (row,) = table(tmp_path / "r.csv")
    assert (row["a"], row["b"]) == ("'=1+1", "'@x")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a;a\n1;2\n", "another's"),
        ("a;b\n1\n", "not as many cells"),
        ("a;b\n1;2;3\n", "not as many cells"),
        ('a;b\n"1;2\n', "unexpected end"),
        ("", "no name"),
    ],
)
def test_a_file_that_is_no_table_is_told_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)
    with pytest.raises(Invalid) as caught:
        list(rows_read(file, mapping_read(MAPPING)))
    assert (caught.value.code, why in caught.value.why.en) == ("source-invalid", True)


def test_json_is_read_where_the_mapping_says_the_list_is(tmp_path: Path) -> None:
    mapping_file, file = tmp_path / "m.yaml", tmp_path / "f.json"
    mapping_file.write_text(
        "into: register\nsource: {format: json, rows: data.items}\nrow: {key: '=row.id'}\n"
    )
    file.write_text(json.dumps({"data": {"items": [{"id": " 7 "}, {"id": 8}]}}))
    mapping = mapping_read(mapping_file)
    assert [(line, mapping.filled(row)) for line, row in rows_read(file, mapping)] == [
        (1, {"key": "7"}),
        (2, {"key": 8}),
    ]


@pytest.mark.parametrize(
    "text", ["- 1\n", "into: elsewhere\nrow: {}\n", "into: register\nrow: {a: '=b('}\n", "into: register\n"]
)
def test_a_mapping_that_says_nothing_usable_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(Invalid) as caught:
        mapping_read(tmp_path / "m.yaml")
    assert caught.value.code == "mapping-invalid"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from("/.-"), st.booleans())
def test_a_day_written_day_first_is_the_same_day(day: date, mark: str, padded: bool) -> None:
    parts = (f"{day.day:02}", f"{day.month:02}") if padded else (str(day.day), str(day.month))
    written = mark.join((*parts, f"{day.year:04}"))
    assert expressions.value("iso_date(x)", {"x": written}) == day.isoformat()
    assert expressions.value("iso_date(x)", {"x": day.isoformat()}) == day.isoformat()
