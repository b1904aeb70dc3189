"""Who may act for whom, and for which procedures. Pure: the registers' answers come in. No Django, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from lienthong.blocks.access.principals import ActingFor, Basis
from lienthong.ground import formats
from lienthong.ground.errors import Forbidden, Invalid, Problem
from lienthong.ground.text import Text

ADULT_AGE: Final = 18  # Civil Code 91/2015/QH13, art. 20, 21: a minor is under 18
PERSON: Final = "person"
ORGANISATION: Final = "organisation"
ADMITTED: Final = tuple(basis.value for basis in Basis)
"""What a package admits unless its `representation` says otherwise."""
_CHOOSE: Final = Text("Chọn lại người bạn làm cho.", "Choose again for whom you act.")


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes 28."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def born_from(today: date) -> date:
    """Whoever is born on this day or later is a minor today."""
    return date.fromordinal(years_before(today, ADULT_AGE).toordinal() + 1)


def representative_of(party: Mapping[str, Any], person: str, *, today: date) -> Mapping[str, Any] | None:
    """The row by which a person represents an organisation today: not before its first day, not after its last."""
    rows = [row for row in party["representatives"] if row["number"] == person]
    return next((row for row in rows if _first(row) <= today <= _last(row)), None)


def _first(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(row["from"]) if row.get("from") else date.min


def _last(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(row["to"]) if row.get("to") else date.max


def representative_problem(party: Mapping[str, Any], person: str, *, today: date) -> Problem | None:
    """Why a person does not represent an organisation today (Law on Enterprises 59/2020/QH14, art. 12)."""
    name = party["name"]
    if not party["active"]:
        return Forbidden(
            "organisation-not-active",
            Text(f"{name} không còn hoạt động.", f"{name} is not active."),
            Text(
                "Cơ sở dữ liệu đăng ký ghi tổ chức này đã tạm ngừng hoặc giải thể.",
                "The register says that it is suspended or dissolved.",
            ),
            Text("Đăng ký hoạt động trở lại rồi nộp hồ sơ.", "Register its resumption, then apply."),
        )
    if representative_of(party, person, today=today) is not None:
        return None
    ended = [_last(row) for row in party["representatives"] if row["number"] == person and _last(row) < today]
    if ended:
        last = max(ended)
        why = Text(
            f"Cơ sở dữ liệu đăng ký ghi bạn thôi đại diện sau ngày {formats.date(last)}.",
            f"The register says that you represented it until {formats.date(last, 'en')}.",
        )
    else:
        why = Text(
            "Cơ sở dữ liệu đăng ký không ghi bạn là người đại diện.",
            "The register does not name you as its representative.",
        )
    return Forbidden(
        "representation-ended" if ended else "representation-unknown",
        Text(f"Bạn không đại diện cho {name}.", f"You do not represent {name}."),
        why,
        Text(
            "Người đại diện hiện nay nộp hồ sơ; nếu sổ ghi sai, đăng ký thay đổi người đại diện.",
            "Its present representative applies; if the register is wrong, register the change first.",
        ),
    )


def parent_problem(birth: Mapping[str, Any], parent: str, *, today: date) -> Problem | None:
    """Why a person does not act for a child as parent (Civil Code 91/2015/QH13, art. 136 clause 1).

    birth: as `civilstatus/births-get/v1` answers.
    """
    named = parent in {birth["mother"]["number"], birth["father"]["number"]}
    if not named or birth["state"] == "revoked":
        return Forbidden(
            "representation-unknown",
            Text("Bạn không đại diện cho người này.", "You do not act for this person."),
            Text(
                "Sổ đăng ký khai sinh không ghi bạn là cha hoặc mẹ.",
                "The register of births does not name you as mother or father.",
            ),
            _CHOOSE,
        )
    if date.fromisoformat(birth["birth_date"]) >= born_from(today):
        return None
    return Forbidden(
        "child-of-age",
        Text(f"{birth['full_name']} đã đủ 18 tuổi.", f"{birth['full_name']} is of age."),
        Text(
            "Cha, mẹ đại diện cho con chưa thành niên, tức là dưới 18 tuổi (Bộ luật Dân sự, Điều 136).",
            "Parents act for a child under 18 (Civil Code, art. 136).",
        ),
        Text("Con tự nộp, hoặc lập ủy quyền cho bạn.", "Your child applies, or authorises you."),
    )


def authorisation_problem(data: Mapping[str, Any], agent: str, *, today: date) -> Problem | None:
    """Why an authorisation in force gives this person no right today (Civil Code, art. 138, 140)."""
    if data["agent_number"] != agent or date.fromisoformat(data["until"]) < today:
        return authorisation_ended()
    return None


def authorisation_ended() -> Forbidden:
    return Forbidden(
        "authorisation-ended",
        Text("Ủy quyền không còn hiệu lực.", "The authorisation is not in force."),
        Text(
            "Người ủy quyền đã chấm dứt, hoặc đã hết thời hạn (Bộ luật Dân sự, Điều 140).",
            "Whoever gave it withdrew it, or its term ended (Civil Code, art. 140).",
        ),
        Text("Đề nghị người đó lập ủy quyền mới nếu vẫn cần.", "Ask for a new one if it is still needed."),
    )


def agent_problem(agent: Mapping[str, Any], name: str, *, today: date, same_name: bool) -> Problem | None:
    """Why a person may not be authorised; `agent` as population answers, `name` as it was typed.

    Of full age and alive (Civil Code, art. 138: whoever acts by authorisation has the capacity for it).
    """
    if not same_name or not agent["alive"]:
        return Invalid(
            "agent-not-matching",
            Text("Số định danh và họ tên không khớp.", "The number and the name do not match."),
            Text(
                "Cơ sở dữ liệu quốc gia về dân cư không có người đang sống với số và tên này.",
                "The population database knows no living person with this number and name.",
            ),
            Text("Xem lại thẻ căn cước của người đó.", "Look at their identity card again."),
            field="agent_name",
        )
    if date.fromisoformat(agent["birth_date"]) >= born_from(today):
        return Invalid(
            "agent-under-age",
            Text(f"{name} chưa đủ 18 tuổi.", f"{name} is under 18."),
            Text(
                "Người được ủy quyền phải từ đủ 18 tuổi (Bộ luật Dân sự, Điều 138).",
                "Whoever is authorised is at least 18 (Civil Code, art. 138).",
            ),
            Text("Chọn người khác.", "Choose another person."),
            field="agent_number",
        )
    return None


def package_problem(package: Mapping[str, Any], acting_for: ActingFor | None) -> Problem | None:
    """Why a procedure is not applied for in this way: the kind of applicant, the right, its scope."""
    kind = acting_for.kind if acting_for else PERSON
    if kind not in package.get("applicants", [PERSON]):
        return _kind_not_taken(package, kind, acting_for.name if acting_for else "")
    if acting_for is None:
        return None
    if acting_for.basis not in admitted(package):
        return Invalid(
            "representation-not-admitted",
            Text("Việc này không nộp thay được.", "Nobody else can apply for this."),
            Text(
                "Thủ tục này phải do chính người có tên trong hồ sơ nộp.",
                "It is for the person concerned to apply for it.",
            ),
            Text("Chọn «Bản thân», hoặc để người đó tự nộp.", "Choose “Myself”, or let that person apply."),
        )
    if acting_for.procedures and package["code"] not in acting_for.procedures:
        return Forbidden(
            "authorisation-scope",
            Text("Ủy quyền không gồm thủ tục này.", "The authorisation does not cover this."),
            Text(
                f"{acting_for.name} ủy quyền cho bạn một số thủ tục, không có thủ tục {package['code']}.",
                f"{acting_for.name} authorised you for other procedures than {package['code']}.",
            ),
            Text("Đề nghị lập ủy quyền có thủ tục này.", "Ask for an authorisation that covers it."),
        )
    return None


def for_oneself(package: Mapping[str, Any]) -> bool:
    """Whether a person applies for it in their own name."""
    return PERSON in package.get("applicants", [PERSON])


def for_another(package: Mapping[str, Any]) -> bool:
    """Whether anybody applies for it for an organisation or another person."""
    return bool(admitted(package))


def admitted(package: Mapping[str, Any]) -> Collection[str]:
    """The rights by which somebody applies for another; the parts of a linked procedure know of none."""
    return package.get("representation", () if package.get("linked") else ADMITTED)


def _kind_not_taken(package: Mapping[str, Any], kind: str, name: str) -> Problem:
    if kind == ORGANISATION:
        why = Text("Thủ tục này dành cho cá nhân.", "This procedure is for persons.")
        what = Text(f"{name} không nộp được việc này.", f"{name} cannot apply for this.")
        then = Text("Chọn «Bản thân» nếu bạn nộp cho mình.", "Choose “Myself” if it is for you.")
    else:
        why = Text("Thủ tục này dành cho tổ chức.", "This procedure is for organisations.")
        what = Text("Cá nhân không nộp được việc này.", "A person cannot apply for this.")
        then = Text("Chọn tổ chức mà bạn đại diện.", "Choose the organisation that you represent.")
    return Invalid(
        "applicant-kind", what, Text(f"{why.vi} ({package['code']})", f"{why.en} ({package['code']})"), then
    )


def acting_said(acting: Mapping[str, Any]) -> Text:
    """Who acts for the applicant, and by what right, in a line."""
    role = acting["role"]
    return Text(f"{acting['name']} · {role['vi']}", f"{acting['name']} · {role['en']}")
