"""What can go wrong in the control plane: requests for rights, members, the sandbox. Said once."""

from __future__ import annotations

from datetime import date

from lienthong.ground import formats
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lienthong.ground.text import Text

_NOT_SENT = Text("Chưa gửi được yêu cầu.", "The request was not sent.")
_NOT_GRANTED = Text("Chưa cấp được quyền.", "The right was not granted.")
_NOT_ENDED = Text("Chưa chấm dứt được thỏa thuận.", "The agreement was not ended.")
WIDER: dict[str, tuple[Text, Text]] = {
    "valid_from": (
        Text("Ngày bắt đầu sớm hơn ngày đã yêu cầu.", "It begins before the day that was asked for."),
        Text("Chọn ngày đã yêu cầu hoặc muộn hơn.", "Choose that day or a later one."),
    ),
    "valid_to": (
        Text("Ngày kết thúc muộn hơn ngày đã yêu cầu.", "It ends after the day that was asked for."),
        Text("Chọn ngày đã yêu cầu hoặc sớm hơn.", "Choose that day or an earlier one."),
    ),
    "daily_quota": (
        Text("Hạn mức cao hơn hạn mức đã yêu cầu.", "The quota is above the one that was asked for."),
        Text("Nhập hạn mức đã yêu cầu hoặc thấp hơn.", "Enter that quota or a lower one."),
    ),
    "endpoints": (
        Text("Có điểm cuối ngoài phạm vi đã yêu cầu.", "An endpoint lies outside what was asked for."),
        Text("Chỉ giữ những điểm cuối có trong yêu cầu.", "Keep only endpoints within the request."),
    ),
}


def wider(field: str) -> Invalid:
    why, next_step = WIDER[field]
    return Invalid("wider-than-asked", _NOT_GRANTED, why, next_step, field=field)


def not_own(client: str) -> Forbidden:
    return Forbidden(
        "not-own-system",
        _NOT_SENT,
        Text(f"{client} không phải hệ thống của cơ quan bạn.", f"{client} is not a system of your agency."),
        Text("Chọn một hệ thống của cơ quan bạn.", "Choose one of your agency's systems."),
        field="client",
    )


def not_offered(provider: str, service: str) -> NotFound:
    return NotFound(
        "service-not-offered",
        _NOT_SENT,
        Text(f"{provider} không cung cấp dịch vụ «{service}».", f"{provider} offers no service «{service}»."),
        Text(
            "Tìm dịch vụ trong danh mục rồi yêu cầu từ đó.",
            "Find the service in the catalogue and ask from there.",
        ),
        field="service",
    )


def decided_by_contract(provider: str) -> Conflict:
    return Conflict(
        "decided-by-contract",
        _NOT_SENT,
        Text(
            f"Nhiều cơ quan cùng vận hành hệ thống như {provider}; quyền gọi đi theo hợp đồng chung, không cấp lẻ.",
            f"Many agencies run a system like {provider}; rights to it come with its contract, not one by one.",
        ),
        Text("Liên hệ người vận hành nền tảng.", "Ask the platform's operator."),
        field="service",
    )


def own_service(provider: str) -> Conflict:
    return Conflict(
        "own-service",
        _NOT_SENT,
        Text(f"{provider} là hệ thống của chính cơ quan bạn.", f"{provider} is your own agency's system."),
        Text("Không cần thỏa thuận: gọi thẳng trong cơ quan.", "No agreement is needed within an agency."),
        field="service",
    )


def waits_already() -> Conflict:
    return Conflict(
        "request-waits",
        _NOT_SENT,
        Text("Một yêu cầu như vậy đang chờ trả lời.", "Such a request is waiting for an answer."),
        Text("Chờ trả lời, hoặc rút yêu cầu cũ rồi gửi lại.", "Wait for it, or withdraw it and ask anew."),
    )


