"""What changed between two versions of a package, as an official would say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from lienthong.blocks.casework.package_opinions import folded
from lienthong.ground import formats
from lienthong.ground.text import Text

Raw = Mapping[str, Any]

_PLAIN: Final[dict[str, Text]] = {
    "code": Text("Mã thủ tục", "Code"),
    "version": Text("Phiên bản", "Version"),
    "valid_from": Text("Có hiệu lực từ", "In force from"),
    "valid_to": Text("Hết hiệu lực sau", "In force until"),
    "agency_kind": Text("Loại cơ quan giải quyết", "Kind of agency"),
    "level": Text("Mức độ trực tuyến", "Online level"),
    "purpose": Text("Mục đích dùng dữ liệu", "Purpose for data"),
    "essential": Text("Dịch vụ thiết yếu", "Essential service"),
    "place": Text("Nơi tiếp nhận", "Which place decides"),
    "once": Text("Chỉ một hồ sơ đang mở cho", "Only one open dossier for"),
    "start": Text("Bước đầu tiên", "First step"),
}
_SAID: Final[dict[str, Text]] = {"name": Text("Tên", "Name"), "summary": Text("Tóm tắt", "Summary")}
_WORDS: Final[dict[str, Text]] = {
    "needs": Text("Cần chuẩn bị", "What is needed"),
    "fees": Text("Phí, lệ phí (lời)", "Fees (in words)"),
}
_WHOLE: Final[dict[str, Text]] = {
    "applicants": Text("Ai được nộp", "Who may apply"),
    "representation": Text("Quyền nộp thay", "By what right others apply"),
    "signers": Text("Người phải cùng ký", "Who else must sign"),
    "signing": Text("Thời hạn cùng ký", "The time to sign"),
    "declaration": Text("Nội dung gửi cho cơ quan", "What the agency gets"),
    "look_up": Text("Tra cứu sổ đăng ký", "Look-ups in registers"),
    "check": Text("Kiểm tra trước khi nộp", "Check before sending"),
    "fee_items": Text("Cách chọn khoản thu", "How fee items are chosen"),
    "applicant_classes": Text("Đối tượng được miễn giảm", "Classes of payers"),
    "known_rows": Text("Những gì đã biết, cho người nộp xem", "What the applicant sees as known"),
    "show": Text("Những gì cán bộ xem", "What the officer sees"),
    "title": Text("Tên hồ sơ", "The dossier's title"),
    "words": Text("Từ tìm kiếm", "Search words"),
    "field": Text("Lĩnh vực", "Field"),
    "fields_of_problems": Text("Câu hỏi cần sửa khi có lỗi", "Which question a problem is shown at"),
}


def package_changes(old: Raw, new: Raw) -> list[Text]:
    """One sentence a change; nothing where the packages are alike."""
    found = [
        change
        for key, label in _PLAIN.items()
        for change in _value(label, _shown(old.get(key)), _shown(new.get(key)))
    ]
    for key, label in _SAID.items():
        found += _value(label, _text(old.get(key)), _text(new.get(key)))
    found += _time_limit(old, new)
    found += _listed(Text("Căn cứ pháp luật", "Legal basis"), old, new, "legal_basis", str)
    for key, label in _WORDS.items():
        found += _listed(label, old, new, key, _text)
    found += _rows(_DOCUMENT, _keyed(old, "documents"), _keyed(new, "documents"), _titled)
    found += _rows(_RESULT, _keyed(old, "results"), _keyed(new, "results"), _text)
    found += _rows(_QUESTION, _questions(old), _questions(new), _labelled)
    found += _pages(old, new)
    found += _rows(_RULE, _keyed(old, "rules"), _keyed(new, "rules"), lambda row: _text(row.get("what")))
    found += _rows(_STEP, folded(old.get("steps") or {}), folded(new.get("steps") or {}), _step_name)
    for key, label in _WHOLE.items():
        if old.get(key) != new.get(key):
            found.append(Text(f"{label.vi}: đã sửa.", f"{label.en}: changed."))
    return found


def fee_changes(old: Raw, new: Raw) -> list[Text]:
    """Between two fee tables: items, and what each costs from which day on."""
    olds, news = _keyed(old, "items"), _keyed(new, "items")
    found = _rows(
        _FEE, {k: _untold(v) for k, v in olds.items()}, {k: _untold(v) for k, v in news.items()}, _titled
    )
    for code in olds.keys() & news.keys():
        name = _titled(news[code])
        before, after = ([_rate(rate) for rate in table[code].get("rates", ())] for table in (olds, news))
        label = Text(f"Khoản thu «{name.vi}»", f"Fee «{name.en}»")
        found += _added_removed(label, before, after)
        if olds[code].get("waivers") != news[code].get("waivers"):
            found.append(Text(f"{label.vi}: đối tượng được miễn đã sửa.", f"{label.en}: waivers changed."))
    return found


_DOCUMENT: Final = Text("Giấy tờ", "Document")
_RESULT: Final = Text("Kết quả", "Result")
_QUESTION: Final = Text("Câu hỏi", "Question")
_RULE: Final = Text("Điều kiện", "Condition")
_STEP: Final = Text("Bước", "Step")
_FEE: Final = Text("Khoản thu", "Fee")
_PARTS: Final[dict[str, Text]] = {
    "required": Text("bắt buộc", "required"),
    "when": Text("trường hợp", "when"),
    "article": Text("căn cứ", "article"),
    "limit_working_days": Text("thời hạn (ngày làm việc)", "limit (working days)"),
    "supplement_working_days": Text("thời hạn bổ sung (ngày làm việc)", "time to supplement (working days)"),
    "timeout_working_days": Text("chờ tối đa (ngày làm việc)", "waits at most (working days)"),
    "role": Text("vai trò", "role"),
    "escalate": Text("quá hạn thì chuyển lên", "passed up when it waits too long"),
    "next": Text("bước sau", "next step"),
    "on_problem": Text("khi có lỗi thì đến", "on a problem goes to"),
    "on_timeout": Text("khi hết hạn thì đến", "on its timeout goes to"),
    "service": Text("dịch vụ được hỏi", "service asked"),
    "register": Text("sổ đăng ký", "register"),
    "minLength": Text("ngắn nhất", "at least"),
    "maxLength": Text("dài nhất", "at most"),
    "minimum": Text("nhỏ nhất", "minimum"),
    "maximum": Text("lớn nhất", "maximum"),
    "pattern": Text("mẫu", "pattern"),
    "outcomes": Text("các quyết định", "decisions"),
    "options": Text("các lựa chọn", "options"),
    "label": Text("lời hỏi", "wording"),
    "title": Text("tên", "title"),
    "hint": Text("lời gợi ý", "hint"),
    "body": Text("nội dung gửi đi", "what is sent"),
    "data": Text("nội dung in ra", "what is printed"),
    "asked": Text("cơ quan được hỏi ý kiến", "agencies asked for an opinion"),
}


def _rows(what: Text, old: Raw, new: Raw, name: Callable[[Raw], Text]) -> list[Text]:
    """Rows that came, went, or differ in a part."""
    found: list[Text] = []
    for key in old.keys() - new.keys():
        said = _named(what, key, name(old[key]))
        found.append(Text(f"{said.vi}: bỏ.", f"{said.en}: removed."))
    for key in (key for key in new if key not in old):
        said = _named(what, key, name(new[key]))
        found.append(Text(f"{said.vi}: thêm mới.", f"{said.en}: added."))
    for key in (key for key in new if key in old and old[key] != new[key]):
        said = _named(what, key, name(new[key]))
        for part in sorted({*old[key], *new[key]}):
            before, after = old[key].get(part), new[key].get(part)
            if before != after:
                found += _part_changes(_part(said, part), before, after)
    return found


def _part_changes(label: Text, before: Any, after: Any) -> list[Text]:
    """Choices and decisions one by one; what is long or deep as changed only."""
    olds, news = _choices(before), _choices(after)
    listed = bool(olds or news)
    told = _added_removed(label, olds, news) if listed else _value(label, _shown(before), _shown(after))
    return told or [Text(f"{label.vi}: đã sửa.", f"{label.en}: changed.")]


def _choices(given: Any) -> list[Text]:
    """Options of a question, the decisions of a step with where they lead, or the agencies that it asks."""
    if (
        isinstance(given, dict)
        and given
        and all(isinstance(row, dict) and "label" in row for row in given.values())
    ):
        rows = [(_text(row["label"]), row.get("to", "")) for row in given.values()]
        return [Text(f"{label.vi} → {to}", f"{label.en} → {to}") for label, to in rows]
    if (
        isinstance(given, dict)
        and given
        and all(isinstance(row, dict) and "question" in row for row in given.values())
    ):
        return [_asked(who, row) for who, row in given.items()]
    if isinstance(given, list) and given and all(isinstance(row, dict) and "value" in row for row in given):
        return [_text(row) for row in given if row.get("vi")]
    return []


def _asked(who: str, row: Raw) -> Text:
    """An agency that is asked, with its kind and its time."""
    kind, days = row["to"]["agency_kind"], _days(row["working_days"]) or Text("", "")
    return Text(f"{who} ({kind}, {days.vi})", f"{who} ({kind}, {days.en})")


def _named(what: Text, key: str, name: Text) -> Text:
    vi, en = name.vi or key, name.en or key
    return Text(f"{what.vi} «{vi}»", f"{what.en} «{en}»")


def _part(of: Text, part: str) -> Text:
    label = _PARTS.get(part, Text(part, part))
    return Text(f"{of.vi}, {label.vi}", f"{of.en}, {label.en}")


def _value(label: Text, old: Text | None, new: Text | None) -> list[Text]:
    if old == new:
        return []
    if old is None and new is not None:
        return [Text(f"{label.vi}: thêm {new.vi}.", f"{label.en}: {new.en} added.")]
    if new is None and old is not None:
        return [Text(f"{label.vi}: bỏ {old.vi}.", f"{label.en}: {old.en} removed.")]
    if old is None or new is None or not (old.vi and new.vi):
        return [Text(f"{label.vi}: đã sửa.", f"{label.en}: changed.")]
    return [Text(f"{label.vi}: từ {old.vi} thành {new.vi}.", f"{label.en}: {old.en} becomes {new.en}.")]


_LONG: Final = 80


def _shown(value: Any) -> Text | None:
    """A short value in words; a long or deep one is empty, and told as changed only."""
    if value is None:
        return None
    if isinstance(value, bool):
        return Text("có", "yes") if value else Text("không", "no")
    if isinstance(value, dict):
        return _text(value) if set(value) == {"vi", "en"} else Text("", "")
    text = str(value)
    if isinstance(value, list) or len(text) > _LONG:
        return Text("", "")
    return Text(f"«{text}»", f"«{text}»")


def _text(value: Any) -> Text:
    given = value if isinstance(value, dict) else {}
    return Text(str(given.get("vi", "")), str(given.get("en", "")))


def _titled(row: Raw) -> Text:
    return _text(row.get("title"))


def _labelled(row: Raw) -> Text:
    return _text(row.get("label"))


def _step_name(row: Raw) -> Text:
    return _text(row.get("title"))


def _time_limit(old: Raw, new: Raw) -> list[Text]:
    before, after = old.get("time_limit") or {}, new.get("time_limit") or {}
    label = Text("Thời hạn giải quyết", "Time limit")
    found = _value(label, _days(before.get("working_days")), _days(after.get("working_days")))
    found += _listed(label, before, after, "cases", _limit_case)
    return found + _value(
        _part(label, "article"), _shown(before.get("article")), _shown(after.get("article"))
    )


def _limit_case(row: Raw) -> Text:
    days = _days(row["working_days"]) or Text("", "")
    return Text(f"{days.vi} {row['vi']}", f"{days.en} {row['en']}")


def _days(count: Any) -> Text | None:
    if count is None:
        return None
    return Text(f"{count} ngày làm việc", f"{count} working day{'' if count == 1 else 's'}")


def _listed(label: Text, old: Raw, new: Raw, key: str, said: Callable[[Any], Any]) -> list[Text]:
    before, after = ([_as_text(said(row)) for row in raw.get(key) or ()] for raw in (old, new))
    return _added_removed(label, before, after)


def _as_text(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(str(value), str(value))


def _added_removed(label: Text, before: Iterable[Text], after: Iterable[Text]) -> list[Text]:
    olds, news = list(before), list(after)
    gone = [
        Text(f"{label.vi}: bỏ «{x.vi}».", f"{label.en}: «{x.en}» removed.") for x in olds if x not in news
    ]
    come = [
        Text(f"{label.vi}: thêm «{x.vi}».", f"{label.en}: «{x.en}» added.") for x in news if x not in olds
    ]
    return gone + come


def _keyed(raw: Raw, key: str) -> dict[str, dict[str, Any]]:
    return {str(row["code"]): row for row in raw.get(key) or ()}


def _questions(raw: Raw) -> dict[str, dict[str, Any]]:
    """Each question with whether it is required."""
    schema = (raw.get("form") or {}).get("schema") or {}
    required = set(schema.get("required") or ())
    return {
        name: {**given, "required": name in required}
        for name, given in (schema.get("properties") or {}).items()
    }


def _pages(old: Raw, new: Raw) -> list[Text]:
    before, after = ((raw.get("form") or {}).get("pages") for raw in (old, new))
    if before == after:
        return []
    return [Text("Thứ tự các trang hỏi: đã sửa.", "The order of the pages: changed.")]


def _untold(item: Raw) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"rates", "waivers"}}


def _rate(rate: Raw) -> Text:
    amount, first, last = rate["amount"], str(rate["valid_from"]), rate.get("valid_to")
    where = [str(rate[name]) for name in ("province", "channel") if rate.get(name)]
    tail = f" ({', '.join(where)})" if where else ""
    until = Text(f" đến {last}", f" until {last}") if last else Text("", "")
    vi, en = formats.number(amount), formats.number(amount, "en")
    return Text(f"{vi} đồng từ {first}{until.vi}{tail}", f"VND {en} from {first}{until.en}{tail}")
