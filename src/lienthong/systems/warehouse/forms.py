"""What is given to check: a paper's code, its file, or an evidence container."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lienthong.blocks.trust.asic import MIMETYPE
from lienthong.ground.text import Text
from lienthong.kit.forms import Form, words
from lienthong.kit.uploads import RefusedUpload
from lienthong.systems.warehouse.evidence import ARCHIVE, is_container


class CodeForm(Form):
    code = forms.CharField(
        label=words("Mã kiểm tra", "Check code"),
        help_text=words(
            "16 chữ cái và chữ số ở cuối giấy tờ. Ví dụ: 7K2M-94QX-B0TC-H3WZ",
            "16 letters and digits at the foot of the paper. For example: 7K2M-94QX-B0TC-H3WZ",
        ),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )


class FileForm(Form):
    file = forms.FileField(
        label=words("Tệp PDF, hoặc gói bằng chứng .asice", "A PDF, or an evidence container .asice"),
        help_text=words(
            "Tệp chỉ được kiểm tra rồi bỏ đi, không lưu lại.", "It is checked and dropped; nothing is kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": f"application/pdf,{MIMETYPE},.asice"}),
    )

    def clean_file(self) -> Any:
        """By its bytes, whatever its name says; what is wrong inside is told by the check itself."""
        given = self.cleaned_data["file"]
        if isinstance(given, RefusedUpload):
            return given
        head = given.read(1024)
        given.seek(0)
        if b"%PDF-" in head or is_container(head):
            return given
        raise ValidationError(_BUNDLE if head.startswith(ARCHIVE) else _NEITHER, code="kind")  # type: ignore[arg-type]


_NEITHER = Text(
    "Tệp này không phải PDF, cũng không phải gói bằng chứng, dù tên tệp ghi thế nào. Hãy chọn đúng tệp bạn đã nhận.",
    "This is neither a PDF nor an evidence container, whatever its name says. Choose the file that you were given.",
)
_BUNDLE = Text(
    "Đây là tệp nén, không phải một gói bằng chứng. Hãy giải nén rồi chọn từng tệp .asice bên trong;"
    " riêng tệp .asice thì giữ nguyên, đừng giải nén.",
    "This is an archive, not an evidence container. Unpack it and choose each .asice file in it;"
    " the .asice files themselves are to stay as they are.",
)
