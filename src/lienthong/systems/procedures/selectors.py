"""Finding a service by everyday words, with or without marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lienthong.blocks.casework import finding
from lienthong.blocks.casework.in_force import procedure_in_force
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.ground.text import Text

DECIDED_TOGETHER = Text(
    "Mỗi cơ quan giải quyết phần của mình; bạn theo dõi tất cả ở một trang",
    "Each agency decides its own part; you follow them all on one page",
)
LEVELS: Mapping[str, Text] = {
    "full": Text(
        "Toàn trình: làm hết trên mạng, không phải đến cơ quan", "Wholly online; no visit is needed"
    ),
    "partial": Text("Một phần: nộp trên mạng, đến cơ quan một lần", "Partly online; one visit is needed"),
}
AT_COUNTER = Text("Tại Trung tâm phục vụ hành chính công", "At the public service centre")


def _days_said(count: int) -> Text:
    return Text(f"{count} ngày làm việc", f"{count} working {'day' if count == 1 else 'days'}")


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A procedure as the portal shows it; package is the published data."""

    code: str
    name: Text
    summary: Text
    level: str
    linked: bool
    event: str
    package: dict[str, Any]

    @property
    def time_limit(self) -> int | None:
        limit = self.package.get("time_limit", {}).get("working_days")
        return None if limit is None else int(limit)

    @property
    def time_said(self) -> Text | None:
        """The time limit in words."""
        if self.time_limit is None:
            return None
        if self.time_limit == 0:
            return Text(
                "Ngay trong ngày; nộp sau 15:00 thì ngày làm việc tiếp theo",
                "The same day; after 15:00, the next working day",
            )
        parts = [_days_said(self.time_limit)]
        for row in self.package["time_limit"].get("cases", ()):
            days = _days_said(int(row["working_days"]))
            parts.append(Text(f"{days.vi} {row['vi']}", f"{days.en} {row['en']}"))
        return Text("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts))

    @property
    def decided_by(self) -> Text:
        if self.linked:
            return DECIDED_TOGETHER
        return agency_kinds()[self.package["agency_kind"]].decides

    @property
    def level_said(self) -> Text:
        return LEVELS.get(self.level, AT_COUNTER)


def _card(package: dict[str, Any]) -> ServiceCard:
    summary = package.get("summary") or package["name"]
    return ServiceCard(
        package["code"],
        Text(**package["name"]),
        Text(summary["vi"], summary["en"]),
        package["level"],
        bool(package.get("linked")),
        package.get("event", ""),
        package,
    )


def services_all(*, on: date) -> list[ServiceCard]:
    """Linked services first, then by name."""
    return [_card(package) for package in finding.packages_offered(on=on)]


def service_get(*, code: str, on: date) -> ServiceCard | None:
    """The service; an envelope of the software is none."""
    row = procedure_in_force(code=code, on=on)
    return _card(row.package) if row and not row.package.get("internal") else None


def linked_with(*, code: str, on: date) -> list[ServiceCard]:
    """Linked procedures of which this one is a part."""
    return [
        card
        for card in services_all(on=on)
        if card.linked and any(step.get("child") == code for step in card.package["steps"].values())
    ]


def services_search(*, query: str, on: date) -> list[ServiceCard]:
    """Every service that has all words of the query, the one that names them most first; linked ones lead."""
    return [_card(package) for package in finding.packages_found(query=query, on=on)]
