"""What linked procedures offer: they hear of their child dossiers, and hand out their files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from lienthong.blocks.access.purposes import SETTLING
from lienthong.blocks.exchange.contract import Action, Body, Done, Service
from lienthong.ground.text import Text

BASIS = "Nghị định 63/2024/NĐ-CP"


class DossierChange(Body):
    """The change of a dossier at an agency; fields that are new there are passed over here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    reference: str
    revision: int
    status: int
    outcome: str
    agency: str
    due_at: str | None
    at: datetime
    reason: dict[str, str] | None
    bill: dict[str, Any] | None
    supplement: dict[str, Any] | None
    results: list[dict[str, Any]]
    apology: dict[str, Any] | None = None
    opinions: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    disposal: dict[str, Any] | None = None
    parcel: dict[str, Any] | None = None


class FileAsk(Body):
    sha256: str


class FileGiven(Body):
    content_base64: str


DOSSIER_EVENTS = Service(
    "lifeevents",
    "dossier-events",
    Text("Nhận thay đổi của hồ sơ", "Hear of a dossier's change"),
    Action.WRITE,
    DossierChange,
    Done,
    BASIS,
)
FILES_GET = Service(
    "lifeevents",
    "files-get",
    Text("Lấy tệp đính kèm", "Get an attached file"),
    Action.READ,
    FileAsk,
    FileGiven,
    BASIS,
    personal=True,
)
SERVICES = (DOSSIER_EVENTS, FILES_GET)
EVENTS = ()
GRANTS = (
    ("onestop", DOSSIER_EVENTS.name, "linked-procedure"),
    ("onestop", FILES_GET.name, SETTLING),
)
