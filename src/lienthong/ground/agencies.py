"""Agency identifiers: `H01.12` (Decision 20/2020/QĐ-TTg), before it `000.00.12.H01` (QCVN 102:2016/BTTTT)."""

import re
from typing import Final, Self

from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

_NEW: Final = re.compile(r"([A-Z]\d{2})((?:\.\d{2,3}){0,4})")
_OLD: Final = re.compile(r"(\d{3})\.(\d{2})\.(\d{2})\.([A-Z]\d{2})")


class AgencyId(str):
    """An identifier in the new style, so one agency is one value in whichever style it was written."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Either style. Raises Invalid."""
        tidy = text.strip().upper()
        old = _OLD.fullmatch(tidy)
        if old:
            fourth, third, second, root = old.groups()
            levels = [second, third, fourth]
        else:
            new = _NEW.fullmatch(tidy)
            if new is None:
                raise _invalid(text)
            root, levels = new.group(1), new.group(2).split(".")[1:]
        while levels and int(levels[-1]) == 0:
            levels.pop()
        return super().__new__(cls, ".".join([root, *(f"{int(level):02}" for level in levels)]))

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text)

    def old_style(self) -> str:
        """`000.00.12.H01`. Raises ValueError below the fourth level, which the old style does not have."""
        root, *levels = self.split(".")
        numbers = [int(level) for level in levels]
        if len(numbers) > 3 or any(number > 99 for number in numbers[:2]):  # noqa: PLR2004 - as the old style has it
            raise ValueError(f"{self} cannot be written in the old style")
        second, third, fourth = numbers + [0] * (3 - len(numbers))
        return f"{fourth:03}.{third:02}.{second:02}.{root}"

    @property
    def root(self) -> "AgencyId":
        """The ministry or province at the top."""
        return AgencyId(self.split(".")[0])

    @property
    def parent(self) -> "AgencyId | None":
        above, dot, _ = self.rpartition(".")
        return AgencyId(above) if dot else None

    @property
    def is_province(self) -> bool:
        return self.startswith("H")

    @property
    def is_ministry(self) -> bool:
        return self.startswith("G")

    def contains(self, other: "AgencyId") -> bool:
        """Whether `other` is this agency or lies below it."""
        return other == self or other.startswith(f"{self}.")


def parse(text: str) -> AgencyId:
    return AgencyId.parse(text)


def _invalid(text: str) -> Invalid:
    return Invalid(
        "agency.id",
        Text("Mã định danh cơ quan không hợp lệ.", "The agency identifier is not valid."),
        Text(f"“{text}” không đúng mẫu nào đang dùng.", f"“{text}” has neither of the forms in use."),
        Text("Hãy nhập mã như H01.12 hoặc 000.00.12.H01.", "Enter one like H01.12 or 000.00.12.H01."),
        field="agency",
    )
