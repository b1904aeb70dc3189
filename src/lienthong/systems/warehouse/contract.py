"""What the document warehouse offers: results are noted here, found for a later dossier, corrected, revoked.

The file stays with the agency that issued it; the warehouse knows whose it is, where it lies, and its hash.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from lienthong.blocks.exchange.contract import Action, Body, Done, Service
from lienthong.ground.text import Text

BASIS = "Nghị định 45/2020/NĐ-CP, Điều 16; Nghị định 118/2025/NĐ-CP"
CHECK_CODE = r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$"


class Words(Body):
    vi: str
    en: str


class Document(Body):
    result_code: str = Field(max_length=40)
    number: str = Field(min_length=1, max_length=80)
    title: Words
    issued_on: date
    valid_to: date | None = None
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    check_code: str = Field(pattern=CHECK_CODE)


class Deposit(Body):
    """owners: persons' numbers, the one it is about first; holder: the subsystem with the file."""

    owners: list[str] = Field(min_length=1, max_length=20)
    issuer: str = Field(max_length=40)
    issuer_name: Words
    holder: str = Field(max_length=120)
    case: str = Field(default="", max_length=60)
    documents: list[Document] = Field(max_length=100)


class Deposited(Body):
    documents: list[str]


class DocumentsAsk(Body):
    """result_codes: empty means any."""

    owner: str
    result_codes: list[str] = Field(default_factory=list[str], max_length=50)


class Found(Body):
    id: str
    result_code: str
    number: str
    title: Words
    issuer: str
    issued_on: date
    valid_to: date | None = None
    state: Literal["valid", "corrected", "revoked"]
    sha256: str
    holder: str


class DocumentsFound(Body):
    documents: list[Found]


class StateChange(Body):
    """replaced_by: the number of the paper that stands in its place, of the same result code."""

    result_code: str
    number: str
    state: Literal["corrected", "revoked"]
    reason: Words
    replaced_by: str = Field(default="", max_length=80)


DOCUMENTS_DEPOSIT = Service(
    "warehouse",
    "documents-deposit",
    Text("Đưa kết quả vào kho", "Deposit results"),
    Action.WRITE,
    Deposit,
    Deposited,
    BASIS,
)
DOCUMENTS_FIND = Service(
    "warehouse",
    "documents-find",
    Text("Tìm giấy tờ của một người", "Find a person's documents"),
    Action.READ,
    DocumentsAsk,
    DocumentsFound,
    BASIS,
    personal=True,
)
DOCUMENTS_STATE = Service(
    "warehouse",
    "documents-state",
    Text("Cải chính hoặc thu hồi giấy tờ", "Correct or revoke a document"),
    Action.WRITE,
    StateChange,
    Done,
    BASIS,
)
SERVICES = (DOCUMENTS_DEPOSIT, DOCUMENTS_FIND, DOCUMENTS_STATE)
EVENTS = ()
# National registers may change the state of a paper that an agency issued from them.
REGISTERS = ("civilstatus", "residence", "socialsecurity")
GRANTS = (
    ("onestop", DOCUMENTS_DEPOSIT.name, "result-delivery"),
    ("onestop", DOCUMENTS_STATE.name, "result-delivery"),
    ("onestop", DOCUMENTS_FIND.name, "birth-registration"),
    ("onestop", DOCUMENTS_FIND.name, "permanent-residence"),
    ("onestop", DOCUMENTS_FIND.name, "health-insurance-card"),
    ("lifeevents", DOCUMENTS_FIND.name, "linked-procedure"),
    *((register, DOCUMENTS_STATE.name, "result-delivery") for register in REGISTERS),
)
