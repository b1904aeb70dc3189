"""Administrative units with the days on which they exist: provinces and communes.

From 1 July 2025 there are two tiers, 34 provinces and 3,321 communes (Resolutions 202 and 203/2025/QH15),
read from the data of the installed `vietnam-provinces`. Before it, back to 1 August 2008, the 63 provinces of
our own table; their districts and communes are not known here.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypedDict, TypeVar

from lienthong.ground.errors import NotFound
from lienthong.ground.tables import rows
from lienthong.ground.text import Text

U = TypeVar("U", bound="Unit")

TWO_TIERS_FROM: Final = date(2025, 7, 1)
_PROVINCE_DIGITS: Final = 2


class Kind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS: Final = {
    Kind.PROVINCE: Text("Tỉnh", "Province"),
    Kind.CITY: Text("Thành phố", "City"),
    Kind.COMMUNE: Text("Xã", "Commune"),
    Kind.WARD: Text("Phường", "Ward"),
    Kind.SPECIAL_ZONE: Text("Đặc khu", "Special Zone"),
}
_KINDS: Final = {label.vi.lower(): kind for kind, label in _LABELS.items()} | {
    "thành phố trung ương": Kind.CITY
}


@dataclass(frozen=True, slots=True)
class Unit:
    """`code` is the Statistics Office's, `short` the bare name, `valid_to` the last day or None."""

    code: str
    name: Text
    short: Text
    kind: Kind
    valid_from: date
    valid_to: date | None

    def exists(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Province(Unit):
    """Two digits; `successor` is the province of the 34 that it became part of, None for those of today."""

    successor: str | None = None

    @property
    def number_code(self) -> str:
        """The three digits with which it begins personal identification numbers."""
        return f"0{self.code}"


@dataclass(frozen=True, slots=True)
class Commune(Unit):
    """Five digits: a commune, a ward or a special zone."""

    province_code: str = ""


def provinces(on: date) -> tuple[Province, ...]:
    """The provinces of that day, by code; none before 1 August 2008."""
    return _existing(_all_provinces(), on)


def communes(on: date, province_code: str | None = None) -> tuple[Commune, ...]:
    """The communes of that day, by code, of one province or all; none before 1 July 2025."""
    if province_code is None:
        return _existing(_all_communes().values(), on)
    return _existing(_communes_by_province().get(province_code, ()), on)


def province(code: str, on: date) -> Province:
    """Raises NotFound when no province had this code that day."""
    for unit in _all_provinces():
        if unit.code == code and unit.exists(on):
            return unit
    raise _not_found(code, on)


def commune(code: str, on: date) -> Commune:
    """Raises NotFound when no commune had this code that day."""
    unit = _all_communes().get(code)
    if unit is None or not unit.exists(on):
        raise _not_found(code, on)
    return unit


def successors(code: str, on: date) -> tuple[Unit, ...]:
    """What the unit with this code is on that day: itself, or what it became part of. Raises NotFound."""
    if len(code) != _PROVINCE_DIGITS:
        return (commune(code, on),)
    known = [unit for unit in _all_provinces() if unit.code == code and unit.valid_from <= on]
    if not known:
        raise _not_found(code, on)
    unit = max(known, key=lambda each: each.valid_from)
    if unit.exists(on) or unit.successor is None:
        return (unit,)
    return (province(unit.successor, on),)


class _WardRow(TypedDict):
    name: str
    code: int
    division_type: str


class _ProvinceRow(_WardRow):
    wards: list[_WardRow]


@cache
def _today() -> list[_ProvinceRow]:
    """The package's data file, read without importing its code (0.2 s, for enums that nobody here uses)."""
    spec = find_spec("vietnam_provinces")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package vietnam-provinces is not installed")
    path = Path(spec.origin).parent / "data" / "nested-divisions.json"
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _all_provinces() -> tuple[Province, ...]:
    before = [
        Province(
            code=row["code"],
            name=_full_name(Kind(row["kind"]), Text(row["name"], row["name_en"])),
            short=Text(row["name"], row["name_en"]),
            kind=Kind(row["kind"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]),
            successor=row["successor"],
        )
        for row in rows("lienthong.ground", "data/provinces_before_2025.csv")
    ]
    now = [
        Province(f"{row['code']:02}", *_named(row), valid_from=TWO_TIERS_FROM, valid_to=None)
        for row in _today()
    ]
    return tuple(sorted([*before, *now], key=lambda unit: (unit.code, unit.valid_from)))


@cache
def _all_communes() -> dict[str, Commune]:
    found = [
        Commune(
            f"{ward['code']:05}",
            *_named(ward),
            valid_from=TWO_TIERS_FROM,
            valid_to=None,
            province_code=f"{above['code']:02}",
        )
        for above in _today()
        for ward in above["wards"]
    ]
    return {unit.code: unit for unit in sorted(found, key=lambda unit: unit.code)}


@cache
def _communes_by_province() -> dict[str, list[Commune]]:
    grouped: dict[str, list[Commune]] = {}
    for unit in _all_communes().values():
        grouped.setdefault(unit.province_code, []).append(unit)
    return grouped


def _existing(units: Iterable[U], on: date) -> tuple[U, ...]:
    return tuple(unit for unit in units if unit.exists(on))


def _named(row: _WardRow) -> tuple[Text, Text, Kind]:
    kind = _KINDS[row["division_type"].lower()]
    bare = unicodedata.normalize("NFC", row["name"]).removeprefix(f"{kind.label.vi} ")
    short = Text(bare, _unmarked(bare))
    return _full_name(kind, short), short, kind


def _full_name(kind: Kind, short: Text) -> Text:
    return Text(f"{kind.label.vi} {short.vi}", f"{short.en} {kind.label.en}")


def _unmarked(name: str) -> str:
    """The name as English papers of the Government write it: `Hoan Kiem`."""
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _not_found(code: str, on: date) -> NotFound:
    return NotFound(
        "unit.unknown",
        Text("Không tìm thấy đơn vị hành chính.", "The administrative unit was not found."),
        Text(
            f"Ngày {on:%d/%m/%Y} không có đơn vị nào mang mã {code}.",
            f"On {on:%d/%m/%Y} no unit had the code {code}.",
        ),
        Text(
            "Hãy chọn lại tỉnh, thành phố và xã, phường trong danh sách.",
            "Choose the province and the commune from the list again.",
        ),
        field="unit",
    )
