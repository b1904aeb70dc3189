"""The register of health-insurance cards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.blocks.registry.base import RegisterRecord


class HealthCard(RegisterRecord):
    """key: the person's number, so that nobody has two cards at once; valid: the days of cover."""

    HASHED = (
        "card_number",
        "object_code",
        "benefit_level",
        "benefit_percent",
        "full_name",
        "sex",
        "birth_date",
        "unit",
        "address",
        "hospital_code",
        "hospital_name",
        "issued_on",
        "signer_code",
        "signer_name",
        "signer_title_vi",
        "signer_title_en",
    )

    card_number = models.CharField("mã thẻ", max_length=10)
    object_code = models.CharField("mã đối tượng", max_length=3)
    benefit_level = models.CharField("mức hưởng", max_length=1)
    benefit_percent = models.PositiveSmallIntegerField()
    full_name = models.CharField("họ và tên", max_length=60)
    sex = models.CharField("giới tính", max_length=6)
    birth_date = models.DateField("ngày sinh")
    unit = models.CharField(max_length=10)
    address = models.CharField("địa chỉ", max_length=200)
    hospital_code = models.CharField("nơi khám bệnh ban đầu", max_length=20)
    hospital_name = models.CharField(max_length=200)
    issued_on = models.DateField("ngày cấp")
    signer_code = models.CharField("người ký", max_length=32)
    signer_name = models.CharField(max_length=120)
    signer_title_vi = models.CharField(max_length=120)
    signer_title_en = models.CharField(max_length=120)

    class Meta(RegisterRecord.Meta):
        abstract = False
        constraints = [
            *RegisterRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["card_number"], condition=Q(recorded__upper_inf=True), name="health_card_number_once"
            ),
        ]
