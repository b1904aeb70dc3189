"""What becomes of the answers: the options that the registers give, and the declaration made from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lienthong.ground import clock, expressions, formats, names, workdays
from lienthong.ground.errors import Conflict, Invalid, Problem
from lienthong.ground.text import Text

ON_TIME_DAYS = 60  # Law on Civil Status 60/2014/QH13, art. 15: within 60 days of the birth
EXTRACT = "civil-status-extract"
LATE = "birth-registration-late"

RELATION_TEXT: Mapping[str, Text] = {
    "mother": Text("mẹ", "mother"),
    "father": Text("cha", "father"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """value: what is stored; text: what is shown; hint: a second line."""

    value: str
    text: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a sent application becomes: a case of `procedure`; of the same `once`, one at a time."""

    procedure: str
    data: dict[str, Any]
    title: str
    once: str


def other_parent_options(known: Mapping[str, Any], *, foreign: bool = False) -> list[Option]:
    """Adults of the applicant's household of the other sex, the spouse first; then a number; then nobody.

    foreign: also somebody without a number, whom the form asks about further.
    """
    me = known["person"]
    rows = [
        member
        for member in known["household"]["members"]
        if member["number"] != me["number"] and member["sex"] != me["sex"] and _age_gap(me, member) < 30  # noqa: PLR2004
    ]
    rows.sort(key=lambda member: (member["relation"] not in {"spouse", "head"}, member["birth_date"]))
    options = [
        Option(
            member["number"],
            Text(member["full_name"], member["full_name"]),
            Text(f"sinh {_day(member['birth_date'])}", f"born {_day(member['birth_date'])}"),
        )
        for member in rows
    ]
    return [
        *options,
        Option("number", Text("Người khác, tôi biết số định danh", "Someone else; I know the number")),
        *([Option("foreign", Text("Người nước ngoài", "A foreigner"))] if foreign else []),
        Option("none", Text("Chưa xác định", "Not determined")),
    ]


