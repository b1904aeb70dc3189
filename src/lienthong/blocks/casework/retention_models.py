"""Holds on dossiers, decisions to dispose of some, and what became of each part; files that were removed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Hold(models.Model):
    """A dossier that must stay while somebody complains, sues or inspects; lifted, or over after its last day."""

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField("lý do", max_length=12)  # complaint | denunciation | lawsuit | inspection
    note = models.CharField(max_length=300)
    until = models.DateField("đến hết ngày", null=True)  # without it: until it is lifted
    placed_by = models.JSONField()  # the officer: code, name
    placed_at = models.DateTimeField()
    lifted_by = models.JSONField(default=dict)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case"], condition=Q(lifted_at=None), name="hold_open")]


class DisposalDecision(models.Model):
    """The agency's decision to dispose of records (quyết định hủy tài liệu hết giá trị), and what came of it.

    list_sha256: the list of all parts, as a kept file; record: what is signed; certificate: the signer's fingerprint.
    """

    agency = models.CharField("cơ quan", max_length=32)
    number = models.CharField("số quyết định", max_length=60)
    decided_on = models.DateField("ngày quyết định")
    signed_by = models.CharField("người ký", max_length=120)
    minutes = models.CharField("biên bản hội đồng", max_length=200)
    entered_by = models.JSONField()  # the officer: code, name
    entered_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    list_sha256 = models.CharField(max_length=64, blank=True)
    record = models.JSONField(null=True)
    signature = models.TextField(blank=True)
    certificate = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "number"], name="disposal_decision_once")]
        indexes = [models.Index(fields=["id"], condition=Q(finished_at=None), name="disposal_decision_open")]


class Disposal(models.Model):
    """One part of one dossier on the list of a decision: waiting, disposed of, or kept after all (`kept_why`).

    content_hash: of what was removed, so that a copy elsewhere can be known again; files: hash and size of each.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="disposals")
    part = models.CharField(max_length=8)  # dossier | results | messages
    decision = models.ForeignKey(DisposalDecision, on_delete=models.PROTECT, related_name="disposals")
    disposed_at = models.DateTimeField(null=True)
    kept_why = models.CharField(max_length=12, blank=True)  # held | not-due
    content_hash = models.CharField(max_length=64, blank=True)
    files = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "part"], condition=Q(kept_why=""), name="disposal_once")
        ]
        indexes = [
            models.Index(
                fields=["decision", "id"], condition=Q(disposed_at=None, kept_why=""), name="disposal_waiting"
            )
        ]


class RemovedFile(models.Model):
    """A file that nothing refers to any more: condemned with its dossier, then removed from the store.

    decision: none where it came with an application that was never sent.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    decision = models.ForeignKey(DisposalDecision, null=True, on_delete=models.PROTECT, related_name="+")
    condemned_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], condition=Q(removed_at=None), name="file_condemned")]
