"""How values become HTML: JavaScript's true and false, attributes, text or ready HTML."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def said(value: object) -> str:
    """`value` as the components print it: true, false, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def joined(*parts: object) -> str:
    """The parts that say something, with one space between: class names, lists of ids."""
    return " ".join(str(part) for part in parts if part)


def optional(value: object) -> dict[str, object]:
    """An attribute that is left out for None and False and stands without a value for True."""
    return {"value": value, "optional": True}


def attributes(given: Mapping[str, Any] | None) -> SafeString:
    """` name="value"` for each attribute, names and values escaped."""
    return format_html_join("", "{}", ((_attribute(name, item),) for name, item in (given or {}).items()))


def _attribute(name: str, item: object) -> SafeString:
    value, leave_out = item, False
    if isinstance(item, Mapping):
        value, leave_out = item.get("value"), item.get("optional") is True
    if leave_out and value is True:
        return format_html(" {}", name)
    if leave_out and (value is None or value is False):
        return SafeString()
    return format_html(' {}="{}"', name, said(value))


def content(options: Mapping[str, Any] | None, prefix: str = "") -> SafeString:
    """The option `html`, taken as it is, or else `text`, escaped; with a prefix `titleHtml`, `titleText`."""
    if not options:
        return SafeString()
    html, text = (f"{prefix}Html", f"{prefix}Text") if prefix else ("html", "text")
    if options.get(html):
        return mark_safe(str(options[html]).strip())  # noqa: S308 - the caller says that it is HTML
    return conditional_escape(said(options.get(text)))
