from django.db import models
from django.db.models import F, Q

from lienthong.blocks.ledger.rules import HoldState, Kind

_GROWS_BY_DEBIT = [kind.value for kind in Kind if kind.grows_by_debit]
_AVAILABLE_DEBIT = F("posted_debits") - F("posted_credits") - F("pending_credits")
_AVAILABLE_CREDIT = F("posted_credits") - F("posted_debits") - F("pending_debits")


class Account(models.Model):
    """One account in whole đồng. Its totals are kept for speed; `selectors.audit` adds them up again."""

    code = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    holder = models.CharField(max_length=200, blank=True, db_index=True)
    floor = models.BigIntegerField(null=True)
    posted_debits = models.BigIntegerField(default=0)
    posted_credits = models.BigIntegerField(default=0)
    pending_debits = models.BigIntegerField(default=0)
    pending_credits = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"
        verbose_name = "tài khoản sổ cái"
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_debits__gte=0, posted_credits__gte=0)
                & Q(pending_debits__gte=0, pending_credits__gte=0),
                name="ledger_account_totals",
            ),
            # The last guard under the services: no code path takes an account below its floor.
            models.CheckConstraint(
                condition=Q(floor__isnull=True)
                | Q(kind__in=_GROWS_BY_DEBIT, floor__lte=_AVAILABLE_DEBIT)
                | (~Q(kind__in=_GROWS_BY_DEBIT) & Q(floor__lte=_AVAILABLE_CREDIT)),
                name="ledger_account_floor",
            ),
        ]


class Movement(models.Model):
    """What a transfer and a hold have in common. The id is the client's."""

    id = models.UUIDField(primary_key=True, editable=False)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    amount = models.BigIntegerField()
    code = models.CharField(max_length=60)
    reference = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_%(class)s_amount"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_%(class)s_accounts"),
        ]


class Transfer(Movement):
    """Final: a trigger refuses every change and deletion. A mistake is corrected by another transfer."""

    class Meta(Movement.Meta):
        db_table = "ledger_transfer"
        verbose_name = "bút toán"
        indexes = [
            models.Index(fields=["debit", "happened_at", "id"], name="ledger_transfer_debit"),
            models.Index(fields=["credit", "happened_at", "id"], name="ledger_transfer_credit"),
            models.Index(fields=["reference"], name="ledger_transfer_reference"),
        ]


class Hold(Movement):
    """Money kept back until it is posted (then a transfer has the same id), voided or expired."""

    expires_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.value) for state in HoldState],
        default=HoldState.PENDING.value,
    )
    ended_at = models.DateTimeField(null=True)

    class Meta(Movement.Meta):
        db_table = "ledger_hold"
        verbose_name = "khoản tạm giữ"
        indexes = [
            models.Index(
                fields=["expires_at"], name="ledger_hold_pending", condition=Q(state=HoldState.PENDING.value)
            )
        ]
