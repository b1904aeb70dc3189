"""Check codes as people type them, initials of names, and what a check of a file says. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lienthong.ground.text import Text

_ALPHABET: Final = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_CODE_LENGTH: Final = 16
_MISREAD: Final = str.maketrans("OIL", "011")  # Crockford's base32 has no O, I, L: they were a 0 or a 1
_CODE_IN_ADDRESS: Final = re.compile(r"/check/([0-9A-Za-z-]{16,25})")


def check_code(typed: str) -> str | None:
    """`XXXX-XXXX-XXXX-XXXX` from whatever case, spaces and dashes were typed; None where it cannot be one."""
    bare = "".join(typed.upper().split()).replace("-", "").replace("–", "").translate(_MISREAD)
    if len(bare) != _CODE_LENGTH or not set(bare) <= _ALPHABET:
        return None
    return "-".join(bare[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def code_in_text(text: str) -> str | None:
    """The check code of the address printed on a paper."""
    found = _CODE_IN_ADDRESS.search("".join(text.split()))
    return check_code(found[1]) if found else None


def initials(name: str) -> str:
    """`Nguyễn Minh An` -> `N. M. A.`: enough to compare with a paper, too little to find a person."""
    return " ".join(f"{part[0].upper()}." for part in name.split())


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: `intact`: the bytes that it covers are as signed; `last`: nothing was added after it."""

    signer: str
    intact: bool
    trusted: bool
    last: bool


def changed_part(signatures: Sequence[Signed]) -> Text | None:
    """In words, which part of a file is not as it was signed; None where every part is."""
    if not signatures:
        return None
    broken = [one for one in signatures if not one.intact]
    if len(broken) == len(signatures) and len(signatures) > 1:
        return Text(
            "Phần nội dung mà mọi chữ ký cùng bảo vệ đã bị sửa: đó là chính nội dung giấy tờ.",
            "The part that every signature covers was changed: the paper's own content.",
        )
    if broken:
        names = ", ".join(one.signer for one in broken)
        return Text(
            f"Phần do chữ ký của {names} bảo vệ đã bị sửa sau khi ký.",
            f"The part covered by the signature of {names} was changed after it was signed.",
        )
    if not all(one.last for one in signatures):
        return Text(
            "Có nội dung được thêm vào cuối tệp sau chữ ký cuối cùng.",
            "Something was added to the file after the last signature.",
        )
    return None
