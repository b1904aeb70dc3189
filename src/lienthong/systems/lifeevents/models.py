"""Applications being typed, and what is declared already."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Draft(models.Model):
    """Answers as typed, page by page; it becomes a case once and only once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(
        "người có hồ sơ", max_length=32
    )  # the applicant: a person, or an organisation's code
    acting = models.JSONField(
        "người nộp thay", default=dict
    )  # who types for the applicant; empty: the applicant
    procedure = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, default="online")  # online | counter | post
    taken_in_by = models.CharField("cán bộ tiếp nhận", max_length=32, blank=True)
    taken_in_at = models.CharField("cơ quan tiếp nhận", max_length=32, blank=True)
    answers = models.JSONField(default=dict)
    known = models.JSONField(default=dict)  # what the registers answered, and when
    files = models.JSONField(default=list)
    post_to = models.JSONField("nhận bản giấy ở", default=dict)  # name, phone, address; empty: no paper
    case_number = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-changed_at"], name="draft_owner"),
            models.Index(fields=["changed_at"], condition=models.Q(case_number=""), name="draft_unsent"),
            models.Index(fields=["case_number"], condition=~models.Q(case_number=""), name="draft_of_case"),
            GinIndex(fields=["files"], opclasses=["jsonb_path_ops"], name="draft_files"),
        ]


class Scan(models.Model):
    """A stack of papers, scanned at once, that waits to be split into the documents of a draft."""

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, primary_key=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200)
    pages = models.JSONField()  # of each page: {"sheet": the document whose sheet it is, "blank": bool}
    scanned_at = models.DateTimeField()


class Signing(models.Model):
    """A signature that a sent application has, or still needs: the applicant's own, and each further signer's."""

    case_number = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    number = models.CharField("người ký", max_length=32)
    name = models.CharField(max_length=120)
    role = models.JSONField()
    state = models.CharField(max_length=8)  # asked | signed | declined
    content_hash = models.CharField(max_length=64)  # SHA-256 of what is signed
    reason = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_number", "number"], name="signing_once"),
        ]
        indexes = [models.Index(fields=["number", "-asked_at"], name="signing_person")]


class Declared(models.Model):
    """One declaration of one thing at a time (a child's birth, a death), whoever was first."""

    key = models.CharField(max_length=200, primary_key=True)
    case_number = models.CharField(max_length=60)
    declared_by = models.CharField(max_length=32)
    declared_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case_number"], name="declared_case")]


class Reminder(models.Model):
    """What an applicant was reminded of: once for each key."""

    key = models.CharField(max_length=160, primary_key=True)
    sent_at = models.DateTimeField()
