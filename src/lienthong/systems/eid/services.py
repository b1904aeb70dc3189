"""Signing in with password and one-time code; sending notices."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from django.db import transaction
from procrastinate.contrib.django import app
from pyotp.totp import TOTP

from lienthong.blocks.trust.secrets import text_decrypt, text_encrypt
from lienthong.ground.errors import Forbidden, NotFound, Problem
from lienthong.ground.ids import derived, uuid7
from lienthong.ground.text import Text
from lienthong.systems.eid import rules
from lienthong.systems.eid.models import Account, Notice, NoticeDelivery, SignIn

_HASHER = PasswordHasher()
# Checked when there is no such account, so that both answers take the same time.
_NOBODY = _HASHER.hash("nobody")


@dataclass(frozen=True, slots=True)
class NewAccount:
    subject: str
    kind: str
    name: str
    email: str = ""
    phone: str = ""
    level: int = 2


def password_hash(password: str) -> str:
    return _HASHER.hash(password)


def account_create(*, new: NewAccount, password: str, totp: str, at: datetime) -> None:
    Account.objects.create(
        subject=new.subject,
        kind=new.kind,
        name=new.name,
        level=new.level,
        password=password_hash(password),
        totp=text_encrypt(totp),
        email=new.email,
        phone=new.phone,
        activated_at=at,
        recorded_at=at,
    )


def account_close(*, subject: str, at: datetime) -> None:
    """The holder died: nobody signs in any more. Nothing happens where there is no account, or it is closed."""
    Account.objects.filter(subject=subject, kind="person", closed_at=None).update(closed_at=at)


def password_check(*, subject: str, password: str, kind: str, at: datetime) -> Account:
    """The first step. Errors: sign-in-wrong (401), account-closed (403), sign-in-locked (429).

    Only who knows the password is told that the account is closed.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(subject=subject.strip(), kind=kind).first()
        _refuse_if_locked(account, at)
        right = _matches(account.password if account else _NOBODY, password) and account is not None
        _count(account, right=right, step="password", at=at, clear=False)
    if not right or account is None:
        raise _wrong("password")
    _refuse_if_closed(account)
    return account


