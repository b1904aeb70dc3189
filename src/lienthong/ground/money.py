"""Money is whole đồng, in integers."""

from typing import Final

from lienthong.ground.errors import Invalid
from lienthong.ground.formats import number
from lienthong.ground.language import ENGLISH
from lienthong.ground.text import Text

Dong = int

MOST: Final[Dong] = 10**15


def format_dong(amount: Dong, language: str = "vi") -> str:
    """`50.000 đồng`, or `VND 50,000`."""
    if language == ENGLISH:
        sign = "-" if amount < 0 else ""
        return f"{sign}VND {number(abs(amount), language)}"
    return f"{number(amount, language)} đồng"


def check_dong(value: object, *, allow_negative: bool = False, field: str | None = None) -> Dong:
    """`value` if it is an amount in whole đồng; raises Invalid for anything else, a float 5.0 included."""
    if isinstance(value, bool) or not isinstance(value, int):
        why = Text("Tiền được ghi bằng số nguyên đồng.", "Money is written in whole đồng.")
    elif value < 0 and not allow_negative:
        why = Text("Số tiền không được âm.", "The amount must not be negative.")
    elif abs(value) > MOST:
        why = Text(
            f"Số tiền không được vượt quá {format_dong(MOST)}.",
            f"The amount must not be more than {format_dong(MOST, ENGLISH)}.",
        )
    else:
        return value
    raise Invalid(
        "money.invalid",
        Text("Số tiền không hợp lệ.", "The amount is not valid."),
        why,
        Text("Hãy nhập lại số tiền, ví dụ 50000.", "Enter the amount again, for example 50000."),
        field=field,
    )
