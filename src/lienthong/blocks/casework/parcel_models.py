"""Results on paper that go by post, and the lists under which they are handed over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class PostList(models.Model):
    """What was handed over to the post at one time (bảng kê bàn giao), to be printed and signed by both."""

    agency = models.CharField("cơ quan", max_length=32)
    handed_by = models.JSONField()  # the officer: code, name
    handed_at = models.DateTimeField()
    items = models.JSONField()  # of each: number (of the dossier), tracking

    class Meta:
        indexes = [models.Index(fields=["agency", "-id"], name="post_list_agency")]


class Parcel(models.Model):
    """The papers of one dossier for which the applicant wants the post; recipient: name, phone, address."""

    case = models.OneToOneField("casework.Case", on_delete=models.PROTECT, primary_key=True)
    agency = models.CharField("cơ quan", max_length=32)  # the case's, here too for the list's index
    recipient = models.JSONField("người nhận")
    state = models.CharField(max_length=10)  # asked | posted | delivered | returned
    tracking = models.CharField("số hiệu bưu gửi", max_length=30, blank=True)
    why = models.CharField("lý do trả lại", max_length=300, blank=True)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "state", "changed_at"], name="parcel_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=["tracking"],
                condition=Q(state__in=["asked", "posted"]) & ~Q(tracking=""),
                name="parcel_tracking",
            )
        ]
