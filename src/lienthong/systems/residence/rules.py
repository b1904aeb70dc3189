"""Who may register permanent residence where: Law on Residence 68/2020/QH14."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lienthong.ground import units
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.ground.text import Text

ADDRESS_MAX: Final = 200
RELATIONS: Final = frozenset(
    {"head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other"}
)


GROUNDS: Final = frozenset({"death"})
"""Why a permanent residence is cancelled: art. 24(1)(a). The law's other grounds are not settled here yet."""


@dataclass(frozen=True, slots=True)
class Home:
    """A permanent residence: commune and household."""

    unit: str
    household: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """parents: the homes of a child's parents, where known; consents: the head of the household agrees."""

    unit: str
    address: str
    household: str
    consents: bool
    parents: tuple[Home, ...] = ()
    current: Home | None = None


def registration_check(wanted: Wanted, *, on: date) -> list[Problem]:
    """Everything that stands against registration on that day, each with its form field."""
    found: list[Problem] = []
    try:
        units.commune(wanted.unit, on)
    except NotFound as problem:
        problem.field = "unit"
        found.append(problem)
    if not wanted.address.strip() or len(wanted.address) > ADDRESS_MAX:
        found.append(_address())
    if wanted.parents and wanted.unit not in {home.unit for home in wanted.parents}:
        found.append(_not_with_parents())
    if not wanted.consents and not joins_parent(wanted):
        found.append(_no_consent())
    if wanted.current == Home(wanted.unit, wanted.household):
        found.append(registered_already())
    return found


def joins_parent(wanted: Wanted) -> bool:
    """A child lives where its parents live (art. 12(1)); in a parent's own household nobody else is asked."""
    return Home(wanted.unit, wanted.household) in wanted.parents


def registration_number(*, serial: int, year: int, unit: str, kind: str = "TT") -> str:
    """`TT-07/2026/00070`: serial, year, commune; a cancellation's begins with XT."""
    return f"{kind}-{serial:02}/{year}/{unit}"


def ending_check(*, ground: str, ended_on: date, on: date) -> list[Problem]:
    """What stands against a cancellation on that day (art. 24)."""
    if ground in GROUNDS and ended_on <= on:
        return []
    return [
        Invalid(
            "ending-without-ground",
            Text("Chưa xóa được đăng ký thường trú.", "The residence cannot be cancelled yet."),
            Text(
                "Lý do không thuộc Điều 24 Luật Cư trú, hoặc ngày xóa còn ở tương lai.",
                "The ground is none of the Law on Residence, article 24, or its day lies in the future.",
            ),
            Text("Kiểm tra lý do và ngày.", "Check ground and day."),
            field="ended_on",
        )
    ]


def ended_already() -> Conflict:
    return Conflict(
        "residence-ended-already",
        Text("Thường trú của người này đã được xóa.", "This person's residence is cancelled already."),
        Text(
            "Mỗi người chỉ được xóa đăng ký thường trú một lần vì đã mất (Điều 24 Luật Cư trú).",
            "A residence is cancelled once because of a death (Law on Residence, article 24).",
        ),
        Text("Không cần làm lại; mở thông báo đã có.", "Nothing more is needed; open the notice there is."),
        field="person_number",
    )


def registered_already() -> Conflict:
    return Conflict(
        "residence-registered-already",
        Text("Người này đã thường trú tại đây.", "This person is registered here already."),
        Text(
            "Mỗi công dân chỉ có một nơi thường trú (Điều 2 Luật Cư trú).",
            "A citizen has one permanent residence (Law on Residence, article 2).",
        ),
        Text("Không cần đăng ký lại.", "There is no need to register again."),
        field="person_number",
    )


def _address() -> Problem:
    return Invalid(
        "address-incomplete",
        Text("Địa chỉ chưa hợp lệ.", "The address is not valid."),
        Text(
            f"Địa chỉ còn để trống hoặc dài hơn {ADDRESS_MAX} ký tự.",
            f"The address is empty or longer than {ADDRESS_MAX} characters.",
        ),
        Text(
            "Nhập số nhà, đường, thôn hoặc tổ dân phố.", "Enter house, street, hamlet or residential group."
        ),
        field="address",
    )


def _not_with_parents() -> Problem:
    return Invalid(
        "not-where-parents-live",
        Text("Nơi đăng ký chưa đúng.", "The place of registration is not right."),
        Text(
            "Nơi cư trú của trẻ là nơi cha hoặc mẹ thường trú; xã, phường này không phải nơi đó "
            "(Điều 12, Điều 20 Luật Cư trú).",
            "A child lives where its mother or father has permanent residence, which is not this commune "
            "(Law on Residence, articles 12 and 20).",
        ),
        Text(
            "Chọn nơi thường trú của mẹ hoặc của cha.",
            "Choose the mother's or the father's permanent residence.",
        ),
        field="unit",
    )


def _no_consent() -> Problem:
    return Invalid(
        "consent-missing",
        Text("Chưa có ý kiến của chủ hộ.", "The head of the household has not agreed."),
        Text(
            "Nhập vào hộ của người khác cần chủ hộ đồng ý (Điều 20 Luật Cư trú).",
            "Joining another's household needs the agreement of its head (Law on Residence, article 20).",
        ),
        Text(
            "Đề nghị chủ hộ xác nhận đồng ý, hoặc chọn hộ của cha mẹ.",
            "Ask the head to agree, or choose the parents' household.",
        ),
        field="consents",
    )
