"""What the templates of form controls need beyond their options: ids, descriptions, which item is chosen."""

from typing import Any

from lienthong.kit.html import joined, optional, said
from lienthong.kit.options import Options


def _described(options: Options, name: str, first: object) -> dict[str, Any]:
    """The hint and the error of control `name` with their ids, and the list of ids that describes it."""
    hint, error = options["hint"], options["errorMessage"]
    hint_id, error_id = f"{name}-hint", f"{name}-error"
    ids = joined(first, hint_id if hint else "", error_id if error else "")
    return {
        "hint": {**hint, "id": hint_id} if hint else None,
        "error": {**error, "id": error_id} if error else None,
        "described_by": ids,
        "group": options["formGroup"] or Options(),
    }


def _question(options: Options) -> dict[str, Any]:
    name = said(options["id"] or options["name"])
    return {
        "id": name,
        "label": {**(options["label"] or {}), "for": name},
        **_described(options, name, options["describedBy"]),
    }


def text_input(options: Options, _language: str) -> dict[str, Any]:
    prepared = _question(options)
    group = prepared["group"]
    spellcheck = options["spellcheck"]
    copied = ("autocomplete", "autocapitalize", "pattern", "inputmode")
    control: dict[str, Any] = {
        "class": joined(
            "govuk-input", options["classes"], "govuk-input--error" if options["errorMessage"] else ""
        ),
        "id": prepared["id"],
        "name": options["name"],
        "type": options["type"] or "text",
        "spellcheck": optional(said(spellcheck) if isinstance(spellcheck, bool) else None),
        "value": optional(options["value"]),
        "disabled": optional(options["disabled"]),
        "aria-describedby": optional(prepared["described_by"] or None),
        **{name: optional(options[name]) for name in copied},
    }
    around = (options["prefix"], options["suffix"], group["beforeInput"], group["afterInput"])
    wrapped = any(part and (part["text"] or part["html"]) for part in around)
    return {**prepared, "control": control, "wrapped": wrapped}


def textarea(options: Options, _language: str) -> dict[str, Any]:
    prepared = _question(options)
    spellcheck = options["spellcheck"]
    control = {
        "class": joined(
            "govuk-textarea", "govuk-textarea--error" if options["errorMessage"] else "", options["classes"]
        ),
        "id": prepared["id"],
        "name": options["name"],
        "rows": options["rows"] or 5,
        "spellcheck": optional(said(spellcheck) if isinstance(spellcheck, bool) else None),
        "disabled": optional(bool(options["disabled"])),
        "aria-describedby": optional(prepared["described_by"] or None),
        "autocomplete": optional(options["autocomplete"] or None),
    }
    return {**prepared, "control": control}


def select(options: Options, _language: str) -> dict[str, Any]:
    prepared = _question(options)
    control = {
        "class": joined(
            "govuk-select", options["classes"], "govuk-select--error" if options["errorMessage"] else ""
        ),
        "id": prepared["id"],
        "name": options["name"],
        "disabled": optional(bool(options["disabled"])),
        "aria-describedby": optional(prepared["described_by"] or None),
    }
    items = [
        {"item": item, "selected": _chosen(item, "selected", item.get("value", item["text"]), options)}
        for item in options["items"] or ()
        if item
    ]
    return {**prepared, "control": control, "choices": items}


def _chosen(item: Options, mark: str, value: object, options: Options) -> bool:
    """An item is chosen by its own mark, or by the value of the whole unless its mark says no."""
    if item[mark]:
        return True
    return bool(options["value"]) and said(value) == said(options["value"]) and item[mark] is not False


def file_upload(options: Options, _language: str) -> dict[str, Any]:
    prepared = _question(options)
    control = {
        "class": joined(
            "govuk-file-upload",
            options["classes"],
            "govuk-file-upload--error" if options["errorMessage"] else "",
        ),
        "id": prepared["id"],
        "name": options["name"],
        "type": "file",
        "disabled": optional(bool(options["disabled"])),
        "multiple": optional(bool(options["multiple"])),
        "aria-describedby": optional(prepared["described_by"] or None),
    }
    messages = {
        "choose-files-button": options["chooseFilesButtonText"],
        "no-file-chosen": options["noFileChosenText"],
        "multiple-files-chosen": options["multipleFilesChosenText"],
        "drop-instruction": options["dropInstructionText"],
        "entered-drop-zone": options["enteredDropZoneText"],
        "left-drop-zone": options["leftDropZoneText"],
    }
    return {**prepared, "control": control, "messages": _messages(messages)}


def _messages(given: dict[str, Any]) -> dict[str, str]:
    """Texts for the component's script as data-i18n attributes; a dictionary holds one text a plural rule."""
    said_texts: dict[str, str] = {}
    for key, message in given.items():
        if isinstance(message, dict):
            said_texts |= {f"data-i18n.{key}.{rule}": text for rule, text in message.items()}
        elif message:
            said_texts[f"data-i18n.{key}"] = message
    return said_texts


def _grouped(options: Options, name: str, first: object) -> dict[str, Any]:
    prepared = _described(options, name, first)
    fieldset = options["fieldset"]
    if fieldset is not None:
        fieldset = Options(fieldset, describedBy=prepared["described_by"])
    return {**prepared, "fieldset": fieldset}


