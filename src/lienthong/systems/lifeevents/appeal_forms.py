"""What a person types who complains, or sends feedback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from lienthong.kit.forms import FilesField, Form, RadioField, words
from lienthong.systems.lifeevents.appeal_words import GROUND_TEXT

_FILES: Any = {
    "label": words("Giấy tờ kèm theo, nếu có", "Papers to attach, if any"),
    "help_text": words(
        "Ảnh hoặc PDF, mỗi tệp tối đa 20 MB. Có thể chọn nhiều tệp.",
        "Photos or PDF, 20 MB at most each. You may choose several.",
    ),
    "required": False,
}


class ComplaintForm(Form):
    ground = RadioField(label=words("Bạn khiếu nại về điều gì?", "What do you complain of?"))
    text = forms.CharField(
        label=words("Vì sao bạn cho là sai?", "Why do you think it is wrong?"),
        help_text=words(
            "Nêu điều đã xảy ra và căn cứ của bạn. Cơ quan đã có hồ sơ, bạn không cần chép lại.",
            "Say what happened and on what you rely. The agency has the dossier; you need not repeat it.",
        ),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    wish = forms.CharField(
        label=words("Bạn yêu cầu giải quyết thế nào?", "What do you ask for?"),
        help_text=words("Ví dụ: hủy quyết định từ chối.", "For example: annul the refusal."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    late_reason = forms.CharField(
        label=words("Vì sao bạn khiếu nại sau thời hiệu?", "Why do you complain after the time for it?"),
        help_text=words(
            "Ốm đau, thiên tai, địch họa, đi công tác, học tập ở nơi xa hoặc trở ngại khách quan khác.",
            "Illness, disaster, war, work or study far away, or another thing beyond your power.",
        ),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    files = FilesField(**_FILES)  # pyright: ignore[reportAssignmentType] - Django moves the field out of the class

    @classmethod
    def about(
        cls, grounds: Iterable[str], *, late: bool, data: Any = None, files: Any = None
    ) -> ComplaintForm:
        """The form for what may be complained of; in time, nobody is asked why it is late."""
        form = cls(data, files)
        choices = [(ground, GROUND_TEXT[ground]) for ground in grounds]
        form.fields["ground"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            form.fields["ground"].initial = choices[0][0]
        if not late:
            del form.fields["late_reason"]
        return form


class AgainForm(ComplaintForm):
    """A second complaint is about the same as the first."""

    @classmethod
    def late(cls, *, late: bool, data: Any = None, files: Any = None) -> AgainForm:
        form = cls(data, files)
        del form.fields["ground"]
        if not late:
            del form.fields["late_reason"]
        return form


class FeedbackForm(Form):
    text = forms.CharField(
        label=words("Bạn muốn phản ánh, kiến nghị điều gì?", "What would you like to tell the agency?"),
        help_text=words(
            "Về thái độ, thời gian, cách giải quyết, hoặc điều nên thay đổi.",
            "On manners, time, how it is dealt with, or what should change.",
        ),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    files = FilesField(**_FILES)  # pyright: ignore[reportAssignmentType] - Django moves the field out of the class
