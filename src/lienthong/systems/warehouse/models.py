"""Documents of persons: what was issued, to whom, where the file lies, whether it stands, who used it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.ground.text import Text


class Document(models.Model):
    """state: valid, corrected or revoked, as the newest row of its history says."""

    id = models.UUIDField(primary_key=True)
    result_code = models.CharField("mã kết quả", max_length=40)
    number = models.CharField("số giấy tờ", max_length=80)
    issuer = models.CharField("cơ quan cấp", max_length=40)
    issuer_name_vi = models.CharField(max_length=200)
    issuer_name_en = models.CharField(max_length=200)
    holder = models.CharField(max_length=120)
    case = models.CharField(max_length=60, blank=True)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    issued_on = models.DateField()
    valid_to = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    check_code = models.CharField(max_length=19, unique=True)
    state = models.CharField(max_length=10, default="valid")
    deposited_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result_code", "number", "issuer"], name="document_once"),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "corrected", "revoked"]), name="document_state"
            ),
        ]

    @property
    def issuer_name(self) -> Text:
        return Text(self.issuer_name_vi, self.issuer_name_en)


class DocumentOwner(models.Model):
    """position 1: the person whom the paper is about."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="owners")
    owner = models.CharField("số định danh", max_length=12)
    position = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["owner", "document"], name="document_owner")]
        constraints = [models.UniqueConstraint(fields=["document", "owner"], name="document_owner_once")]


class DocumentChange(models.Model):
    """A correction or revocation; rows are added, never changed."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10)
    reason_vi = models.TextField()
    reason_en = models.TextField()
    replaced_by = models.CharField(max_length=80, blank=True)
    changed_by = models.CharField(max_length=120)
    case = models.CharField(max_length=60, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()


class DocumentUse(models.Model):
    """A dossier that took the paper from here instead of from the person; once a dossier and asker."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="uses")
    used_by = models.CharField(max_length=120)
    purpose = models.CharField(max_length=60)
    case = models.CharField(max_length=60)
    used_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "used_by", "case"], name="document_use_once")
        ]
