"""Procedure codes of the national catalogue: `1.001193`, `1.004850A`, `1.000110.000.00.00.H01`."""

import re
from dataclasses import dataclass, field
from typing import Final

from lienthong.ground.agencies import AgencyId
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

_FORM: Final = re.compile(r"(\d\.\d{6})([A-Z]?)(?:\.(.+))?")


@dataclass(frozen=True, slots=True)
class ProcedureCode:
    """One procedure is one value: a variant's letter and a local form's owner do not count in comparing."""

    national: str
    letter: str = field(default="", compare=False)
    owner: AgencyId | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, text: str) -> "ProcedureCode":
        """Any of the three forms. Raises Invalid."""
        found = _FORM.fullmatch(text.strip().upper())
        if found is None:
            raise _invalid(text)
        national, letter, owner = found.groups()
        if owner is None:
            return cls(national, letter)
        try:
            agency = AgencyId(owner)
            agency.old_style()
        except (Invalid, ValueError) as error:
            raise _invalid(text) from error
        return cls(national, letter, agency)

    def __str__(self) -> str:
        short = f"{self.national}{self.letter}"
        return short if self.owner is None else f"{short}.{self.owner.old_style()}"


def parse(text: str) -> ProcedureCode:
    return ProcedureCode.parse(text)


def _invalid(text: str) -> Invalid:
    return Invalid(
        "procedure.code",
        Text("Mã thủ tục không hợp lệ.", "The procedure code is not valid."),
        Text(f"“{text}” không đúng mẫu của danh mục quốc gia.", f"“{text}” is not in the national form."),
        Text("Hãy nhập mã như 1.001193.", "Enter one like 1.001193."),
        field="procedure",
    )
