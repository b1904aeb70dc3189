"""When a birth or a death may be registered: Law on Civil Status 60/2014, art. 13-16, 32-34; Civil Code, art. 26."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lienthong.ground import names
from lienthong.ground.errors import Conflict, Invalid, Problem
from lienthong.ground.text import Text
from lienthong.systems.civilstatus.rules_parents import WHO, Parent, foreign_problems


@dataclass(frozen=True, slots=True)
class Limits:
    """From the day `valid_from`; each figure with the article that sets it."""

    valid_from: date
    on_time_days: int
    """Declared within so many days of the birth: Law on Civil Status, art. 15(1)."""
    conceived_days_max: int
    """A child born within so many days of the end of a marriage is its child: Law on Marriage, art. 88(1)."""
    parent_age_min: int
    """Plausibility, no law: below this age the entry in one of the registers is wrong."""
    death_on_time_days: int
    """Declared within so many days of the death: Law on Civil Status, art. 33(1)."""


LIMITS: Final = (
    Limits(
        date(2016, 1, 1), on_time_days=60, conceived_days_max=300, parent_age_min=12, death_on_time_days=15
    ),
)

RELATIONS: Final = frozenset({"mother", "father", "grandparent", "relative", "guardian"})
"""Who declares a birth: a parent; or, where they cannot, grandparents, relatives, whoever brings the child up
(Law on Civil Status, art. 15(1))."""

DEATH_RELATIONS: Final = frozenset({"spouse", "child", "parent", "relative", "representative"})
"""Who declares a death: spouse, child, parent or another relative of the deceased; where there is none, the
representative of an agency or organisation (Law on Civil Status, art. 33(1))."""

_SEX: Final = {"mother": "female", "father": "male"}


@dataclass(frozen=True, slots=True)
class Declaration:
    full_name: str
    birth_date: date
    declarant: str
    relation: str
    mother: Parent | None = None
    father: Parent | None = None


@dataclass(frozen=True, slots=True)
class Deceased:
    """What population knows of who died; without a name it knows nothing of the number."""

    number: str
    full_name: str | None = None
    birth_date: date | None = None
    alive: bool = True
    death_date: date | None = None


@dataclass(frozen=True, slots=True)
class DeathDeclaration:
    deceased: Deceased
    death_date: date
    death_place: str
    cause: str
    declarant: str
    relation: str


def limits(on: date) -> Limits:
    """The figures in force that day; before the first ones, the first."""
    return max((row for row in LIMITS if row.valid_from <= on), key=_from, default=LIMITS[0])


def _from(row: Limits) -> date:
    return row.valid_from


def births_check(declared: Declaration, *, on: date) -> list[Problem]:
    """Everything that stands against registration on that day, each with its form field."""
    found = names.check(declared.full_name, field="child.full_name")
    if declared.birth_date > on:
        found.append(_birth_in_future(declared.birth_date, on))
    if declared.mother is None and declared.father is None:
        found.append(_no_parent())
    parents = {"mother": declared.mother, "father": declared.father}
    found += foreign_problems(
        {role: who for role, who in parents.items() if who is not None and who.is_foreign}
    )
    for role, parent in (("mother", declared.mother), ("father", declared.father)):
        if parent is not None:
            found += _parent_problems(role, parent, declared.birth_date, limits(on))
    return found + _declarant_problems(declared)


def is_on_time(*, birth_date: date, on: date) -> bool:
    """Law on Civil Status, art. 15(1): 60 days from the birth; in time, no fee is due (art. 11(1))."""
    return birth_date <= on <= birth_date + timedelta(days=limits(on).on_time_days)


def child_guard(declared: Declaration) -> str:
    """What no two births in force share: parent (or declarant), birth date, name.

    Marks and order of the name count: twins may be called Ân and An. Case and a tone's place do not.
    """
    parent = declared.mother or declared.father
    origin = f"parent {parent.number or parent.document}" if parent else f"declarant {declared.declarant}"
    return f"{origin} {declared.birth_date.isoformat()} {names.sort_key(declared.full_name)}"


def certificate_number(*, serial: int, year: int, unit: str) -> str:
    """`07/2026/00070`: serial, year and commune; at least two digits (Circular 04/2020/TT-BTP, art. 33)."""
    return f"{serial:02}/{year}/{unit}"


def book(*, year: int, unit: str, kind: str = "KS") -> str:
    """The commune's book of a year: KS births, KT deaths."""
    return f"TP/{kind}-{year}/{unit}"


def registered_already(certificate: str | None = None) -> Conflict:
    where = f" ({certificate})" if certificate else ""
    return Conflict(
        "birth-registered-already",
        Text("Trẻ này đã được đăng ký khai sinh.", "This child's birth is registered already."),
        Text(
            f"Đã có khai sinh cùng cha mẹ, ngày sinh và họ tên{where}.",
            f"There is a birth with the same parent, date and name{where}.",
        ),
        Text(
            "Nếu là trẻ sinh đôi, hãy kiểm tra họ tên; nếu khai sinh có sai sót, hãy yêu cầu cải chính.",
            "If these are twins, check the name; if the registered birth is wrong, ask to correct it.",
        ),
        field="child.full_name",
    )


