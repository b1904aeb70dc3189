"""Papers of the applicant that an agency issued before: offered where a document is asked for, instead of an upload.

What one agency issued, no other asks for again (Decree 118/2025/NĐ-CP; Decree 45/2020/NĐ-CP, art. 16).
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from lienthong.blocks.access.principals import Basis
from lienthong.blocks.exchange.services import call
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground import clock, formats
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import services
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.lifeevents.selectors import package_of, subsystem

FIND: Final = "warehouse/documents-find/v1"
FILE: Final = "onestop/results-file/v1"
PURPOSE: Final = "linked-procedure"
EARLIER: Final = "earlier"
"""The kind of component: a result of an earlier procedure."""


class Words(BaseModel):
    vi: str
    en: str


class Paper(BaseModel):
    """A paper as the warehouse knows it; what else it says is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    result_code: str
    number: str
    title: Words
    issued_on: date
    valid_to: date | None = None
    state: str
    sha256: str
    holder: str

    @property
    def said(self) -> Text:
        """Its title, number and day, in a line."""
        return Text(
            f"{self.title.vi}, số {self.number}, ngày {formats.date(self.issued_on)}",
            f"{self.title.en}, no. {self.number}, {formats.date(self.issued_on, 'en')}",
        )

    def counts_on(self, day: date) -> bool:
        """Whether it is in force: not corrected, not revoked, not past its last day."""
        return self.state == "valid" and (self.valid_to is None or self.valid_to >= day)


class _Found(BaseModel):
    model_config = ConfigDict(extra="ignore")
    documents: list[Paper]


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    pdf_base64: str


def accepted_by(package: Mapping[str, Any], documents: Collection[str]) -> dict[str, frozenset[str]]:
    """Of these documents, those that a paper of some result code stands for, and of which."""
    rows = [row for row in package.get("documents", ()) if row["code"] in documents and row.get("accepts")]
    return {row["code"]: frozenset(row["accepts"]) for row in rows}


def papers_for(*, draft: Draft, documents: Collection[str]) -> dict[str, list[Paper]]:
    """By document, the applicant's papers that stand for it; nothing where the warehouse does not answer.

    Whoever is only authorised does not learn which papers the applicant has.
    """
    wanted = accepted_by(package_of(draft.procedure), documents)
    if not wanted or draft.acting.get("basis") == Basis.AUTHORISATION:
        return {}
    try:
        found = _find(draft, frozenset().union(*wanted.values()))
    except Problem as problem:
        if not problem.unanswered:
            raise
        return {}
    offered = {
        code: [paper for paper in found if paper.result_code in codes] for code, codes in wanted.items()
    }
    return {code: papers for code, papers in offered.items() if papers}


def paper_use(*, draft: Draft, document: str, paper: str) -> None:
    """Make a paper of the applicant's this document of the draft; whoever issued it gives the file.

    Errors: paper-unknown, paper-differs (422); those of the holder, or that it does not answer.
    """
    offered = papers_for(draft=draft, documents=[document]).get(document, [])
    chosen = next((each for each in offered if each.id == paper), None)
    if chosen is None:
        raise _unknown()
    answer = call(
        FILE,
        {"number": chosen.number, "result_code": chosen.result_code},
        client=subsystem(),
        provider=chosen.holder,
        purpose=PURPOSE,
        officer=draft.taken_in_by,
        shape=_File,
    )
    content = base64.b64decode(answer.pdf_base64)
    if sha256_hex(content) != chosen.sha256:
        raise _differs(chosen)
    services.draft_file_add(
        draft=draft,
        code=document,
        name=f"{chosen.title.vi} {chosen.number}.pdf".replace("/", "-"),
        content=content,
        kind=EARLIER,
    )


def _find(draft: Draft, codes: Collection[str]) -> list[Paper]:
    body = {"owner": draft.owner, "result_codes": sorted(codes)}
    found = call(
        FIND, body, client=subsystem(), purpose=PURPOSE, officer=draft.taken_in_by, shape=_Found
    ).documents
    return [paper for paper in found if paper.counts_on(clock.today())]


def _unknown() -> Invalid:
    return Invalid(
        "paper-unknown",
        Text("Chưa dùng được giấy này.", "This paper was not used."),
        Text(
            "Kho giấy tờ không còn giấy này, hoặc giấy đã bị thu hồi, thay thế, hết hạn.",
            "The warehouse has it no more, or it was revoked, replaced or has expired.",
        ),
        Text("Chọn giấy khác, hoặc tải tệp lên.", "Choose another, or upload a file."),
    )


def _differs(paper: Paper) -> Invalid:
    return Invalid(
        "paper-differs",
        Text(f"Chưa dùng được {paper.said.vi}.", f"{paper.said.en} was not used."),
        Text(
            "Tệp mà nơi cấp đưa không đúng tệp đã ghi trong kho.",
            "The issuer's file is not the one that the warehouse notes.",
        ),
        Text("Tải bản của bạn lên.", "Upload your own copy."),
    )
