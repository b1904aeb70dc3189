"""Accounts of citizens and officers; notices and their deliveries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """subject: a person's number or an officer's code; level as Decree 69/2024 has it (1 or 2)."""

    subject = models.CharField("tên đăng nhập", max_length=32, primary_key=True)
    kind = models.CharField(max_length=8)  # person | officer
    name = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField("mức độ định danh", default=2)
    password = models.CharField(max_length=200)
    totp = models.TextField()  # encrypted
    last_code_step = models.BigIntegerField(default=0)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=2, default="vi")
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    activated_at = models.DateTimeField()
    closed_at = models.DateTimeField("đóng, vì chủ tài khoản đã mất", null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "subject"], name="account_kind")]


class SignIn(models.Model):
    """Each try to sign in: the account holder can see them."""

    subject = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField()
    step = models.CharField(max_length=8)  # password | code


class Notice(models.Model):
    id = models.UUIDField(primary_key=True)
    to = models.CharField(max_length=32, db_index=True)
    subject_vi = models.CharField(max_length=300)
    subject_en = models.CharField(max_length=300)
    text_vi = models.TextField()
    text_en = models.TextField()
    case = models.CharField(max_length=60, blank=True)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()


class NoticeDelivery(models.Model):
    """One notice by one way; its id goes to the provider, so that a repeated sending is one message there."""

    id = models.UUIDField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    way = models.CharField(max_length=4)  # mail | sms
    state = models.CharField(max_length=10, default="waiting")  # waiting | sent | delivered | failed
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="notice_waiting")]
