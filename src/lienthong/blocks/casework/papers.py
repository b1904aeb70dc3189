"""Results on paper: a Typst template of content/papers and the case's data become a PDF, ready to be signed.

The same data gives the same bytes: no clock, no network, no font of the machine.
"""

import importlib.util
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst

from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

_BUILT_FONTS: Final = Path(__file__).resolve().parents[2] / "channels" / "static" / "built" / "fonts"
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS: Final = ("", "nghìn", "triệu")
_TEN, _HUNDRED, _THOUSAND, _BILLION = 10, 100, 1000, 10**9


def paper_render(
    *, template: Path, data: Mapping[str, Any], number: str, check_url: str, language: str
) -> bytes:
    """The PDF (A-2b). Invalid when the data does not fit the template.

    `data`: the keys named at the template's head; `number`: the dossier's; `check_url`: behind the QR.
    """
    try:
        issued_at = datetime.fromisoformat(data["issued_at"])
        compiled = typst.compile(
            template,
            root=template.parent,
            font_paths=list(font_folders()),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="a-2b",
            timestamp=int(issued_at.timestamp()),
            sys_inputs={
                "data": json.dumps(data, ensure_ascii=False),
                "words": json.dumps(_words(data), ensure_ascii=False),
                "number": number,
                "check_url": check_url,
                "qr": _qr(check_url),
                "language": language,
            },
        )
    except (RuntimeError, KeyError, TypeError, ValueError) as error:  # TypstError is a RuntimeError
        raise _unfit(template, error) from error
    return compiled


@lru_cache(maxsize=1)
def font_folders() -> tuple[Path, ...]:
    """Where Be Vietnam Pro lies: built into the release, and in the wheel of a development machine.

    Nowhere is no error: Typst's own Libertinus has every Vietnamese letter too.
    """
    folders = [_BUILT_FONTS]
    if (found := importlib.util.find_spec("fontpkg_be_vietnam_pro")) is not None and found.origin:
        folders.append(Path(found.origin).parent / "files")
    return tuple(folder for folder in folders if any(folder.glob("*.ttf")))


def number_in_words(number: int) -> str:
    """Vietnamese words of a whole number: 16000 -> "mười sáu nghìn". ValueError below zero."""
    if number < 0:
        raise ValueError("words are for numbers from zero on")
    if number == 0:
        return _DIGITS[0]
    billions, rest = divmod(number, _BILLION)
    parts = [f"{number_in_words(billions)} tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // _THOUSAND**power % _THOUSAND
        if group:
            parts.append(f"{_group_in_words(group, leading=not parts)} {_GROUPS[power]}".strip())
    return " ".join(parts)


def date_in_words(day: date) -> str:
    """As the birth certificate has it: "Ngày hai mươi ba tháng mười một năm hai nghìn ..."."""
    month = "tư" if day.month == 4 else number_in_words(day.month)  # noqa: PLR2004 - April has its own word
    return f"Ngày {number_in_words(day.day)} tháng {month} năm {number_in_words(day.year)}"


def _group_in_words(group: int, *, leading: bool) -> str:
    """Three digits; inside a longer number the empty hundred is said too ("không trăm linh năm")."""
    hundreds, rest = divmod(group, _HUNDRED)
    tens, ones = divmod(rest, _TEN)
    said = [] if leading and not hundreds else [f"{_DIGITS[hundreds]} trăm"]
    if tens == 0:
        if ones:
            said.append(f"linh {_DIGITS[ones]}" if said else _DIGITS[ones])
        return " ".join(said)
    said.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
    if ones:
        special = {1: "mốt" if tens > 1 else "một", 4: "tư" if tens > 1 else "bốn", 5: "lăm"}
        said.append(special.get(ones, _DIGITS[ones]))
    return " ".join(said)


def _words(value: Any) -> Any:
    """The data's whole numbers and ISO dates in words, in the same shape; everything else is left out."""
    if isinstance(value, Mapping):
        pairs = ((key, _words(item)) for key, item in value.items())
        return {key: words for key, words in pairs if words is not None}
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return _capital(number_in_words(value))
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return date_in_words(date.fromisoformat(value))
    return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _qr(url: str) -> str:
    picture = BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()


def _unfit(template: Path, error: Exception) -> Invalid:
    detail = error.message if isinstance(error, typst.TypstError) else f"{type(error).__name__}: {error}"
    return Invalid(
        "casework.paper_unfit",
        Text(f"Chưa lập được giấy tờ theo mẫu {template.name}.", f"{template.name} was not filled in."),
        Text(f"Dữ liệu không khớp với mẫu: {detail}.", f"The data does not fit the template: {detail}."),
        Text(
            "So dữ liệu của bước cấp kết quả với danh sách ở đầu tệp mẫu.",
            "Compare the issuing step's data with the list at the head of the template.",
        ),
    )
