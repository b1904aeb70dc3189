"""What is typed to sign in."""

from __future__ import annotations

from django import forms

from lienthong.kit.forms import Form, words


class PasswordForm(Form):
    subject = forms.CharField(
        label=words("Số định danh cá nhân", "Personal identification number"),
        help_text=words("12 chữ số trên thẻ căn cước", "12 digits on your ID card"),
        max_length=32,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=words("Mật khẩu", "Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OfficerPasswordForm(PasswordForm):
    subject = forms.CharField(
        label=words("Mã cán bộ", "Officer's code"),
        help_text=words("Ví dụ: H26.01-S01", "For example: H26.01-S01"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )


class CodeForm(Form):
    code = forms.CharField(
        label=words("Mã xác nhận", "Confirmation code"),
        help_text=words("6 chữ số trong ứng dụng xác thực của bạn", "6 digits in your authenticator app"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
