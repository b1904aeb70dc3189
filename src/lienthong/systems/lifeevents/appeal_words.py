"""What a person reads of a complaint or feedback: who has it, by when, how it ended, what they may do next. No I/O."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from lienthong.blocks.casework import appeal_rules
from lienthong.blocks.casework.appeal_rules import FEEDBACK, FIRST, SECOND, Ground
from lienthong.blocks.casework.selectors import CaseCard
from lienthong.ground import clock, formats
from lienthong.ground.errors import Conflict, Invalid
from lienthong.ground.text import Text

PROCEDURES: Final = {FIRST: "9.000020", SECOND: "9.000021", FEEDBACK: "9.000022"}
"""The agency's package for each kind of complaint or feedback."""
COMPLAINTS: Final = frozenset({PROCEDURES[FIRST], PROCEDURES[SECOND]})
GROUND_TEXT: Final[dict[str, Text]] = {
    Ground.DECISION: Text(
        "Hồ sơ bị từ chối, không được tiếp nhận hoặc bị dừng", "It was refused, not accepted, or stopped"
    ),
    Ground.RESULT: Text("Kết quả đã cấp bị sai", "The result that was issued is wrong"),
    Ground.LATE: Text("Giải quyết chậm", "It is late"),
}
_ENDED: Final[dict[str, tuple[Text, str]]] = {
    "granted": (Text("Khiếu nại đúng", "Upheld"), "green"),
    "partly": (Text("Đúng một phần", "Partly upheld"), "orange"),
    "refused": (Text("Không đúng", "Not upheld"), "red"),
    "not-accepted": (Text("Không thụ lý", "Not accepted"), "red"),
    "withdrawn": (Text("Đã rút", "Withdrawn"), "grey"),
}
_STOPPED: Final = (Text("Dừng", "Stopped"), "grey")
_OPEN: Final = (Text("Đang giải quyết", "In progress"), "blue")
_ANSWERED: Final = (Text("Đã trả lời", "Answered"), "green")


def tag_of(*, kind: str, outcome: str) -> tuple[Text, str]:
    """The word of a complaint or feedback, and its colour."""
    if not outcome:
        return _OPEN
    if kind == FEEDBACK and outcome == "granted":
        return _ANSWERED
    return _ENDED.get(outcome, _STOPPED)


def state_said(
    *, kind: str, outcome: str, agency: Text, received_on: date, due_at: datetime | None, renewed: str = ""
) -> Text:
    """Who has it and until when; or how it ended, and what follows."""
    if outcome:
        return _ended(kind, outcome, renewed)
    if due_at is None:
        return Text(f"Đang chuyển tới {agency.vi}.", f"On its way to {agency.en}.")
    by_vi, by_en = formats.date(due_at), formats.date(due_at, "en")
    if kind == FEEDBACK:
        return Text(f"{agency.vi} trả lời trước hết ngày {by_vi}.", f"{agency.en} answers by {by_en}.")
    if appeal_rules.is_accepted(received_on=received_on, due_at=due_at):
        return Text(
            f"{agency.vi} đã thụ lý, giải quyết trước hết ngày {by_vi}.",
            f"{agency.en} accepted it and settles it by {by_en}.",
        )
    return Text(
        f"{agency.vi} xem xét thụ lý trước hết ngày {by_vi}.",
        f"{agency.en} says by {by_en} whether it accepts it.",
    )


def _ended(kind: str, outcome: str, renewed: str) -> Text:
    if kind == FEEDBACK and outcome == "granted":
        return Text("Cơ quan đã trả lời.", "The agency has answered.")
    if renewed:
        return Text(
            f"Khiếu nại được chấp nhận. Hồ sơ được giải quyết lại ({renewed}), bạn không phải nộp lại.",
            f"It was upheld. The dossier is settled anew ({renewed}); you need not file it again.",
        )
    said = {
        "granted": Text("Khiếu nại của bạn đúng.", "Your complaint was right."),
        "partly": Text("Khiếu nại của bạn đúng một phần.", "Your complaint was partly right."),
        "refused": Text(
            "Khiếu nại không được chấp nhận; quyết định giữ nguyên.",
            "It was not upheld; the decision stands.",
        ),
        "not-accepted": Text("Khiếu nại không được thụ lý.", "The complaint was not accepted."),
        "withdrawn": Text("Bạn đã rút.", "You withdrew it."),
    }
    return said.get(outcome, Text("Đã dừng.", "It was stopped."))


def next_said(
    *, kind: str, outcome: str, closed_at: datetime | None, superior: Text | None, second_open: bool
) -> Text | None:
    """What a person may do who does not agree with how a complaint was settled (Law on Complaints, art. 33).

    superior: who settles it a second time; second_open: whether that is filed here, on the portal.
    """
    if kind == FEEDBACK or outcome not in {"refused", "partly", "not-accepted"} or closed_at is None:
        return None
    until = appeal_rules.again_until(closed_at)
    vi, en = formats.date(until), formats.date(until, "en")
    court_vi = "khởi kiện vụ án hành chính tại Tòa án nhân dân có thẩm quyền"
    court_en = "bring the case to the administrative court"
    if outcome == "not-accepted" or kind == appeal_rules.SECOND or superior is None:
        return Text(
            f"Nếu không đồng ý, bạn có quyền {court_vi}.", f"If you do not agree, you may {court_en}."
        )
    here_vi = "ngay trên Cổng, ở dưới" if second_open else "bằng đơn hoặc trực tiếp"
    here_en = "here, below" if second_open else "in writing or in person"
    return Text(
        f"Nếu không đồng ý, đến hết ngày {vi} (vùng sâu, vùng xa: 45 ngày) bạn có quyền khiếu nại lần hai tới "
        f"{superior.vi} ({here_vi}), hoặc {court_vi}.",
        f"If you do not agree, you may until {en} (45 days in remote areas) complain a second time to "
        f"{superior.en} ({here_en}), or {court_en}.",
    )


