"""The form of a package as pages of questions; no Django: a channel draws them, this says what is asked.

A package's `form` holds a JSON Schema (2020-12), whose properties carry the words, and the order of pages.
A question's `when` is an expression over {answers}; `options_from` names options that only registers know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from jsonschema import Draft202012Validator

from lienthong.ground import expressions
from lienthong.ground.text import Text

REPEATS_AT_MOST: Final = 20
"""So many groups of a repeated question, where a package gives no `maxItems`."""


ONE: Final = Text("Mục", "Item")
ADD: Final = Text("Thêm mục nữa", "Add one more")


class FieldKind(StrEnum):
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    INTEGER = "integer"
    FILE = "file"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Choice:
    """value: what is stored; text: what is shown; hint: a second line."""

    value: str
    text: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One question. `document`: the component of the dossier that a file becomes.

    A question of kind REPEAT is a group of questions (`items`) that is answered `least` to `most` times; `one` is what
    each group is called, `add` says that one more is wanted.
    """

    name: str
    kind: FieldKind
    label: Text
    hint: Text | None
    required: bool
    choices: tuple[Choice, ...]
    options_from: str
    when: str
    document: str
    schema: Mapping[str, Any]
    items: tuple[FieldSpec, ...] = ()
    least: int = 0
    most: int = 0
    one: Text = ONE
    add: Text = ADD

    def is_asked(self, answers: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> bool:
        """`row`: the group that a repeated question stands in."""
        return not self.when or expressions.holds(
            self.when, {"answers": dict(answers), "row": dict(row or {})}
        )

    def mistake(self, value: Any) -> Text | None:
        """What is wrong with a stored value, or nothing."""
        if self.kind is FieldKind.REPEAT:
            return next(iter(self.mistakes(value or [], {}).values()), None)
        if value in (None, ""):
            return _missing(self) if self.required else None
        errors = Draft202012Validator(dict(self.schema)).iter_errors(value)
        for error in errors:
            return _said(self, str(error.validator), error.validator_value)
        if self.kind is FieldKind.DATE and not _is_date(value):
            return _said(self, "format", "date")
        return None

    def mistakes(
        self, rows: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]
    ) -> dict[tuple[int, str], Text]:
        """What is wrong with the groups of a repeated question, by group and question; their number at (0, "")."""
        if not self.least <= len(rows) <= self.most:
            few = len(rows) < self.least
            return {(0, ""): _said(self, "minItems" if few else "maxItems", self.least if few else self.most)}
        found: dict[tuple[int, str], Text] = {}
        for index, row in enumerate(rows):
            for item in self.items:
                if item.is_asked(answers, row) and (mistake := item.mistake(row.get(item.name))):
                    found[index, item.name] = self.placed(index, mistake)
        return found

    def placed(self, index: int, text: Text) -> Text:
        """What is said of one group, with its name and number before it."""
        return Text(f"{self.one.vi} {index + 1}: {text.vi}", f"{self.one.en} {index + 1}: {text.en}")


@dataclass(frozen=True, slots=True)
class PageSpec:
    """title: over several questions; a page with one has the question itself."""

    key: str
    fields: tuple[FieldSpec, ...]
    title: Text | None = None

    @property
    def has_file(self) -> bool:
        return any(field.kind is FieldKind.FILE for field in self.fields)


@dataclass(frozen=True, slots=True)
class FormSpec:
    pages: tuple[PageSpec, ...]

    def page(self, key: str) -> PageSpec | None:
        return next((page for page in self.pages if page.key == key), None)

    def page_of(self, field: str) -> PageSpec | None:
        """The page that asks for a field."""
        return next((page for page in self.pages if any(item.name == field for item in page.fields)), None)

    def asked(self, answers: Mapping[str, Any]) -> list[PageSpec]:
        """The pages that these answers lead through, in order."""
        return [page for page in self.pages if any(field.is_asked(answers) for field in page.fields)]

    def after(self, key: str, answers: Mapping[str, Any]) -> PageSpec | None:
        return self._beside(key, answers, 1)

    def before(self, key: str, answers: Mapping[str, Any]) -> PageSpec | None:
        return self._beside(key, answers, -1)

    def _beside(self, key: str, answers: Mapping[str, Any], step: int) -> PageSpec | None:
        pages = self.asked(answers)
        place = next((index for index, page in enumerate(pages) if page.key == key), None)
        if place is None or not 0 <= place + step < len(pages):
            return None
        return pages[place + step]


