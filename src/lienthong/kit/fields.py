"""A form's field as the component that suits its widget, with label, hint, error and what was typed."""

import datetime as dt
import re
from typing import Any, Final

from django import forms
from django.forms import BaseForm, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lienthong.ground.text import Text
from lienthong.kit.components import render
from lienthong.kit.forms import DateParts
from lienthong.kit.html import joined
from lienthong.kit.shorthand import words

_TITLE: Final = Text("Có chỗ cần sửa", "There is a problem")
_NAMED: Final = ("autocomplete", "autocapitalize", "inputmode", "pattern", "spellcheck", "rows", "multiple")
# Limits are checked by the server: a browser that enforces them cuts off what is pasted, without a word.
_DROPPED: Final = ("class", "id", "required", "maxlength", "minlength", "min", "max", "step", "cols")


def field_render(bound: BoundField, language: str, *, heading: bool = False, **more: Any) -> SafeString:
    """`more` are further options of the component, under their GOV.UK names."""
    if bound.is_hidden:
        value = bound.value()
        return format_html(
            '<input type="hidden" name="{}" value="{}">', bound.html_name, "" if value is None else value
        )
    name, options = _component(bound, language, heading=heading)
    if "classes" in more:
        options["classes"] = joined(options.get("classes"), more.pop("classes"))
    return render(name, {**options, **more}, language=language)


def error_summary_render(form: BaseForm, language: str) -> SafeString:
    if not form.errors:
        return SafeString()
    listed = []
    for name in form.errors:
        bound = form[name] if name in form.fields else None
        href = None if bound is None else f"#{_target(bound)}"
        listed += [{"text": message, "href": href} for message in errors_said(form, name, language)]
    return render("error-summary", {"titleText": _TITLE, "errorList": listed}, language=language)


def errors_said(form: BaseForm, name: str, language: str) -> list[str]:
    """The errors of one field ("__all__" for the form's own) in `language`."""
    errors = form.errors[name].as_data() if name in form.errors else []
    return [_filled(str(words(error.message, None, language)), error.params or {}) for error in errors]


def _filled(message: str, params: dict[str, Any]) -> str:
    """Puts Django's `%(name)s` in; another percent sign, perhaps a label's, stays as it is."""
    return re.sub(r"%\((\w+)\)[sd]", lambda found: str(params.get(found[1], found[0])), message)


def legend(label: object, *, heading: bool) -> dict[str, Any]:
    size = "l" if heading else "s"
    return {"text": label, "isPageHeading": heading, "classes": f"govuk-fieldset__legend--{size}"}


def _component(bound: BoundField, language: str, *, heading: bool) -> tuple[str, dict[str, Any]]:
    widget = bound.field.widget
    options = _common(bound, language)
    if isinstance(widget, forms.CheckboxInput):
        return "checkboxes", {**options, **_one_checkbox(bound)}
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple, DateParts)):
        name, own = _group(bound, language)
        return name, {**options, "fieldset": {"legend": legend(bound.label, heading=heading)}, **own}
    size = "l" if heading else "s"
    options["label"] = {"text": bound.label, "isPageHeading": heading, "classes": f"govuk-label--{size}"}
    name, own = _single(bound)
    return name, {**options, **own}


def _group(bound: BoundField, language: str) -> tuple[str, dict[str, Any]]:
    if isinstance(bound.field.widget, DateParts):
        return "date-input", _date(bound)
    several = isinstance(bound.field.widget, forms.CheckboxSelectMultiple)
    return "checkboxes" if several else "radios", _choices(bound, language, several=several)


def _single(bound: BoundField) -> tuple[str, dict[str, Any]]:
    widget = bound.field.widget
    if isinstance(widget, forms.Select):
        items = [{"value": value, "text": text} for value, text in widget.choices]
        return "select", {"items": items, "value": _typed(bound)}
    if isinstance(widget, forms.Textarea):
        return "textarea", {"value": _typed(bound)}
    if isinstance(widget, forms.FileInput):
        # The dropping zone of the component's script fails axe-core: its name lacks the words it shows.
        return "file-upload", {}
    return "input", _text(bound)


def _common(bound: BoundField, language: str) -> dict[str, Any]:
    attrs = bound.field.widget.attrs
    options: dict[str, Any] = {
        "id": bound.auto_id or bound.html_name,
        "idPrefix": bound.auto_id or bound.html_name,
        "name": bound.html_name,
        "classes": attrs.get("class"),
        "attributes": {key: value for key, value in attrs.items() if key not in (*_NAMED, *_DROPPED)},
        **{key: attrs[key] for key in _NAMED if key in attrs},
    }
    if bound.help_text:
        options["hint"] = {"text": bound.help_text}
    errors = errors_said(bound.form, bound.name, language)
    if errors:
        options["errorMessage"] = {"text": " ".join(errors)}
    return options


def _typed(bound: BoundField) -> str | None:
    value = bound.value()
    return None if value is None else str(value)


def _text(bound: BoundField) -> dict[str, Any]:
    widget = bound.field.widget
    if isinstance(widget, forms.NumberInput):
        # A box of type "number" loses letters typed by mistake and changes when the wheel turns.
        numeric = {"type": "text", "inputmode": widget.attrs.get("inputmode", "numeric"), "spellcheck": False}
        return {**numeric, "value": _typed(bound)}
    kind = getattr(widget, "input_type", "text")
    if isinstance(widget, forms.PasswordInput) and not widget.render_value:
        return {"type": kind}
    value = bound.value()
    return {"type": kind, "value": None if value is None else widget.format_value(value)}


def _one_checkbox(bound: BoundField) -> dict[str, Any]:
    item = {"value": "on", "text": bound.label, "checked": bool(bound.value())}
    return {"items": [item], "attributes": {}}


def _choices(bound: BoundField, language: str, *, several: bool) -> dict[str, Any]:
    hints = getattr(bound.field, "hints", {})
    reveals = getattr(bound.field, "reveals", {})
    items = []
    for value, text in bound.field.widget.choices:  # type: ignore[attr-defined]
        hint = {"text": hints[value]} if value in hints else None
        asked = reveals.get(value)
        below = {"html": field_render(bound.form[asked], language)} if asked else None
        items.append({"value": value, "text": text, "hint": hint, "conditional": below})
    chosen = bound.value()
    if several:
        return {"items": items, "values": [str(value) for value in chosen or ()]}
    return {"items": items, "value": None if chosen is None else str(chosen)}


_DATE_PARTS: Final = (
    ("day", Text("Ngày", "Day"), "govuk-input--width-2"),
    ("month", Text("Tháng", "Month"), "govuk-input--width-2"),
    ("year", Text("Năm", "Year"), "govuk-input--width-4"),
)


def _date(bound: BoundField) -> dict[str, Any]:
    value = bound.value() or {}
    if isinstance(value, dt.date):
        value = {"day": value.day, "month": value.month, "year": value.year}
    birth = bound.field.widget.attrs.get("autocomplete") == "bday"
    return {
        "namePrefix": bound.html_name,
        "attributes": {},
        "items": [
            {
                "name": part,
                "label": label,
                "value": value.get(part, ""),
                "classes": width,
                "autocomplete": f"bday-{part}" if birth else None,
            }
            for part, label, width in _DATE_PARTS
        ],
    }


def _target(bound: BoundField) -> str:
    """The id that a link in the summary goes to: the first box of a date, the first choice of a group."""
    own = bound.auto_id or bound.html_name
    return f"{own}-day" if isinstance(bound.field.widget, DateParts) else own
