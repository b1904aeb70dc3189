"""What is given to check a paper: its code, or its file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lienthong.ground.text import Text
from lienthong.kit.forms import Form, words
from lienthong.kit.uploads import RefusedUpload


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
        label=words("Tệp PDF của giấy tờ", "The paper's PDF"),
        help_text=words(
            "Tệp chỉ được kiểm tra rồi bỏ đi, không lưu lại.", "It is checked and dropped; nothing is kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_file(self) -> Any:
        """By its bytes, whatever its name says; what is wrong with a PDF is told by the check itself."""
        given = self.cleaned_data["file"]
        if isinstance(given, RefusedUpload):
            return given
        head = given.read(1024)
        given.seek(0)
        if b"%PDF-" not in head:
            raise ValidationError(_NOT_A_PDF, code="kind")  # type: ignore[arg-type]
        return given


_NOT_A_PDF = Text(
    "Tệp này không phải PDF, dù tên tệp ghi thế nào. Hãy chọn đúng tệp PDF bạn đã nhận.",
    "This is not a PDF, whatever its name says. Choose the PDF that you were given.",
)