def code_check(*, subject: str, code: str, at: datetime) -> Account:
    """The second step: a code of this half-minute or a neighbour, none used before (RFC 6238, §5.2).

    Errors: sign-in-wrong (401), account-closed (403), sign-in-locked (429).
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(subject=subject)
        _refuse_if_locked(account, at)
        step = _code_step_of(account, code, at)
        if step is not None:
            account.last_code_step = step
            account.save(update_fields=["last_code_step"])
        _count(account, right=step is not None, step="code", at=at, clear=True)
    if step is None:
        raise _wrong("code")
    _refuse_if_closed(account)
    return account


def _code_step_of(account: Account, code: str, at: datetime) -> int | None:
    totp = TOTP(text_decrypt(account.totp))
    now = rules.code_step(at)
    for step in (now - 1, now, now + 1):
        fresh = step > account.last_code_step
        if fresh and hmac.compare_digest(totp.generate_otp(step), code.strip().replace(" ", "")):
            return step
    return None


def code_now(*, subject: str, at: datetime) -> str:
    """The code that the account's authenticator shows, for a synthetic nation's sign-ins. Errors: 404."""
    account = Account.objects.filter(subject=subject).first()
    if account is None:
        raise NotFound(
            "account-unknown",
            Text("Không có tài khoản này.", "There is no such account."),
            Text("Tên đăng nhập không đúng.", "The user name is wrong."),
            Text("Xem danh sách tài khoản thử.", "See the list of test sign-ins."),
        )
    step = max(rules.code_step(at), account.last_code_step + 1)
    return TOTP(text_decrypt(account.totp)).generate_otp(step)


def code_fresh_in(*, subject: str, at: datetime) -> float:
    """Seconds until a code that was not used yet is accepted: each serves once, and only near its half-minute."""
    used = Account.objects.values_list("last_code_step", flat=True).get(subject=subject)
    return max(0.0, used * rules.CODE_STEP_S - at.timestamp())


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except VerifyMismatchError:
        return False


def _refuse_if_closed(account: Account) -> None:
    if account.closed_at is not None:
        raise Forbidden(
            "account-closed",
            Text("Tài khoản đã đóng.", "The account is closed."),
            Text(
                "Chủ tài khoản đã được đăng ký khai tử.",
                "The death of its holder is registered.",
            ),
            Text(
                "Dùng tài khoản của chính bạn; nếu khai tử sai, liên hệ Ủy ban nhân dân xã, phường đã đăng ký.",
                "Use an account of your own; if the death is wrong, turn to the commune that registered it.",
            ),
        )


def _refuse_if_locked(account: Account | None, at: datetime) -> None:
    if account is not None and rules.is_locked(
        rules.Tries(account.wrong_tries, account.locked_until), now=at
    ):
        raise Problem(
            "sign-in-locked",
            Text("Tài khoản tạm khóa.", "The account is locked for a while."),
            Text("Đã nhập sai nhiều lần liên tiếp.", "There were too many wrong tries in a row."),
            Text("Thử lại sau 15 phút.", "Try again in 15 minutes."),
            status=429,
        )


def _count(account: Account | None, *, right: bool, step: str, at: datetime, clear: bool) -> None:
    if account is None:
        return
    SignIn.objects.create(subject=account.subject, at=at, succeeded=right, step=step)
    tries = rules.Tries(account.wrong_tries, account.locked_until)
    if right and not clear:
        return
    after = rules.after_right() if right else rules.after_wrong(tries, now=at)
    account.wrong_tries, account.locked_until = after.wrong, after.locked_until
    account.save(update_fields=["wrong_tries", "locked_until"])


def _wrong(field: str) -> Problem:
    what = {
        "password": Text("Không đăng nhập được.", "You are not signed in."),
        "code": Text("Mã xác nhận chưa đúng.", "The code is not right."),
    }[field]
    why = {
        "password": Text("Tên đăng nhập hoặc mật khẩu chưa đúng.", "The user name or the password is wrong."),
        "code": Text("Mã đã hết hạn, đã dùng, hoặc gõ nhầm.", "It has expired, was used, or was mistyped."),
    }[field]
    next_step = {
        "password": Text(
            "Kiểm tra rồi nhập lại. Sau 5 lần sai, tài khoản khóa 15 phút.",
            "Check both and try again. After 5 wrong tries the account is locked for 15 minutes.",
        ),
        "code": Text("Chờ mã mới rồi nhập lại.", "Wait for the next code and enter that."),
    }[field]
    return Problem("sign-in-wrong", what, why, next_step, status=401, field=field)


def notice_send(
    *, to: str, subject: Text, text: Text, case: str, link: str, message_id: str, at: datetime
) -> str:
    """Store the notice, and a delivery by mail and one by SMS, each with its job."""
    account = Account.objects.filter(subject=to).first()
    notice = Notice.objects.create(
        id=uuid7(at),
        to=to,
        subject_vi=subject.vi,
        subject_en=subject.en,
        text_vi=text.vi,
        text_en=text.en,
        case=case,
        link=link,
        created_at=at,
    )
    ways = [
        way
        for way, address in (("mail", account and account.email), ("sms", account and account.phone))
        if address
    ]
    for way in ways:
        row = NoticeDelivery.objects.create(
            id=derived(message_id, way), notice=notice, way=way, next_try_at=at, changed_at=at
        )
        app.configure_task("eid.notice_deliver").defer(delivery_id=str(row.pk))
    return str(notice.pk)


def delivery_reported(*, delivery_id: str, state: str, at: datetime) -> bool:
    """What the provider says became of a message; False where we sent none such."""
    rows = NoticeDelivery.objects.filter(pk=delivery_id).exclude(state="delivered")
    return rows.update(state=state, changed_at=at) == 1
