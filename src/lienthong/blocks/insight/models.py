"""Reports as they were made: the moment up to which facts counted, and the figures."""

from __future__ import annotations

from django.db import models


class Report(models.Model):
    month = models.DateField()
    as_of = models.DateTimeField()
    figures = models.JSONField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "as_of"], name="report_once")]
        indexes = [models.Index(fields=["-made_at"], name="report_newest")]
