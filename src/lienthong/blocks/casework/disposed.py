"""What is said of a dossier that was disposed of: when, under which decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from lienthong.blocks.casework.retention_models import Disposal
from lienthong.blocks.casework.retention_rules import Part
from lienthong.ground import clock, formats
from lienthong.ground.text import Text


@dataclass(frozen=True, slots=True)
class Disposed:
    """The disposal of a dossier's data and files."""

    at: datetime
    number: str
    decided_on: date
    signed_by: str

    @property
    def said(self) -> Text:
        day, decided = clock.in_vietnam(self.at).date(), self.decided_on
        return Text(
            f"Dữ liệu và tệp của hồ sơ đã được hủy ngày {formats.date(day)} theo Quyết định {self.number} "
            f"ngày {formats.date(decided)} do {self.signed_by} ký, vì đã hết thời hạn lưu trữ.",
            f"The dossier's data and files were disposed of on {formats.date(day, 'en')} under decision "
            f"{self.number} of {formats.date(decided, 'en')}, signed by {self.signed_by}, since their period of "
            "retention had ended.",
        )

    def as_dict(self) -> dict[str, str]:
        """As other agencies are told."""
        return {
            "at": clock.in_vietnam(self.at).isoformat(),
            "number": self.number,
            "decided_on": self.decided_on.isoformat(),
            "signed_by": self.signed_by,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Disposed:
        return cls(
            datetime.fromisoformat(told["at"]),
            told["number"],
            date.fromisoformat(told["decided_on"]),
            told["signed_by"],
        )


def is_disposed() -> Exists:
    """Of a case: its data is gone."""
    rows = Disposal.objects.filter(case=OuterRef("pk"), part=Part.DOSSIER)
    return Exists(rows.exclude(disposed_at=None))


def disposed_of(*, number: str) -> Disposed | None:
    """Of a dossier; None while its data is there."""
    return all_disposed([number]).get(number)


def all_disposed(numbers: Collection[str]) -> dict[str, Disposed]:
    """Of these dossiers, those whose data is gone; read at once."""
    rows = Disposal.objects.filter(case__number__in=numbers, part=Part.DOSSIER).exclude(disposed_at=None)
    found = rows.values_list(
        "case__number", "disposed_at", "decision__number", "decision__decided_on", "decision__signed_by"
    )
    return {number: Disposed(*rest) for number, *rest in found}
