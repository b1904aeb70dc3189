"""Persons and households (bitemporal), numbers given, and who read whose data."""

from __future__ import annotations

from django.db import models

from lienthong.blocks.registry.base import RegisterRecord


class Person(RegisterRecord):
    """key: the 12-digit number. unit: commune; relation: to the head of the household."""

    HASHED = (
        "full_name",
        "sort_key",
        "search_key",
        "sex",
        "birth_date",
        "birth_province",
        "nationality",
        "ethnicity",
        "alive",
        "death_date",
        "mother_number",
        "father_number",
        "unit",
        "address",
        "household",
        "relation",
    )

    full_name = models.CharField("họ và tên", max_length=60)
    sort_key = models.CharField(max_length=400)
    search_key = models.CharField(max_length=120, db_index=True)
    sex = models.CharField("giới tính", max_length=6)
    birth_date = models.DateField("ngày sinh")
    birth_province = models.CharField("nơi đăng ký khai sinh", max_length=2)
    nationality = models.CharField("quốc tịch", max_length=40, default="Việt Nam")
    ethnicity = models.CharField("dân tộc", max_length=40, blank=True)
    alive = models.BooleanField(default=True)
    death_date = models.DateField("ngày chết", null=True)
    mother_number = models.CharField(max_length=12, blank=True)
    father_number = models.CharField(max_length=12, blank=True)
    unit = models.CharField("nơi thường trú", max_length=10, blank=True)
    address = models.CharField("địa chỉ", max_length=200, blank=True)
    household = models.CharField("hộ", max_length=32, blank=True)
    relation = models.CharField("quan hệ với chủ hộ", max_length=16, blank=True)

    class Meta(RegisterRecord.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["household"],
                condition=models.Q(recorded__upper_inf=True) & ~models.Q(household=""),
                name="person_household",
            )
        ]


class Household(RegisterRecord):
    """key: the household's id; head: a personal number, empty while unknown."""

    HASHED = ("unit", "address", "head")

    unit = models.CharField(max_length=10)
    address = models.CharField(max_length=200)
    head = models.CharField("chủ hộ", max_length=12, blank=True)


class NumberAllocation(models.Model):
    """A number that was given; it is never given again, whatever becomes of the case."""

    number = models.CharField("số định danh cá nhân", max_length=12, primary_key=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=6)
    province = models.CharField(max_length=2)
    allocated_at = models.DateTimeField()
    agency = models.CharField(max_length=32)
    case = models.CharField(max_length=60, blank=True, db_index=True)
    message_id = models.CharField(max_length=64)
    officer = models.CharField(max_length=32, blank=True)


class AccessEntry(models.Model):
    """One reading of one person's data. Append-only: the database refuses to change or delete a row."""

    subject = models.CharField(max_length=12)
    what_vi = models.CharField(max_length=200)
    what_en = models.CharField(max_length=200)
    reader = models.CharField(max_length=120)
    holder = models.CharField(max_length=120)
    service = models.CharField(max_length=120)
    legal_basis = models.TextField()
    purpose = models.CharField(max_length=60)
    case = models.CharField(max_length=60, blank=True)
    officer = models.CharField(max_length=32, blank=True)
    message_id = models.UUIDField()
    read_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "subject", "what_en"], name="access_entry_once")
        ]
        indexes = [models.Index(fields=["subject", "-id"], name="access_entry_subject")]