def form_of(package: Mapping[str, Any]) -> FormSpec:
    """The form of a published package; a package without one has no pages."""
    form = package.get("form") or {}
    schema = form.get("schema") or {}
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    required = frozenset(schema.get("required", ()))
    return FormSpec(
        tuple(
            PageSpec(
                str(page["key"]),
                tuple(_field(name, properties[name], required=name in required) for name in page["fields"]),
                Text(page["title"]["vi"], page["title"]["en"]) if page.get("title") else None,
            )
            for page in form.get("pages", ())
        )
    )


def _field(name: str, schema: Mapping[str, Any], *, required: bool) -> FieldSpec:
    hint, when = schema.get("hint"), str(schema.get("when", ""))
    repeated = _repeated(schema, required=required or bool(when)) if schema.get("type") == "array" else {}
    return FieldSpec(
        name=name,
        kind=_kind(schema),
        label=Text(schema["label"]["vi"], schema["label"]["en"]),
        hint=Text(hint["vi"], hint["en"]) if hint else None,
        # What is asked under a condition must be answered once the condition holds.
        required=required or bool(when),
        choices=tuple(
            Choice(str(option["value"]), Text(option["vi"], option["en"]))
            for option in schema.get("options", ())
        ),
        options_from=str(schema.get("options_from", "")),
        when=when,
        document=str(schema.get("document", "")),
        schema=schema,
        **repeated,
    )


def _repeated(schema: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """The group of a repeated question; one that must be answered has at least one."""
    inner: Mapping[str, Any] = schema.get("items") or {}
    needed = frozenset(inner.get("required", ()))
    said = {name: Text(**schema[name]) for name in ("one", "add") if name in schema}
    return {
        "items": tuple(
            _field(name, given, required=name in needed)
            for name, given in inner.get("properties", {}).items()
        ),
        "least": int(schema.get("minItems", 1 if required else 0)),
        "most": int(schema.get("maxItems", REPEATS_AT_MOST)),
        **said,
    }


def _kind(schema: Mapping[str, Any]) -> FieldKind:
    if schema.get("type") == "array":
        return FieldKind.REPEAT
    if "options" in schema or "options_from" in schema:
        return FieldKind.CHOICE
    if schema.get("type") == "integer":
        return FieldKind.INTEGER
    return {"date": FieldKind.DATE, "file": FieldKind.FILE}.get(str(schema.get("format")), FieldKind.TEXT)


def _is_date(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _missing(field: FieldSpec) -> Text:
    if field.label.en.endswith("?"):
        return Text(f"Hãy trả lời câu hỏi: {field.label.vi}", f"Answer the question: {field.label.en}")
    return Text(f"Hãy nhập: {field.label.vi}.", f"Enter: {field.label.en}.")


def _said(field: FieldSpec, rule: str, limit: Any) -> Text:
    """A rule of the schema that does not hold, in words that say what would."""
    vi, en = field.label.vi.rstrip("?"), field.label.en.rstrip("?")
    said = {
        "minLength": Text(
            f"“{vi}”: viết ít nhất {limit} ký tự.", f"“{en}”: write at least {limit} characters."
        ),
        "maxLength": Text(
            f"“{vi}”: viết nhiều nhất {limit} ký tự.", f"“{en}”: write {limit} characters at most."
        ),
        "minimum": Text(f"“{vi}”: số nhỏ nhất là {limit}.", f"“{en}”: the least is {limit}."),
        "maximum": Text(f"“{vi}”: số lớn nhất là {limit}.", f"“{en}”: the most is {limit}."),
        "minItems": Text(f"“{vi}”: cần ít nhất {limit} mục.", f"“{en}”: give at least {limit}."),
        "maxItems": Text(f"“{vi}”: nhiều nhất {limit} mục.", f"“{en}”: give {limit} at most."),
        "enum": Text(
            f"“{vi}”: hãy chọn một trong các mục đã cho.", f"“{en}”: choose one of the given options."
        ),
        "type": Text(f"“{vi}”: nội dung chưa đúng dạng.", f"“{en}”: this is not in the right form."),
        "format": Text(f"“{vi}”: không có ngày này trên lịch.", f"“{en}”: there is no such date."),
    }
    if rule in said:
        return said[rule]
    wanted = field.hint or Text("xem lại ví dụ", "look at the example")
    return Text(f"“{vi}” chưa đúng dạng: {wanted.vi}.", f"“{en}” is not in the right form: {wanted.en}.")
