"""The bodies of this room's questions, answers and events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from lienthong.blocks.exchange.contract import Body


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


class Settlement(Body):
    """How a complaint or feedback ended (Law on Complaints, art. 31).

    outcome: granted (wholly right, or answered), partly, refused, not-accepted, withdrawn; text: the officer's words;
    anew: the decision complained of falls, and the dossier is to be settled anew.
    """

    number: str
    outcome: str
    text: str
    ground: str
    officer_name: str
    officer_title: Words
    closed_at: datetime
    anew: bool


class DossierRenew(Body):
    """Settle a dossier anew; `order`: the complaint, settled at the same agency, that says so."""

    number: str
    order: str
    reply_to: str = Field(default="", max_length=240)
    reference: str = Field(default="", max_length=120)


class ComplaintFile(Body):
    """A complaint and the dossier it is about, for who settles it a second time; declared: as the desk shows it."""

    number: str
    dossier: str
    text: str
    declared: str
    outcome: str
    reason: str
    settlement: str
    officer_name: str


class RenewalOrder(Body):
    """The superior agency annulled the decision in this dossier; `order`: the complaint that it settled."""

    number: str
    order: str


class ResultAsk(Body):
    number: str
    result_code: str


class ResultFile(Body):
    pdf_base64: str
    sha256: str


class NumbersReserve(Body):
    """How many dossier numbers, one after the other, of the agency that is asked."""

    count: int = Field(default=1, ge=1, le=100)


class NumbersReserved(Body):
    """Good until the end of `day`; what is not used by then is void."""

    numbers: list[str]
    day: str


class NumberUse(Body):
    number: str = Field(max_length=60)


class VoidNumbersAsk(Body):
    """since: the first day, YYYY-MM-DD; after: the last number of the page before."""

    since: date
    after: str = Field(default="", max_length=60)


class VoidNumbers(Body):
    """At most 1,000, in order; next: what to ask after, empty at the end."""

    numbers: list[str]
    next: str


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


class OpinionAwaited(Body):
    """An agency whose opinion is waited for, and until when."""

    agency: Words
    until: datetime


class Recipient(Body):
    """To whom the post brings the papers: as on the slip."""

    name: str = Field(min_length=2, max_length=120)
    phone: str = Field(pattern=r"^0\d{9}$", examples=["0900000000"])
    address: str = Field(min_length=10, max_length=300)


class ParcelAsk(Body):
    """The applicant wants the papers by post; without a recipient: no longer."""

    number: str
    applicant: str
    recipient: Recipient | None


class Parcel(Body):
    """Where the papers are that go by post (Decision 45/2016/QĐ-TTg); tracking: the item's number at the post."""

    state: Literal["asked", "posted", "delivered", "returned"]
    tracking: str
    why: str
    at: datetime


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
    opinions: list[OpinionAwaited] = Field(default_factory=list[OpinionAwaited])
    disposal: Disposal | None = None
    parcel: Parcel | None = None


class Disclosed(Body):
    """One thing that is told with a question, and what it is called."""

    vi: str = Field(max_length=200)
    en: str = Field(max_length=200)
    value: Annotated[str, Field(max_length=2000)] | int | float | bool | None
    format: Literal["", "date"] = ""

    @model_validator(mode="after")
    def _day(self) -> Disclosed:
        """What is said to be a day is one."""
        if self.format == "date" and self.value:
            date.fromisoformat(str(self.value))
        return self


class OpinionAsk(Body):
    """What an agency is asked for a dossier of another, and within how many working days it answers.

    discloses: all that it learns of the dossier; `dossier` is its number at the agency that asks.
    """

    dossier: str = Field(min_length=1, max_length=60)
    procedure: Words
    question: Words
    article: str = Field(default="", max_length=300)
    discloses: list[Disclosed] = Field(default_factory=list[Disclosed], max_length=50)
    working_days: int = Field(ge=1, le=60)


class OpinionAsked(Body):
    """number: of the request at the agency that is asked; asked_in: the message that asked, named in the answer."""

    number: str
    asked_in: str
    due_at: datetime


class Signing(Body):
    """The officer who decided."""

    code: str = Field(max_length=32)
    name: str = Field(max_length=120)
    title: Words


class OpinionGive(Body):
    """An agency's written opinion. A reason is given with all but a plain yes."""

    dossier: str = Field(max_length=60)
    asked_in: str = Field(pattern=r"^[0-9a-f-]{36}$")
    opinion: Literal["agree", "conditions", "disagree"]
    reason: str = Field(default="", max_length=3000)
    officer: Signing


class OpinionEnd(Body):
    """The agency that asked need not be answered any more."""

    number: str = Field(max_length=60)
    why: Literal["time-passed", "no-longer-needed"]
