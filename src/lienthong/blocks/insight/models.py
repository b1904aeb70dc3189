"""Reports as they were made; and the facts that other instances told, with how far they are known."""

from __future__ import annotations

from django.db import models


class Report(models.Model):
    """as_of: the moment up to which facts counted; sources: how far those of other instances were known."""

    month = models.DateField()
    as_of = models.DateTimeField()
    figures = models.JSONField()
    sources = models.JSONField(default=list)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "as_of"], name="report_once")]
        indexes = [models.Index(fields=["-made_at"], name="report_newest")]


class FactSource(models.Model):
    """A subsystem of another instance whose facts are collected.

    known_until: every row recorded up to then was taken over; round_until: the same once the round that runs
    is over; stays: views with rows that do not travel; problem: why the last try failed, in words.
    """

    name = models.CharField(max_length=120, primary_key=True)
    known_until = models.DateTimeField(null=True)
    round_until = models.DateTimeField(null=True)
    stays = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    tried_at = models.DateTimeField(null=True)


class FactCursor(models.Model):
    """How far one view of a source was taken over, and which columns it told."""

    source = models.ForeignKey(FactSource, on_delete=models.CASCADE)
    view = models.CharField(max_length=63)
    columns = models.JSONField(default=list)
    at = models.DateTimeField(null=True)
    key = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "view"], name="fact_cursor_once")]


class CollectedFact(models.Model):
    """A row of another instance's fact view; key: its first column; row: every column's value as text."""

    source = models.ForeignKey(FactSource, on_delete=models.CASCADE)
    view = models.CharField(max_length=63)
    key = models.TextField()
    row = models.JSONField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "view", "key"], name="collected_fact_once")]
        indexes = [models.Index(fields=["view", "happened_at"], name="collected_fact_view")]
