"""Forms that speak both languages: labels, hints, choices and errors may be Text.

`Form` replaces Django's own messages; `DateField` takes day, month and year apart; `RadioField` may hint at
each choice; `problem_add` puts a Problem of a service beside the field that it names.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.kit.uploads import RefusedUpload

Words = Text | str

_CHOICES: Final = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)


def words(vi: str, en: str) -> Any:
    """A label or hint in both languages; Django's types know strings only, the kit's fields speak Text."""
    return Text(vi, en)


class Form(forms.Form):
    """A form whose errors say what to do, in both languages; the browser checks nothing before the server."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            given: Any = field.label or name.replace("_", " ").capitalize()
            label = given if isinstance(given, Text) else str(given)
            for code, message in {"required": _required(field, label), **_messages(label)}.items():
                if not isinstance(field.error_messages.get(code), Text):
                    field.error_messages[code] = message  # type: ignore[assignment]

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.fields:
            if any(isinstance(file, RefusedUpload) for file in _files(self.files, self.add_prefix(name))):
                self.errors.pop(name, None)
                self.add_error(name, ValidationError(_too_large(), code="too_large"))  # type: ignore[arg-type]


def _files(files: Any, name: str) -> list[Any]:
    return files.getlist(name) if hasattr(files, "getlist") else [files.get(name)]


class DateParts(forms.Widget):
    """Three boxes; the value as typed is {"day", "month", "year"}, so that nothing typed is lost."""

    parts: Final = ("day", "month", "year")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:  # noqa: ARG002 - Django's signature
        return {part: str(data.get(f"{name}-{part}") or "").strip() for part in self.parts}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002 - Django's signature
        return not any(f"{name}-{part}" in data for part in self.parts)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-day"


class DateField(forms.Field):
    """A date of three boxes. Errors: required, incomplete, invalid."""

    widget = DateParts

    def to_python(self, value: Any) -> dt.date | None:
        if value is None or isinstance(value, dt.date):
            return value
        typed = [value.get(part, "") for part in ("year", "month", "day")]
        if not any(typed):
            return None
        if not all(typed):
            raise ValidationError(_INCOMPLETE, code="incomplete")  # type: ignore[arg-type]
        try:
            return dt.date(*(int(part) for part in typed))
        except (ValueError, OverflowError) as error:
            raise ValidationError(_NO_SUCH_DATE, code="invalid") from error  # type: ignore[arg-type]


class RadioField(forms.ChoiceField):
    """One of a few. `hints`: a sentence under a choice, by its value; `reveals`: a field asked with it."""

    widget = forms.RadioSelect

    def __init__(
        self,
        *,
        choices: Iterable[tuple[str, Words]] = (),
        hints: Mapping[str, Words] | None = None,
        reveals: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(choices=choices, **kwargs)  # type: ignore[arg-type]
        self.hints = dict(hints or {})
        self.reveals = dict(reveals or {})


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one box; cleaned, a list."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # type: ignore[override]
        given = [item for item in data or () if item]
        if not given:
            super().clean(None, initial)
        return [super(FilesField, self).clean(item, initial) for item in given]


def problem_add(form: forms.BaseForm, problem: Problem, field: str | None = None) -> None:
    """Shows `problem` in a validated form: at `field` or its own, or above a form that has neither."""
    wanted = field or problem.field
    field = wanted if wanted in form.fields else None
    parts = (problem.what, problem.why, problem.next_step)
    message = Text(" ".join(p.vi for p in parts if p.vi), " ".join(p.en for p in parts if p.en))
    form.add_error(field, ValidationError(message, code=problem.code))  # type: ignore[arg-type]


_INCOMPLETE: Final = Text("Hãy nhập đủ ngày, tháng và năm.", "Enter the day, the month and the year.")
_NO_SUCH_DATE: Final = Text(
    "Không có ngày này trên lịch. Hãy nhập bằng số, ví dụ 22 11 2026.",
    "There is no such date. Use numbers, for example 22 11 2026.",
)


def _too_large() -> Text:
    limit = settings.LIENTHONG_UPLOAD_LIMIT_MIB
    return Text(
        f"Tệp lớn hơn {limit} MB nên không nhận được. Hãy gửi tệp nhỏ hơn hoặc quét lại với độ nét thấp.",
        f"The file is over {limit} MB and was not taken. Choose a smaller one or scan it less finely.",
    )


def _required(field: forms.Field, label: Words) -> Text:
    vi, en = _both(label)
    if en.endswith("?"):
        return Text(f"Hãy trả lời câu hỏi: {vi}", f"Answer the question: {en}")
    if isinstance(field.widget, forms.FileInput):
        return Text(f"Hãy chọn tệp: {_inner(vi)}.", f"Choose a file: {_inner(en)}.")
    if isinstance(field.widget, forms.CheckboxInput):
        return Text(f"Hãy đánh dấu vào ô: {_inner(vi)}.", f"Tick the box: {_inner(en)}.")
    if isinstance(field.widget, _CHOICES):
        return Text(f"Hãy chọn {_inner(vi)}.", f"Choose {_inner(en)}.")
    return Text(f"Hãy nhập {_inner(vi)}.", f"Enter {_inner(en)}.")


def _messages(label: Words) -> dict[str, Text]:
    """By the code that Django's fields and validators give; `%(limit_value)s` is theirs."""
    vi, en = (words.rstrip("?") for words in _both(label))
    return {
        "invalid": Text(
            f"“{vi}” chưa đúng dạng. Hãy xem ví dụ và nhập lại.",
            f"“{en}” is not in the right form. Look at the example and enter it again.",
        ),
        "invalid_choice": Text(
            f"“{vi}”: hãy chọn một trong các mục đã cho.", f"“{en}”: choose one of the given options."
        ),
        "max_length": Text(
            f"“{vi}” dài quá %(limit_value)s ký tự. Hãy viết ngắn hơn.",
            f"“{en}” is longer than %(limit_value)s characters. Make it shorter.",
        ),
        "min_length": Text(
            f"“{vi}” ngắn hơn %(limit_value)s ký tự. Hãy kiểm tra lại.",
            f"“{en}” is shorter than %(limit_value)s characters. Check it.",
        ),
        "max_value": Text(
            f"“{vi}” không được lớn hơn %(limit_value)s.", f"“{en}” must be %(limit_value)s or less."
        ),
        "min_value": Text(
            f"“{vi}” không được nhỏ hơn %(limit_value)s.", f"“{en}” must be %(limit_value)s or more."
        ),
        "incomplete": _INCOMPLETE,
        "empty": Text(
            f"Tệp của “{vi}” không có nội dung. Hãy chọn tệp khác.",
            f"The file for “{en}” is empty. Choose another file.",
        ),
        "missing": Text(
            f"Chưa nhận được tệp của “{vi}”. Hãy chọn lại tệp.",
            f"The file for “{en}” did not arrive. Choose it again.",
        ),
    }


def _both(label: Words) -> tuple[str, str]:
    return (label.vi, label.en) if isinstance(label, Text) else (str(label), str(label))


def _inner(label: str) -> str:
    """The label inside a sentence: its first letter small, unless it is an abbreviation or a name."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
