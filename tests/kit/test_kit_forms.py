"""Fields of forms: the component that suits, errors in both languages, nothing typed is lost."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text
from lienthong.kit.fields import error_summary_render, errors_said, field_render
from lienthong.kit.forms import DateField, Form, problem_add
from lienthong.kit.uploads import RefusedUpload
from tests.kit.demo import BirthForm
from tests.kit.markup import normalised

TYPED: dict[str, Any] = {
    "name": "Nguyễn Thị Thuỷ <Tiên>",
    "born-day": "31",
    "born-month": "2",
    "born-year": "2026",
    "sex": "female",
    "weight": "ba cân",
    "province": "01",
    "copies": ["en"],
    "note": "dòng một\ndòng hai",
    "true": "on",
}


class OneDate(Form):
    day = DateField(label=Text("Ngày", "Day"), required=False)


def _html(form: Form, name: str, language: str = "vi", **more: Any) -> str:
    return str(field_render(form[name], language, **more))


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("name", 'class="govuk-input"'),
        ("born", "govuk-date-input"),
        ("sex", "govuk-radios"),
        ("province", "govuk-select"),
        ("copies", "govuk-checkboxes"),
        ("note", "govuk-textarea"),
        ("paper", "govuk-file-upload"),
        ("true", "govuk-checkboxes"),
        ("step", 'type="hidden"'),
    ],
)
def test_a_field_is_shown_by_the_component_that_suits_its_widget(name: str, component: str) -> None:
    html = _html(BirthForm(), name)
    assert component in html
    assert normalised(html)


def test_a_field_carries_label_hint_autocomplete_and_error() -> None:
    form = BirthForm({"name": ""})
    html = _html(form, "name", "en")
    assert re.search(r'<label class="govuk-label govuk-label--s" for="id_name">\s*Full name', html)
    assert "As on the notice of birth" in html
    assert 'autocomplete="name"' in html
    assert 'aria-describedby="id_name-hint id_name-error"' in html
    assert "Enter full name." in html
    assert "maxlength" not in html
    assert 'inputmode="numeric"' in _html(form, "weight")
    assert "<h1" in _html(form, "name", heading=True)


def test_what_was_typed_stays_in_the_form_that_is_sent_back() -> None:
    form = BirthForm(TYPED)
    assert not form.is_valid()
    assert 'value="Nguyễn Thị Thuỷ &lt;Tiên&gt;"' in _html(form, "name")
    born = _html(form, "born")
    assert [f'value="{part}"' in born for part in ("31", "2", "2026")] == [True] * 3
    assert 'value="ba cân"' in _html(form, "weight")
    assert 'value="female" checked' in _html(form, "sex")
    assert 'value="01" selected' in _html(form, "province")
    assert 'value="en" checked' in _html(form, "copies")
    assert ">dòng một\ndòng hai</textarea>" in _html(form, "note")
    assert "checked" in _html(form, "true")


def test_errors_are_said_in_both_languages_with_their_limits() -> None:
    form = BirthForm(TYPED)
    assert errors_said(form, "name", "vi") == ["“Họ và tên” dài quá 20 ký tự. Hãy viết ngắn hơn."]
    assert errors_said(form, "name", "en") == ["“Full name” is longer than 20 characters. Make it shorter."]
    assert errors_said(form, "born", "en")[0].startswith("There is no such date.")
    assert errors_said(form, "paper", "vi") == ["Hãy chọn tệp: giấy chứng sinh."]
    nothing = BirthForm({})
    assert errors_said(nothing, "sex", "vi") == ["Hãy chọn giới tính của con."]
    assert errors_said(nothing, "true", "en") == ["Tick the box: what I declare is true."]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_summary_links_each_error_to_an_id_that_the_page_has(language: str) -> None:
    form = BirthForm({"born-day": "1"})
    summary = str(error_summary_render(form, language))
    page = "".join(_html(form, bound.name, language) for bound in form)
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert len(targets) == len(form.errors)
    assert all(f'id="{target}"' in page for target in targets)
    assert "id_born-day" in targets


def test_a_form_without_errors_has_no_summary() -> None:
    assert error_summary_render(BirthForm(), "vi") == ""


def test_a_problem_of_a_service_stands_at_its_field_or_above_the_form() -> None:
    texts = (Text("Không hợp lệ.", "Not valid."), Text("Vì sai.", "It is wrong."), Text("Sửa.", "Mend it."))
    form = BirthForm(TYPED)
    form.is_valid()
    problem_add(form, Invalid("bad", *texts, field="note"))
    problem_add(form, Invalid("bad", *texts, field="elsewhere"))
    assert errors_said(form, "note", "en") == ["Not valid. It is wrong. Mend it."]
    assert errors_said(form, "__all__", "vi") == ["Không hợp lệ. Vì sai. Sửa."]
    assert "Không hợp lệ. Vì sai. Sửa." in error_summary_render(form, "vi")


def test_a_percent_sign_in_a_label_breaks_no_message() -> None:
    class Share(Form):
        share = forms.IntegerField(label=Text("Tỷ lệ %", "Share %"), max_value=100)

    assert errors_said(Share({"share": "101"}), "share", "en") == ["“Share %” must be 100 or less."]
    assert errors_said(Share({"share": "x"}), "share", "vi")[0].startswith("“Tỷ lệ %” chưa đúng dạng")


@given(st.dates())
def test_every_date_typed_in_three_boxes_is_read_back(day: dt.date) -> None:
    form = OneDate({"day-day": f" {day.day} ", "day-month": f"{day.month:02}", "day-year": str(day.year)})
    assert form.is_valid()
    assert form.cleaned_data["day"] == day
    shown = str(field_render(OneDate(initial={"day": day})["day"], "vi"))
    assert f'name="day-year" type="text" value="{day.year}"' in shown


@given(*[st.text(max_size=6)] * 3)
def test_whatever_is_typed_into_a_date_is_a_date_nothing_or_an_error(day: str, month: str, year: str) -> None:
    form = OneDate({"day-day": day, "day-month": month, "day-year": year})
    if form.is_valid():
        assert form.cleaned_data["day"] is None or isinstance(form.cleaned_data["day"], dt.date)
    else:
        assert errors_said(form, "day", "vi")


@pytest.mark.usefixtures("pages")
def test_a_file_over_the_limit_is_refused_and_the_rest_of_the_form_kept(settings: Settings) -> None:
    settings.LIENTHONG_UPLOAD_LIMIT_MIB = 1
    large = io.BytesIO(b"%PDF" + b"0" * (1024 * 1024 + 10))
    large.name = "to.pdf"
    html = Client().post("/form", {"name": "Nguyễn An", "paper": large}).text
    assert "Tệp lớn hơn 1 MB nên không nhận được." in html
    assert 'value="Nguyễn An"' in html
    assert "Lỗi: Khai sinh – Liên thông" in html
    small = SimpleUploadedFile("nho.pdf", b"%PDF-1.7")
    assert "Giấy chứng sinh" in (html := Client().post("/form", {"paper": small}).text)
    assert "không nhận được" not in html


@pytest.mark.usefixtures("pages")
def test_a_problem_found_while_posting_is_shown_beside_what_was_typed() -> None:
    html = Client().post("/form?lang=en", {"name": "Trùng"}).text
    assert "This child is registered already. There is a certificate. Open the earlier dossier." in html
    assert 'value="Trùng"' in html


def test_a_refused_file_does_not_keep_the_files_after_it_open(settings: Settings) -> None:
    settings.LIENTHONG_UPLOAD_LIMIT_MIB = 3
    sent = [SimpleUploadedFile(name, b"\x00" * (size << 20)) for name, size in (("a.png", 4), ("b.png", 1))]
    request = RequestFactory().post("/", {"files": sent})
    refused, kept = request.FILES.getlist("files")
    assert (type(refused), kept.size) == (RefusedUpload, 1 << 20)
    request.close()
    assert kept.file is not None
    assert kept.file.closed