def _item_id(item: Options, prefix: str, index: int) -> str:
    """The first item has the group's own id, so that an error summary can link to it."""
    return said(item["id"]) or (f"{prefix}-{index}" if index > 1 else prefix)


def _items(options: Options, prefix: str, kind: str) -> list[dict[str, Any]]:
    prepared = []
    for index, item in enumerate(options["items"] or (), start=1):
        if not item:
            continue
        name, label, hint = _item_id(item, prefix, index), item["label"] or Options(), item["hint"]
        has_hint = bool(hint and (hint["text"] or hint["html"]))
        prepared.append(
            {
                "item": item,
                "id": name,
                "label": {
                    "text": item["text"],
                    "html": item["html"],
                    "classes": joined(f"govuk-{kind}__label", label["classes"]),
                    "attributes": label["attributes"],
                    "for": name,
                },
                "hint": {
                    **hint,
                    "id": f"{name}-item-hint",
                    "classes": joined(f"govuk-{kind}__hint", hint["classes"]),
                }
                if has_hint
                else None,
                "conditional": item["conditional"]["html"] if item["conditional"] else None,
            }
        )
    return prepared


def radios(options: Options, _language: str) -> dict[str, Any]:
    prefix = said(options["idPrefix"] or options["name"])
    fieldset = options["fieldset"]
    prepared = _grouped(options, prefix, fieldset["describedBy"] if fieldset else "")
    choices = _items(options, prefix, "radios")
    for choice in choices:
        choice["checked"] = _chosen(choice["item"], "checked", choice["item"]["value"], options)
        choice["described_by"] = choice["hint"]["id"] if choice["hint"] else ""
    return {**prepared, "choices": choices}


def checkboxes(options: Options, _language: str) -> dict[str, Any]:
    prefix = said(options["idPrefix"] or options["name"])
    fieldset = options["fieldset"]
    first = (fieldset and fieldset["describedBy"]) or options["describedBy"]
    prepared = _grouped(options, prefix, first)
    values = [said(value) for value in options["values"] or ()]
    choices = _items(options, prefix, "checkboxes")
    for choice in choices:
        item = choice["item"]
        by_value = said(item["value"]) in values and item["checked"] is not False
        choice["checked"] = bool(item["checked"]) or by_value
        choice["name"] = item["name"] or options["name"]
        without_fieldset = prepared["described_by"] if fieldset is None else ""
        choice["described_by"] = joined(without_fieldset, choice["hint"] and choice["hint"]["id"])
    return {**prepared, "choices": choices}


_PARTS = ("day", "month", "year")


def date_input(options: Options, _language: str) -> dict[str, Any]:
    name, fieldset = said(options["id"]), options["fieldset"]
    values = options["values"] or Options()
    defaults = {part: options.get(part, _default_part(part, values)) or Options() for part in _PARTS}
    items = [item for item in options["items"] or defaults.values() if item]
    mark_all = bool(options["errorMessage"]) and not any(_marked(item) for item in items)
    prepared = _grouped(options, name, fieldset["describedBy"] if fieldset else "")
    if prepared["fieldset"] is not None:
        # JAWS does not read the description of a fieldset of text inputs without this role.
        prepared["fieldset"]["role"] = "group"
    return {**prepared, "parts": [_date_part(options, item, defaults, mark_all=mark_all) for item in items]}


def _default_part(part: str, values: Options) -> Options:
    given = {"value": values[part]} if part in values else {}
    width = "govuk-input--width-4" if part == "year" else "govuk-input--width-2"
    return Options(given, name=part, classes=width)


def _named(item: Options, part: str, default: Options) -> bool:
    return bool(item["name"]) and item["name"] in {part, default["name"]}


def _marked(item: Options) -> bool:
    return bool(item["error"]) or "govuk-input--error" in (item["classes"] or "")


def _date_part(
    options: Options, item: Options, defaults: dict[str, Options], *, mark_all: bool
) -> dict[str, Any]:
    """Options of the text input for one part of a date."""
    part = next((p for p in _PARTS if item is defaults[p] or _named(item, p, defaults[p])), None)
    own = item.get("name", part) if part else item["name"]
    prefix = f"{options['namePrefix']}-" if options["namePrefix"] else ""
    values = options["values"] or Options()
    value = item.get("value", defaults[part].get("value") if part else None)
    given = item["classes"] or ""
    has_error = "govuk-input--error" not in given and (
        item["error"] or (mark_all and item["error"] is not False)
    )
    width = "" if "govuk-input--width-" in given else f"govuk-input--width-{4 if part == 'year' else 2}"
    return {
        "label": {"text": item["label"] or said(own).capitalize(), "classes": "govuk-date-input__label"},
        "id": item["id"] or f"{said(options['id'])}-{said(own)}",
        "classes": joined("govuk-date-input__input", "govuk-input--error" if has_error else "", width, given),
        "name": f"{prefix}{said(own)}",
        "value": values[f"{prefix}{said(own)}"] if value is None else value,
        "type": "text",
        "inputmode": item["inputmode"] or "numeric",
        "autocomplete": item["autocomplete"],
        "pattern": item["pattern"],
        "attributes": item["attributes"],
    }
