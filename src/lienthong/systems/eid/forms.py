"""What is typed to sign in."""

from __future__ import annotations

from django import forms

from lienthong.ground.text import Text
from lienthong.kit.forms import Form


class PasswordForm(Form):
    subject = forms.CharField(
        label=Text("Số định danh cá nhân", "Personal identification number"),
        help_text=Text("12 chữ số trên thẻ căn cước", "12 digits on your ID card"),
        max_length=32,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=Text("Mật khẩu", "Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OfficerPasswordForm(PasswordForm):
    subject = forms.CharField(
        label=Text("Mã cán bộ", "Officer's code"),
        help_text=Text("Ví dụ: H26.01-S01", "For example: H26.01-S01"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )


class CodeForm(Form):
    code = forms.CharField(
        label=Text("Mã xác nhận", "Confirmation code"),
        help_text=Text("6 chữ số trong ứng dụng xác thực của bạn", "6 digits in your authenticator app"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
