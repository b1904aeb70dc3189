"""What every declared register offers, at its owner's subsystem. `register_code` is the declaration's code."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any, Final, Literal

from pydantic import Field

from lienthong.blocks.access.purposes import SETTLING
from lienthong.blocks.exchange.contract import Action, Body, Service
from lienthong.ground.text import Text

BASIS: Final = "Luật Dữ liệu 60/2024/QH15; luật của từng sổ đăng ký"


class Words(Body):
    vi: str
    en: str


class Signer(Body):
    """The officer whose decision is written down."""

    code: str
    name: str
    title: Words


class Found(Body):
    code: str
    what: Words
    why: Words
    next: Words
    field: str | None


class Checked(Body):
    """problems: empty where the record may be written."""

    problems: list[Found]


class RecordWanted(Body):
    """data: all fields of a new record, or those that change; key: the record that changes or ends."""

    register_code: str
    action: Literal["enter", "change", "end"] = "enter"
    key: str | None = None
    data: dict[str, Any] = Field(default_factory=dict[str, Any])


class RecordToEnter(Body):
    """key: where the caller knows it (a personal number); otherwise the register gives the next number."""

    register_code: str
    key: str | None = None
    data: dict[str, Any]
    valid_from: date
    signer: Signer


class RecordToChange(Body):
    register_code: str
    key: str
    data: dict[str, Any]
    valid_from: date
    signer: Signer


class RecordToEnd(Body):
    """valid_to: the first day on which the record no longer holds."""

    register_code: str
    key: str
    valid_to: date
    reason: str = Field(min_length=1, max_length=500)
    signer: Signer


class RecordView(Body):
    """valid_to: null where it holds until it is changed."""

    register_code: str
    key: str
    data: dict[str, Any]
    valid_from: date | None
    valid_to: date | None


class ByKey(Body):
    register_code: str
    key: str


class ByClaims(Body):
    """Records whose data holds all claims, such as {"owner_number": "001..."}; one that is a person's number."""

    register_code: str
    claims: dict[str, Any] = Field(min_length=1, max_length=5)


class Records(Body):
    records: list[RecordView]


class Claim(Body):
    register_code: str
    key: str
    claims: dict[str, Any] = Field(default_factory=dict[str, Any], max_length=20)


class Verified(Body):
    """matches: the record is in force and everything claimed is as recorded; it does not say what differs."""

    exists: bool
    matches: bool


def _service(code: str, title: Text, action: Action, bodies: tuple[Any, Any]) -> Service:
    personal = action is Action.READ and code != "records-check"
    return Service("registers", code, title, action, *bodies, BASIS, personal=personal)


RECORDS_CHECK: Final = _service(
    "records-check",
    Text("Kiểm tra trước khi ghi sổ", "Check before a record is written"),
    Action.READ,
    (RecordWanted, Checked),
)
RECORDS_ENTER: Final = _service(
    "records-enter",
    Text("Ghi vào sổ đăng ký", "Enter a record"),
    Action.WRITE,
    (RecordToEnter, RecordView),
)
RECORDS_CHANGE: Final = _service(
    "records-change", Text("Ghi thay đổi", "Change a record"), Action.WRITE, (RecordToChange, RecordView)
)
RECORDS_END: Final = _service(
    "records-end", Text("Ghi chấm dứt", "End a record"), Action.WRITE, (RecordToEnd, RecordView)
)
RECORDS_GET: Final = _service(
    "records-get", Text("Tra cứu một bản ghi", "Look up a record"), Action.READ, (ByKey, RecordView)
)
RECORDS_FIND: Final = _service(
    "records-find",
    Text("Tìm bản ghi của một người", "Find a person's records"),
    Action.READ,
    (ByClaims, Records),
)
RECORDS_VERIFY: Final = _service(
    "records-verify",
    Text("Đối chiếu bản ghi (đúng hoặc sai)", "Verify claims about a record (yes or no)"),
    Action.READ,
    (Claim, Verified),
)
SERVICES: Final = (
    RECORDS_CHECK,
    RECORDS_ENTER,
    RECORDS_CHANGE,
    RECORDS_END,
    RECORDS_GET,
    RECORDS_FIND,
    RECORDS_VERIFY,
)
EVENTS: Final = ()
_ASKED: Final = (RECORDS_CHECK.name, RECORDS_GET.name, RECORDS_FIND.name, RECORDS_VERIFY.name)
_WRITTEN: Final = (RECORDS_ENTER.name, RECORDS_CHANGE.name, RECORDS_END.name)
GRANTS: Final = (
    *product(("onestop",), (*_ASKED, *_WRITTEN), (SETTLING,)),
    *product(("lifeevents",), _ASKED, (SETTLING,)),
    *product(("lifeevents",), (RECORDS_GET.name, RECORDS_FIND.name), ("representation",)),
    *product(("lifeevents",), (RECORDS_CHECK.name, RECORDS_ENTER.name, RECORDS_END.name), ("authorisation",)),
)
"""(client system, service, purpose); each register narrows the purposes by its own declaration."""
