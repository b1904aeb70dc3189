"""The refusals of the ledger."""

from uuid import UUID

from lienthong.ground.errors import Conflict, Invalid, NotFound
from lienthong.ground.text import Text

_NOT_MADE = Text("Chưa ghi được bút toán.", "The transfer was not made.")
_CHECK = Text("Kiểm tra lại rồi gửi lại.", "Check it and send it again.")


def account_differs(code: str) -> Conflict:
    return Conflict(
        "ledger.account_differs",
        Text("Chưa mở được tài khoản.", "The account was not opened."),
        Text(
            f"Tài khoản {code} đã có, với loại, chủ tài khoản hoặc mức sàn khác.",
            f"Account {code} exists with another kind, holder or floor.",
        ),
        Text("Dùng mã khác cho tài khoản mới.", "Choose another code for the new account."),
    )


def floor_positive(code: str) -> Invalid:
    return Invalid(
        "ledger.floor_positive",
        Text("Chưa mở được tài khoản.", "The account was not opened."),
        Text(
            f"Tài khoản {code} mới mở có số dư 0 nên mức sàn không được lớn hơn 0.",
            f"Account {code} begins with nothing, so its floor cannot be above 0.",
        ),
        Text("Đặt mức sàn bằng 0 hoặc nhỏ hơn.", "Set the floor to 0 or less."),
        field="floor",
    )


def account_unknown(code: str) -> NotFound:
    return NotFound(
        "ledger.account_unknown",
        _NOT_MADE,
        Text(f"Không có tài khoản {code}.", f"There is no account {code}."),
        Text("Mở tài khoản trước rồi gửi lại.", "Open the account first and send it again."),
    )


def id_taken(transfer_id: UUID) -> Conflict:
    return Conflict(
        "ledger.id_taken",
        _NOT_MADE,
        Text(
            f"Mã {transfer_id} đã dùng cho một bút toán có nội dung khác.",
            f"The id {transfer_id} was used for a transfer with other content.",
        ),
        Text(
            "Nếu là bút toán mới thì dùng mã mới; nếu gửi lại thì giữ nguyên nội dung.",
            "Use a new id for a new transfer; to repeat one, send the same content.",
        ),
    )


def floor_reached(name: str) -> Conflict:
    return Conflict(
        "ledger.floor_reached",
        _NOT_MADE,
        Text(f"Số dư khả dụng của {name} không đủ.", f"The available balance of {name} is not enough."),
        Text("Nạp thêm tiền hoặc giảm số tiền rồi gửi lại.", "Pay in or lower the amount; send it again."),
    )


def hold_unknown(hold_id: UUID) -> NotFound:
    return NotFound(
        "ledger.hold_unknown",
        _NOT_MADE,
        Text(f"Không có khoản tạm giữ {hold_id}.", f"There is no hold {hold_id}."),
        _CHECK,
    )


def hold_over(hold_id: UUID) -> Conflict:
    return Conflict(
        "ledger.hold_over",
        _NOT_MADE,
        Text(
            f"Khoản tạm giữ {hold_id} đã kết thúc hoặc đã hết hạn.",
            f"Hold {hold_id} has ended or expired.",
        ),
        Text("Tạo khoản tạm giữ mới.", "Place a new hold."),
    )


def hold_too_small(hold_id: UUID) -> Conflict:
    return Conflict(
        "ledger.hold_too_small",
        _NOT_MADE,
        Text(
            f"Số tiền lớn hơn khoản tạm giữ {hold_id}.", f"The amount is more than the hold {hold_id} keeps."
        ),
        Text("Giảm số tiền hoặc tạo khoản tạm giữ mới.", "Lower the amount, or place a new hold."),
    )
