"""Open dossiers of another one-stop system, brought in by an officer of the agency that decides them.

Each goes the way of any dossier that is taken in: the registers are asked, the form and its rules hold, the papers
must be there, and the applicant finds it on the portal. It keeps its number and days (`casework.moving_in`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.registry.agencies import agency_serving
from lienthong.ground import clock
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import intake, mandates, rules, services
from lienthong.systems.lifeevents.filling import Paper, draft_fill
from lienthong.systems.lifeevents.models import Declared
from lienthong.systems.lifeevents.selectors import package_of

CHANNELS = frozenset({"online", "counter", "post"})


@dataclass(frozen=True, slots=True)
class OldDossier:
    """A row of the other system. papers: by the document's code, a file below the folder that is given."""

    number: str
    procedure: str
    applicant: str
    channel: str
    opened_at: datetime
    due_at: datetime | None
    answers: dict[str, Any]
    papers: dict[str, str] = field(default_factory=dict[str, str])
    paid: bool = False
    note: str = ""


def old_dossier(filled: dict[str, Any]) -> OldDossier:
    """From a mapping's row, whose names are those of `OldDossier`. Errors: row-incomplete (422) at its field."""
    for name in ("number", "procedure", "applicant"):
        if not isinstance(filled.get(name), str) or not filled[name]:
            raise _incomplete(name)
    if filled.get("channel") not in CHANNELS:
        raise _incomplete("channel")
    if not isinstance(filled.get("answers"), dict):
        raise _incomplete("answers")
    opened, due = _moment(filled, "opened_at"), _moment(filled, "due_at")
    if opened is None or opened > clock.now():
        raise _incomplete("opened_at")
    if due is not None and due < opened:
        raise _incomplete("due_at")
    return OldDossier(
        filled["number"],
        filled["procedure"],
        filled["applicant"],
        filled["channel"],
        opened,
        due,
        {name: value for name, value in filled["answers"].items() if value is not None},
        {code: str(name) for code, name in (filled.get("papers") or {}).items() if name},
        bool(filled.get("paid")),
        str(filled.get("note") or "")[:2000],
    )


def dossier_take_in(
    old: OldDossier, *, by: Principal, folder: Path | None, source: str, dry_run: bool
) -> str:
    """`entered` (or would be), or `same` where it was brought in before.

    Errors: those of the intake; other-agency (422), where another decides it; linked-procedure (422).
    """
    key = rules.former_key(by.agency, old.number)
    if Declared.objects.filter(key=key).exists():
        return "same"
    package = package_of(old.procedure)
    if package.get("linked"):
        raise _linked(old.procedure)
    if problem := mandates.package_problem(package, None):
        raise problem
    papers = {code: _paper(folder, name) for code, name in old.papers.items()}
    draft = services.draft_begin(
        old.applicant, old.procedure, channel=old.channel, taken_in_by=by.subject, taken_in_at=by.agency
    )
    try:
        draft_fill(draft=draft, answers=old.answers, papers=papers)
        declaration = services.declaration_of(draft, language="vi")
        decides = agency_serving(kind=package["agency_kind"], unit=declaration["unit"])
        if decides.code != by.agency:
            raise _other_agency(decides.name)
        for problem in intake.intake_problems(draft=draft, declaration=declaration):
            raise problem
        if not dry_run:
            former = {
                "number": old.number,
                "opened_at": old.opened_at.isoformat(),
                "due_at": old.due_at.isoformat() if old.due_at else None,
                "paid": old.paid,
                "note": old.note,
                "source": source,
            }
            services.draft_submit(draft_id=draft.pk, by=by, language="vi", former=former)
    finally:
        draft.refresh_from_db()
        if not draft.case_number:
            intake.draft_drop(draft=draft)
    return "entered"


def _moment(filled: dict[str, Any], name: str) -> datetime | None:
    """A moment, or a day, which counts from its start in Vietnam."""
    if filled.get(name) is None:
        return None
    try:
        return clock.in_vietnam(datetime.fromisoformat(str(filled[name])))
    except ValueError as error:
        raise _incomplete(name) from error


def _paper(folder: Path | None, name: str) -> Paper:
    """A file of the folder, and of no other place."""
    path = (folder / name).resolve() if folder else None
    if path is None or folder is None or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise Invalid(
            "paper-absent",
            Text(f"Không có tệp {name}.", f"There is no file {name}."),
            Text("Tệp không nằm trong thư mục --files.", "It does not lie in the folder of --files."),
            Text(
                "Chép tệp vào thư mục đó, hoặc sửa tên trong dòng.",
                "Put it there, or mend its name in the row.",
            ),
            field="papers",
        )
    return path.name, path.read_bytes()


def _incomplete(name: str) -> Invalid:
    return Invalid(
        "row-incomplete",
        Text(f"Dòng không cho `{name}` dùng được.", f"The row gives no usable `{name}`."),
        Text(
            "Hồ sơ đang mở cần mã, thủ tục, người nộp, kênh, ngày tiếp nhận đã qua, hạn trả không trước ngày đó.",
            "An open dossier needs number, procedure, applicant, channel, a past day of receipt, a later promised day.",
        ),
        Text("Sửa dòng, hoặc tệp ánh xạ.", "Mend the row, or the mapping."),
        field=name,
    )


def _linked(procedure: str) -> Invalid:
    return Invalid(
        "linked-procedure",
        Text("Nhóm liên thông không chuyển vào được.", "A linked group cannot be brought in."),
        Text(f"{procedure} gồm nhiều thủ tục.", f"{procedure} consists of several procedures."),
        Text("Chuyển từng thủ tục của nhóm.", "Bring in each of its procedures."),
        field="procedure",
    )


def _other_agency(name: Text) -> Invalid:
    return Invalid(
        "other-agency",
        Text("Cơ quan khác giải quyết hồ sơ này.", "Another agency decides this dossier."),
        Text(f"Nơi giải quyết là {name.vi}.", f"It belongs to {name.en}."),
        Text("Để cơ quan đó chuyển hồ sơ vào.", "Let that agency bring it in."),
    )
