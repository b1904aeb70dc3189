"""What can go wrong with a call, said once."""

from __future__ import annotations

from pydantic import ValidationError

from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lienthong.ground.text import Text


def no_agreement(client: str, service: str, purpose: str, grantor: str) -> Forbidden:
    return Forbidden(
        "no-agreement",
        Text("Cơ quan hỏi chưa có quyền gọi dịch vụ này.", "The asking agency has no right to this service."),
        Text(
            f"Không có thỏa thuận cho {client} gọi {service} với mục đích «{purpose}».",
            f"There is no agreement for {client} to call {service} for the purpose «{purpose}».",
        ),
        Text(
            f"Hãy đề nghị {grantor} cấp thỏa thuận cho dịch vụ và mục đích này.",
            f"Ask {grantor} to grant an agreement for this service and purpose.",
        ),
    )


def quota_used(service: str, quota: int) -> Problem:
    return Problem(
        "quota-used",
        Text("Đã hết hạn mức gọi dịch vụ trong ngày.", "The day's quota for this service is used up."),
        Text(
            f"Thỏa thuận cho phép {quota} lượt gọi {service} mỗi ngày.",
            f"The agreement allows {quota} calls a day.",
        ),
        Text(
            "Gọi lại vào ngày mai, hoặc đề nghị nâng hạn mức.",
            "Call again tomorrow, or ask for a larger quota.",
        ),
        status=429,
    )


def unknown_service(name: str) -> NotFound:
    return NotFound(
        "unknown-service",
        Text(f"Không có dịch vụ «{name}» ở nơi nhận.", f"The provider offers no service «{name}»."),
        Text("Tên hoặc phiên bản không đúng.", "Its name or version is wrong."),
        Text("Xem danh mục dịch vụ của cơ quan cung cấp.", "See the provider's list of services."),
    )


def unknown_provider(name: str) -> NotFound:
    return NotFound(
        "unknown-provider",
        Text(f"Không tìm thấy hệ thống «{name}».", f"There is no system «{name}»."),
        Text("Hệ thống chưa tham gia nền tảng.", "It has not joined the platform."),
        Text("Kiểm tra tên hệ thống nhận.", "Check the provider's name."),
    )


def unknown_group(code: str) -> NotFound:
    return NotFound(
        "unknown-group",
        Text(f"Không có nhóm «{code}».", f"There is no group «{code}»."),
        Text("Nhóm chưa được lập.", "It was not made yet."),
        Text(
            "Lập nhóm trước, rồi đưa thành viên vào và cấp quyền.", "Make it first, then fill it and grant."
        ),
        field="client",
    )


def bad_group(code: str) -> Invalid:
    return Invalid(
        "group-invalid",
        Text(f"Mã nhóm «{code[:80]}» không dùng được.", f"The group's code «{code[:80]}» cannot be used."),
        Text("Mã có 1 đến 60 ký tự, không có dấu /.", "A code has 1 to 60 signs and no slash."),
        Text("Hãy đặt mã khác.", "Choose another code."),
        field="code",
    )


def under_contract(subsystem: str) -> Conflict:
    return Conflict(
        "under-contract",
        Text(
            f"Dịch vụ của {subsystem} được công bố theo hợp đồng.",
            f"What {subsystem} offers is published from its contract.",
        ),
        Text("Đây là hệ thống của Lienthong.", "It is a system of Lienthong."),
        Text(
            "Không cần tải mô tả lên; xem bằng getOpenAPI.",
            "There is nothing to upload; read it by getOpenAPI.",
        ),
    )


def bad_signature(reason: Text | None) -> Forbidden:
    return Forbidden(
        "signature-invalid",
        Text("Không xác minh được chữ ký của thông điệp.", "The message's signature does not verify."),
        reason or Text("Chữ ký không thuộc bên gửi.", "The signature is not the sender's."),
        Text(
            "Bên gửi cần ký lại bằng chứng thư còn hiệu lực.",
            "The sender must sign with a valid certificate.",
        ),
    )


def same_id_other_body() -> Conflict:
    return Conflict(
        "message-id-reused",
        Text("Mã thông điệp đã dùng cho một nội dung khác.", "The message id was used for another body."),
        Text(
            "Mỗi mã chỉ đi với một nội dung, để không ghi hai lần.",
            "An id goes with one body, so that nothing happens twice.",
        ),
        Text("Gửi nội dung mới với một mã mới.", "Send the new body under a new id."),
    )


def body_invalid(error: ValidationError) -> Invalid:
    first = error.errors()[0]
    where = "/".join(str(part) for part in first["loc"]) or "body"
    return Invalid(
        "body-invalid",
        Text("Nội dung không đúng hợp đồng của dịch vụ.", "The body does not fit the service's contract."),
        Text(f"Tại «{where}»: {first['msg']}", f"At «{where}»: {first['msg']}"),
        Text(
            "Sửa trường này theo hợp đồng rồi gửi lại.",
            "Mend this field as the contract says and send again.",
        ),
        field=where,
    )
