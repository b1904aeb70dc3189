"""Dossier numbers `<agency>-<yymmdd>-<nnnn>`, e.g. `H01.01-240612-0001` (Circular 03/2025/TT-VPCP)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from lienthong.ground.agencies import AgencyId
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

_FORM: Final = re.compile(r"([A-Za-z0-9.]+)-(\d{2})(\d{2})(\d{2})-(\d{4,9})")
_CENTURY: Final = 2000


@dataclass(frozen=True, slots=True, order=True)
class DossierNumber:
    """`serial` counts from 1 for each agency and day; four digits, more on a day of 10,000 dossiers."""

    agency: AgencyId
    day: date
    serial: int

    def __post_init__(self) -> None:
        if not 1 <= self.serial < 10**9 or not _CENTURY <= self.day.year < _CENTURY + 100:
            raise ValueError(f"no dossier number has serial {self.serial} of {self.day}")

    @classmethod
    def parse(cls, text: str) -> "DossierNumber":
        """A number with the agency in either style. Raises Invalid."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise _invalid(text)
        agency, year, month, day, serial = found.groups()
        try:
            return cls(AgencyId.parse(agency), date(_CENTURY + int(year), int(month), int(day)), int(serial))
        except (ValueError, Invalid) as error:
            raise _invalid(text) from error

    def __str__(self) -> str:
        return f"{self.agency}-{self.day:%y%m%d}-{self.serial:04}"


def parse(text: str) -> DossierNumber:
    return DossierNumber.parse(text)


def _invalid(text: str) -> Invalid:
    return Invalid(
        "dossier.number",
        Text("Mã hồ sơ không hợp lệ.", "The dossier number is not valid."),
        Text(
            f"“{text}” không đúng mẫu mã cơ quan – ngày – số thứ tự.",
            f"“{text}” is not an agency, a day and a serial.",
        ),
        Text(
            "Hãy xem mã trên giấy hẹn, ví dụ H01.01-240612-0001.",
            "Look at the receipt; a number looks like H01.01-240612-0001.",
        ),
        field="dossier",
    )
