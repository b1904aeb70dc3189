"""Why a connection type was not changed, or a client's certificate not registered. Said once."""

from __future__ import annotations

from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text

_NOT_REGISTERED = Text("Chưa đăng ký được chứng thư.", "The certificate was not registered.")
_CERTIFICATE: dict[str, tuple[Text, Text]] = {
    "certificate-unreadable": (
        Text(
            "Tệp không phải chứng thư X.509 dạng PEM hoặc DER.",
            "The file is no X.509 certificate, PEM or DER.",
        ),
        Text(
            "Xuất chứng thư của hệ thống ra tệp .pem, .crt hoặc .cer rồi tải lên.",
            "Export the system's certificate to a .pem, .crt or .cer file, and upload that.",
        ),
    ),
    "certificate-with-key": (
        Text(
            "Tệp có khóa bí mật. Chúng tôi không giữ tệp này.",
            "The file holds a private key. We kept nothing of it.",
        ),
        Text(
            "Tạo khóa mới vì khóa đã gửi không còn bí mật, rồi chỉ tải chứng thư lên.",
            "Make a new key, for one that was sent is no secret, and upload its certificate alone.",
        ),
    ),
    "certificate-several": (
        Text("Tệp có nhiều chứng thư.", "The file holds several certificates."),
        Text(
            "Chỉ tải lên chứng thư của chính hệ thống, không kèm chứng thư của bên cấp.",
            "Upload the system's own alone, without its issuer's.",
        ),
    ),
    "certificate-expired": (
        Text("Chứng thư đã hết hạn.", "The certificate has expired."),
        Text("Tải lên chứng thư còn hiệu lực.", "Upload one that is valid."),
    ),
    "certificate-not-for-clients": (
        Text(
            "Chứng thư ghi mục đích sử dụng khác, không có xác thực máy khách (clientAuth).",
            "Its extended key usage names other purposes, and not client authentication (clientAuth).",
        ),
        Text(
            "Xin cấp chứng thư có clientAuth, hoặc không ghi mục đích.",
            "Have one issued with clientAuth, or without extended key usage.",
        ),
    ),
    "certificate-weak": (
        Text(
            "Khóa của chứng thư quá yếu hoặc thuộc loại không dùng ở đây.",
            "Its key is too weak, or of a kind that is not used here.",
        ),
        Text("Dùng RSA từ 2048 bit, EC hoặc Ed25519.", "Use RSA of 2048 bits or more, EC, or Ed25519."),
    ),
}


def certificate_wrong(code: str) -> Invalid:
    """code: one of the above."""
    why, next_step = _CERTIFICATE[code]
    return Invalid(code, _NOT_REGISTERED, why, next_step, field="certificate")


def certificate_there(fingerprint: str) -> Conflict:
    return Conflict(
        "certificate-there",
        _NOT_REGISTERED,
        Text(
            f"Chứng thư này đã đăng ký cho hệ thống (SHA-256 {fingerprint}).",
            f"It is registered for this system already (SHA-256 {fingerprint}).",
        ),
        Text("Không cần làm gì thêm.", "There is nothing more to do."),
        field="certificate",
    )


def certificates_full(limit: int) -> Conflict:
    return Conflict(
        "certificates-full",
        _NOT_REGISTERED,
        Text(f"Hệ thống đã có {limit} chứng thư.", f"The system has {limit} certificates."),
        Text(
            "Rút chứng thư không còn dùng rồi tải lên lại.",
            "Withdraw one that is not used, and upload again.",
        ),
        field="certificate",
    )


def connection_unknown(given: str) -> Invalid:
    return Invalid(
        "connection-unknown",
        Text("Chưa đổi được kiểu kết nối.", "The connection type was not changed."),
        Text(f"Không có kiểu «{given[:20]}».", f"There is no type «{given[:20]}»."),
        Text("Chọn một kiểu trong danh sách.", "Choose one of the list."),
        field="connection",
    )
