"""What the tracking page says: each part in one word, the whole in one sentence. No Django, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lienthong.blocks.casework.parcel_rules import STATE_TEXT, ParcelState
from lienthong.ground import clock, formats
from lienthong.ground.text import Text


class Phase(StrEnum):
    """Where a part stands, as the applicant sees it."""

    NOT_STARTED = "not-started"
    NOT_DONE = "not-done"
    WAITS_FOR_SIGNERS = "waits-for-signers"
    SENDING = "sending"
    WITH_AGENCY = "with-agency"
    WAITS_FOR_YOU = "waits-for-you"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_TAG: dict[Phase, tuple[Text, str]] = {
    Phase.NOT_STARTED: (Text("Chưa bắt đầu", "Not started"), "grey"),
    Phase.NOT_DONE: (Text("Không thực hiện", "Not done"), "grey"),
    Phase.WAITS_FOR_SIGNERS: (Text("Chờ cùng ký", "Waits for signatures"), "yellow"),
    Phase.SENDING: (Text("Đang chuyển", "Being sent"), "blue"),
    Phase.WITH_AGENCY: (Text("Đang xử lý", "In progress"), "blue"),
    Phase.WAITS_FOR_YOU: (Text("Chờ bạn", "Waits for you"), "yellow"),
    Phase.DONE: (Text("Đã cấp", "Issued"), "green"),
    Phase.REFUSED: (Text("Chưa chấp nhận", "Not accepted"), "red"),
    Phase.WITHDRAWN: (Text("Đã rút", "Withdrawn"), "grey"),
}
_REFUSED = frozenset({"refused", "not-accepted", "lapsed", "failed"})
_WEEKDAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Part:
    """One dossier of a linked case, or the place of one that is not opened yet."""

    procedure: str
    name: Text
    agency: Text
    phase: Phase
    number: str = ""
    due_at: datetime | None = None
    reason: Text | None = None
    bill: dict[str, Any] | None = None
    supplement: dict[str, Any] | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    apology: dict[str, Any] | None = None
    opinions: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = ""
    appeal: str = ""  # the kind of a complaint or feedback, which has words of its own
    tag: tuple[Text, str] | None = None
    beside: object = None  # what was filed about it, and may be
    parcel: dict[str, Any] | None = None  # the paper by post: state, tracking, why, at
    gone: Text | None = None
    """What is said of a dossier whose agency disposed of its data."""

    @property
    def word(self) -> Text:
        return (self.tag or _TAG[self.phase])[0]

    @property
    def colour(self) -> str:
        return (self.tag or _TAG[self.phase])[1]

    @property
    def line(self) -> Text:
        """Who has it, and by when."""
        due_vi = f" · hạn {formats.datetime(self.due_at, 'vi')}" if self.due_at else ""
        due_en = f" · due {formats.datetime(self.due_at, 'en')}" if self.due_at else ""
        if self.phase is Phase.WITH_AGENCY:
            vi, en = self._awaited
            return Text(
                f"{self.agency.vi} đang xử lý{vi}{due_vi}", f"{self.agency.en} is working on it{en}{due_en}"
            )
        if self.phase is Phase.SENDING:
            return Text(f"Đang chuyển tới {self.agency.vi}", f"On its way to {self.agency.en}")
        return self.agency

    @property
    def _awaited(self) -> tuple[str, str]:
        """Whose opinion the agency waits for, in both languages."""
        if not self.opinions:
            return "", ""
        vi, en = ([row["agency"][language] for row in self.opinions] for language in ("vi", "en"))
        return (
            f", đang chờ ý kiến của {_listed(vi, 'và')}",
            f" and waits for the opinion of {_listed(en, 'and')}",
        )

    @property
    def sorry(self) -> Text | None:
        """The agency's apology for being late, with both days."""
        if not self.apology:
            return None
        before, after = (
            moment_said(datetime.fromisoformat(self.apology[name])) for name in ("due_before", "promised_at")
        )
        why = f" {self.apology['reason']}" if self.apology["reason"] else ""
        return Text(
            f"{self.agency.vi} xin lỗi vì chậm trả kết quả: đã hẹn {before.vi}, hẹn lại {after.vi}.{why}",
            f"{self.agency.en} apologises for being late: promised for {before.en}, now {after.en}.{why}",
        )

    @property
    def posted(self) -> Text | None:
        """Where the paper is that goes by post."""
        if not self.parcel:
            return None
        state = ParcelState(self.parcel["state"])
        on = clock.in_vietnam(datetime.fromisoformat(self.parcel["at"])).date()
        word, number = STATE_TEXT[state], self.parcel["tracking"]
        if state == ParcelState.ASKED:
            return Text(f"Bản giấy: {word.vi.lower()}", f"Paper: {word.en.lower()}")
        told = f", {number}" if number else ""
        why = f": {self.parcel['why']}" if self.parcel["why"] else ""
        return Text(
            f"Bản giấy: {word.vi.lower()}{told}, {formats.date(on, 'vi')}{why}",
            f"Paper: {word.en.lower()}{told}, {formats.date(on, 'en')}{why}",
        )

    @property
    def answer_by(self) -> datetime | None:
        """Until when a supplement may be answered."""
        asked = (self.supplement or {}).get("due_at")
        return clock.in_vietnam(datetime.fromisoformat(asked)) if asked else None


