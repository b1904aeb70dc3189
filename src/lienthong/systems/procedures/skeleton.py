"""The first form of a new procedure: a package, its register and four examples that work as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import Final

from lienthong.ground import formats, names
from lienthong.ground.errors import Conflict
from lienthong.ground.procedures import ProcedureCode
from lienthong.ground.text import Text

_PARTS: Final = Path(__file__).parent / "skeleton_parts"
_WAYS: Final[dict[str, tuple[Text, str, str]]] = {
    "granted": (
        Text("Đủ điều kiện", "Fulfils the conditions"),
        "{decide: approve}",
        (
            "{outcome: granted, results: [$result], records: [{register: $register, "
            'claims: {person_number: "=applicant.number"}}]}'
        ),
    ),
    "refused": (
        Text("Không đủ điều kiện", "Does not fulfil them"),
        '{decide: refuse, reason: "Giấy tờ chứng minh không đúng."}',
        "{outcome: refused}",
    ),
    "supplemented": (
        Text("Bổ sung rồi được cấp", "Granted after a supplement"),
        '{supplement: "Ảnh chụp bị mờ."}, {answer: "Đã chụp lại."}, {decide: approve}',
        "{outcome: granted, results: [$result]}",
    ),
    "withdrawn": (
        Text("Người nộp rút hồ sơ", "Withdrawn by the applicant"),
        "withdraw",
        "{outcome: withdrawn}",
    ),
}
_EXAMPLE: Final = """title: {vi: "$way_vi", en: "$way_en"}
at: "${today}T09:00"
answers: {subject: "Hồ sơ mẫu", term: one-year, proof: file}
acts: [$acts]
expect: $expect
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `lienthong procedures new` is told. owner: the agency that keeps the register; fee in đồng, or none."""

    code: str
    name: Text
    agency_kind: str
    purpose: str
    register: str
    owner: str
    basis: str
    fee: int = 0


def skeleton_files(wanted: Wanted, *, today: date) -> dict[str, str]:
    """The text of each file, by its path within the content folder. Errors: procedure.code (422)."""
    code = ProcedureCode.parse(wanted.code).national
    said = _said(wanted, code, today)
    folder = f"procedures/{code}"
    files = {
        f"{folder}/package.yaml": _filled("package.yaml", said),
        f"registers/{wanted.register}.yaml": _filled("register.yaml", said),
    }
    if wanted.fee:
        files[f"{folder}/fees.yaml"] = _filled("fees.yaml", said)
    for name, (way, acts, expect) in _WAYS.items():
        pays = "pay, " if wanted.fee and name != "withdrawn" else ""
        more = {"way_vi": way.vi, "way_en": way.en, "acts": pays + acts, "today": said["today"]}
        expected = Template(expect).substitute(said)
        files[f"{folder}/examples/{name}.yaml"] = Template(_EXAMPLE).substitute(more, expect=expected)
    return files


def skeleton_write(wanted: Wanted, content: Path, *, today: date) -> list[Path]:
    """Write the files of a new procedure into a content folder. Errors: file-exists (409)."""
    return files_write(skeleton_files(wanted, today=today), content)


def files_write(files: dict[str, str], content: Path) -> list[Path]:
    """All of them or none; nothing is ever overwritten. Errors: file-exists (409)."""
    for name in files:
        if (content / name).exists():
            raise _exists(content / name)
    for name, text in files.items():
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [content / name for name in files]


def _filled(part: str, said: dict[str, str]) -> str:
    lines = Template((_PARTS / part).read_text(encoding="utf-8")).substitute(said).splitlines()
    return "\n".join(line for line in lines if line.strip()) + "\n"


def _said(wanted: Wanted, code: str, today: date) -> dict[str, str]:
    safe = {
        name: text.replace('"', "'").replace("\n", " ")
        for name, text in {
            "name_vi": wanted.name.vi,
            "name_en": wanted.name.en,
            "basis": wanted.basis,
        }.items()
    }
    plain = [names.search_key(word) for word in wanted.name.vi.split()]
    fee = Text("Miễn phí", "Free of charge")
    if wanted.fee:
        fee = Text(f"{formats.number(wanted.fee)} đồng", f"VND {formats.number(wanted.fee, 'en')}")
    return {
        **safe,
        "code": code,
        "today": today.isoformat(),
        "words": " ".join(plain),
        "agency_kind": wanted.agency_kind,
        "purpose": wanted.purpose,
        "owner": wanted.owner,
        "register": wanted.register,
        "title_vi": f"Sổ: {safe['name_vi']}",
        "title_en": f"Register: {safe['name_en']}",
        "result": f"KQ.{wanted.owner}.{code.replace('.', '')[-6:]}",
        "prefix": "".join(word[:1] for word in plain)[:4].upper() or "SO",
        "fee": str(wanted.fee),
        "fee_vi": fee.vi,
        "fee_en": fee.en,
        "start": "fee" if wanted.fee else "review",
        "fee_asked": f"fee_items: [{{code: {wanted.register}, quantity: 1}}]" if wanted.fee else "",
        "fee_step": _FEE_STEP if wanted.fee else "",
    }


_FEE_STEP: Final = """  fee:
    kind: pay
    province: "=data.province"
    applicant_classes: "=data.applicant_classes"
    items: "=data.fee_items"
    next: review"""


def _exists(path: Path) -> Conflict:
    return Conflict(
        "file-exists",
        Text(f"{path} đã có.", f"{path} is there already."),
        Text("Khung thủ tục mới không ghi đè lên tệp nào.", "A new skeleton overwrites no file."),
        Text("Chọn mã khác, hoặc sửa tệp đang có.", "Choose another code, or edit the file."),
    )
