"""Personal identification numbers: 12 digits `PPP G YY SSSSSS`, no check digit (Decree 137/2015, art. 13).

PPP is the province (or country) where the birth was registered, under the code of that day; G the century and
the sex; YY the year of birth; SSSSSS is random. A number proves no residence: people move, provinces merge.
"""

import re
from datetime import date
from functools import cache
from typing import Final, Literal, Self

from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.tables import rows
from lienthong.ground.text import Text

Sex = Literal["male", "female"]

MALE: Final = "male"
FEMALE: Final = "female"
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2399
_FIRST_COUNTRY: Final = 100
_DIGITS: Final = re.compile(r"[0-9]{12}")


@cache
def province_codes() -> frozenset[str]:
    """The 63 provinces' three digits (Circular 59/2021/TT-BCA); today's 34 provinces go on with theirs."""
    return frozenset(row["id_code"] for row in rows("lienthong.ground", "data/provinces_before_2025.csv"))


class PersonalNumber(str):
    """Twelve digits whose province or country is possible; otherwise Invalid is raised."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        digits = "".join(text.split())
        if not _DIGITS.fullmatch(digits):
            raise _invalid(
                "personal_number.form",
                "Số định danh cá nhân phải có đúng 12 chữ số.",
                "A personal identification number has exactly 12 digits.",
            )
        if not _known(digits[:3]):
            raise _invalid(
                "personal_number.province",
                f"Ba số đầu {digits[:3]} không phải mã của tỉnh, thành phố hay quốc gia nào.",
                f"The first three digits, {digits[:3]}, are no province's or country's code.",
            )
        return super().__new__(cls, digits)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text)

    @property
    def province_code(self) -> str:
        """Three digits: the province of birth registration, or from 100 on the country."""
        return self[:3]

    province = province_code

    @property
    def born_abroad(self) -> bool:
        return int(self[:3]) >= _FIRST_COUNTRY

    @property
    def sex(self) -> Sex:
        return FEMALE if int(self[3]) % 2 else MALE

    @property
    def birth_year(self) -> int:
        return _FIRST_YEAR + int(self[3]) // 2 * 100 + int(self[4:6])

    @property
    def serial(self) -> int:
        return int(self[6:])


def parse(text: str) -> PersonalNumber:
    return PersonalNumber(text)


def build(province_code: str, sex: str, birth_date: date, serial: int) -> PersonalNumber:
    """The number with these parts; `serial` is 0 to 999999. Raises ValueError or Invalid."""
    if sex not in (MALE, FEMALE) or not _FIRST_YEAR <= birth_date.year <= _LAST_YEAR:
        raise ValueError(f"no number is given for sex {sex!r} and birth year {birth_date.year}")
    if not 0 <= serial < 10**6:
        raise ValueError(f"a serial has six digits: {serial}")
    century = (birth_date.year - _FIRST_YEAR) // 100 * 2 + (sex == FEMALE)
    return PersonalNumber(f"{province_code}{century}{birth_date.year % 100:02}{serial:06}")


def check(
    number: str,
    *,
    birth_date: date | None = None,
    sex: str | None = None,
    province_code: str | None = None,
    field: str = "personal_number",
) -> list[Problem]:
    """What is wrong with a number, alone or beside what else is known of the person; empty if nothing is."""
    try:
        known = PersonalNumber(number)
    except Invalid as problem:
        problem.field = field
        return [problem]
    found: list[Problem] = []
    if birth_date is not None and known.birth_year != birth_date.year:
        found.append(
            _invalid(
                "personal_number.birth_year",
                f"Số này ghi năm sinh {known.birth_year}, không khớp với {birth_date.year}.",
                f"The number says born in {known.birth_year}, not {birth_date.year}.",
                field,
            )
        )
    if sex is not None and known.sex != sex:
        said = Text("nữ", "female") if known.sex == FEMALE else Text("nam", "male")
        found.append(
            _invalid(
                "personal_number.sex",
                f"Số này ghi giới tính {said.vi}, không khớp với thông tin đã khai.",
                f"The number says {said.en}, which is not what was declared.",
                field,
            )
        )
    if province_code is not None and known.province_code != province_code:
        found.append(
            _invalid(
                "personal_number.place",
                f"Số này ghi nơi đăng ký khai sinh mã {known.province_code}, không khớp với {province_code}.",
                f"The number says the birth was registered at {known.province_code}, not {province_code}.",
                field,
            )
        )
    return found


def _known(code: str) -> bool:
    return int(code) >= _FIRST_COUNTRY or code in province_codes()


def _invalid(code: str, why_vi: str, why_en: str, field: str = "personal_number") -> Invalid:
    return Invalid(
        code,
        Text("Số định danh cá nhân không hợp lệ.", "The personal identification number is not valid."),
        Text(why_vi, why_en),
        Text(
            "Hãy đối chiếu với thẻ căn cước hoặc giấy khai sinh rồi nhập lại.",
            "Compare it with the identity card or birth certificate and enter it again.",
        ),
        field=field,
    )
