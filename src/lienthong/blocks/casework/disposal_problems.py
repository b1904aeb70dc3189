"""What can go wrong with a disposal decision, said once, in both languages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text

if TYPE_CHECKING:
    from lienthong.blocks.access.principals import Principal, Role
    from lienthong.blocks.casework.disposing import Decided

_WHAT = Text("Chưa ghi được quyết định hủy.", "The disposal decision was not entered.")


def decision_check(decided: Decided, by: Principal, *, today: date, allowed: tuple[Role, ...]) -> None:
    """Errors: disposal-role (403), decision-incomplete, decision-day (422)."""
    if not by.holds(*allowed):
        raise Forbidden(
            "disposal-role",
            _WHAT,
            Text(
                "Chỉ người có thẩm quyền ký hoặc quản trị của cơ quan được ghi.",
                "Only who decides and signs at the agency, or its administrator, may enter it.",
            ),
            Text("Chuyển cho người có vai trò đó.", "Pass it to an officer with that role."),
        )
    for field, said in (
        ("number", Text("số quyết định", "the decision's number")),
        ("signed_by", Text("người ký", "who signed it")),
        ("minutes", Text("biên bản của hội đồng", "the council's minutes")),
    ):
        if not str(getattr(decided, field)).strip():
            raise Invalid(
                "decision-incomplete",
                _WHAT,
                Text(f"Còn thiếu {said.vi}.", f"It lacks {said.en}."),
                Text("Ghi đủ như trên văn bản.", "Write it as the document says."),
                field=field,
            )
    if decided.decided_on > today:
        raise Invalid(
            "decision-day",
            _WHAT,
            Text("Ngày quyết định ở tương lai.", "The day of the decision lies in the future."),
            Text("Ghi đúng ngày trên văn bản.", "Write the day that the document bears."),
            field="decided_on",
        )


def nothing_due() -> Conflict:
    return Conflict(
        "nothing-due",
        _WHAT,
        Text(
            "Cơ quan không có gì đến hạn hủy hôm nay.",
            "Nothing of the agency may be disposed of today.",
        ),
        Text("Xem danh sách đến hạn và hồ sơ đang giữ lại.", "See the list of what is due, and the holds."),
    )


def decision_repeated(number: str) -> Conflict:
    return Conflict(
        "decision-repeated",
        _WHAT,
        Text(f"Quyết định {number} đã được ghi.", f"Decision {number} was entered already."),
        Text("Xem biên bản của quyết định đó.", "See the record of that decision."),
        field="number",
    )


def decision_unknown(number: str) -> NotFound:
    return NotFound(
        "decision-unknown",
        Text(f"Không có quyết định hủy «{number}».", f"There is no disposal decision «{number}»."),
        Text("Số không đúng, hoặc của cơ quan khác.", "The number is wrong, or another agency's."),
        Text("Kiểm tra lại số quyết định.", "Check the decision's number."),
    )


def decision_running(number: str) -> Conflict:
    return Conflict(
        "decision-running",
        Text(f"Quyết định {number} đang được thực hiện.", f"Decision {number} is being carried out."),
        Text("Biên bản có khi đã hủy xong.", "Its record is there once all is disposed of."),
        Text("Quay lại sau ít phút.", "Come back in some minutes."),
    )


def entered_meanwhile() -> Conflict:
    return Conflict(
        "entered-meanwhile",
        _WHAT,
        Text(
            "Cùng lúc có quyết định khác của cơ quan vừa được ghi.",
            "Another decision of the agency was entered at the same moment.",
        ),
        Text("Xem lại danh sách đến hạn rồi ghi lại.", "Look at what is due again, then enter it."),
    )
