"""Tags and filters that every template has: components, words in two languages, fields of forms.

Words are written in place, Vietnamese first: `{% t "Tiếp tục" "Continue" %}`; a Text or a dictionary
{"vi", "en"} may stand alone: `{% t title %}`. Tags with words take them the same way.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lienthong.ground import formats
from lienthong.ground.money import format_dong
from lienthong.ground.text import Text
from lienthong.kit import fields, html, shorthand
from lienthong.kit.components import render
from lienthong.kit.language import active, language_of

register = template.Library()

register.filter("said", html.said)
register.filter("content", html.content)
register.simple_tag(html.attributes, name="attributes")


@register.filter
def spaced(value: object) -> str:
    """` value`, or nothing: a further class name."""
    return f" {value}" if value else ""


@register.filter
def say(value: object, language: str = "") -> object:
    """A Text, or a dictionary {"vi", "en"}, in the page's language."""
    return shorthand.words(value, None, language or active())


@register.filter
def vn_date(value: dt.date | None, language: str = "") -> str:
    return "" if value is None else formats.date(value, language or active())


@register.filter
def vn_datetime(value: dt.datetime | None, language: str = "") -> str:
    return "" if value is None else formats.datetime(value, language or active())


@register.filter
def dong(value: int | None, language: str = "") -> str:
    return "" if value is None else format_dong(value, language or active())


@register.simple_tag(takes_context=True)
def t(context: Context, vi: Any, en: Any = None, **values: object) -> Any:
    """The words in the page's language; `{name}` in them is filled from `name=`, escaped."""
    spoken = shorthand.words(vi, en, language_of(context))
    return format_html(spoken, **values) if values else spoken


@register.simple_tag(takes_context=True)
def component(
    context: Context, component_name: str, options: Mapping[str, Any] | None = None, **more: Any
) -> SafeString:
    """Any component under its GOV.UK name and options, of which one may be called `name`."""
    return render(component_name, {**(options or {}), **more}, language=language_of(context))


@register.simple_tag(takes_context=True)
def field(context: Context, bound: BoundField, **more: Any) -> SafeString:
    """A field of a form: `heading=True` makes its label the page's heading, `classes=` is the control's."""
    return fields.field_render(bound, language_of(context), **more)


@register.simple_tag(takes_context=True)
def error_summary(context: Context, form: BaseForm) -> SafeString:
    """Nothing, or the list of what must be mended, each error a link to its field."""
    return fields.error_summary_render(form, language_of(context))


@register.simple_tag(takes_context=True)
def button(context: Context, vi: Any, en: Any = None, *, kind: str = "", **more: Any) -> SafeString:
    """`kind`: "", "secondary", "warning", "inverse" or "start"; a link with `href=`."""
    options: dict[str, Any] = {"text": shorthand.words(vi, en, language_of(context)), **more}
    if kind == "start":
        options["isStartButton"] = True
    elif kind:
        options["classes"] = html.joined(f"govuk-button--{kind}", more.get("classes"))
    return render("button", {"preventDoubleClick": True, **options}, language=language_of(context))


@register.simple_tag(takes_context=True)
def back_link(context: Context, href: str, vi: Any = None, en: Any = None) -> SafeString:
    language = language_of(context)
    link = render("back-link", {"href": href, "text": shorthand.words(vi, en, language)}, language=language)
    # It stands before <main>; in a landmark of its own it is found by who jumps between landmarks.
    return format_html('<nav aria-label="{}">{}</nav>', Text("Quay lại", "Back").say(language), link)


@register.simple_tag(takes_context=True)
def tag(context: Context, vi: Any, en: Any = None, *, colour: str = "") -> SafeString:
    """A status. `colour`: green (done), blue (in work), yellow (waits for you), red, orange, grey ..."""
    return render("tag", shorthand.tag(shorthand.words(vi, en, language_of(context)), colour))


@register.simple_tag(takes_context=True)
def breadcrumbs(context: Context, items: Any, **more: Any) -> SafeString:
    """`items`: (words, address) pairs, the last one without address."""
    options = {"items": [shorthand.link(item) for item in items], "collapseOnMobile": True, **more}
    return render("breadcrumbs", options, language=language_of(context))


