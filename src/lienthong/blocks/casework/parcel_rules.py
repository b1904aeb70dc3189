"""Results sent on paper by the public post: the numbers of items and what each state allows. No Django, no I/O.

Decision 45/2016/QĐ-TTg, art. 5: whoever applies may have the result by post. UPU S10: numbers of postal items.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text


class ParcelState(StrEnum):
    """asked: it waits for the paper or the postman; posted: the post has it; then one of the two ends."""

    ASKED = "asked"
    POSTED = "posted"
    DELIVERED = "delivered"
    RETURNED = "returned"


STATE_TEXT: Final = {
    ParcelState.ASKED: Text("Chờ giao cho bưu điện", "Waits to be handed to the post"),
    ParcelState.POSTED: Text("Bưu điện đang chuyển", "With the post"),
    ParcelState.DELIVERED: Text("Đã phát", "Delivered"),
    ParcelState.RETURNED: Text("Bị trả lại", "Came back"),
}
ADDRESS_MAY_CHANGE: Final = frozenset({ParcelState.ASKED, ParcelState.RETURNED})
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_S10: Final = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")
_LIKE_S10: Final = re.compile(r"[A-Z]{2}\d+[A-Z]{2}")
_OTHER: Final = re.compile(r"[A-Z0-9]{8,30}")


def s10_check_digit(serial: str) -> int:
    """Of the eight digits of an S10 number (UPU S10, annex: weighted sum modulo 11)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def tracking_of(typed: str) -> str:
    """A postal item's number in one form. Errors: tracking-invalid (422).

    Two letters, nine digits, two letters is an S10 number, whose last digit must fit; other series have 8 to 30
    letters and digits, and may not be a mistyped S10.
    """
    number = re.sub(r"[\s.-]+", "", typed).upper()
    s10 = _S10.fullmatch(number)
    if s10 and s10_check_digit(s10[1]) == int(s10[2]):
        return number
    if s10 or _LIKE_S10.fullmatch(number) or not _OTHER.fullmatch(number):
        raise _tracking_invalid(typed[:40])
    return number


def _tracking_invalid(typed: str) -> Invalid:
    return Invalid(
        "tracking-invalid",
        Text(f"Số hiệu bưu gửi «{typed}» chưa đúng.", f"«{typed}» is no number of a postal item."),
        Text(
            "Số hiệu có hai chữ, chín chữ số và hai chữ, chữ số cuối khớp với các số trước; ví dụ EB473124829VN.",
            "It has two letters, nine digits of which the last fits the others, and two letters, as EB473124829VN.",
        ),
        Text(
            "Quét lại mã vạch trên phiếu gửi, hoặc gõ lại.", "Scan the bar code of the slip again, or retype."
        ),
        field="tracking",
    )


def tracking_taken(number: str, dossier: str) -> Conflict:
    return Conflict(
        "tracking-taken",
        Text(f"Số hiệu {number} đã ghi cho hồ sơ {dossier}.", f"{number} is entered for dossier {dossier}."),
        Text("Mỗi bưu gửi có một số hiệu riêng.", "Each item of the post has its own number."),
        Text("Kiểm tra lại phiếu gửi của hai hồ sơ.", "Compare the slips of both dossiers."),
        field="tracking",
    )


def not_with_post(dossier: str) -> Conflict:
    return Conflict(
        "parcel-not-posted",
        Text(
            f"Bưu điện không giữ kết quả của {dossier}.", f"The post does not have the result of {dossier}."
        ),
        Text(
            "Chưa bàn giao, hoặc đã ghi kết thúc.", "It was not handed over, or its end is entered already."
        ),
        Text("Mở lại trang bưu chính.", "Open the page of the post again."),
    )


def why_missing() -> Invalid:
    return Invalid(
        "returned-why-missing",
        Text("Chưa ghi vì sao bưu điện trả lại.", "It does not say why the post brought it back."),
        Text("Người nộp cần biết để sửa địa chỉ.", "The applicant needs it to mend the address."),
        Text("Ghi lý do trên phiếu báo của bưu điện.", "Enter what the post's note says."),
        field="why",
    )


def nothing_to_hand_over() -> Invalid:
    return Invalid(
        "nothing-to-hand-over",
        Text("Chưa có kết quả nào có số hiệu bưu gửi.", "No result has a number of the post yet."),
        Text("Chỉ bàn giao kết quả đã ghi số hiệu.", "Only what has a number is handed over."),
        Text(
            "Ghi số hiệu trên phiếu gửi, lưu, rồi bàn giao.",
            "Enter the slips' numbers, save, then hand over.",
        ),
    )
