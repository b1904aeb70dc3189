"""GOV.UK Frontend 6.6 components as Django templates, fed by options under their GOV.UK names.

`render("button", {"text": Text("Tiếp tục", "Continue")}, language="vi")`. The package's own fixtures are
the test (tests/kit/test_conformance.py). What a template cannot say shortly is prepared here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from lienthong.ground.text import Text
from lienthong.kit import inputs
from lienthong.kit.html import joined, said
from lienthong.kit.options import Options

Prepare = Callable[[Options, str], dict[str, Any]]


def render(name: str, options: Mapping[str, Any] | None = None, *, language: str = "vi") -> SafeString:
    """The component's HTML. `options` may hold Text anywhere; it is said in `language`."""
    given = Options.of(options or {}, language)
    prepared = _PREPARE.get(name, _nothing)(given, language)
    context = {"options": given, "language": language, **prepared}
    return mark_safe(get_template(f"kit/components/{name}.html").render(context))  # noqa: S308 - templates escape


def _nothing(_options: Options, _language: str) -> dict[str, Any]:
    return {}


def _button(options: Options, _language: str) -> dict[str, Any]:
    start = "govuk-button--start" if options["isStartButton"] else ""
    control = {
        "class": joined("govuk-button", options["classes"], start),
        "data-module": "govuk-button",
        **(options["attributes"] or {}),
    }
    if options["id"]:
        control["id"] = options["id"]
    double = {}
    if "preventDoubleClick" in options:
        double["data-prevent-double-click"] = said(options["preventDoubleClick"])
    return {"control": control, "double": double}


def _auto_focus(options: Options) -> dict[str, str]:
    if "disableAutoFocus" not in options:
        return {}
    return {"data-disable-auto-focus": said(options["disableAutoFocus"])}


def _error_summary(options: Options, _language: str) -> dict[str, Any]:
    return {"auto_focus": _auto_focus(options)}


_SUCCESS: Final = Text("Đã xong", "Success")
_IMPORTANT: Final = Text("Quan trọng", "Important")


def _notification_banner(options: Options, language: str) -> dict[str, Any]:
    success = options["type"] == "success"
    named = options["titleHtml"] or options["titleText"]
    return {
        "auto_focus": _auto_focus(options),
        "success": success,
        "role": options["role"] or ("alert" if success else "region"),
        "title": options if named else {"titleText": (_SUCCESS if success else _IMPORTANT).say(language)},
        "title_id": options["titleId"] or "govuk-notification-banner-title",
        "level": options["titleHeadingLevel"] or 2,
    }


def _panel(options: Options, _language: str) -> dict[str, Any]:
    interruption = "govuk-panel--interruption" in (options["classes"] or "")
    given = options["actions"] if interruption else None
    actions = []
    for item in (given and given["items"]) or ():
        as_button = not item["href"] or item["type"] == "button"
        classes = joined("govuk-button--inverse", item["classes"]) if as_button else item["classes"]
        kind = item["type"] or "button"
        actions.append({"button": as_button, "options": {**item, "type": kind, "classes": classes}})
    return {
        "level": options["headingLevel"] or 1,
        "interruption": interruption,
        "actions_given": given is not None,
        "actions": actions,
    }


def _breadcrumbs(options: Options, language: str) -> dict[str, Any]:
    return {"label": options.get("labelText", Text("Đường dẫn trang", "Breadcrumb").say(language))}


def _error_message(options: Options, language: str) -> dict[str, Any]:
    return {"hidden_text": options.get("visuallyHiddenText", Text("Lỗi", "Error").say(language))}


def _summary_list(options: Options, _language: str) -> dict[str, Any]:
    rows = [row for row in options["rows"] or () if row]
    has_actions = any(row["actions"] and row["actions"]["items"] for row in rows)
    card = options["card"]
    return {
        "rows": rows,
        "has_actions": has_actions,
        "card_title": card["title"] if card else None,
        "level": (card and card["title"] and card["title"]["headingLevel"]) or 2,
    }


def _task_list(options: Options, _language: str) -> dict[str, Any]:
    prefix = options["idPrefix"] or "task-list"
    rows = [
        {"item": item, "hint_id": f"{prefix}-{index}-hint", "status_id": f"{prefix}-{index}-status"}
        for index, item in enumerate(options["items"] or (), start=1)
        if item
    ]
    return {"rows": rows}


def _pagination(options: Options, language: str) -> dict[str, Any]:
    page = Text("Trang", "Page").say(language)
    pages = [
        Options(item, label=item.get("visuallyHiddenText", f"{page} {said(item['number'])}"))
        for item in options["items"] or ()
        if item
    ]
    arrows = options["previous"] or options["next"]
    return {"pages": pages, "block": options["items"] is None and bool(arrows)}


def _service_navigation(options: Options, language: str) -> dict[str, Any]:
    items = [item for item in options["navigation"] or () if item]
    menu = options["menuButtonText"] or Text("Danh mục", "Menu").say(language)
    slots = options["slots"] or Options()
    end = slots["end"]
    inline = isinstance(end, dict) and end["align"] == "inline"
    label = options["menuButtonLabel"]
    return {
        "items": items,
        "slots": slots,
        "end": end["html"] if isinstance(end, dict) else end,
        "inline": inline,
        "collapse": options.get("collapseNavigationOnMobile", len(items) > 1),
        "menu": menu,
        "menu_label": label if label != menu else None,
        "label": options["navigationLabel"] or menu,
        "navigation_id": options["navigationId"] or "navigation",
        "section_label": options.get(
            "ariaLabel", Text("Thông tin dịch vụ", "Service information").say(language)
        ),
    }


def _language_navigation(options: Options, language: str) -> dict[str, Any]:
    return {"label": options.get("ariaLabel", Text("Ngôn ngữ", "Language").say(language))}


_PREPARE: Final[dict[str, Prepare]] = {
    "breadcrumbs": _breadcrumbs,
    "button": _button,
    "checkboxes": inputs.checkboxes,
    "date-input": inputs.date_input,
    "error-message": _error_message,
    "error-summary": _error_summary,
    "file-upload": inputs.file_upload,
    "input": inputs.text_input,
    "language-navigation": _language_navigation,
    "notification-banner": _notification_banner,
    "pagination": _pagination,
    "panel": _panel,
    "radios": inputs.radios,
    "select": inputs.select,
    "service-navigation": _service_navigation,
    "summary-list": _summary_list,
    "task-list": _task_list,
    "textarea": inputs.textarea,
}
