"""What an applicant types: a page of a package's questions, the answer to a supplement, a rating."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from lienthong.blocks.casework.forms import FieldKind, FieldSpec, FormSpec, PageSpec
from lienthong.ground import clock, expressions, formats, names, units
from lienthong.ground.text import Text, same
from lienthong.kit.forms import DateField, FilesField, Form, RadioField, words
from lienthong.systems.lifeevents import repeats, rules
from lienthong.systems.lifeevents.applications import Application
from lienthong.systems.lifeevents.rules import Option

RADIOS_AT_MOST = 12
"""More choices than these are a list to open, not a column of buttons."""

Known = Mapping[str, Any]
Answers = Mapping[str, Any]


def _hospitals(_answers: Answers, known: Known) -> list[Option]:
    return [Option(row["code"], Text(row["name"], row["name"])) for row in known["hospitals"]]


def _communes(_answers: Answers, known: Known) -> list[Option]:
    """Of the applicant's province, by name."""
    found = units.communes(clock.today(), known["person"].get("province") or None)
    rows = [Option(unit.code, unit.name) for unit in found]
    return sorted(rows, key=lambda option: names.sort_key(option.text.vi))


def _of_parents(show: str) -> Callable[[Answers, Known], list[Option]]:
    return lambda answers, known: rules.parent_options(answers, known, show=show)


SOURCES: dict[str, Callable[[Answers, Known], list[Option]]] = {
    "other_parents": lambda _answers, known: rules.other_parent_options(known),
    "other_parents_or_foreign": lambda _answers, known: rules.other_parent_options(known, foreign=True),
    "ethnicities": _of_parents("ethnicity"),
    "home_towns": _of_parents("home_town"),
    "residences": _of_parents("full_address"),
    "hospitals": _hospitals,
    "communes": _communes,
}


def options_of(field: FieldSpec, answers: Answers, known: Known) -> list[Option]:
    """The package's own options, or those that the registers give."""
    if field.options_from.startswith("="):
        return _from_registers(field.options_from[1:], answers, known)
    if field.options_from:
        return SOURCES[field.options_from](answers, known)
    return [Option(choice.value, choice.text, choice.hint) for choice in field.choices]


def _from_registers(expression: str, answers: Answers, known: Known) -> list[Option]:
    """The rows {value, text, hint?} that a package's expression makes of what the registers answered."""
    context = {
        "answers": dict(answers),
        "applicant": known["person"],
        "household": known["household"],
        "acting": known.get("acting"),
        "known": known.get("asked", {}),
    }
    rows = expressions.value(expression, context) or []
    return [
        Option(str(row["value"]), _words(row["text"]), _words(row["hint"]) if row.get("hint") else None)
        for row in rows
    ]


def _words(given: Any) -> Text:
    return Text(given["vi"], given["en"]) if isinstance(given, dict) else same(str(given))


class PageForm(Form):
    """One page of questions; `kept` are the answers of the other pages, which conditions may name."""

    spec: ClassVar[PageSpec]
    kept: ClassVar[Answers]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        answers = {**self.kept, **self.answers()}
        for field in self.spec.fields:
            if field.kind is FieldKind.REPEAT:
                self._clean_repeat(field, answers)
                continue
            if field.kind is FieldKind.FILE or field.name in self.errors or not field.is_asked(answers):
                continue
            if mistake := field.mistake(answers.get(field.name)):
                self.add_error(field.name, ValidationError(mistake))  # type: ignore[arg-type]
        return given

    def _clean_repeat(self, field: FieldSpec, answers: dict[str, Any]) -> None:
        """What is wrong with each group, at its box; the number of groups, at the first."""
        if not field.is_asked(answers):
            return
        for (index, name), mistake in field.mistakes(answers.get(field.name) or [], answers).items():
            item = next((item for item in field.items if item.name == name), field.items[0])
            where = repeats.box(field, index, item)
            if where in self.fields and where not in self.errors:
                self.add_error(where, ValidationError(mistake))  # type: ignore[arg-type]

    def unchecked(self) -> None:
        """Show what was typed and say nothing of it yet: a group was added or removed."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def box_of(self, name: str) -> str:
        """The box at which something is said of a question: of a repeated one, the first group's first."""
        field = next((field for field in self.spec.fields if field.name == name), None)
        return repeats.box(field, 0, field.items[0]) if field and field.items else name

    def answers(self) -> dict[str, Any]:
        """As a draft stores them: dates in ISO, names and numbers as they are; files are stored apart."""
        found: dict[str, Any] = {}
        for field in self.spec.fields:
            if field.kind is FieldKind.REPEAT:
                found[field.name] = repeats.kept(field, self._rows(field))
            elif field.kind is not FieldKind.FILE and field.name in self.cleaned_data:
                found[field.name] = _stored(self.cleaned_data[field.name])
        return found

    def _rows(self, field: FieldSpec) -> list[dict[str, Any]]:
        count = repeats.shown(field, self.kept, self.data if self.is_bound else None)
        return [
            {
                item.name: _stored(self.cleaned_data[box])
                for item in field.items
                if (box := repeats.box(field, index, item)) in self.cleaned_data
            }
            for index in range(count)
        ]


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def page_form(
    page: PageSpec, *, answers: Answers, known: Known, data: Any = None, files: Any = None
) -> PageForm:
    """The Django form of one page, prefilled with what was answered; a single option is chosen already."""
    plain = [field for field in page.fields if field.kind is not FieldKind.REPEAT]
    options = {field.name: options_of(field, answers, known) for field in plain}
    made = {
        field.name: _field(field, options[field.name], _reveals(field, page, options, answers))
        for field in plain
    }
    initial = {field.name: _initial(field, options[field.name], answers) for field in plain}
    for field in page.fields:
        if field.kind is FieldKind.REPEAT:
            _groups(field, made, initial, answers, known, count=repeats.shown(field, answers, data))
    form_class = type("Page", (PageForm,), {**made, "spec": page, "kept": answers})
    form: PageForm = form_class(data, files, initial=initial)
    return form


