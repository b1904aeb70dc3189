"""How long a closed dossier is kept and what becomes of it: dated rules, the longest that applied decides.

Pure. Law on Archives 33/2024/QH15 (periods, disposal of records without further value), Law on Personal Data Protection
91/2025/QH15 (data goes when its purpose has ended, unless a law keeps it); each rule names its own article.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from lienthong.ground import clock
from lienthong.ground.text import Text


class Part(StrEnum):
    """What of a dossier has a period of its own."""

    DOSSIER = "dossier"  # declaration, uploaded files, what the journal says
    RESULTS = "results"  # papers issued
    MESSAGES = "messages"  # bodies exchanged for it; the log has none


PART_TEXT: Final[dict[Part, Text]] = {
    Part.DOSSIER: Text("Dữ liệu và tệp của hồ sơ", "The dossier's data and files"),
    Part.RESULTS: Text("Kết quả đã cấp", "Results issued"),
    Part.MESSAGES: Text("Nội dung thông điệp trao đổi", "Bodies of messages"),
}


class Nomination(StrEnum):
    """What becomes of a part when its period has ended; the later in this list is the stronger."""

    DISPOSE = "dispose"
    TRANSFER = "transfer"
    KEEP = "keep"


NOMINATION_TEXT: Final[dict[Nomination, Text]] = {
    Nomination.DISPOSE: Text("Hủy", "Dispose"),
    Nomination.TRANSFER: Text("Nộp vào lưu trữ lịch sử", "Transfer to the historical archive"),
    Nomination.KEEP: Text("Bảo quản vĩnh viễn", "Keep permanently"),
}
_STRENGTH: Final = {name: at for at, name in enumerate(Nomination)}


@dataclass(frozen=True, slots=True)
class Rule:
    """years: from the end of the year of closing; 0 where the part is kept for good. last: None, in force still."""

    part: Part
    nomination: Nomination
    years: int
    first: date
    last: date | None
    article: str

    def applied(self, *, closed: date, on: date) -> bool:
        """Whether it was in force on any day from the closing to `on`."""
        return self.first <= on and (self.last is None or closed <= self.last)


@dataclass(frozen=True, slots=True)
class Verdict:
    """kept_until: the last day on which it must be there; None for good."""

    nomination: Nomination
    kept_until: date | None
    articles: tuple[str, ...]

    def is_due(self, on: date) -> bool:
        """Whether its period has ended, so that it is to be disposed of or transferred."""
        return self.kept_until is not None and self.kept_until < on

    def disposable(self, on: date) -> bool:
        return self.nomination is Nomination.DISPOSE and self.is_due(on)


def verdict(rules: Iterable[Rule], *, closed: date, on: date) -> Verdict:
    """Of one part, by all rules of that part that applied. Where none did, it is kept: silence disposes of nothing."""
    applied = [rule for rule in rules if rule.applied(closed=closed, on=on)]
    if not applied:
        return Verdict(Nomination.KEEP, None, ())
    articles = tuple(dict.fromkeys(rule.article for rule in applied))
    nomination = max((rule.nomination for rule in applied), key=_STRENGTH.__getitem__)
    if nomination is Nomination.KEEP:
        return Verdict(nomination, None, articles)
    year = min(closed.year + max(rule.years for rule in applied), date.max.year)
    return Verdict(nomination, date(year, 12, 31), articles)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of closing, both ends included."""

    first: date
    last: date


def spans_due(rules: Iterable[Rule], *, on: date, nomination: Nomination) -> list[Span]:
    """The days of closing for which `verdict` says on `on`: due, with this nomination. For a question to a database."""
    known = [rule for rule in rules if rule.first <= on]
    ends = sorted({rule.last for rule in known if rule.last is not None and rule.last < on})
    starts = [date.min, *(end + timedelta(days=1) for end in ends)]
    spans: list[Span] = []
    for first, last in zip(starts, [*ends, on], strict=True):
        # Between two ends the same rules apply to whatever day a dossier closed on.
        applied = [rule for rule in known if rule.applied(closed=first, on=on)]
        if not applied or max((rule.nomination for rule in applied), key=_STRENGTH.__getitem__) != nomination:
            continue
        year = on.year - max(rule.years for rule in applied) - 1
        if nomination is Nomination.KEEP or year < date.min.year:
            continue
        until = min(last, date(year, 12, 31))
        if first <= until:
            spans.append(Span(first, until))
    return spans


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A draft is deleted `days` after its last change; its owner is told `tell_days` before."""

    days: int
    tell_days: int
    first: date
    last: date | None
    article: str


@dataclass(frozen=True, slots=True)
class DraftTerm:
    """tell_from: from when its owner is told; ends_at: from when it may be deleted, if they were told in time."""

    tell_from: datetime
    ends_at: datetime
    tell_days: int

    def may_end(self, *, told_at: datetime | None, now: datetime) -> bool:
        """Whether it may be deleted: its time has passed, and so has the notice since its owner was told."""
        return told_at is not None and self.ends_at <= now and told_at + timedelta(days=self.tell_days) <= now


def draft_term(rules: Iterable[DraftRule], *, changed_at: datetime, now: datetime) -> DraftTerm | None:
    """By all rules in force on any day since its last change, the longest; None where there was none."""
    since, today = clock.in_vietnam(changed_at).date(), clock.in_vietnam(now).date()
    applied = [rule for rule in rules if rule.first <= today and (rule.last is None or since <= rule.last)]
    if not applied:
        return None
    days, tell = max(rule.days for rule in applied), max(rule.tell_days for rule in applied)
    return DraftTerm(changed_at + timedelta(days=days - tell), changed_at + timedelta(days=days), tell)


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """Records of one kind. procedures: the codes that are of it without saying so themselves."""

    code: str
    title: Text
    procedures: frozenset[str]
    rules: tuple[Rule, ...]

    def of(self, part: Part) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.part is part)


@dataclass(frozen=True, slots=True)
class RetentionTable:
    classes: Mapping[str, RetentionClass]
    default: str
    drafts: tuple[DraftRule, ...]

    def class_of(self, procedure: str, named: str = "") -> RetentionClass:
        """Of a procedure: what its package names, else whoever lists its code, else the default."""
        if named in self.classes:
            return self.classes[named]
        listed = (each for each in self.classes.values() if procedure in each.procedures)
        return next(listed, self.classes[self.default])


def table_read(data: Mapping[str, Any]) -> RetentionTable:
    """The table of content/retention.yaml, which `retention_check` finds whole. ValueError where it is not."""
    classes = {
        str(row["code"]): RetentionClass(
            str(row["code"]),
            Text(str(row["title"]["vi"]), str(row["title"]["en"])),
            frozenset(str(code) for code in row["procedures"]),
            tuple(_rule(rule) for rule in row["rules"]),
        )
        for row in data["classes"]
    }
    if data["default"] not in classes:
        raise ValueError(f"the default class {data['default']} is none of the classes")
    drafts = tuple(
        DraftRule(int(row["days"]), int(row["tell_days"]), *_period(row), str(row["article"]))
        for row in data["drafts"]
    )
    return RetentionTable(classes, str(data["default"]), drafts)


def _rule(row: Mapping[str, Any]) -> Rule:
    nomination = Nomination(row["nomination"])
    years = 0 if nomination is Nomination.KEEP else int(row["years"])
    return Rule(Part(row["part"]), nomination, years, *_period(row), str(row["article"]))


def _period(row: Mapping[str, Any]) -> tuple[date, date | None]:
    return _day(row["valid_from"]), _day(row["valid_to"]) if row.get("valid_to") else None


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