def _birth_in_future(birth_date: date, on: date) -> Problem:
    return Invalid(
        "birth-in-future",
        Text("Ngày sinh chưa đúng.", "The date of birth is not right."),
        Text(
            f"Ngày {birth_date:%d/%m/%Y} sau ngày hôm nay {on:%d/%m/%Y}.",
            f"{birth_date:%d/%m/%Y} is after today, {on:%d/%m/%Y}.",
        ),
        Text("Nhập ngày sinh như trên giấy chứng sinh.", "Enter the date as on the notice of birth."),
        field="child.birth_date",
    )


def _no_parent() -> Problem:
    return Invalid(
        "parents-missing",
        Text("Chưa có thông tin cha hoặc mẹ.", "Neither parent is named."),
        Text(
            "Khai sinh ghi ít nhất một người cha hoặc mẹ.",
            "A birth names the mother or the father.",
        ),
        Text(
            "Nhập số định danh của mẹ hoặc cha. Trẻ bị bỏ rơi được đăng ký tại Ủy ban nhân dân cấp xã.",
            "Enter the mother's or father's number. An abandoned child is registered at the commune.",
        ),
        field="mother.number",
    )


def _parent_problems(role: str, parent: Parent, born: date, law: Limits) -> list[Problem]:
    who, field = WHO[role], f"{role}.number"
    what = Text(f"Thông tin {who.vi} chưa khớp.", f"The {who.en}'s data does not fit.")
    check_number = Text(
        f"Đối chiếu số định danh của {who.vi} với thẻ căn cước rồi nhập lại.",
        f"Compare the {who.en}'s number with the identity card and enter it again.",
    )
    if not parent.full_name and parent.number:
        why = Text(
            f"Số {parent.number} không có trong Cơ sở dữ liệu quốc gia về dân cư.",
            f"The number {parent.number} is not in the national population database.",
        )
        return [Invalid(f"{role}-unknown", what, why, check_number, field=field)]
    found: list[Problem] = []
    if parent.sex is not None and parent.sex != _SEX[role]:
        why = Text(
            f"Người mang số này không thể là {who.vi}: giới tính không khớp.",
            f"The person of this number cannot be the {who.en}: the sex does not agree.",
        )
        found.append(Invalid(f"{role}-sex", what, why, check_number, field=field))
    if parent.birth_date is not None and _age(parent.birth_date, born) < law.parent_age_min:
        why = Text(
            f"Theo số này, {who.vi} chưa đủ {law.parent_age_min} tuổi khi trẻ sinh ra.",
            f"By this number the {who.en} was under {law.parent_age_min} when the child was born.",
        )
        found.append(Invalid(f"{role}-age", what, why, check_number, field=field))
    if _dead_too_early(role, parent, born, law):
        found.append(_dead(role, parent, what))
    return found


def _dead_too_early(role: str, parent: Parent, born: date, law: Limits) -> bool:
    """A mother lives at the birth; a father may have died up to 300 days before it."""
    if parent.alive:
        return False
    if parent.death_date is None:
        return True
    slack = law.conceived_days_max if role == "father" else 0
    return parent.death_date + timedelta(days=slack) < born


def _dead(role: str, parent: Parent, what: Text) -> Problem:
    who = WHO[role]
    when_vi = f" ngày {parent.death_date:%d/%m/%Y}" if parent.death_date else ""
    when_en = f" on {parent.death_date:%d/%m/%Y}" if parent.death_date else ""
    return Invalid(
        f"{role}-dead",
        what,
        Text(
            f"Theo dữ liệu dân cư, người {who.vi} đã mất{when_vi}, trước ngày sinh của trẻ.",
            f"By the population database the {who.en} died{when_en}, before the child's birth.",
        ),
        Text(
            "Kiểm tra ngày sinh và số định danh; nếu dữ liệu dân cư sai, đề nghị công an xã, phường sửa.",
            "Check the date and the number; if the population data is wrong, ask the police to mend it.",
        ),
        field=f"{role}.number",
    )


def _age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _declarant_problems(declared: Declaration) -> list[Problem]:
    what = Text("Người khai chưa có quyền khai sinh cho trẻ.", "The declarant may not declare this birth.")
    if declared.relation not in RELATIONS:
        return [
            Invalid(
                "declarant-no-right",
                what,
                Text(
                    "Cha, mẹ đi khai sinh; nếu không thể thì ông, bà, người thân thích hoặc người nuôi dưỡng "
                    "(Điều 15 Luật Hộ tịch).",
                    "A parent declares it; otherwise grandparents, relatives or whoever brings the child up "
                    "(Law on Civil Status, article 15).",
                ),
                Text("Nhờ một trong những người này khai.", "Ask one of them to declare it."),
                field="declarant.relation",
            )
        ]
    parent = {"mother": declared.mother, "father": declared.father}.get(declared.relation)
    if declared.relation in WHO and (parent is None or parent.number != declared.declarant):
        who = WHO[declared.relation]
        return [
            Invalid(
                "declarant-not-parent",
                what,
                Text(
                    f"Người khai chọn quan hệ là {who.vi}, nhưng số định danh không phải của {who.vi}.",
                    f"The declarant says {who.en}, but the number is not the {who.en}'s.",
                ),
                Text("Chọn lại quan hệ với trẻ.", "Choose the relation to the child again."),
                field="declarant.relation",
            )
        ]
    return []