def period_backwards() -> Invalid:
    return Invalid(
        "period-backwards",
        Text("Thời hạn chưa đúng.", "The period is not right."),
        Text("Ngày kết thúc đứng trước ngày bắt đầu.", "It ends before it begins."),
        Text("Sửa một trong hai ngày.", "Change one of the two days."),
        field="valid_to",
    )


def period_past() -> Invalid:
    return Invalid(
        "period-past",
        Text("Thời hạn chưa đúng.", "The period is not right."),
        Text("Ngày kết thúc đã qua.", "Its last day has passed."),
        Text("Chọn một ngày từ hôm nay trở đi.", "Choose today or a later day."),
        field="valid_to",
    )


def quota_empty() -> Invalid:
    return Invalid(
        "quota-empty",
        Text("Hạn mức chưa đúng.", "The quota is not right."),
        Text("Hạn mức phải từ 1 lượt một ngày.", "A quota is one call a day at least."),
        Text("Nhập số lượt, hoặc để trống nếu không giới hạn.", "Enter a number, or nothing for no limit."),
        field="daily_quota",
    )


def not_grantor(agency: str) -> Forbidden:
    return Forbidden(
        "not-grantor",
        Text("Bạn không quyết định được việc này.", "This is not yours to decide."),
        Text(f"Quyền này do cơ quan {agency} cấp.", f"The right is granted by the agency {agency}."),
        Text("Chỉ kỹ sư của cơ quan đó trả lời được.", "Only that agency's engineers can answer."),
    )


def not_asker(agency: str) -> Forbidden:
    return Forbidden(
        "not-asker",
        Text("Bạn không rút được yêu cầu này.", "You cannot withdraw this request."),
        Text(f"Yêu cầu do cơ quan {agency} gửi.", f"The agency {agency} sent it."),
        Text("Chỉ cơ quan gửi mới rút được.", "Only that agency can withdraw it."),
    )


def reason_missing() -> Invalid:
    return Invalid(
        "reason-missing",
        Text("Chưa từ chối được.", "It was not refused."),
        Text("Thiếu lý do.", "The reason is missing."),
        Text(
            "Viết vì sao, và điều gì sẽ khiến câu trả lời là đồng ý.",
            "Say why, and what would make the answer a yes.",
        ),
        field="answer",
    )


def decided_already() -> Conflict:
    return Conflict(
        "request-decided",
        Text("Yêu cầu này đã được trả lời.", "This request has been answered."),
        Text("Mỗi yêu cầu chỉ được trả lời một lần.", "A request is answered once."),
        Text("Tải lại trang để xem kết quả.", "Open the page again to see the answer."),
    )


def no_such_request(number: int) -> NotFound:
    return NotFound(
        "request-unknown",
        Text(f"Không có yêu cầu số {number}.", f"There is no request {number}."),
        Text("Số không đúng, hoặc thuộc cơ quan khác.", "The number is wrong, or of other agencies."),
        Text("Mở yêu cầu từ danh sách.", "Open it from the list."),
    )


def no_such_agreement(number: int) -> NotFound:
    return NotFound(
        "agreement-unknown",
        Text(f"Không có thỏa thuận số {number}.", f"There is no agreement {number}."),
        Text("Số không đúng, hoặc thuộc cơ quan khác.", "The number is wrong, or of other agencies."),
        Text("Mở thỏa thuận từ danh sách.", "Open it from the list."),
    )


def end_past() -> Invalid:
    return Invalid(
        "end-past",
        _NOT_ENDED,
        Text("Ngày kết thúc đã qua.", "The last day has passed."),
        Text("Chọn hôm nay hoặc một ngày sau.", "Choose today or a later day."),
        field="on",
    )


def end_later(until: date) -> Invalid:
    return Invalid(
        "end-later",
        _NOT_ENDED,
        Text(
            f"Thỏa thuận vốn kết thúc ngày {formats.date(until, 'vi')}.",
            f"It ends on {formats.date(until, 'en')} anyway.",
        ),
        Text("Chọn ngày sớm hơn, hoặc gửi yêu cầu mới.", "Choose an earlier day, or make a new request."),
        field="on",
    )


