"""The problems of this room, in words."""

from __future__ import annotations

from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text


def document_unknown() -> NotFound:
    return NotFound(
        "document-unknown",
        Text("Không tìm thấy giấy tờ này.", "This document is not here."),
        Text(
            "Đường dẫn không đúng, hoặc giấy tờ thuộc về người khác.",
            "The address is wrong, or the document is somebody else's.",
        ),
        Text("Mở «Giấy tờ của tôi» để chọn lại.", "Open “My documents” and choose again."),
    )


def code_unknown() -> NotFound:
    return NotFound(
        "check-code-unknown",
        Text("Không có giấy tờ nào mang mã này.", "No document has this code."),
        Text(
            "Mã gõ nhầm, hoặc giấy tờ không do cơ quan nào trên hệ thống này cấp.",
            "It was mistyped, or no agency on this system issued the paper.",
        ),
        Text(
            "Đối chiếu từng ký tự ở cuối giấy tờ, hoặc tải tệp PDF lên để kiểm tra.",
            "Compare each character at the foot of the paper, or upload its PDF.",
        ),
        field="code",
    )


def code_invalid() -> Invalid:
    return Invalid(
        "check-code-invalid",
        Text("Mã kiểm tra chưa đúng dạng.", "The check code is not in the right form."),
        Text("Mã có 16 chữ cái và chữ số, chia bốn nhóm.", "It has 16 letters and digits in four groups."),
        Text("Nhập lại như in ở cuối giấy tờ.", "Enter it as printed at the foot of the paper."),
        field="code",
    )


def document_differs(number: str) -> Conflict:
    return Conflict(
        "document-differs",
        Text(f"Chưa lưu giấy tờ số {number}.", f"Document {number} was not deposited."),
        Text(
            "Kho đã có giấy tờ cùng mã, số và cơ quan cấp nhưng là tệp khác.",
            "One of the same code, number and issuer is here already, with another file.",
        ),
        Text("Dùng số khác, hoặc cải chính giấy tờ cũ.", "Use another number, or correct the old one."),
    )


def not_issuer() -> Forbidden:
    return Forbidden(
        "not-issuer",
        Text("Không ghi nhận giấy tờ này.", "This is not taken."),
        Text(
            "Chỉ cơ quan cấp mới được đưa giấy tờ của mình vào kho.", "Only the issuer deposits its papers."
        ),
        Text("Gửi bằng phân hệ của cơ quan cấp.", "Send it from the issuer's own subsystem."),
    )


def state_final() -> Conflict:
    return Conflict(
        "document-revoked",
        Text("Không thay đổi được giấy tờ này.", "This document cannot be changed."),
        Text("Giấy tờ đã bị thu hồi.", "It was revoked."),
        Text("Cấp giấy tờ mới nếu cần.", "Issue a new one where one is needed."),
    )


def document_ambiguous() -> Conflict:
    return Conflict(
        "document-ambiguous",
        Text("Chưa thay đổi được giấy tờ.", "No document was changed."),
        Text("Nhiều cơ quan cấp giấy tờ mang số này.", "Several agencies issued a document of this number."),
        Text("Đề nghị cơ quan cấp tự thay đổi.", "Ask the issuing agency to change it."),
    )


def file_unavailable() -> Conflict:
    return Conflict(
        "file-differs",
        Text("Chưa tải được giấy tờ.", "The document cannot be downloaded now."),
        Text(
            "Tệp nơi lưu giữ gửi về không khớp với dấu vân tay đã ghi khi cấp.",
            "The file that its holder sent does not match the hash recorded at issue.",
        ),
        Text("Hãy báo cho cơ quan cấp.", "Please tell the issuing agency."),
    )
