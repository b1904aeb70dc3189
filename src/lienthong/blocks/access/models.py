"""Officers and their roles; a role's row is its trail: who granted it, who took it away, and when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Officer(models.Model):
    code = models.CharField("mã cán bộ", max_length=32, primary_key=True)
    agency = models.CharField("cơ quan", max_length=32)
    name = models.CharField("họ và tên", max_length=120)
    title_vi = models.CharField("chức danh", max_length=120)
    title_en = models.CharField(max_length=120)
    active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "code"], name="officer_agency")]


class OfficerRole(models.Model):
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField("vai trò", max_length=32)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=32)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "role"], condition=Q(revoked_at=None), name="officer_role_held_once"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("granted_at")),
                name="role_revoked_after_grant",
            ),
        ]