@register.simple_tag(takes_context=True)
def summary_list(context: Context, rows: Any, **more: Any) -> SafeString:
    """`rows`: (key, value) or (key, value, address to change it), or rows as GOV.UK has them."""
    options = {"rows": [shorthand.row(item) for item in rows if item], **more}
    return render("summary-list", options, language=language_of(context))


@register.simple_tag(takes_context=True)
def task_list(context: Context, items: Any, **more: Any) -> SafeString:
    """`items`: dictionaries with title, href, hint, status and colour, or items as GOV.UK has them."""
    options = {"items": [shorthand.task(item) for item in items if item], **more}
    return render("task-list", options, language=language_of(context))


@register.simple_tag(takes_context=True)
def table(context: Context, head: Any, rows: Any, **more: Any) -> SafeString:
    """`head`: words; `rows`: lists of words or numbers, or of cells as GOV.UK has them."""
    language = language_of(context)
    options = {
        "head": [shorthand.cell(item, language) for item in head],
        "rows": [[shorthand.cell(item, language) for item in row] for row in rows],
        **more,
    }
    return render("table", options, language=language)


@register.simple_tag(takes_context=True)
def pagination(context: Context, page: Page, *, parameter: str = "page") -> SafeString:
    """The pages of a list around `page`, keeping the other parameters of the address."""
    query = context["request"].GET.copy() if "request" in context else None
    return render("pagination", shorthand.pages(page, query, parameter), language=language_of(context))


@register.simple_tag(takes_context=True)
def generic_header(context: Context, vi: str, en: str) -> SafeString:
    language = language_of(context)
    return render("generic-header", {"logoText": Text(vi, en), "url": "/"}, language=language)


@register.simple_tag(takes_context=True)
def service_navigation(context: Context) -> SafeString:
    """The channel's items and, at the end, who is signed in and the two languages."""
    language = language_of(context)
    items = list(context.get("navigation") or ())
    languages = context.get("languages")
    options: dict[str, Any] = {"navigation": items}
    if languages:
        chosen = render("language-navigation", {"items": languages}, language=language)
        who = getattr(context.get("principal"), "name", "")
        named = format_html('<p class="lt-who">{}</p>', who) if who else SafeString()
        end = format_html('<div class="lt-end">{}{}</div>', named, chosen)
        options["slots"] = {"end": {"html": end, "align": "inline"}}
    return render("service-navigation", options, language=language) if items or languages else SafeString()


@register.simple_block_tag(takes_context=True)
def inset(context: Context, content: SafeString) -> SafeString:
    return render("inset-text", {"html": content}, language=language_of(context))


@register.simple_block_tag(takes_context=True)
def warning(context: Context, content: SafeString) -> SafeString:
    return render("warning-text", {"html": content}, language=language_of(context))


@register.simple_block_tag(takes_context=True)
def details(context: Context, content: SafeString, vi: Any, en: Any = None) -> SafeString:
    language = language_of(context)
    summary = shorthand.words(vi, en, language)
    return render("details", {"summaryText": summary, "html": content}, language=language)


@register.simple_block_tag(takes_context=True)
def panel(context: Context, content: SafeString, vi: Any, en: Any = None) -> SafeString:
    """The confirmation at the end of a task; `{% panel "Đã nộp" "Submitted" %} … {% endpanel %}`."""
    language = language_of(context)
    title = shorthand.words(vi, en, language)
    return render("panel", {"titleText": title, "html": content}, language=language)


@register.simple_block_tag(takes_context=True)
def notification(context: Context, content: SafeString, *, kind: str = "") -> SafeString:
    """`kind`: "" or "success"."""
    return render("notification-banner", {"html": content, "type": kind}, language=language_of(context))


@register.simple_block_tag(takes_context=True)
def fieldset(
    context: Context, content: SafeString, vi: Any, en: Any = None, *, heading: bool = False
) -> SafeString:
    language = language_of(context)
    legend = fields.legend(shorthand.words(vi, en, language), heading=heading)
    return render("fieldset", {"legend": legend, "html": content}, language=language)
