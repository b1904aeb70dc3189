"""The problems of this room, in words."""

from __future__ import annotations

from lienthong.ground.errors import Conflict, Forbidden, NotFound
from lienthong.ground.text import Text


def bill_unknown() -> NotFound:
    return NotFound(
        "bill-unknown",
        Text("Không tìm thấy khoản thu này.", "This bill is not here."),
        Text(
            "Đường dẫn không đúng, hoặc khoản thu thuộc về người khác.",
            "The address is wrong, or the bill is somebody else's.",
        ),
        Text("Mở hồ sơ của bạn rồi chọn «Nộp phí».", "Open your dossier and choose “Pay”."),
    )


def bill_not_open() -> Conflict:
    return Conflict(
        "bill-not-open",
        Text("Khoản này không còn phải nộp.", "There is nothing left to pay."),
        Text("Khoản thu đã được nộp hoặc đã hủy.", "The bill was paid, or is void."),
        Text("Xem tình trạng trong hồ sơ của bạn.", "See its state in your dossier."),
    )


def receipt_unknown() -> NotFound:
    return NotFound(
        "receipt-unknown",
        Text("Chưa có biên lai.", "There is no receipt."),
        Text("Khoản thu chưa nộp, hoặc không phải nộp tiền.", "The bill is unpaid, or nothing was owed."),
        Text("Xem tình trạng khoản thu trong hồ sơ của bạn.", "See the bill's state in your dossier."),
    )


def receipt_code_unknown() -> NotFound:
    return NotFound(
        "receipt-code-unknown",
        Text("Không có biên lai nào mang mã này.", "No receipt has this code."),
        Text("Mã gõ nhầm, hoặc biên lai không do hệ thống này lập.", "It was mistyped, or is not ours."),
        Text("Đối chiếu lại mã in ở cuối biên lai.", "Compare it with the code at the foot of the receipt."),
    )


def callback_signature() -> Forbidden:
    return Forbidden(
        "signature-invalid",
        Text("Không nhận thông báo thanh toán này.", "This payment message is not taken."),
        Text("Chữ ký không đúng.", "Its signature is wrong."),
        Text("Ký lại bằng khóa đã thỏa thuận.", "Sign it with the agreed secret."),
    )


def callback_amount(expected: int, told: int) -> Conflict:
    return Conflict(
        "payment-amount",
        Text("Không ghi nhận khoản thanh toán này.", "This payment is not taken."),
        Text(
            f"Số tiền là {told} đồng, phải là {expected} đồng.",
            f"The amount is VND {told}; it must be VND {expected}.",
        ),
        Text("Ngân hàng đối soát với người vận hành.", "Reconcile it with the operator."),
    )


def callback_order(order: str) -> NotFound:
    return NotFound(
        "order-unknown",
        Text("Không ghi nhận khoản thanh toán này.", "This payment is not taken."),
        Text(f"Không có lệnh thanh toán {order}.", f"There is no order {order}."),
        Text("Kiểm tra mã lệnh.", "Check the order's number."),
    )


def callback_transaction() -> Conflict:
    return Conflict(
        "payment-other-transaction",
        Text("Không ghi nhận khoản thanh toán này.", "This payment is not taken."),
        Text("Lệnh đã được trả bằng một giao dịch khác.", "The order was paid by another transaction."),
        Text("Ngân hàng đối soát với người vận hành.", "Reconcile it with the operator."),
    )