def _age_gap(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return abs(int(one["birth_date"][:4]) - int(other["birth_date"][:4]))


def _day(iso: str) -> str:
    return formats.date(date.fromisoformat(iso))


def parents_of(answers: Mapping[str, Any], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The applicant and, when determined and found, the other parent, as population knows them."""
    other = known.get("others", {}).get(other_number(answers))
    return [known["person"], *([other] if other else [])]


def other_number(answers: Mapping[str, Any]) -> str:
    chosen = answers.get("other_parent", "none")
    if chosen == "number":
        return str(answers.get("other_parent_number", ""))
    return "" if chosen == "none" else str(chosen)


def parent_options(answers: Mapping[str, Any], known: Mapping[str, Any], *, show: str) -> list[Option]:
    """One option for each parent; `show` names the register's field that the choice is about."""
    options: list[Option] = []
    for person in parents_of(answers, known):
        value = str(person.get(show) or "")
        options.append(
            Option(person["number"], Text(value, value), Text(person["full_name"], person["full_name"]))
        )
    unique = {option.text.vi: option for option in reversed(options)}
    return [option for option in options if unique[option.text.vi] is option] or options


def answer_problems(answers: Mapping[str, Any], *, today: date) -> list[Problem]:
    """What no registrar would take, told as soon as it is typed."""
    found = names.check(answers["child_name"], field="child_name") if answers.get("child_name") else []
    born = date.fromisoformat(answers["birth_date"]) if answers.get("birth_date") else today
    if born > today:
        found.append(
            Invalid(
                "birth-in-future",
                Text("Ngày sinh chưa đúng.", "The date of birth is not right."),
                Text(
                    f"Ngày {formats.date(born)} sau ngày hôm nay {formats.date(today)}.",
                    f"{formats.date(born, 'en')} is after today, {formats.date(today, 'en')}.",
                ),
                Text("Nhập ngày sinh như trên giấy chứng sinh.", "Enter the date as on the birth notice."),
                field="birth_date",
            )
        )
    return found


def other_parent_problem(me: Mapping[str, Any], other: Mapping[str, Any] | None) -> Problem | None:
    """Why the person found under the typed number cannot be the other parent."""
    if other is None:
        return Invalid(
            "parent-unknown",
            Text("Không tìm thấy người mang số định danh này.", "Nobody has this identification number."),
            Text(
                "Cơ sở dữ liệu quốc gia về dân cư không có số đó.",
                "The national population database does not know it.",
            ),
            Text(
                "Kiểm tra từng chữ số trên thẻ căn cước của người đó.", "Check each digit on their ID card."
            ),
            field="other_parent_number",
        )
    if other["number"] == me["number"]:
        why = Text("Đây là số định danh của chính bạn.", "It is your own number.")
    elif other["sex"] == me["sex"]:
        why = Text(
            "Giấy khai sinh ghi một người mẹ và một người cha; người này cùng giới tính với bạn.",
            "A birth certificate names one mother and one father; this person is of your own sex.",
        )
    else:
        return None
    return Invalid(
        "parent-not-other",
        Text("Số này không thể là của cha, mẹ còn lại.", "This number cannot be the other parent's."),
        why,
        Text(
            "Nhập số của cha hoặc mẹ còn lại, hoặc chọn «Chưa xác định».",
            "Enter the other parent's number, or choose “Not determined”.",
        ),
        field="other_parent_number",
    )


_FIELDS: Mapping[str, str] = {"child.full_name": "child_name", "child.birth_place": "birth_place"}


def field_of_problem(field: str | None, relation: str) -> str:
    """The question to change for a problem of the register's check; `relation`: applicant to child."""
    if field in {f"{relation}.number", "child.birth_date"}:  # of the applicant only the birth date is typed
        return "birth_date"
    if field in {"mother.number", "father.number", "declarant.relation"}:
        return "other_parent"
    return _FIELDS.get(field or "", field or "")


def child_key(*, mother: str, father: str, birth_date: str, name: str) -> str:
    """The same child, whoever declares it; twins differ by name."""
    return f"{mother or father}|{birth_date}|{names.search_key(name)}"


def documents_missing(
    package: Mapping[str, Any], answers: Mapping[str, Any], files: list[dict[str, Any]]
) -> list[Problem]:
    """The required components (thành phần hồ sơ) of this case that are not attached, at their question."""
    sent = {row["code"] for row in files}
    asks = {
        schema["document"]: name
        for name, schema in package["form"]["schema"].get("properties", {}).items()
        if schema.get("document")
    }
    return [
        _missing(document, asks.get(document["code"], ""))
        for document in package.get("documents", ())
        if document.get("required")
        and document["code"] not in sent
        and expressions.holds(document.get("when", "`true`"), {"answers": dict(answers)})
    ]


def _missing(document: Mapping[str, Any], field: str) -> Problem:
    title, article = Text(**document["title"]), document.get("article", "")
    return Invalid(
        "document-missing",
        Text(f"Còn thiếu: {title.vi}.", f"Missing: {title.en}."),
        Text(
            f"Hồ sơ phải có giấy tờ này. {article}".strip(),
            f"The dossier needs this paper. {article}".strip(),
        ),
        Text("Chụp ảnh hoặc chọn tệp PDF rồi gửi.", "Take a photo or choose a PDF, and send again."),
        field=field,
    )


def channel_unknown(channel: str) -> Problem:
    return Invalid(
        "channel-unknown",
        Text(f"Không có hình thức nộp «{channel}».", f"There is no way of filing «{channel}»."),
        Text("Hồ sơ nộp tại quầy hoặc qua bưu chính.", "A dossier comes at the counter or by post."),
        Text("Chọn một trong hai.", "Choose one of the two."),
        field="channel",
    )


def declared_already(number: str, *, own: bool) -> Conflict:
    """number: of the applicant's own earlier dossier, empty for another's."""
    return Conflict(
        "declared-already",
        Text("Việc này đã được khai.", "This has been declared already."),
        Text(
            "Bạn đã gửi tờ khai trước đó." if own else "Một người khác đã gửi tờ khai trước.",
            "You sent a declaration before." if own else "Someone else sent a declaration before you.",
        ),
        Text(
            f"Theo dõi hồ sơ {number}; nếu là con sinh đôi, hãy kiểm tra tên con."
            if own
            else "Hỏi người đã khai; nếu là con sinh đôi, hãy kiểm tra tên con.",
            f"Follow dossier {number}; for a twin, check the child's name."
            if own
            else "Ask whoever declared it; for a twin, check the child's name.",
        ),
        field="child_name",
    )


def is_on_time(*, birth_date: date, declared_on: date) -> bool:
    return (declared_on - birth_date).days <= ON_TIME_DAYS


def fee_items(*, extracts: int, on_time: bool) -> list[dict[str, Any]]:
    """What the fee table is asked for."""
    items: list[dict[str, Any]] = [] if on_time else [{"code": LATE, "quantity": 1}]
    if extracts:
        items.append({"code": EXTRACT, "quantity": extracts})
    return items


def declaration(
    answers: Mapping[str, Any],
    known: Mapping[str, Any],
    files: list[dict[str, Any]],
    *,
    today: date,
    language: str,
) -> dict[str, Any]:
    """The whole declaration: what was answered, and what the registers know, in the words of the packages."""
    parents = parents_of(answers, known)
    by_number = {person["number"]: person for person in parents}
    mother = next((p for p in parents if p["sex"] == "female"), None)
    father = next((p for p in parents if p["sex"] == "male"), None)
    me = known["person"]
    home = by_number[answers["residence_with"]]
    household = known["households"][home["number"]]
    on_time = is_on_time(birth_date=date.fromisoformat(answers["birth_date"]), declared_on=today)
    hospital = next(h for h in known["hospitals"] if h["code"] == answers["hospital"])
    relation = "mother" if me["sex"] == "female" else "father"
    return {
        "child": {
            "full_name": names.display(answers["child_name"]),
            "sex": answers["sex"],
            "birth_date": answers["birth_date"],
            "birth_place": answers["birth_place"].strip(),
            "ethnicity": by_number[answers["ethnicity_of"]]["ethnicity"],
            "nationality": me["nationality"],
            "home_town": by_number[answers["home_town_of"]]["home_town"],
        },
        "mother": _parent(mother),
        "father": _parent(father),
        "declarant": {
            "number": me["number"],
            "name": me["full_name"],
            "relation": relation,
            "document": f"Căn cước số {me['number']}",
        },
        "registration_unit": home["unit"],
        "province": home["province"],
        "residence": {
            "unit": home["unit"],
            "address": home["address"],
            "full_address": home["full_address"],
            "household": home["household"],
            "head_number": household["head"],
            "head_name": household["head_name"],
            "relation": "child",
            "relation_text": "Con" if household["head"] in by_number else "Cháu",
            "consents": True,
        },
        "hospital": hospital,
        "extracts": int(answers["extracts"]),
        "on_time": on_time,
        "fee_items": fee_items(extracts=int(answers["extracts"]), on_time=on_time),
        "applicant_classes": [],
        "documents": files,
        "language": language,
    }


def _parent(person: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A parent as the register of births and the papers want them."""
    if person is None:
        return None
    return {
        "number": person["number"],
        "full_name": person["full_name"],
        "name": person["full_name"],
        "sex": person["sex"],
        "birth_date": person["birth_date"],
        "birth_year": person["birth_date"][:4],
        "ethnicity": person["ethnicity"],
        "nationality": person["nationality"],
        "residence": person["full_address"],
        "alive": person["alive"],
    }


FORMER = "former:"


def former_key(agency: str, number: str) -> str:
    """By which a dossier of an agency's earlier system is brought in once."""
    return f"{FORMER}{agency}:{number}"


REMIND_FROM, REMIND_UNTIL = time(8), time(20)
"""Nobody is reminded at night."""
SUPPLEMENT_LEFT = 2
"""Working days before a supplement lapses, on which it is reminded of."""
BILL_WAITED = 3
"""Working days that a bill has waited, after which it is reminded of."""
DRAFT_WAITED = timedelta(days=3)
DRAFT_FORGOTTEN = timedelta(days=30)
"""A draft left alone for so long is reminded of once; one much older is left in peace. No law sets these four."""


def may_remind(now: datetime) -> bool:
    return REMIND_FROM <= clock.in_vietnam(now).time() < REMIND_UNTIL


def supplement_reminds(due_at: datetime, now: datetime) -> bool:
    """Whether so few working days are left, and some time is."""
    left = workdays.Calendar().working_days_between(
        clock.in_vietnam(now).date(), clock.in_vietnam(due_at).date()
    )
    return now < due_at and left <= SUPPLEMENT_LEFT


def bill_reminds(told_at: datetime, now: datetime) -> bool:
    days = (clock.in_vietnam(told_at).date(), clock.in_vietnam(now).date())
    return workdays.Calendar().working_days_between(*days) >= BILL_WAITED


def drafts_remind(now: datetime) -> tuple[datetime, datetime]:
    """From when to when a draft was changed last that is reminded of now."""
    return now - DRAFT_FORGOTTEN, now - DRAFT_WAITED
