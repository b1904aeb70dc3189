"""Handing notices to the providers: mail by SMTP, SMS by HTTP. What fails is tried again, later each time."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from email.message import EmailMessage

import httpx
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from lienthong.blocks.trust.secrets import text_sign
from lienthong.ground import clock
from lienthong.ground.language import ENGLISH
from lienthong.systems.eid.models import Account, NoticeDelivery

TRIES_MAX = 12
SMS_MAX = 480


def notice_deliver(delivery_id: str) -> None:
    """Send one delivery, unless it was sent. Sent twice, it is one message there: the id is the same."""
    row = NoticeDelivery.objects.select_related("notice").filter(pk=delivery_id, state="waiting").first()
    if row is None:
        return
    account = Account.objects.filter(subject=row.notice.to).first()
    try:
        _send(row, account)
    except (OSError, smtplib.SMTPException, httpx.HTTPError, ValueError) as error:
        tries = row.tries + 1
        wait = timedelta(seconds=min(2**tries, 3600))
        NoticeDelivery.objects.filter(pk=row.pk).update(
            tries=tries,
            next_try_at=clock.now() + wait,
            problem=type(error).__name__,
            state="failed" if tries >= TRIES_MAX else "waiting",
        )
        return
    NoticeDelivery.objects.filter(pk=row.pk, state="waiting").update(
        state="sent", tries=row.tries + 1, changed_at=clock.now(), problem=""
    )


def _send(row: NoticeDelivery, account: Account | None) -> None:
    if account is None:
        raise ValueError("the account is gone")
    _send_mail(row, account) if row.way == "mail" else _send_sms(row, account)


def _words(row: NoticeDelivery, account: Account) -> tuple[str, str]:
    notice = row.notice
    if account.language == ENGLISH:
        return notice.subject_en, notice.text_en
    return notice.subject_vi, notice.text_vi


def _send_mail(row: NoticeDelivery, account: Account) -> None:
    subject, text = _words(row, account)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.LIENTHONG_MAIL_FROM, account.email
    message["Message-ID"] = f"<{row.pk}@lienthong>"
    message.set_content(f"{text}\n\n{row.notice.link}\n")
    host, _, port = settings.LIENTHONG_SMTP.partition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as smtp:
        smtp.send_message(message)


def _send_sms(row: NoticeDelivery, account: Account) -> None:
    _, text = _words(row, account)
    body = {
        "id": str(row.pk),
        "to": account.phone,
        "text": text[:SMS_MAX],
        "callback": f"{settings.LIENTHONG_URL}/notices/report/",
    }
    signature = text_sign("notices", body["id"] + body["to"] + body["text"])
    answer = httpx.post(
        f"{settings.LIENTHONG_NOTICES_URL}/sms", json=body, headers={"X-Signature": signature}, timeout=10
    )
    answer.raise_for_status()


def sweep_notices() -> int:
    """A new job for each delivery whose job failed or was lost."""
    late = clock.now() - timedelta(seconds=5)
    rows = NoticeDelivery.objects.filter(state="waiting", next_try_at__lte=late).order_by("next_try_at")
    ids = list(rows.values_list("pk", flat=True)[:200])
    for pk in ids:
        with transaction.atomic():
            NoticeDelivery.objects.filter(pk=pk).update(next_try_at=clock.now() + timedelta(seconds=30))
            app.configure_task("eid.notice_deliver").defer(delivery_id=str(pk))
    return len(ids)
