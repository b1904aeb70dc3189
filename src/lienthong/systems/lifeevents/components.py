"""Which kind of component a digitised paper is: whoever takes it in says so (Circular 01/2023/TT-VPCP)."""

from __future__ import annotations

from typing import Any, Final

from lienthong.blocks.casework.forms import FieldKind, FieldSpec, PageSpec
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, RadioField, words

DEFAULT: Final = "sector"
KINDS: Final[dict[str, Text]] = {
    "earlier": Text("Kết quả của thủ tục trước", "Result of an earlier procedure"),
    "sector": Text("Giấy tờ theo luật chuyên ngành", "Required by the sector's law"),
    "management": Text("Giấy tờ theo yêu cầu quản lý", "Required by management"),
}


def ask_kinds(form: Form, page: PageSpec, files: list[dict[str, Any]]) -> None:
    """Put beside each file of the page the question which kind of component it is."""
    for field in page.fields:
        if field.kind is FieldKind.FILE:
            form.fields[_name(field)] = RadioField(
                label=words("Loại thành phần hồ sơ", "Kind of component"),
                choices=list(KINDS.items()),
                initial=kind_of(files, field.document),
                required=False,
            )


def kind_given(form: Form, field: FieldSpec) -> str:
    """What was chosen for a file; empty where nobody was asked."""
    return str(form.cleaned_data.get(_name(field)) or "")


def kind_of(files: list[dict[str, Any]], code: str) -> str:
    return str(next((row["kind"] for row in files if row["code"] == code), DEFAULT))


def _name(field: FieldSpec) -> str:
    return f"{field.name}_component"
