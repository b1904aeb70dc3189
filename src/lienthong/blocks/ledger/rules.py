"""How an account's totals become a balance, and when a transfer may not be made. Whole đồng, no I/O."""

from dataclasses import dataclass, replace
from enum import StrEnum

from lienthong.ground.errors import Invalid
from lienthong.ground.money import check_dong
from lienthong.ground.text import Text


class Kind(StrEnum):
    ASSET = "asset"
    EXPENSE = "expense"
    LIABILITY = "liability"
    REVENUE = "revenue"
    EQUITY = "equity"

    @property
    def grows_by_debit(self) -> bool:
        return self in {Kind.ASSET, Kind.EXPENSE}


class HoldState(StrEnum):
    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of all debits and credits of an account: posted ones, and those that holds keep back."""

    kind: Kind
    posted_debits: int = 0
    posted_credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0

    @property
    def balance(self) -> int:
        """What the account holds, counted on the side on which it grows."""
        net = self.posted_debits - self.posted_credits
        return net if self.kind.grows_by_debit else -net

    @property
    def available(self) -> int:
        """The balance less what holds may still take out."""
        leaving = self.pending_credits if self.kind.grows_by_debit else self.pending_debits
        return self.balance - leaving

    def add(self, *, debit: int = 0, credit: int = 0) -> "Totals":
        return replace(
            self, posted_debits=self.posted_debits + debit, posted_credits=self.posted_credits + credit
        )

    def hold(self, *, debit: int = 0, credit: int = 0) -> "Totals":
        """Holds more; less, with negative amounts."""
        return replace(
            self, pending_debits=self.pending_debits + debit, pending_credits=self.pending_credits + credit
        )


def refused_by_floor(after: Totals, floor: int | None) -> bool:
    """What is available after a transfer or hold may not be less than the floor."""
    return floor is not None and after.available < floor


def check_entry(*, debit: str, credit: str, amount: object, code: str) -> None:
    """Invalid unless a whole, positive amount moves between two different accounts for a named purpose."""
    if check_dong(amount, field="amount") == 0:
        raise _invalid(
            Text("Số tiền chuyển phải lớn hơn 0.", "The amount must be more than 0."), field="amount"
        )
    if debit == credit:
        raise _invalid(
            Text("Tài khoản ghi nợ và ghi có phải khác nhau.", "The debit and credit accounts must differ."),
            field="credit",
        )
    if not code.strip():
        raise _invalid(
            Text("Bút toán phải có mã mục đích.", "A transfer needs a purpose code."), field="code"
        )


def _invalid(why: Text, *, field: str) -> Invalid:
    return Invalid(
        "ledger.transfer_invalid",
        Text("Chưa ghi được bút toán.", "The transfer was not made."),
        why,
        Text("Sửa lại bút toán rồi gửi lại.", "Correct the transfer and send it again."),
        field=field,
    )