def phase_of(
    *, outcome: str, bill: dict[str, Any] | None, supplement: dict[str, Any] | None, paused: bool
) -> Phase:
    """Of a dossier that is open at an agency. paused: its clock stands until the applicant acts."""
    if outcome in _REFUSED:
        return Phase.REFUSED
    if outcome == "withdrawn":
        return Phase.WITHDRAWN
    if outcome:
        return Phase.DONE
    return Phase.WAITS_FOR_YOU if supplement or (bill and paused) else Phase.WITH_AGENCY


def phase_unopened(*, closed: bool, first: bool, unsigned: bool = False) -> Phase:
    """Of a part that no agency has yet."""
    if closed:
        return Phase.NOT_DONE
    if unsigned:
        return Phase.WAITS_FOR_SIGNERS
    return Phase.SENDING if first else Phase.NOT_STARTED


def sentence(parts: Sequence[Part], *, outcome: str, due_at: datetime | None) -> Text:
    """What is done, what waits, and by when."""
    if outcome:
        return _ended(parts, outcome)
    done = [part for part in parts if part.phase is Phase.DONE or part.results]
    yours = [part for part in parts if part.phase is Phase.WAITS_FOR_YOU]
    opened = [part for part in parts if part.number]
    if any(part.phase is Phase.WAITS_FOR_SIGNERS for part in parts):
        return Text(
            "Chờ người cùng ký. Hồ sơ được chuyển tới cơ quan khi mọi người đã ký.",
            "It waits for the others to sign. The agency gets it once everybody has.",
        )
    if not opened:
        return Text("Đã nhận tờ khai của bạn.", "Your application has been received.")
    left = len([part for part in parts if part.phase not in {Phase.DONE, Phase.REFUSED, Phase.WITHDRAWN}])
    said_vi = [f"Đã có {_listed([_result(p).vi.lower() for p in done], 'và')}."] if done else []
    said_en = [f"Done: {_listed([_result(p).en.lower() for p in done], 'and')}."] if done else []
    if yours:
        said_vi.append(f"{len(yours)} việc đang chờ bạn.")
        said_en.append(f"{_parts(len(yours))} wait{'s' if len(yours) == 1 else ''} for you.")
    until = max(filter(None, [due_at, *(part.due_at for part in opened if not part.results)]), default=None)
    by_vi = f", dự kiến xong trước {moment_said(until).vi}" if until else ""
    by_en = f", expected before {moment_said(until).en}" if until else ""
    said_vi.append(f"Còn {left} việc chưa xong{by_vi}.")
    said_en.append(f"{_parts(left)} {'is' if left == 1 else 'are'} not finished{by_en}.")
    return Text(" ".join(said_vi), " ".join(said_en))


def _ended(parts: Sequence[Part], outcome: str) -> Text:
    if outcome == "withdrawn":
        return Text("Bạn đã rút hồ sơ này.", "You withdrew this dossier.")
    if outcome == "granted":
        return Text("Mọi việc đã xong.", "Everything is done.")
    if outcome == "lapsed" and not any(part.number for part in parts):
        return Text(
            "Đã hết hạn cùng ký nên hồ sơ không được chuyển đi. Bạn có thể nộp hồ sơ mới.",
            "The time to sign has passed, so no agency got it. You may apply anew.",
        )
    if outcome == "not-accepted" and not any(part.number for part in parts):
        return Text(
            "Có người không ký nên hồ sơ không được chuyển đi. Xem lý do ở phần chữ ký.",
            "Somebody declined to sign, so no agency got it. See why under the signatures.",
        )
    names_vi = _listed([part.name.vi.lower() for part in parts if part.phase is Phase.REFUSED], "và")
    names_en = _listed([part.name.en.lower() for part in parts if part.phase is Phase.REFUSED], "and")
    if outcome == "partly":
        done = len([part for part in parts if part.phase is Phase.DONE])
        return Text(
            f"Đã xong {done} việc. Chưa được chấp nhận: {names_vi or 'phần còn lại'}.",
            f"{_parts(done)} done. Not accepted: {names_en or 'the rest'}.",
        )
    return Text(
        f"Hồ sơ chưa được chấp nhận: {names_vi or 'xem lý do bên dưới'}.",
        f"The dossier was not accepted: {names_en or 'see the reason below'}.",
    )


def _result(part: Part) -> Text:
    """The first paper of a part, or the part's own name."""
    return Text(**part.results[0]["title"]) if part.results else part.name


def moment_said(moment: datetime) -> Text:
    """`17:00 thứ Tư 25/11/2026`, or `17:00 on Wednesday 25 November 2026`."""
    local = clock.in_vietnam(moment)
    return Text(
        f"{formats.time(local)} {_WEEKDAYS_VI[local.weekday()]} {formats.date(local, 'vi')}",
        f"{formats.time(local)} on {_WEEKDAYS_EN[local.weekday()]} {formats.date(local, 'en')}",
    )


def _parts(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) < 2:  # noqa: PLR2004 - one word needs no joining
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