def acceptance_told(
    card: CaseCard, change: dict[str, Any], earlier: list[dict[str, Any]]
) -> tuple[Text, Text] | None:
    """Subject and text of the notice that a complaint was accepted (art. 27); once, in the change that says so.

    card: the portal's case; earlier: what its agency told before.
    """
    if card.data.get("kind") not in {appeal_rules.FIRST, appeal_rules.SECOND} or change["outcome"]:
        return None
    if change["number"] != _first_number(card) or not _accepts(card, change):
        return None
    if any(_accepts(card, word) for word in earlier):
        return None
    due = datetime.fromisoformat(change["due_at"])
    vi, en = formats.date(due), formats.date(due, "en")
    number = change["number"]
    return (
        Text(f"Khiếu nại {number} đã được thụ lý", f"Complaint {number} was accepted"),
        Text(f"Cơ quan giải quyết trước hết ngày {vi}.", f"The agency settles it by {en}."),
    )


def _first_number(card: CaseCard) -> str:
    return next((row.number for row in card.children if row.step_key == "open"), "")


def _accepts(card: CaseCard, change: dict[str, Any]) -> bool:
    due = datetime.fromisoformat(change["due_at"]) if change["due_at"] else None
    return appeal_rules.is_accepted(received_on=card.received_on, due_at=due)


def title_of(kind: str, about: dict[str, Any]) -> str:
    """What lists call it; the applicant's language is not known to who opens it."""
    first = {FEEDBACK: "Phản ánh", appeal_rules.SECOND: "Khiếu nại lần hai"}.get(kind, "Khiếu nại")
    return f"{first}: {about['name']['vi']}, {about['title']}"[:200]


def known_said(moment: datetime) -> str:
    return clock.in_vietnam(moment).date().isoformat()


def late_reason_missing(until: datetime) -> Invalid:
    vi, en = formats.date(until), formats.date(until, "en")
    return Invalid(
        "late-reason-missing",
        Text("Thời hiệu khiếu nại đã hết.", "The time to complain has passed."),
        Text(
            f"Bạn có thể khiếu nại đến hết ngày {vi} (Luật Khiếu nại, Điều 9).",
            f"You could complain until {en} (Law on Complaints, art. 9).",
        ),
        Text(
            "Nếu vì ốm đau, thiên tai, đi xa hoặc trở ngại khách quan khác mà không khiếu nại kịp, hãy viết lý do đó.",
            "If illness, a disaster, a far journey or the like kept you from it, write that reason.",
        ),
        field="late_reason",
    )


def second_not_open() -> Conflict:
    return Conflict(
        "second-not-open",
        Text(
            "Khiếu nại này chưa khiếu nại lần hai được trên Cổng.", "No second complaint is filed here now."
        ),
        Text(
            "Khiếu nại lần đầu còn trong hạn giải quyết, đã đúng, hoặc cấp trên chưa có trên hệ thống.",
            "The first is still in time or was upheld, or the superior agency has no desk here.",
        ),
        Text(
            "Xem quyền của bạn ở trang của khiếu nại lần đầu.",
            "See your rights on the first complaint's page.",
        ),
    )


def complaint_open(number: str) -> Conflict:
    return Conflict(
        "complaint-open",
        Text(
            "Khiếu nại về hồ sơ này đang được giải quyết.", "A complaint about this dossier is being settled."
        ),
        Text(f"Đó là khiếu nại {number}.", f"It is complaint {number}."),
        Text("Theo dõi khiếu nại đó, hoặc rút rồi nộp lại.", "Follow it, or withdraw it and file anew."),
    )


def complaint_settled(number: str) -> Conflict:
    return Conflict(
        "complaint-settled",
        Text("Khiếu nại này đã có quyết định giải quyết.", "This complaint was settled."),
        Text(f"Việc này được giải quyết ở khiếu nại {number}.", f"It was settled as complaint {number}."),
        Text(
            "Mở khiếu nại đó để xem quyền khiếu nại lần hai và khởi kiện.",
            "Open that complaint for your rights to a second one and to a lawsuit.",
        ),
    )


def ground_not_open() -> Invalid:
    return Invalid(
        "ground-not-open",
        Text("Hồ sơ này không khiếu nại được về việc đó.", "This cannot be complained of for that."),
        Text(
            "Chưa có quyết định hoặc kết quả như bạn chọn, hoặc hồ sơ chưa quá hạn.",
            "There is no such decision or result, or the dossier is not late.",
        ),
        Text("Chọn điều khác, hoặc gửi phản ánh.", "Choose another, or send feedback."),
        field="ground",
    )


def feedback_many() -> Conflict:
    return Conflict(
        "feedback-many",
        Text("Các phản ánh trước của bạn chưa được trả lời.", "Your earlier feedback is not answered yet."),
        Text(
            "Mỗi hồ sơ có nhiều nhất ba phản ánh đang chờ trả lời.",
            "A dossier has three pieces of feedback waiting at most.",
        ),
        Text("Chờ trả lời, rồi gửi tiếp.", "Wait for an answer, then send more."),
    )