def no_such_member(name: str) -> NotFound:
    return NotFound(
        "member-unknown",
        Text(f"Không có thành viên «{name}».", f"There is no member «{name}»."),
        Text("Thành viên chưa tham gia, hoặc tên không đúng.", "It has not joined, or the name is wrong."),
        Text("Mở thành viên từ danh sách.", "Open it from the list."),
    )


def no_such_group(code: str) -> NotFound:
    return NotFound(
        "group-unknown",
        Text(f"Không có nhóm «{code}».", f"There is no group «{code}»."),
        Text("Nhóm chưa được lập, hoặc mã không đúng.", "It was not made yet, or the code is wrong."),
        Text("Mở nhóm từ danh sách.", "Open it from the list."),
    )


def no_such_subsystem(name: str) -> NotFound:
    return NotFound(
        "subsystem-unknown",
        Text(f"Không có hệ thống «{name}».", f"There is no system «{name}»."),
        Text("Hệ thống chưa mở, hoặc thuộc cơ quan khác.", "It is not open, or is another agency's."),
        Text("Mở hệ thống từ trang của thành viên.", "Open it from its member's page."),
    )


def taken(what: str, field: str) -> Conflict:
    return Conflict(
        "name-taken",
        Text(f"«{what}» đã có.", f"«{what}» is there already."),
        Text("Mỗi tên chỉ dùng một lần.", "A name is used once."),
        Text("Đặt tên khác, hoặc mở mục đã có.", "Choose another name, or open the one that is there."),
        field=field,
    )


def name_wrong(value: str, field: str) -> Invalid:
    return Invalid(
        "name-invalid",
        Text(f"Không dùng được mã «{value[:60]}».", f"The code «{value[:60]}» cannot be used."),
        Text(
            "Mã gồm 1 đến 32 ký tự trong A-Z a-z 0-9 . _ -.",
            "A code has 1 to 32 of A-Z a-z 0-9 . _ -.",
        ),
        Text("Hãy đặt mã khác.", "Choose another code."),
        field=field,
    )


def sandbox_closed() -> NotFound:
    return NotFound(
        "sandbox-closed",
        Text("Nơi này không mở môi trường thử.", "There is no sandbox here."),
        Text(
            "Môi trường thử chỉ có ở bản cài đặt dành cho việc thử.",
            "Only an installation for trials has one.",
        ),
        Text("Hỏi người vận hành địa chỉ của môi trường thử.", "Ask the operator for the sandbox's address."),
    )


def sandbox_busy() -> Problem:
    return Problem(
        "sandbox-busy",
        Text("Chưa cấp được khóa thử.", "No sandbox key was issued."),
        Text("Đã cấp quá nhiều khóa trong giờ này.", "Too many keys were issued within this hour."),
        Text(
            "Thử lại sau một giờ; những gì bạn nhập vẫn còn.", "Try again in an hour; what you typed is kept."
        ),
        status=429,
    )


def key_taken() -> Conflict:
    return Conflict(
        "key-taken",
        Text("Khóa này đã được tải về.", "This key was downloaded."),
        Text(
            "Khóa chỉ tải một lần; chúng tôi không giữ bản nào.", "A key is downloaded once; we keep no copy."
        ),
        Text("Nếu đã mất khóa, hãy mở một hệ thống thử mới.", "If it is lost, open a new sandbox system."),
    )


def operators_only() -> Forbidden:
    return Forbidden(
        "operators-only",
        Text("Chưa lưu được.", "Nothing was saved."),
        Text(
            "Chỉ người vận hành nền tảng lập và sửa nhóm.",
            "Only the platform's operators make and fill groups.",
        ),
        Text("Gửi đề nghị cho người vận hành.", "Ask the operator."),
    )
