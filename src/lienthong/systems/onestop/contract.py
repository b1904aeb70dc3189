"""What an agency's one-stop desk offers: open a dossier, follow it, answer it, fetch its result."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from lienthong.blocks.exchange.contract import Action, Body, Done, Event, Service
from lienthong.ground.text import Text

BASIS = "Nghị định 118/2025/NĐ-CP"


class Words(Body):
    vi: str
    en: str


class Applicant(Body):
    """A person by their number, or an organisation by its code."""

    number: str = Field(pattern=r"^(\d{12}|\d{10})$")
    name: str = Field(min_length=1, max_length=120)


class Acting(Body):
    """Who acts for the applicant; source: the record that gives the right, as the portal found it in force."""

    number: str = Field(pattern=r"^\d{12}$")
    name: str = Field(min_length=1, max_length=120)
    basis: Literal["representative", "parent", "authorisation"]
    role: Words
    source: str = Field(max_length=120)
    until: str = ""
    kind: Literal["person", "organisation"]


class Document(Body):
    """A component of the dossier; `holder` is the subsystem that gives the file's bytes by its SHA-256."""

    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    media_type: str = Field(max_length=80)
    kind: Literal["earlier", "sector", "management"] = "sector"


class Former(Body):
    """A dossier that another one-stop system began: its number there, its days, and whether its fee was paid."""

    number: str = Field(min_length=1, max_length=60)
    opened_at: datetime
    due_at: datetime | None
    paid: bool
    note: str = Field(default="", max_length=2000)
    source: str = Field(max_length=120)


class DossierOpen(Body):
    procedure: str
    applicant: Applicant
    acting: Acting | None = None
    channel: Literal["online", "counter", "post"]
    language: Literal["vi", "en"] = "vi"
    title: str = Field(default="", max_length=200)
    declaration: dict[str, Any]
    documents: list[Document] = Field(default_factory=list[Document], max_length=100)
    reply_to: str = Field(default="", max_length=240)
    reference: str = Field(default="", max_length=120)
    former: Former | None = None


class DossierOpened(Body):
    number: str
    status: int
    received_on: str
    due_at: str | None


class DossierAsk(Body):
    number: str


class DossierState(Body):
    number: str
    procedure: str
    status: int
    outcome: str
    received_on: str
    due_at: str | None
    closed_at: str | None


class ApplicantAct(Body):
    number: str
    applicant: str
    acting: Acting | None = None


class SupplementAnswer(Body):
    number: str
    applicant: str
    acting: Acting | None = None
    text: str = Field(max_length=5000)
    documents: list[Document] = Field(default_factory=list[Document], max_length=100)


class RatingRecord(Body):
    number: str
    applicant: str
    acting: Acting | None = None
    score: int = Field(ge=1, le=5)
    text: str = Field(default="", max_length=2000)


class ResultAsk(Body):
    number: str
    result_code: str


class ResultFile(Body):
    pdf_base64: str
    sha256: str


class Signal(Body):
    """An event for a dossier; `reference` is the dossier's number."""

    bill: str
    reference: str
    case: str = ""
    total: int
    receipt_number: str
    paid_at: datetime


class Apology(Body):
    """For a dossier that is late: when it was promised (NgayHenTraTruoc), and for when now (NgayHenTraMoi)."""

    due_before: datetime
    promised_at: datetime
    reason: str


class Disposal(Body):
    """The agency disposed of the dossier's data and files: when, and under which decision."""

    at: datetime
    number: str
    decided_on: date
    signed_by: str


class DossierChanged(Body):
    """status: 1-10; results: papers issued so far; revision grows with each change."""

    number: str
    reference: str
    revision: int
    status: int
    outcome: str
    agency: str
    due_at: str | None
    at: datetime
    reason: Words | None
    bill: dict[str, Any] | None
    supplement: dict[str, Any] | None
    results: list[dict[str, Any]]
    apology: Apology | None = None
    disposal: Disposal | None = None


DOSSIERS_OPEN = Service(
    "onestop",
    "dossiers-open",
    Text("Mở hồ sơ", "Open a dossier"),
    Action.WRITE,
    DossierOpen,
    DossierOpened,
    BASIS,
)
DOSSIERS_GET = Service(
    "onestop",
    "dossiers-get",
    Text("Tình trạng hồ sơ", "State of a dossier"),
    Action.READ,
    DossierAsk,
    DossierState,
    BASIS,
    personal=True,
)
DOSSIERS_WITHDRAW = Service(
    "onestop", "dossiers-withdraw", Text("Rút hồ sơ", "Withdraw"), Action.WRITE, ApplicantAct, Done, BASIS
)
SUPPLEMENTS_ANSWER = Service(
    "onestop",
    "supplements-answer",
    Text("Bổ sung hồ sơ", "Answer a supplement request"),
    Action.WRITE,
    SupplementAnswer,
    Done,
    BASIS,
)
RATINGS_RECORD = Service(
    "onestop", "ratings-record", Text("Đánh giá", "Rate"), Action.WRITE, RatingRecord, Done, BASIS
)
RESULTS_FILE = Service(
    "onestop",
    "results-file",
    Text("Tệp kết quả", "A result's file"),
    Action.READ,
    ResultAsk,
    ResultFile,
    "Nghị định 45/2020/NĐ-CP, Điều 16",
    personal=True,
)
EVENTS_RECEIVE = Service(
    "onestop", "events-receive", Text("Nhận sự kiện", "Receive an event"), Action.WRITE, Signal, Done, BASIS
)
SERVICES = (
    DOSSIERS_OPEN,
    DOSSIERS_GET,
    DOSSIERS_WITHDRAW,
    SUPPLEMENTS_ANSWER,
    RATINGS_RECORD,
    RESULTS_FILE,
    EVENTS_RECEIVE,
)
EVENTS = (Event("onestop", "dossier-changed", Text("Hồ sơ thay đổi", "A dossier changed"), DossierChanged),)
GRANTS = (
    ("lifeevents", DOSSIERS_OPEN.name, "linked-procedure"),
    ("lifeevents", DOSSIERS_GET.name, "linked-procedure"),
    ("lifeevents", DOSSIERS_WITHDRAW.name, "linked-procedure"),
    ("lifeevents", SUPPLEMENTS_ANSWER.name, "linked-procedure"),
    ("lifeevents", RATINGS_RECORD.name, "linked-procedure"),
    ("warehouse", RESULTS_FILE.name, "result-delivery"),
    ("warehouse", RESULTS_FILE.name, "own-data"),
    ("fees", EVENTS_RECEIVE.name, "fee-collection"),
)
