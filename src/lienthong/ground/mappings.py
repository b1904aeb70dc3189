"""What an agency brings along: rows of a file of its own, and a mapping that says what they become here.

A mapping is YAML:

    into:    register | dossiers
    source:  {format: csv, encoding: utf-8-sig, delimiter: ","}     (the defaults)
             {format: json, rows: "data.items"}                     (rows: where the list is; the file itself)
    values:  {kind: {"Xe máy": motorcycle}}                         words of the old system
    row:     a template over {row, values}: what a row becomes, e.g. kind: "=choose(values.kind, row.LOAI)"

Cells come without spaces at their ends, in Unicode's composed form; an empty cell is null. `expressions` says what a
template may do; `iso_date` and `choose` are made for this.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from lienthong.ground import expressions, yamls
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text, same

KINDS: Final = ("register", "dossiers")
JSON_MAX: Final = 256 * 1024 * 1024
"""A JSON file is read whole. Larger ones are cut, or brought as CSV, which is read row by row."""
CELL_MAX: Final = 1_000_000


@dataclass(frozen=True)
class Mapping:
    """One mapping file. row: the template that every row is laid into."""

    into: str
    row: dict[str, Any]
    source: dict[str, Any]
    values: dict[str, Any]
    raw: dict[str, Any]

    def filled(self, row: dict[str, Any]) -> dict[str, Any]:
        """What a row becomes. Errors: mapping-value (422), where an expression does not take what the row holds."""
        try:
            return expressions.fill(self.row, {"row": row, "values": self.values})
        except ValueError as error:
            raise Invalid(
                "mapping-value",
                Text("Dòng này không chuyển đổi được.", "The row cannot be converted."),
                same(str(error)),
                Text("Sửa dữ liệu của dòng, hoặc tệp ánh xạ.", "Mend the row, or the mapping."),
            ) from error


def mapping_read(path: Path) -> Mapping:
    """Errors: mapping-invalid (422) with what is wrong of it."""
    loaded: Any = yamls.load(path.read_text(encoding="utf-8"))
    raw = cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
    if raw.get("into") not in KINDS or not isinstance(raw.get("row"), dict):
        raise _mapping_invalid(path, f"into: {' | '.join(KINDS)}; row: {{...}}")
    source = {
        "format": "csv",
        "encoding": "utf-8-sig",
        "delimiter": ",",
        "rows": "@",
        **raw.get("source", {}),
    }
    if source["format"] not in {"csv", "json"}:
        raise _mapping_invalid(path, "source.format: csv | json")
    try:
        for expression in (source["rows"], *expressions.expressions_in(raw["row"])):
            expressions.compiled(expression)
    except ValueError as error:
        raise _mapping_invalid(path, str(error)) from error
    return Mapping(raw["into"], raw["row"], source, raw.get("values", {}), raw)


def rows_read(path: Path, mapping: Mapping) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line of the file or place in its list, cells by column). Errors: source-invalid (422)."""
    if mapping.source["format"] == "json":
        yield from _json_rows(path, mapping.source["rows"])
        return
    csv.field_size_limit(CELL_MAX)
    with path.open(encoding=mapping.source["encoding"], newline="") as handle:
        reader = csv.DictReader(handle, delimiter=mapping.source["delimiter"], strict=True)
        try:
            names = [_cell(name) for name in reader.fieldnames or ()]
            if not names or None in names or len(set(names)) != len(names):
                raise _source_invalid(
                    path, 1, "cột không tên hoặc trùng tên", "a column has no name, or another's"
                )
            reader.fieldnames = [str(name) for name in names]
            for row in reader:
                if None in row or None in row.values():
                    raise _source_invalid(
                        path, reader.line_num, "số ô không bằng số cột", "it has not as many cells as columns"
                    )
                yield reader.line_num, {name: _cell(text) for name, text in row.items()}
        except (csv.Error, UnicodeDecodeError) as error:
            raise _source_invalid(path, reader.line_num + 1, str(error), str(error)) from error


def _json_rows(path: Path, rows: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.stat().st_size > JSON_MAX:
        raise _source_invalid(path, 1, f"tệp lớn hơn {JSON_MAX} byte", f"it is over {JSON_MAX} bytes")
    try:
        found = expressions.value(rows, json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise _source_invalid(path, 1, str(error), str(error)) from error
    if not isinstance(found, list):
        raise _source_invalid(path, 1, f"«{rows}» không phải danh sách", f"«{rows}» is no list")
    for place, row in enumerate(cast("list[Any]", found), 1):
        if not isinstance(row, dict):
            raise _source_invalid(path, place, "không phải đối tượng", "it is no object")
        cells = cast("dict[str, Any]", row)
        yield place, {name: _cell(value) for name, value in cells.items()}


def _cell(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).strip() or None if isinstance(value, str) else value


def _mapping_invalid(path: Path, why: str) -> Invalid:
    return Invalid(
        "mapping-invalid",
        Text(f"Tệp ánh xạ {path.name} chưa đúng.", f"The mapping {path.name} is not right."),
        same(why),
        Text("Xem docs/reference/moving-in.md.", "See docs/reference/moving-in.md."),
    )


def _source_invalid(path: Path, line: int, vi: str, en: str) -> Invalid:
    return Invalid(
        "source-invalid",
        Text(f"Không đọc được {path.name} tại dòng {line}.", f"{path.name} cannot be read at line {line}."),
        Text(vi, en),
        Text(
            "Sửa tệp, hoặc `source` của tệp ánh xạ. Các dòng trước đó đã được xử lý.",
            "Mend the file, or the mapping's `source`. The rows before it are dealt with.",
        ),
    )
