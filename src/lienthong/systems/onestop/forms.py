"""What an officer types."""

from __future__ import annotations

from django import forms

from lienthong.blocks.access.principals import Role
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, words

ROLE_TEXT: dict[str, Text] = {
    Role.INTAKE: Text("Tiếp nhận", "Intake"),
    Role.CASE: Text("Thụ lý", "Examine"),
    Role.SIGN: Text("Quyết định và ký", "Decide and sign"),
    Role.ADMINISTRATOR: Text("Quản trị cơ quan", "Agency administrator"),
    Role.ENGINEER: Text("Kỹ sư kết nối", "Engineer"),
    Role.OPERATOR: Text("Vận hành", "Operator"),
    Role.COMMITTEE: Text("Ban chỉ đạo", "Committee"),
}


GRANTABLE = (Role.INTAKE, Role.CASE, Role.SIGN, Role.ADMINISTRATOR, Role.ENGINEER)
"""What an agency's administrator gives; the instance's own roles come with its installation."""


class DecisionForm(Form):
    outcome = forms.CharField(max_length=40)
    revision = forms.IntegerField(min_value=0)
    ground = forms.CharField(
        label=words("Căn cứ, khi không thụ lý", "Ground, where it is not accepted"),
        required=False,
        max_length=40,
        widget=forms.Select,
    )
    reason = forms.CharField(
        label=words("Lý do, hoặc điều cần bổ sung", "Reason, or what is missing"),
        help_text=words(
            "Người nộp sẽ đọc nguyên văn. Viết rõ vì sao và cần làm gì tiếp.",
            "The applicant reads it word for word. Say why, and what to do next.",
        ),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OpinionForm(DecisionForm):
    """The same decision, read by the agency that asked."""

    reason = forms.CharField(
        label=words("Lý do, hoặc điều kiện", "Reason, or conditions"),
        help_text=words(
            "Cơ quan hỏi đọc nguyên văn. Không đồng ý hoặc có điều kiện thì cần lý do.",
            "The agency that asked reads it word for word. Disagreement and conditions need one.",
        ),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class RedateForm(Form):
    day = DateField(label=words("Hẹn lại vào ngày", "Promised for"))
    reason = forms.CharField(
        label=words("Vì sao chậm", "Why it is late"),
        help_text=words("Người nộp đọc nguyên văn.", "The applicant reads it word for word."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RoleForm(Form):
    officer = forms.CharField(max_length=32)
    role = forms.ChoiceField(choices=[(role.value, ROLE_TEXT[role]) for role in GRANTABLE])
    act = forms.ChoiceField(choices=[("grant", "grant"), ("revoke", "revoke")])
