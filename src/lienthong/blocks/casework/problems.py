"""What can go wrong with a case, said once, in both languages."""

from __future__ import annotations

from datetime import datetime

from lienthong.ground import formats
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text


def case_unknown(number: str) -> NotFound:
    return NotFound(
        "case-unknown",
        Text(f"Không tìm thấy hồ sơ «{number}».", f"There is no dossier «{number}»."),
        Text(
            "Mã hồ sơ không đúng, hoặc hồ sơ không thuộc bạn hay cơ quan của bạn.",
            "The number is wrong, or the dossier is not yours or your agency's.",
        ),
        Text("Kiểm tra lại mã hồ sơ.", "Check the dossier number."),
    )


def procedure_not_in_force(code: str) -> NotFound:
    return NotFound(
        "procedure-not-in-force",
        Text(f"Thủ tục «{code}» không tiếp nhận hồ sơ.", f"Procedure «{code}» takes no dossiers."),
        Text("Không có phiên bản nào đang có hiệu lực.", "No version of it is in force today."),
        Text("Tìm thủ tục thay thế trên trang chủ.", "Look for its successor on the home page."),
    )


def version_taken(code: str, version: int) -> Conflict:
    return Conflict(
        "version-taken",
        Text(
            f"Thủ tục {code} đã có phiên bản {version}.", f"Procedure {code} has a version {version} already."
        ),
        Text("Nội dung khác với bản đã công bố.", "It differs from the published one."),
        Text("Tăng số phiên bản rồi công bố.", "Raise the version number and publish that."),
    )


def decided_already(number: str, officer: str) -> Conflict:
    by = f" ({officer})" if officer else ""
    return Conflict(
        "decided-already",
        Text(f"Hồ sơ {number} đã được quyết định ở bước này{by}.", f"Dossier {number} was decided here{by}."),
        Text("Mỗi bước chỉ có một quyết định.", "A step has one decision."),
        Text("Mở lại hồ sơ để xem quyết định đó.", "Open the dossier again to see that decision."),
    )


def changed_meanwhile(number: str) -> Conflict:
    return Conflict(
        "changed-meanwhile",
        Text(f"Hồ sơ {number} vừa thay đổi.", f"Dossier {number} has just changed."),
        Text(
            "Người khác đã xử lý sau khi bạn mở trang này.",
            "Somebody worked on it after you opened this page.",
        ),
        Text(
            "Xem lại hồ sơ rồi quyết định; nội dung bạn gõ vẫn còn.",
            "Look again, then decide; what you typed is kept.",
        ),
    )


def outcome_unknown(outcome: str) -> Invalid:
    return Invalid(
        "outcome-unknown",
        Text("Không có quyết định này ở bước hiện tại.", "This step has no such decision."),
        Text(f"«{outcome}» không thuộc thủ tục.", f"«{outcome}» is not in the procedure."),
        Text("Chọn một trong các quyết định hiển thị.", "Choose one of those shown."),
        field="outcome",
    )


def reason_missing() -> Invalid:
    return Invalid(
        "reason-missing",
        Text("Chưa có lý do.", "There is no reason."),
        Text(
            "Người nộp cần biết vì sao và làm gì tiếp.",
            "The applicant needs to know why, and what to do next.",
        ),
        Text(
            "Viết lý do, và điều gì sẽ giúp hồ sơ được giải quyết.",
            "Write why, and what would make it a yes.",
        ),
        field="reason",
    )


def no_supplement_asked(number: str) -> Conflict:
    return Conflict(
        "no-supplement-asked",
        Text(f"Hồ sơ {number} không chờ bổ sung.", f"Dossier {number} awaits no supplement."),
        Text("Cơ quan chưa yêu cầu, hoặc đã nhận bổ sung.", "None was asked for, or it was received."),
        Text("Xem tình trạng hồ sơ.", "Look at the dossier's status."),
    )


def no_supplement_here(number: str) -> Conflict:
    return Conflict(
        "no-supplement-here",
        Text(f"Không yêu cầu bổ sung ở {number}.", f"Nothing may be supplemented in {number}."),
        Text(
            "Việc này giải quyết theo nội dung đã có; thời hạn không tạm dừng để chờ bổ sung.",
            "It is settled by what is there; its time does not stand still for a supplement.",
        ),
        Text("Nêu điều còn thiếu trong lý do.", "Say in the reason what is missing."),
    )


