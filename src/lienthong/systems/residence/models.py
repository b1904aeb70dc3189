"""The registers of permanent residence and of its cancellation, and the serials of their numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.blocks.registry.base import RegisterRecord, State


class Registration(RegisterRecord):
    """key: the person's number, so that nobody has two permanent residences at once."""

    HASHED = (
        "registration_number",
        "full_name",
        "unit",
        "address",
        "household",
        "relation",
        "head_number",
        "registered_on",
        "signer_code",
        "signer_name",
        "signer_title_vi",
        "signer_title_en",
    )

    registration_number = models.CharField("số đăng ký", max_length=40, db_index=True)
    full_name = models.CharField("họ và tên", max_length=60)
    unit = models.CharField("xã, phường", max_length=10)
    address = models.CharField("địa chỉ", max_length=200)
    household = models.CharField("hộ", max_length=32)
    relation = models.CharField("quan hệ với chủ hộ", max_length=16)
    head_number = models.CharField("chủ hộ", max_length=12)
    registered_on = models.DateField("ngày đăng ký")
    signer_code = models.CharField("người ký", max_length=32)
    signer_name = models.CharField(max_length=120)
    signer_title_vi = models.CharField(max_length=120)
    signer_title_en = models.CharField(max_length=120)


class Ending(RegisterRecord):
    """key: the number of the cancellation. Also for homes that were never registered in this database.

    ended_on: the day from which the residence holds no longer; ground: one of rules.GROUNDS.
    """

    HASHED = (
        "person_number",
        "full_name",
        "unit",
        "address",
        "household",
        "ground",
        "ended_on",
        "signer_code",
        "signer_name",
        "signer_title_vi",
        "signer_title_en",
    )

    person_number = models.CharField("số định danh cá nhân", max_length=12, db_index=True)
    full_name = models.CharField("họ và tên", max_length=60)
    unit = models.CharField("xã, phường", max_length=10)
    address = models.CharField("địa chỉ", max_length=200)
    household = models.CharField("hộ", max_length=32)
    ground = models.CharField("lý do xóa", max_length=16)
    ended_on = models.DateField("ngày xóa")
    signer_code = models.CharField("người ký", max_length=32)
    signer_name = models.CharField(max_length=120)
    signer_title_vi = models.CharField(max_length=120)
    signer_title_en = models.CharField(max_length=120)

    class Meta(RegisterRecord.Meta):
        abstract = False
        constraints = [
            *RegisterRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["person_number"],
                condition=Q(recorded__upper_inf=True, ground="death") & ~Q(state=State.REVOKED),
                name="residence_death_once",
            ),
        ]


class RegistrationSerial(models.Model):
    """The last serial of a commune in a year. kind: TT registrations, XT cancellations."""

    kind = models.CharField(max_length=2, default="TT")
    unit = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "unit", "year"], name="registration_serial_once")
        ]
