"""What is said where a part of a container does not hold: which part, and what to do about it. Plain Python."""

from typing import Final

from lienthong.ground.text import Text

BAD_ZIP: Final = Text(
    "Tệp không đúng khuôn dạng gói ASiC-E, hoặc đã bị sửa.",
    "The file is not in the form of an ASiC-E container, or was changed.",
)
BAD_MANIFEST: Final = Text(
    "Danh mục tệp trong gói không khớp với nội dung gói.",
    "The container's manifest does not match what is in it.",
)
BAD_CONTENT: Final = Text(
    "Thông điệp hoặc tệp đính kèm đã bị sửa sau khi ký.",
    "The message or an attachment was changed after it was signed.",
)
BAD_SIGNATURE: Final = Text(
    "Chữ ký điện tử (signatures.xml) không hợp lệ.", "The electronic signature (signatures.xml) is not valid."
)
BAD_CHAIN: Final = Text(
    "Không chứng minh được thông điệp thuộc lô đã ký (sig-hashchain.xml).",
    "The message is not proven to be in the batch that was signed (sig-hashchain.xml).",
)
BAD_STAMP_CHAIN: Final = Text(
    "Không chứng minh được chữ ký thuộc lô đã cấp dấu thời gian (ts-hashchain.xml).",
    "The signature is not proven to be in the batch that was time-stamped (ts-hashchain.xml).",
)
BAD_STAMP: Final = Text(
    "Dấu thời gian (timestamp.tst) không hợp lệ.", "The time stamp (timestamp.tst) is not valid."
)
BAD_CERTIFICATE: Final = Text(
    "Chứng thư của bên ký không được tin cậy tại thời điểm ký.",
    "The signer's certificate was not trusted at the time of signing.",
)
REVOKED: Final = Text(
    "Chứng thư của bên ký đã bị thu hồi trước lúc ký.",
    "The signer's certificate had been revoked before it signed.",
)

_AGAIN: Final = Text(
    "Hãy xin lại gói gốc từ cơ quan đã gửi hoặc đã nhận thông điệp: cổng kết nối của họ lấy lại được từ nhật ký.",
    "Ask the agency that sent or received the message for the original: its gateway can take it from its log again.",
)
_REPACKED: Final = Text(
    f"Tệp tải về dở dang, hoặc được giải nén rồi nén lại, thì không còn là bằng chứng. {_AGAIN.vi}",
    f"A file that was cut short, or unpacked and packed again, is no evidence any more. {_AGAIN.en}",
)
_CHANGED: Final = Text(
    f"Đừng dựa vào nội dung của gói này. {_AGAIN.vi}", f"Do not rely on what it says. {_AGAIN.en}"
)
_STRANGER: Final = Text(
    "Nếu gói đến từ một hệ thống kết nối khác, hãy kiểm tra bằng chứng thư gốc của hệ thống đó"
    " (lệnh lienthong evidence check, tùy chọn --conf). Nếu không, đừng dựa vào gói này.",
    "If it comes from another exchange, check it with that exchange's root certificates"
    " (the command lienthong evidence check, option --conf). If it does not, do not rely on it.",
)

ADVICE: Final = {
    BAD_ZIP: _REPACKED,
    BAD_MANIFEST: _REPACKED,
    BAD_CONTENT: _CHANGED,
    BAD_SIGNATURE: _CHANGED,
    BAD_CHAIN: _CHANGED,
    BAD_STAMP_CHAIN: _CHANGED,
    BAD_STAMP: _CHANGED,
    BAD_CERTIFICATE: _STRANGER,
    REVOKED: _CHANGED,
}
"""What to do, for each part that may be at fault."""
