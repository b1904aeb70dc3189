"""Pages that show the kit at work: a portal page, a question with every kind of field, a desk page."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from lienthong.ground.clock import VIETNAM
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, RadioField, problem_add

PAGES = Path(__file__).parent / "pages"


class BirthForm(Form):
    name = forms.CharField(
        label=Text("Họ và tên", "Full name"),
        help_text=Text("Như trong giấy chứng sinh", "As on the notice of birth"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    born = DateField(
        label=Text("Ngày sinh", "Date of birth"),
        help_text=Text("Ví dụ 22 11 2026", "For example 22 11 2026"),
    )
    sex = RadioField(
        label=Text("Giới tính của con", "Sex of the child"),
        choices=[("male", Text("Nam", "Male")), ("female", Text("Nữ", "Female"))],
        hints={"male": Text("Con trai", "A boy")},
    )
    weight = forms.IntegerField(label=Text("Cân nặng (gam)", "Weight (grams)"), min_value=300)
    province = forms.ChoiceField(
        label=Text("Nơi sinh", "Place of birth"),
        choices=[("", Text("Chọn tỉnh, thành phố", "Choose a province")), ("01", Text("Hà Nội", "Hanoi"))],
    )
    copies = forms.MultipleChoiceField(
        label=Text("Bản sao cần cấp", "Copies wanted"),
        choices=[("vi", Text("Tiếng Việt", "Vietnamese")), ("en", Text("Song ngữ", "Bilingual"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=Text("Ghi chú", "Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    paper = forms.FileField(label=Text("Giấy chứng sinh", "Notice of birth"))
    true = forms.BooleanField(label=Text("Tôi khai đúng sự thật", "What I declare is true"))
    step = forms.CharField(widget=forms.HiddenInput, initial="1", required=False)


def page(request: HttpRequest, name: str, values: dict[str, Any]) -> HttpResponse:
    source = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    return HttpResponse(engines["django"].from_string(source).render(values, request))


def track(request: HttpRequest) -> HttpResponse:
    waiting = Text(
        "Công an phường Hoàn Kiếm đang xử lý · hạn 24/11/2026", "With the ward police · due 24 November 2026"
    )
    parts = [
        {
            "title": Text("Giấy khai sinh", "Birth certificate"),
            "href": "#a",
            "status": Text("Đã cấp", "Issued"),
            "colour": "green",
            "hint": Text("Ủy ban nhân dân phường Hoàn Kiếm", "People's Committee of Hoàn Kiếm ward"),
        },
        {
            "title": Text("Đăng ký thường trú", "Permanent residence"),
            "href": "#b",
            "hint": waiting,
            "status": Text("Đang xử lý", "In progress"),
            "colour": "blue",
        },
        {
            "title": Text("Thẻ bảo hiểm y tế", "Health card"),
            "href": "#c",
            "colour": "yellow",
            "status": Text("Chờ bạn", "Waiting for you"),
        },
        {"title": Text("Đánh giá", "Rate the service"), "status": Text("Chưa mở", "Not open yet")},
    ]
    asked = Text(
        "UBND phường Hoàn Kiếm hỏi Cơ sở dữ liệu dân cư: họ tên, ngày sinh",
        "Hoàn Kiếm ward asked the population register: name, date of birth",
    )
    return page(
        request,
        "track",
        {
            "due": datetime(2026, 11, 25, 17, 0, tzinfo=VIETNAM),
            "parts": parts,
            "reads": [("22/11/2026 14:05", asked), ("22/11/2026 14:20", asked, "/why")],
            "fee": 50_000,
            "crumbs": [(Text("Trang chủ", "Home"), "/"), (Text("Hồ sơ", "Dossier"), None)],
        },
    )


def form(request: HttpRequest) -> HttpResponse:
    given = BirthForm(request.POST or None, request.FILES or None)
    if given.is_bound and not given.is_valid() and request.POST.get("name") == "Trùng":
        problem_add(
            given,
            Conflict(
                "birth.twice",
                Text("Cháu này đã được khai.", "This child is registered already."),
                Text("Đã có giấy khai sinh.", "There is a certificate."),
                Text("Hãy mở hồ sơ cũ.", "Open the earlier dossier."),
                field="name",
            ),
        )
    return page(request, "form", {"form": given})


def desk(request: HttpRequest, n: int = 0) -> HttpResponse:
    numbers = range(1, 201)
    shown = Paginator(numbers, 25).get_page(request.GET.get("page", "4"))
    rows = [
        [
            f"H01.01-261122-{n:04}",
            "Nguyễn Thị Thuỷ Tiên",
            Text("Khai sinh", "Birth"),
            Text("Đang xử lý", "In progress"),
            50_000 + n,
        ]
        for n in shown
    ]
    head = [
        Text("Số hồ sơ", "Number"),
        Text("Người nộp", "Applicant"),
        Text("Thủ tục", "Procedure"),
        Text("Trạng thái", "Status"),
        {"text": Text("Phí (đồng)", "Fee (đồng)"), "format": "numeric"},
    ]
    return page(request, "desk", {"head": head, "rows": rows, "page": shown})


def problem(request: HttpRequest) -> HttpResponse:
    shown = Conflict(
        "birth.twice",
        Text("Cháu này đã được khai sinh.", "This child is registered already."),
        Text(
            "Sổ hộ tịch đã có mục này từ 22/11/2026.",
            "The register has held the entry since 22 November 2026.",
        ),
        Text("Hãy mở hồ sơ H01.01-261122-0001.", "Open dossier H01.01-261122-0001."),
    )
    return render(request, "errors/problem.html", {"problem": shown}, status=shown.status)


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def spoiled(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"a page that fails at {date(2026, 11, 22)}")


_citizen = [
    path("", track, name="home"),
    path("form", form, name="dossiers"),
    path("problem", problem, name="problem"),
]
_officer = [
    path("", desk, name="queue"),
    path("search/", desk, name="search"),
    path("search/<int:n>", desk, name="one"),
]
urlpatterns = [
    path("desk/", include((_officer, "officer"))),
    path("forbidden", forbidden),
    path("spoiled", spoiled),
    path("broken", broken),
    path("", include((_citizen, "citizen"))),
]