def opinion_unasked(number: str) -> NotFound:
    return NotFound(
        "opinion-unasked",
        Text(f"Hồ sơ {number} không hỏi ý kiến này.", f"Dossier {number} did not ask for this opinion."),
        Text(
            "Chỉ cơ quan được hỏi mới trả lời được, đúng câu đã hỏi.",
            "Only the agency that was asked may answer, and only what it was asked.",
        ),
        Text(
            "Kiểm tra mã hồ sơ và mã thông điệp đã hỏi.",
            "Check the dossier's number and the message that asked.",
        ),
    )


def supplement_late(number: str, due_at: datetime) -> Conflict:
    vi, en = formats.datetime(due_at, "vi"), formats.datetime(due_at, "en")
    return Conflict(
        "supplement-late",
        Text(f"Đã quá hạn bổ sung hồ sơ {number}.", f"The time to supplement dossier {number} has passed."),
        Text(f"Hạn là {vi}.", f"It ended at {en}."),
        Text(
            "Nộp hồ sơ mới; giấy tờ đã nộp được dùng lại, nội dung bạn vừa gõ vẫn ở đây.",
            "Apply anew; papers you sent are reused, and what you typed is still here.",
        ),
        field="text",
    )


def closed_already(number: str) -> Conflict:
    return Conflict(
        "closed-already",
        Text(f"Hồ sơ {number} đã kết thúc.", f"Dossier {number} has ended."),
        Text("Không rút được hồ sơ đã giải quyết.", "A settled dossier cannot be withdrawn."),
        Text("Nếu kết quả sai, hãy đề nghị cải chính.", "If its result is wrong, ask for a correction."),
    )


def not_closed(number: str) -> Conflict:
    return Conflict(
        "not-closed",
        Text(f"Hồ sơ {number} chưa giải quyết xong.", f"Dossier {number} is not settled yet."),
        Text("Chỉ đánh giá khi đã có kết quả.", "It is rated once there is a result."),
        Text("Quay lại khi hồ sơ đã xong.", "Come back when it is settled."),
    )


def rated_already(number: str) -> Conflict:
    return Conflict(
        "rated-already",
        Text(f"Bạn đã đánh giá hồ sơ {number}.", f"You have rated dossier {number} already."),
        Text("Mỗi hồ sơ được đánh giá một lần.", "A dossier is rated once."),
        Text("Nếu có điều cần nói thêm, hãy gửi phản ánh.", "If there is more to say, send feedback."),
    )


def moved_in_already(number: str) -> Conflict:
    return Conflict(
        "moved-in-already",
        Text(f"Hồ sơ {number} đã được chuyển vào.", f"Dossier {number} was brought in already."),
        Text("Mã cũ này đã có ở cơ quan.", "The agency has this former number."),
        Text("Tìm hồ sơ theo mã cũ ở bàn làm việc.", "Search the desk for the former number."),
    )


def number_not_reserved(number: str) -> NotFound:
    return NotFound(
        "number-not-reserved",
        Text(
            f"Mã số {number} không được cấp cho hệ thống này.", f"{number} was not reserved for this system."
        ),
        Text("Mã số sai, hoặc đã cấp cho hệ thống khác.", "It is wrong, or was reserved for another system."),
        Text("Đối chiếu với mã số đã xin.", "Compare it with the numbers that were reserved."),
    )


def number_void(number: str) -> Conflict:
    return Conflict(
        "number-void",
        Text(f"Mã số {number} đã bỏ trống.", f"{number} is void."),
        Text("Mã số chỉ dùng được trong ngày xin.", "A number is good on the day on which it was reserved."),
        Text("Xin mã số mới cho hồ sơ.", "Reserve another number for the dossier."),
    )


def ground_missing() -> Invalid:
    return Invalid(
        "ground-missing",
        Text("Chưa chọn căn cứ.", "No ground was chosen."),
        Text(
            "Luật chỉ cho phép quyết định này khi có một trong các căn cứ đã liệt kê.",
            "The law allows this decision on one of the listed grounds only.",
        ),
        Text("Chọn căn cứ đúng với trường hợp này.", "Choose the ground that applies."),
        field="ground",
    )


def own_decision(number: str) -> Forbidden:
    return Forbidden(
        "own-decision",
        Text("Bạn không giải quyết khiếu nại này.", "You do not settle this complaint."),
        Text(
            f"Bạn đã quyết định trong hồ sơ {number}, là quyết định bị khiếu nại.",
            f"You decided in dossier {number}, which is what is complained of.",
        ),
        Text(
            "Một người khác có cùng vai trò giải quyết; người quản trị có thể cấp vai trò.",
            "Another officer of the same role settles it; your administrator can grant the role.",
        ),
    )