def death_check(declared: DeathDeclaration, *, on: date) -> list[Problem]:
    """Everything that stands against the registration of a death on that day, each with its form field."""
    found: list[Problem] = []
    deceased = declared.deceased
    if declared.death_date > on:
        found.append(_death_date_wrong("death-in-future", "sau hôm nay", "after today", on))
    if deceased.birth_date is not None and declared.death_date < deceased.birth_date:
        born = deceased.birth_date
        found.append(_death_date_wrong("death-before-birth", "trước ngày sinh", "before the birth", born))
    if not deceased.full_name:
        found.append(_deceased_unknown(deceased.number))
    if not deceased.alive:
        found.append(_dead_already(deceased))
    return found + _death_declarant_problems(declared)


def death_is_on_time(*, death_date: date, on: date) -> bool:
    """Law on Civil Status, art. 33(1): 15 days from the death; in time, no fee is due (art. 11(1))."""
    return death_date <= on <= death_date + timedelta(days=limits(on).death_on_time_days)


def death_registered_already(certificate: str | None = None) -> Conflict:
    """One death per person, whichever commune was first."""
    where = f" ({certificate})" if certificate else ""
    return Conflict(
        "death-registered-already",
        Text("Người này đã được đăng ký khai tử.", "This person's death is registered already."),
        Text(
            f"Sổ hộ tịch đã có khai tử của người mang số này{where}; mỗi người chỉ khai tử một lần.",
            f"The register has a death of the person of this number{where}; a death is registered once.",
        ),
        Text(
            "Xin trích lục khai tử đã có; nếu khai tử có sai sót, hãy yêu cầu cải chính.",
            "Ask for an extract of it; if the registered death is wrong, ask to correct it.",
        ),
        field="deceased.number",
    )


def _death_date_wrong(code: str, than_vi: str, than_en: str, day: date) -> Problem:
    return Invalid(
        code,
        Text("Ngày chết chưa đúng.", "The date of death is not right."),
        Text(
            f"Ngày khai {than_vi} ({day:%d/%m/%Y}).",
            f"The day that was entered is {than_en} ({day:%d/%m/%Y}).",
        ),
        Text("Nhập ngày chết như trên giấy báo tử.", "Enter the date as on the notice of death."),
        field="death_date",
    )


def _deceased_unknown(number: str) -> Problem:
    return Invalid(
        "deceased-unknown",
        Text("Không tìm thấy người đã mất.", "The deceased was not found."),
        Text(
            f"Số {number} không có trong Cơ sở dữ liệu quốc gia về dân cư.",
            f"The number {number} is not in the national population database.",
        ),
        Text(
            "Đối chiếu 12 số với thẻ căn cước rồi nhập lại.", "Compare the 12 digits with the identity card."
        ),
        field="deceased.number",
    )


def _dead_already(deceased: Deceased) -> Problem:
    when_vi = f" từ ngày {deceased.death_date:%d/%m/%Y}" if deceased.death_date else ""
    when_en = f" on {deceased.death_date:%d/%m/%Y}" if deceased.death_date else ""
    return Conflict(
        "deceased-dead-already",
        Text("Dữ liệu dân cư đã ghi người này chết.", "The population database has this person as dead."),
        Text(
            f"Đã ghi nhận chết{when_vi}; một người chỉ khai tử một lần.",
            f"The death{when_en} is recorded; a death is registered once.",
        ),
        Text(
            "Xin trích lục khai tử; nếu dữ liệu sai, đề nghị công an xã, phường sửa.",
            "Ask for an extract of the death; if the data is wrong, ask the police to mend it.",
        ),
        field="deceased.number",
    )


def _death_declarant_problems(declared: DeathDeclaration) -> list[Problem]:
    what = Text("Người khai chưa có quyền khai tử.", "The declarant may not declare this death.")
    if declared.declarant == declared.deceased.number:
        return [
            Invalid(
                "declarant-is-deceased",
                what,
                Text(
                    "Người khai và người đã mất có cùng số định danh.",
                    "The declarant and the deceased have the same number.",
                ),
                Text("Chọn hoặc nhập số của người đã mất.", "Choose or enter the number of who died."),
                field="deceased.number",
            )
        ]
    if declared.relation in DEATH_RELATIONS:
        return []
    return [
        Invalid(
            "declarant-no-right",
            what,
            Text(
                "Vợ, chồng, con, cha, mẹ hoặc người thân thích đi khai tử; nếu không có thì đại diện cơ quan, "
                "tổ chức (Điều 33 Luật Hộ tịch).",
                "Spouse, child, parent or another relative declares it; otherwise the representative of an "
                "agency or organisation (Law on Civil Status, article 33).",
            ),
            Text("Nhờ một trong những người này khai.", "Ask one of them to declare it."),
            field="declarant.relation",
        )
    ]
