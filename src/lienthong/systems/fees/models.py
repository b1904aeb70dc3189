"""Bills with their lines, payments at the bank, receipts, and what did not fit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Bill(models.Model):
    """status: open, settled, void (never paid) or refunded (paid, then owed back)."""

    id = models.UUIDField(primary_key=True)
    payer = models.CharField("người nộp", max_length=12, db_index=True)
    payer_name = models.CharField(max_length=120)
    procedure = models.CharField(max_length=40)
    province = models.CharField(max_length=8)
    agency = models.CharField("cơ quan thu", max_length=40)
    channel = models.CharField(max_length=8)
    applied_on = models.DateField("ngày áp dụng mức thu")
    total = models.BigIntegerField()
    status = models.CharField(max_length=8, default="open")
    opened_by = models.CharField(max_length=120)
    reply_to = models.CharField(max_length=240, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    case = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "status"], name="bill_agency")]
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=0), name="bill_total_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "settled", "void", "refunded"]), name="bill_status"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "void"], settled_at=None)
                | Q(status__in=["settled", "refunded"], settled_at__isnull=False),
                name="bill_settled_at",
            ),
        ]


class BillLine(models.Model):
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    unit_price = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    waived = models.BooleanField()
    article = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bill", "position"], name="bill_line_position")]


class Payment(models.Model):
    """One order at the bank; its id is the order's.

    state: waiting; paid (it settled the bill); owed (paid when the bill was settled or void: owed back);
    failed (the payer gave up, or the bank refused); lapsed (nothing came in time).
    """

    id = models.UUIDField(primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="payments")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8, default="waiting")
    transaction = models.CharField("mã giao dịch", max_length=60, blank=True)
    started_at = models.DateTimeField()
    next_query_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_query_at"], condition=Q(state="waiting"), name="payment_to_query")
        ]
        constraints = [
            models.UniqueConstraint(fields=["bill"], condition=Q(state="waiting"), name="payment_waiting"),
            models.UniqueConstraint(fields=["bill"], condition=Q(state="paid"), name="payment_one_paid"),
        ]


class PaymentAnomaly(models.Model):
    """What the bank told us and we did not take: kept for an operator to settle with the bank."""

    order = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)  # amount | unknown-order | other-transaction
    expected = models.BigIntegerField(null=True)
    told = models.BigIntegerField()
    transaction = models.CharField(max_length=60, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind", "told", "transaction"], name="payment_anomaly_once"
            )
        ]


class ReceiptCounter(models.Model):
    """The last number given in a year; a number is taken in the transaction that settles, so none is lost."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Receipt(models.Model):
    """sha256: the sealed PDF, made when it is first asked for."""

    bill = models.OneToOneField(Bill, on_delete=models.PROTECT, related_name="receipt")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    check_code = models.CharField(max_length=19, unique=True)
    sha256 = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="receipt_number")]
        indexes = [models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="receipt_file")]

    @property
    def text(self) -> str:
        """`0000123/2026`."""
        return f"{self.number:07}/{self.year}"


class FeePolicy(models.Model):
    """A rate of a province that departs from the country's: its own policy.

    reduces: it asks for less than the country did on its first day.
    """

    province = models.CharField(max_length=8)
    item = models.CharField(max_length=60)
    channel = models.CharField(max_length=8, blank=True)
    amount = models.BigIntegerField()
    reduces = models.BooleanField()
    article = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["province", "item", "channel", "valid_from", "article"], name="fee_policy_once"
            )
        ]