def _groups(
    field: FieldSpec,
    made: dict[str, forms.Field],
    initial: dict[str, Any],
    answers: Answers,
    known: Known,
    *,
    count: int,
) -> None:
    """The boxes of each group that a repeated question shows."""
    rows = answers.get(field.name) or []
    for index in range(count):
        row = rows[index] if index < len(rows) else {}
        for item in field.items:
            options = options_of(item, answers, known)
            made[repeats.box(field, index, item)] = _field(item, options, {})
            initial[repeats.box(field, index, item)] = _initial(item, options, row)


def _field(field: FieldSpec, options: list[Option], reveals: dict[str, str]) -> forms.Field:
    # Whether an answer is needed may depend on another one, so `PageForm.clean` says it.
    words: dict[str, Any] = {"label": field.label, "help_text": field.hint or "", "required": False}
    if field.kind is FieldKind.DATE:
        return DateField(**words)
    if field.kind is FieldKind.INTEGER:
        return forms.IntegerField(**words)
    if field.kind is FieldKind.FILE:
        return forms.FileField(**words)
    if field.kind is FieldKind.TEXT:
        digits = "[0-9]" in str(field.schema.get("pattern", ""))
        attrs = {"inputmode": "numeric"} if digits else {}
        return forms.CharField(**words, widget=forms.TextInput(attrs={**attrs, "spellcheck": "false"}))
    choices: Iterable[Any] = [(option.value, option.text) for option in options]
    if len(options) > RADIOS_AT_MOST:
        first = ("", Text("Chọn trong danh sách", "Choose from the list"))
        return forms.ChoiceField(choices=[first, *choices], **words)
    hints = {option.value: option.hint for option in options if option.hint}
    return RadioField(choices=choices, hints=hints, reveals=reveals, **words)


def _reveals(
    field: FieldSpec, page: PageSpec, options: Mapping[str, list[Option]], answers: Answers
) -> dict[str, str]:
    """Which option of a choice opens which further question of the same page.

    A question that every option would open depends on an answer of another page, not on this choice.
    """
    if field.kind is not FieldKind.CHOICE:
        return {}
    opened: dict[str, str] = {}
    for other in page.fields:
        if other.when and other is not field:
            values = [option.value for option in options[field.name]]
            asked = [value for value in values if other.is_asked({**answers, field.name: value})]
            opened |= dict.fromkeys(asked, other.name) if len(asked) < len(values) else {}
    return opened


def _initial(field: FieldSpec, options: list[Option], answers: Answers) -> Any:
    value = answers.get(field.name)
    if value in (None, ""):
        only = options[0].value if len(options) == 1 else None
        return only if field.kind is FieldKind.CHOICE else field.schema.get("default")
    return date.fromisoformat(value) if field.kind is FieldKind.DATE else value


def page_incomplete(
    application: Application, spec: FormSpec, answers: Answers, known: dict[str, Any]
) -> PageSpec | None:
    """The first page that lacks an answer, or whose answer no longer holds."""
    for page in spec.asked(answers):
        for field in page.fields:
            if field.kind is FieldKind.FILE or not field.is_asked(answers):
                continue
            value = answers.get(field.name)
            repeated = field.kind is FieldKind.REPEAT
            wrong = field.mistakes(value or [], answers) if repeated else field.mistake(value)
            if wrong or not _offered(field, value, answers, known):
                return page
    problem = application.answer_problem(answers, known)
    return spec.page_of(problem.field or "") if problem else None


