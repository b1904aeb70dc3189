"""Agencies with their validity, and the records of registers that are declared in YAML."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from lienthong.blocks.registry.base import RegisterRecord


class Agency(models.Model):
    """code: new style (H01.12); old_code: QCVN 102 style; unit: the commune or province that it serves."""

    code = models.CharField("mã định danh", max_length=32, primary_key=True)
    old_code = models.CharField(max_length=32, blank=True)
    kind = models.CharField(max_length=40)
    name_vi = models.CharField("tên cơ quan", max_length=200)
    name_en = models.CharField(max_length=200)
    short_vi = models.CharField(max_length=120)
    short_en = models.CharField(max_length=120)
    unit = models.CharField("đơn vị hành chính", max_length=10, blank=True)
    parent = models.CharField(max_length=32, blank=True)
    valid = DateRangeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "unit"], name="agency_kind_unit")]


class DeclaredRecord(RegisterRecord):
    """A record of a register declared in content/registers/; key is `<register>:<key>`."""

    HASHED = ("register", "data")

    register = models.CharField(max_length=60, db_index=True)
    data = models.JSONField()

    class Meta(RegisterRecord.Meta):
        abstract = False
        indexes = [GinIndex(fields=["data"], name="declared_data", opclasses=["jsonb_path_ops"])]


class RegisterSerial(models.Model):
    """The last number of a register's series; locked by the transaction that enters the record."""

    register = models.CharField(max_length=60)
    series = models.CharField(max_length=60, blank=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "series"], name="register_serial")]
