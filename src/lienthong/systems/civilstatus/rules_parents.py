"""A parent without a personal number: Law on Civil Status 60/2014, art. 35-36; Law on Nationality 24/2008, art. 16."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text

WHO: Final = {"mother": Text("mẹ", "mother"), "father": Text("cha", "father")}


@dataclass(frozen=True, slots=True)
class Parent:
    """What population knows of a parent; without a name it knows nothing of the number.

    A foreigner has no number, but a passport: what it says was declared, and the officer compares it.
    """

    number: str
    full_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    alive: bool = True
    death_date: date | None = None
    nationality: str = ""
    document: str = ""

    @property
    def is_foreign(self) -> bool:
        return not self.number


def foreign_problems(foreign: Mapping[str, Parent]) -> list[Problem]:
    """What stands against a birth with these foreign parents, by role.

    Law on Civil Status, art. 35-36: a foreign parent is named by a passport, beside a Vietnamese one.

    Which agency: the commune's, since 1 July 2025 (Decree 120/2025/NĐ-CP). Which nationality the child takes: as the
    parents agree in writing (Law on Nationality 24/2008/QH12, art. 16(2)).
    """
    found: list[Problem] = []
    for role, parent in foreign.items():
        if not (parent.document and parent.full_name and parent.nationality):
            who = WHO[role]
            found.append(
                Invalid(
                    f"{role}-document-missing",
                    Text(f"Thông tin {who.vi} còn thiếu.", f"The {who.en}'s data is incomplete."),
                    Text(
                        "Cha, mẹ là người nước ngoài không có số định danh: Giấy khai sinh ghi họ tên, quốc tịch và "
                        "giấy tờ theo hộ chiếu (Điều 35-36 Luật Hộ tịch).",
                        "A foreign parent has no personal number: the certificate has name, nationality and paper "
                        "by the passport (Law on Civil Status, articles 35-36).",
                    ),
                    Text("Nhập đủ như trên hộ chiếu.", "Enter all of it as in the passport."),
                    field=f"{role}.number",
                )
            )
    if len(foreign) > 1:
        found.append(
            Invalid(
                "parents-both-foreign",
                Text("Cha và mẹ đều là người nước ngoài.", "Both parents are foreigners."),
                Text(
                    "Thủ tục này dành cho trẻ có cha hoặc mẹ là công dân Việt Nam (Điều 16 khoản 2 Luật Quốc tịch).",
                    "This procedure is for a child with a Vietnamese parent (Law on Nationality, article 16(2)).",
                ),
                Text(
                    "Nộp trực tiếp tại Ủy ban nhân dân xã, phường nơi cha, mẹ cư trú.",
                    "Apply in person at the commune where the parents live.",
                ),
                field="mother.number",
            )
        )
    return found
