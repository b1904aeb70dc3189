"""The registers of births and deaths, and the serials of their books."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.blocks.registry.base import RegisterRecord, State


class Birth(RegisterRecord):
    """key: the certificate number. guard: what no two births in force may share (rules.child_guard)."""

    HASHED = (
        "child_number",
        "full_name",
        "sort_key",
        "search_key",
        "sex",
        "birth_date",
        "birth_unit",
        "birth_place",
        "birth_province",
        "ethnicity",
        "nationality",
        "mother_number",
        "mother_name",
        "mother_birth_date",
        "father_number",
        "father_name",
        "father_birth_date",
        "declarant_number",
        "declarant_relation",
        "unit",
        "book",
        "registered_on",
        "on_time",
        "signer_code",
        "signer_name",
        "signer_title_vi",
        "signer_title_en",
        "guard",
    )
    HASHED_LATER = ("mother_nationality", "mother_document", "father_nationality", "father_document")
    """Of a foreign parent, who has no personal number."""

    child_number = models.CharField("số định danh cá nhân", max_length=12, db_index=True)
    full_name = models.CharField("họ, chữ đệm, tên", max_length=60)
    sort_key = models.CharField(max_length=400)
    search_key = models.CharField(max_length=120)
    sex = models.CharField("giới tính", max_length=6)
    birth_date = models.DateField("ngày sinh")
    birth_unit = models.CharField(max_length=10, blank=True)
    birth_place = models.CharField("nơi sinh", max_length=200)
    birth_province = models.CharField(max_length=2)
    ethnicity = models.CharField("dân tộc", max_length=40)
    nationality = models.CharField("quốc tịch", max_length=40)
    mother_number = models.CharField(max_length=12, blank=True, db_index=True)
    mother_name = models.CharField("họ tên mẹ", max_length=60, blank=True)
    mother_birth_date = models.DateField(null=True)
    mother_nationality = models.CharField("quốc tịch mẹ", max_length=40, blank=True, default="")
    mother_document = models.CharField("giấy tờ của mẹ", max_length=60, blank=True, default="")
    father_number = models.CharField(max_length=12, blank=True, db_index=True)
    father_name = models.CharField("họ tên cha", max_length=60, blank=True)
    father_birth_date = models.DateField(null=True)
    father_nationality = models.CharField("quốc tịch cha", max_length=40, blank=True, default="")
    father_document = models.CharField("giấy tờ của cha", max_length=60, blank=True, default="")
    declarant_number = models.CharField("người đi khai sinh", max_length=12)
    declarant_relation = models.CharField(max_length=16)
    unit = models.CharField("nơi đăng ký", max_length=10)
    book = models.CharField("quyển", max_length=40)
    registered_on = models.DateField("ngày đăng ký")
    on_time = models.BooleanField("đúng hạn")
    signer_code = models.CharField("người ký", max_length=32)
    signer_name = models.CharField(max_length=120)
    signer_title_vi = models.CharField(max_length=120)
    signer_title_en = models.CharField(max_length=120)
    guard = models.CharField(max_length=500)

    class Meta(RegisterRecord.Meta):
        abstract = False
        constraints = [
            *RegisterRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["guard"],
                condition=Q(recorded__upper_inf=True) & ~Q(state=State.REVOKED),
                name="birth_child_once",
            ),
            models.UniqueConstraint(
                fields=["child_number"],
                condition=Q(recorded__upper_inf=True) & ~Q(state=State.REVOKED),
                name="birth_number_once",
            ),
        ]


class Death(RegisterRecord):
    """key: the certificate number. No two deaths in force are of the same person."""

    HASHED = (
        "person_number",
        "full_name",
        "sort_key",
        "search_key",
        "sex",
        "birth_date",
        "death_date",
        "death_place",
        "cause",
        "declarant_number",
        "declarant_relation",
        "unit",
        "book",
        "registered_on",
        "on_time",
        "signer_code",
        "signer_name",
        "signer_title_vi",
        "signer_title_en",
    )

    person_number = models.CharField("số định danh cá nhân", max_length=12, db_index=True)
    full_name = models.CharField("họ, chữ đệm, tên", max_length=60)
    sort_key = models.CharField(max_length=400)
    search_key = models.CharField(max_length=120)
    sex = models.CharField("giới tính", max_length=6, blank=True)
    birth_date = models.DateField("ngày sinh", null=True)
    death_date = models.DateField("ngày chết")
    death_place = models.CharField("nơi chết", max_length=200)
    cause = models.CharField("nguyên nhân chết", max_length=200)
    declarant_number = models.CharField("người đi khai tử", max_length=12)
    declarant_relation = models.CharField(max_length=16)
    unit = models.CharField("nơi đăng ký", max_length=10)
    book = models.CharField("quyển", max_length=40)
    registered_on = models.DateField("ngày đăng ký")
    on_time = models.BooleanField("đúng hạn")
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
                condition=Q(recorded__upper_inf=True) & ~Q(state=State.REVOKED),
                name="death_person_once",
            ),
        ]


class BookSerial(models.Model):
    """The last serial of a commune's book of a year; taken inside the registering transaction: no gaps.

    kind: KS births, KT deaths.
    """

    kind = models.CharField(max_length=2, default="KS")
    unit = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "unit", "year"], name="book_serial_once")]