def _offered(field: FieldSpec, value: Any, answers: Answers, known: Known) -> bool:
    """Whether a choice is among the options as they stand now; in every group of a repeated question."""
    if field.kind is FieldKind.REPEAT:
        return all(
            _offered(item, row.get(item.name), answers, known)
            for row in value or ()
            for item in field.items
            if item.is_asked(answers, row)
        )
    if field.kind is not FieldKind.CHOICE:
        return True
    return value in {option.value for option in options_of(field, answers, known)}


def answers_said(
    spec: FormSpec, answers: Answers, known: Known, files: list[dict[str, Any]]
) -> list[tuple[Text, Text, PageSpec]]:
    """Every question that these answers lead through: its label, the answer in words, its page."""
    return [
        (field.label, answer_said(field, answers, known, files), page)
        for page in spec.asked(answers)
        for field in page.fields
        if field.is_asked(answers)
    ]


def answer_said(field: FieldSpec, answers: Answers, known: Known, files: list[dict[str, Any]]) -> Text:
    """An answer in words, for who checks it."""
    if field.kind is FieldKind.FILE:
        names = ", ".join(row["name"] for row in files if row["code"] == field.document)
        return Text(names or "Không gửi kèm", names or "Not attached")
    value = answers.get(field.name)
    if value in (None, "", []):
        return Text("Không có", "None")
    if field.kind is FieldKind.REPEAT:
        return _rows_said(field, value, answers, known)
    if field.kind is FieldKind.DATE:
        day = date.fromisoformat(str(value))
        return Text(formats.date(day, "vi"), formats.date(day, "en"))
    if field.kind is FieldKind.CHOICE:
        for option in options_of(field, answers, known):
            if option.value == value:
                return option.text
    return Text(str(value), str(value))


def _rows_said(field: FieldSpec, rows: list[Any], answers: Answers, known: Known) -> Text:
    """Each group in a few words, with its number."""
    said = []
    for index, row in enumerate(rows, start=1):
        context = {**answers, **row}
        texts = [answer_said(item, context, known, []) for item in field.items if item.is_asked(answers, row)]
        words_ = Text(", ".join(text.vi for text in texts), ", ".join(text.en for text in texts))
        said.append(Text(f"{index}) {words_.vi}", f"{index}) {words_.en}"))
    return Text("; ".join(text.vi for text in said), "; ".join(text.en for text in said))


class SupplementForm(Form):
    text = forms.CharField(
        label=words("Trả lời của bạn", "Your answer"),
        help_text=words("Viết điều cơ quan cần biết thêm.", "Write what the agency still needs to know."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    files = FilesField(  # pyright: ignore[reportAssignmentType] - Django moves the field out of the class
        label=words("Giấy tờ kèm theo, nếu có", "Papers to attach, if any"),
        help_text=words(
            "Ảnh hoặc PDF, mỗi tệp tối đa 20 MB. Có thể chọn nhiều tệp.",
            "Photos or PDF, 20 MB at most each. You may choose several.",
        ),
        required=False,
    )


class SigningForm(Form):
    """Agree or decline; a reason where it is declined."""

    answer = RadioField(
        label=words("Bạn có đồng ý và ký tờ khai này không?", "Do you agree, and sign this?"),
        choices=[
            ("sign", Text("Tôi đã đọc, đồng ý và ký", "I have read it, I agree and sign")),
            ("decline", Text("Tôi không ký", "I do not sign")),
        ],
        reveals={"decline": "reason"},
    )
    reason = forms.CharField(
        label=words("Vì sao? Người nộp sẽ thấy lời này.", "Why? The applicant will see it."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RatingForm(Form):
    score = RadioField(
        label=words(
            "Bạn hài lòng thế nào với việc giải quyết hồ sơ này?",
            "How satisfied are you with how this was done?",
        ),
        choices=[
            ("5", Text("Rất hài lòng", "Very satisfied")),
            ("4", Text("Hài lòng", "Satisfied")),
            ("3", Text("Bình thường", "Neither satisfied nor dissatisfied")),
            ("2", Text("Không hài lòng", "Dissatisfied")),
            ("1", Text("Rất không hài lòng", "Very dissatisfied")),
        ],
    )
    text = forms.CharField(
        label=words("Điều bạn muốn nói thêm", "Anything you would like to add"),
        help_text=words(
            "Không bắt buộc. Đừng ghi số định danh hay số điện thoại.",
            "Optional. Do not write identification or telephone numbers.",
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
