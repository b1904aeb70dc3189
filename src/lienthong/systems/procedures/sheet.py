"""A package as an officer reads it: the same headings and lines for the terminal and for the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lienthong.blocks.casework.package_opinions import folded
from lienthong.blocks.casework.package_steps import ways
from lienthong.blocks.casework.rules import ASKED
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.blocks.registry.declarations import registers
from lienthong.ground import formats
from lienthong.ground.text import Text, same
from lienthong.systems.procedures.selectors import AT_COUNTER, LEVELS

_KINDS: Final[Mapping[str, Text]] = {
    "task": Text("cán bộ làm", "an officer's work"),
    "call": Text("hỏi hoặc ghi ở hệ thống khác", "asks another system, or writes there"),
    "pay": Text("thu phí", "takes the fee"),
    "wait": Text("chờ", "waits"),
    "fork": Text("chia nhánh", "branches"),
    "join": Text("gộp nhánh", "joins branches"),
    "issue": Text("ký và cấp giấy", "signs and issues a paper"),
    "deposit": Text("trả vào kho giấy tờ", "puts papers into their owners' warehouse"),
    "opinions": Text("hỏi ý kiến cơ quan khác", "asks other agencies for their opinion"),
}
ENDS: Final[Mapping[str, Text]] = {
    "granted": Text("Kết thúc: đồng ý", "End: granted"),
    "partly": Text("Kết thúc: đồng ý một phần", "End: granted in part"),
    "refused": Text("Kết thúc: từ chối", "End: refused"),
    "not-accepted": Text("Kết thúc: không tiếp nhận", "End: not accepted"),
    "withdrawn": Text("Kết thúc: người nộp rút", "End: withdrawn"),
    "lapsed": Text("Kết thúc: quá hạn", "End: lapsed"),
    "failed": Text("Kết thúc: không thực hiện được", "End: failed"),
}
_WAYS: Final[Mapping[str, Text]] = {
    "": Text("sau đó", "then"),
    "problem": Text("khi có lỗi", "on a problem"),
    "timeout": Text("khi hết hạn", "on its timeout"),
}
_DEPOSIT: Final = "warehouse/documents-deposit/v1"


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of a heading: pairs of label and value, or values alone, where the label is None."""

    heading: Text
    rows: tuple[tuple[Text | None, Text], ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """key; what it does; `ways`: by which outcome to which step or end."""

    key: str
    name: Text
    kind: Text
    limit: Text | None
    ways: tuple[tuple[Text, str], ...]


def sections(raw: Mapping[str, Any]) -> list[Section]:
    """Everything but the steps; a heading without lines falls away."""
    found = [
        Section(Text("Thủ tục", "Procedure"), tuple(_facts(raw))),
        Section(Text("Căn cứ pháp luật", "Legal basis"), _listed(same(law) for law in raw["legal_basis"])),
        Section(Text("Cần chuẩn bị", "What is needed"), _listed(_text(row) for row in raw.get("needs", ()))),
        Section(Text("Giấy tờ", "Documents"), _listed(_document(row) for row in raw.get("documents", ()))),
        Section(Text("Phí, lệ phí", "Fees"), _listed(_text(row) for row in raw.get("fees", ()))),
        Section(Text("Kết quả", "Results"), _listed(_result(row) for row in raw.get("results", ()))),
        Section(Text("Câu hỏi cho người nộp", "Questions to the applicant"), _listed(_questions(raw))),
        Section(
            Text("Điều kiện", "Conditions"),
            tuple((_text(row["what"]), _reason(row)) for row in raw.get("rules", ())),
        ),
    ]
    return [section for section in found if section.rows]


def _listed(texts: Any) -> tuple[tuple[Text | None, Text], ...]:
    return tuple((None, text) for text in texts)


def _facts(raw: Mapping[str, Any]) -> list[tuple[Text | None, Text]]:
    kind = agency_kinds().get(raw["agency_kind"])
    limit = (raw.get("time_limit") or {}).get("working_days")
    rows: list[tuple[Text | None, Text]] = [
        (Text("Tên", "Name"), _text(raw["name"])),
        (Text("Mã, phiên bản", "Code, version"), same(f"{raw['code']} v{raw['version']}")),
        (Text("Có hiệu lực", "In force"), period_said(raw.get("valid_from"), raw.get("valid_to"))),
        (
            Text("Cơ quan giải quyết", "Who decides"),
            kind.title if kind else _NO_KIND.get(raw["agency_kind"], _NO_KIND["linked"]),
        ),
        (Text("Mức độ", "Online level"), LEVELS.get(raw["level"], AT_COUNTER)),
    ]
    if limit is not None:
        days = "day" if limit == 1 else "days"
        said = Text(f"{limit} ngày làm việc", f"{limit} working {days}") if limit else _SAME_DAY
        rows.append((Text("Thời hạn", "Time limit"), said))
    return [*rows, *_people(raw)]


_NO_KIND: Final[Mapping[str, Text]] = {
    "linked": Text("Liên thông nhiều cơ quan", "Several agencies, linked"),
    ASKED: Text("Cơ quan được cơ quan khác hỏi", "The agency that another one asks"),
}
_APPLICANTS: Final = {"person": Text("cá nhân", "persons"), "organisation": Text("tổ chức", "organisations")}
_RIGHTS: Final = {
    "representative": Text("người đại diện của tổ chức", "representatives of organisations"),
    "parent": Text("cha, mẹ cho con dưới 18 tuổi", "parents for a child under 18"),
    "authorisation": Text("người được ủy quyền", "who is authorised"),
}


def _people(raw: Mapping[str, Any]) -> list[tuple[Text | None, Text]]:
    """Who may apply and for whom, where the package says it; who else must sign, and by when."""
    found: list[tuple[Text | None, Text]] = []
    if raw.get("applicants"):
        found.append((Text("Ai được nộp", "Who may apply"), _joined(raw["applicants"], _APPLICANTS)))
    if (rights := raw.get("representation")) is not None:
        nobody = Text("không ai", "nobody")
        found.append(
            (
                Text("Ai được nộp thay", "Who may apply for them"),
                _joined(rights, _RIGHTS) if rights else nobody,
            )
        )
    if raw.get("signers"):
        days = raw["signing"]["working_days"]
        roles = Text(
            ", ".join(row["role"]["vi"] for row in raw["signers"]),
            ", ".join(row["role"]["en"] for row in raw["signers"]),
        )
        said = Text(f"{roles.vi}, trong {days} ngày làm việc", f"{roles.en}, within {days} working days")
        found.append((Text("Ai phải cùng ký", "Who else must sign"), said))
    return found


def _joined(codes: Any, words: Mapping[str, Text]) -> Text:
    texts = [words[code] for code in codes]
    return Text(", ".join(text.vi for text in texts), ", ".join(text.en for text in texts))


_SAME_DAY: Final = Text("Ngay trong ngày", "The same day")


def period_said(first: Any, last: Any) -> Text:
    """From which day to which; both are ISO texts or days."""
    if not first:
        return Text("không ngày nào", "on no day")
    start = date.fromisoformat(str(first))
    begins = Text(f"từ {formats.date(start)}", f"from {formats.date(start, 'en')}")
    if not last:
        return begins
    end = date.fromisoformat(str(last))
    return Text(
        f"{begins.vi} đến trước {formats.date(end)}", f"{begins.en} until before {formats.date(end, 'en')}"
    )


def _text(row: Mapping[str, Any]) -> Text:
    return Text(str(row["vi"]), str(row["en"]))


def _document(row: Mapping[str, Any]) -> Text:
    title, accepts = _text(row["title"]), ", ".join(row.get("accepts", ()))
    if accepts:
        title = Text(
            f"{title.vi}, hoặc {accepts} đã có trong kho", f"{title.en}, or {accepts} in the warehouse"
        )
    if not row.get("required"):
        return Text(f"{title.vi} (không bắt buộc)", f"{title.en} (optional)")
    if row.get("when"):
        return Text(f"{title.vi} (tùy trường hợp)", f"{title.en} (in some cases)")
    return title


def _result(row: Mapping[str, Any]) -> Text:
    return Text(f"{row['vi']} ({row['code']})", f"{row['en']} ({row['code']})")


def _questions(raw: Mapping[str, Any]) -> list[Text]:
    form = raw.get("form") or {}
    fields = (form.get("schema") or {}).get("properties") or {}
    return [
        _text(fields[name]["label"])
        for page in form.get("pages", ())
        for name in page["fields"]
        if name in fields
    ]


def _reason(rule: Mapping[str, Any]) -> Text:
    why, article = _text(rule["why"]), rule.get("article")
    return Text(f"{why.vi} ({article})", f"{why.en} ({article})") if article else why


def step_lines(raw: Mapping[str, Any]) -> list[StepLine]:
    """The steps in the order in which a dossier meets them, each with its ways."""
    steps = folded(raw["steps"])
    return [_line(key, steps[key]) for key in in_order(raw)]


def in_order(raw: Mapping[str, Any]) -> list[str]:
    """Keys of steps by their longest way from the start, back ways not counted; as written where alike."""
    steps = folded(raw["steps"])
    depth: dict[str, int] = {}

    def visit(key: str, level: int, seen: tuple[str, ...]) -> None:
        if key not in steps or key in seen or depth.get(key, -1) >= level:
            return
        depth[key] = level
        for _, outcome, target in ways(steps[key]):
            if outcome != "problem":
                visit(target, level + 1, (*seen, key))
        for _, outcome, target in ways(steps[key]):
            if outcome == "problem" and target not in depth:
                visit(target, level + 1, (*seen, key))

    visit(str(raw["start"]), 0, ())
    written = list(steps)
    return sorted(depth, key=lambda key: (depth[key], written.index(key)))


def _line(key: str, config: Mapping[str, Any]) -> StepLine:
    kind = "deposit" if config.get("service") == _DEPOSIT else str(config["kind"])
    said = _KINDS[kind]
    title = config.get("title") or _called(kind, config)
    name = (
        _text(title) if title else Text(said.vi[:1].upper() + said.vi[1:], said.en[:1].upper() + said.en[1:])
    )
    if kind == "opinions":
        said = _asked(config["asked"])
    limit = config.get("limit_working_days")
    days = (
        None
        if limit is None
        else Text(f"{limit} ngày làm việc", f"{limit} working day{'' if limit == 1 else 's'}")
    )
    if (up := config.get("escalate")) and days is not None:
        days = Text(
            f"{days.vi}; sau {up['working_days']} ngày chưa xong thì chuyển lên cấp trên",
            f"{days.en}; passed to the superior after {up['working_days']}",
        )
    found = []
    for _, outcome, target in ways(dict(config)):
        given = (config.get("outcomes") or {}).get(outcome)
        label = given.get("label") if isinstance(given, dict) else None
        found.append((_text(label) if label else _WAYS.get(outcome, same(outcome)), target))
    return StepLine(key, name, said, days, tuple(found))


def _asked(asked: Mapping[str, Any]) -> Text:
    """Which kinds of agencies are asked, and how long each has."""
    rows = []
    for question in asked.values():
        code, days = str(question["to"]["agency_kind"]), question["working_days"]
        kind = agency_kinds().get(code)
        title = kind.title if kind else same(code)
        rows.append(
            Text(
                f"{title.vi} (trong {days} ngày làm việc)",
                f"{title.en} (within {days} working day{'' if days == 1 else 's'})",
            )
        )
    return Text(
        f"hỏi ý kiến cùng lúc: {', '.join(row.vi for row in rows)}",
        f"asks for opinions at the same time: {', '.join(row.en for row in rows)}",
    )


_ASKS: Final[Mapping[str, Text]] = {
    "records-enter": Text("Ghi vào", "Enter in"),
    "records-change": Text("Ghi thay đổi vào", "Change in"),
    "records-end": Text("Ghi chấm dứt vào", "End in"),
    "records-get": Text("Tra cứu", "Look up in"),
    "records-find": Text("Tra cứu", "Look up in"),
    "records-verify": Text("Đối chiếu với", "Compare with"),
}


_TELLS: Final[Mapping[str, Text]] = {
    "onestop/dossiers-open/v1": Text(
        "Mở hồ sơ ở cơ quan giải quyết", "Open a dossier at the agency that decides"
    ),
    "eid/notices-send/v1": Text("Báo tin cho người nộp", "Tell the applicant"),
}


def _called(kind: str, config: Mapping[str, Any]) -> dict[str, str] | None:
    """A question to a declared register is named by the register."""
    if told := _TELLS.get(str(config.get("service", ""))):
        return told.as_dict()
    register = registers().get(str(config.get("register", "")))
    asks = _ASKS.get(str(config.get("service", "")).split("/")[1]) if kind == "call" else None
    if register is None or asks is None:
        return None
    return {"vi": f"{asks.vi} «{register.title.vi}»", "en": f"{asks.en} “{register.title.en}”"}


def target_said(target: str, names: Mapping[str, Text]) -> Text:
    """A step's name or an end's."""
    return ENDS.get(target.removeprefix("end:")) or names.get(target) or same(target)


def package_text(raw: Mapping[str, Any], language: str) -> str:
    """The whole package in plain lines."""
    lines: list[str] = []
    for section in sections(raw):
        lines += ["", section.heading.say(language)]
        for label, value in section.rows:
            lines.append(
                f"  {label.say(language)}: {value.say(language)}" if label else f"  - {value.say(language)}"
            )
    steps = step_lines(raw)
    names = {step.key: step.name for step in steps}
    numbers = {step.key: index for index, step in enumerate(steps, 1)}
    lines += ["", Text("Các bước", "Steps").say(language)]
    for index, step in enumerate(steps, 1):
        said = [text.say(language) for text in (step.kind, step.limit) if text]
        lines.append(f"  {index}. {step.name.say(language)} [{', '.join(said)}]")
        for label, target in step.ways:
            number = f"{numbers[target]}. " if target in numbers else ""
            lines.append(f"     {label.say(language)} → {number}{target_said(target, names).say(language)}")
    return "\n".join(lines).lstrip()
