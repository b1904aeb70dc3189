"""A procedure as the national portal answers `LayThuTuc`, made a draft package.

What has a place in a package goes there; the form, the register and the steps are those of a new procedure, for
the portal says them in prose only. What found no place is told, not dropped silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from lienthong.ground import yamls
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text
from lienthong.systems.procedures.skeleton import Wanted, skeleton_files

_KNOWN: Final = frozenset(
    {
        "MATTHC", "TENTTHC", "LINHVUCTHUCHIEN", "TRINHTUTHUCHIEN", "CACHTHUCTHUCHIEN", "THANHPHANHOSO",
        "KETQUATHUCHIEN", "CANCUPHAPLY", "COQUANTHUCHIEN", "YEUCAU", "DOITUONGTHUCHIEN",
    }
)  # fmt: skip
_WORKING_DAY: Final = "ngày làm việc"


@dataclass
class Imported:
    """files: texts by path within the content folder; left: what found no place, in words."""

    files: dict[str, str]
    left: list[str] = field(default_factory=list[str])


def procedure_import(given: Any, wanted: Wanted, *, today: date) -> Imported:
    """Errors: portal-answer (422), procedure.code (422)."""
    answer = _answer(given)
    laws = [_law(row) for row in _rows(answer, "CANCUPHAPLY")]
    title = str(answer.get("TENTTHC") or "").strip()
    if not title:
        raise _no_procedure()
    named = Wanted(
        str(answer.get("MATTHC") or wanted.code),
        Text(title, wanted.name.en or title),
        wanted.agency_kind,
        wanted.purpose,
        wanted.register,
        wanted.owner,
        laws[0] if laws else wanted.basis,
        wanted.fee,
    )
    files = skeleton_files(named, today=today)
    path = next(name for name in files if name.endswith("package.yaml"))
    raw: dict[str, Any] = yamls.load(files[path])
    done = Imported(files)
    _head(raw, answer, laws, done)
    _ways(raw, answer, done)
    _documents(raw, answer, done)
    _results(raw, answer, done)
    _prose(raw, answer, done)
    done.left += [f"{name}: no place in a package" for name in sorted(set(answer) - _KNOWN)]
    done.left.append("English words: the portal has none; each `en` that says Vietnamese is yours to write")
    done.left.append("form, register and steps: those of a new procedure; write what this one asks and does")
    files[path] = _HEAD + yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=116)
    return done


_HEAD: Final = (
    "# Bản nháp từ Cổng Dịch vụ công quốc gia (LayThuTuc). Đối chiếu với văn bản trước khi công bố.\n"
)


def _answer(given: Any) -> dict[str, Any]:
    """The procedure itself: bare, in a list, or under `result` or `data`."""
    for _ in range(4):
        if isinstance(given, list) and given:
            given = given[0]
        elif isinstance(given, dict) and "TENTTHC" not in given:
            given = given.get("result") or given.get("data")
    if not isinstance(given, dict):
        raise _no_procedure()
    return {str(key).upper(): value for key, value in given.items()}


def _rows(given: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = given.get(key) or []
    rows = rows if isinstance(rows, list) else [rows]
    return [row for row in rows if isinstance(row, dict)]


def _both(text: Any) -> dict[str, str]:
    said = " ".join(str(text or "").split()) or "Chưa ghi"
    return {"vi": said, "en": said}


def _law(row: Mapping[str, Any]) -> str:
    return " ".join(f"{row.get('TENVANBAN') or ''} {row.get('SOVANBAN') or ''}".split())


def _head(raw: dict[str, Any], answer: Mapping[str, Any], laws: list[str], done: Imported) -> None:
    if laws:
        raw["legal_basis"] = laws
    fields = _rows(answer, "LINHVUCTHUCHIEN")
    if fields:
        raw["field"] = {"code": str(fields[0].get("MALINHVUC") or "?"), **_both(fields[0].get("TENLINHVUC"))}
    done.left += [f"LINHVUCTHUCHIEN: a second field, {row.get('TENLINHVUC')}" for row in fields[1:]]


def _ways(raw: dict[str, Any], answer: Mapping[str, Any], done: Imported) -> None:
    """The time limit of the first way in working days; fees in words, each once."""
    limits, fees = [], []
    for way in _rows(answer, "CACHTHUCTHUCHIEN"):
        for limit in _rows(way, "THOIGIAN"):
            count, unit = str(limit.get("THOIGIANGIAIQUYET") or ""), str(limit.get("DONVITINH") or "")
            limits.append((way.get("KENH"), count, unit, str(limit.get("MOTA") or "")))
            fees += [_fee(row) for row in _rows(limit, "PHILEPHI")]
    if fees:
        raw["fees"] = [_both(fee) for fee in dict.fromkeys(fees)]
    fitting = [row for row in limits if row[1].isdecimal() and row[2].strip().lower() == _WORKING_DAY]
    if fitting:
        article = fitting[0][3] or raw["time_limit"]["article"]
        raw["time_limit"] = {"working_days": int(fitting[0][1]), "article": article}
    for row in limits:
        if row not in fitting[:1] and (not fitting or row[1:3] != fitting[0][1:3]):
            done.left.append(
                f"CACHTHUCTHUCHIEN: {row[0]}: {row[1]} {row[2]}; a package has one limit in working days"
            )


def _fee(row: Mapping[str, Any]) -> str:
    return " ".join(f"{row.get('SOTIEN') or ''} {row.get('DONVI') or ''} {row.get('MOTA') or ''}".split())


def _documents(raw: dict[str, Any], answer: Mapping[str, Any], done: Imported) -> None:
    """Each paper becomes a document with a question for its file; that of a case is not required."""
    groups = _rows(answer, "THANHPHANHOSO")
    documents: list[dict[str, Any]] = []
    for group in groups:
        case = str(group.get("TRUONGHOP") or "").strip()
        for paper in _rows(group, "GIAYTO"):
            title = paper.get("TENGIAYTO") or paper.get("TENMAUDON") or paper.get("MAGIAYTO")
            row = {"code": f"paper-{len(documents) + 1}", "title": _both(title), "required": len(groups) == 1}
            documents.append({**row, "note": _both(case)} if case else row)
            if paper.get("URL"):
                done.left.append(
                    f"THANHPHANHOSO: {title}: the form at {paper['URL']}; the questions replace it"
                )
    if not documents:
        return
    raw["documents"] = documents
    form = raw["form"]
    fields = form["schema"]["properties"]
    # The example dossiers bring one file: the first paper keeps the question of the skeleton.
    for index, document in enumerate(documents):
        name = "proof" if index == 0 else f"proof_{index + 1}"
        fields[name] = {
            "type": "string", "format": "file", "document": document["code"], "label": document["title"],
        }  # fmt: skip
        if index:
            form["pages"].append({"key": name.replace("_", "-"), "fields": [name]})
    if len(documents) > 1:
        done.left.append(
            "THANHPHANHOSO: only the first paper is required by the form; add the others to `required`"
        )


def _results(raw: dict[str, Any], answer: Mapping[str, Any], done: Imported) -> None:
    rows = _rows(answer, "KETQUATHUCHIEN")
    if not rows:
        return
    code, title = str(rows[0].get("MAKETQUA") or raw["results"][0]["code"]), _both(rows[0].get("TENKETQUA"))
    raw["results"] = [{"code": code, **title}]
    raw["steps"]["paper"] |= {"result": code, "title": title}
    raw["steps"]["deposit"]["result"] = code
    old = f"results: [{_skeleton_result(done)}]"
    for name, text in done.files.items():
        if "/examples/" in name:
            done.files[name] = text.replace(old, f"results: [{code}]")
    done.left += [f"KETQUATHUCHIEN: a second result, {row.get('TENKETQUA')}" for row in rows[1:]]


def _skeleton_result(done: Imported) -> str:
    text = next(text for name, text in done.files.items() if name.endswith("examples/granted.yaml"))
    return str(yamls.load(text)["expect"]["results"][0])


def _prose(raw: dict[str, Any], answer: Mapping[str, Any], done: Imported) -> None:
    """The order of work stays as text beside the steps; conditions become what is needed."""
    order = [
        " ".join(str(step.get("TENTRINHTU") or "").split())
        for case in _rows(answer, "TRINHTUTHUCHIEN")
        for step in _rows(case, "TRINHTU")
    ]
    if order:
        raw["trinh_tu"] = order
    needs = answer.get("YEUCAU")
    if isinstance(needs, str) and needs.strip():
        raw["needs"] = [_both(needs)]
    for key in ("COQUANTHUCHIEN", "DOITUONGTHUCHIEN"):
        if answer.get(key):
            done.left.append(
                f"{key}: {_short(answer[key])}; a package names a kind of agency, and people apply"
            )


def _short(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    texts = [" ".join(map(str, row.values())) if isinstance(row, dict) else str(row) for row in rows]
    return ", ".join(texts)[:160]


def _no_procedure() -> Invalid:
    return Invalid(
        "portal-answer",
        Text("Tệp không chứa thủ tục nào.", "The file holds no procedure."),
        Text("Không có trường TENTTHC.", "It has no field TENTTHC."),
        Text("Dùng câu trả lời JSON của LayThuTuc.", "Use the JSON answer of LayThuTuc."),
        field="file",
    )
