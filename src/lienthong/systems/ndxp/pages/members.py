"""Members, their systems, and the groups of systems that are given rights together."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.principals import Role
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange import directory, refusals, services
from lienthong.blocks.trust.renewal import holdings_page
from lienthong.ground import clock, formats
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.kit.language import active
from lienthong.systems.ndxp import forms, who
from lienthong.systems.ndxp.cells import Act, Page, Table, code, following, link, numeric, tag

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
HOME: Final = Text("Kết nối", "Connections")


def page_render(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    return render(request, "ndxp/page.html", {"page": page, **page.more}, status=status)


@require_safe
@demand(who.READERS)
def member_list(request: HttpRequest) -> HttpResponse:
    after = request.GET.get("after", "")
    rows = directory.members_page(agency=who.scope(request), after=after, limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    table = Table(
        Text("Thành viên", "Members"),
        [
            Text("Thành viên", "Member"),
            Text("Tên", "Name"),
            Text("Tham gia", "Joined"),
            numeric(Text("Hệ thống", "Systems")),
        ],
        [
            [
                link(reverse("console:member", args=[row.name]), row.name),
                row.title,
                formats.date(clock.in_vietnam(row.joined_at).date(), active()),
                row.systems,
            ]
            for row in shown
        ],
        Text("Chưa có thành viên nào.", "No member yet."),
        next_page=following("after", shown[-1].name) if more else "",
    )
    operator = principal_of(request).holds(Role.OPERATOR)
    join = [Act(Text("Thêm thành viên", "Add a member"), reverse("console:member-join"))] if operator else []
    page = Page(
        Text("Thành viên", "Members"), back=(reverse("console:connections"), HOME), tables=[table], acts=join
    )
    return page_render(request, page)


@demand(who.OPERATORS)
def member_join(request: HttpRequest) -> HttpResponse:
    form = forms.MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        name = f"{settings.LIENTHONG_INSTANCE}/{given['member_class']}/{given['code']}"
        try:
            _code_check(given["code"], "code")
            if directory.member_titles([name]):
                raise refusals.taken(name, "code")
            title = Text(given["title_vi"], given["title_en"])
            services.member_join(name=name, code=given["code"], title=title, at=clock.now())
            return HttpResponseRedirect(reverse("console:member", args=[name]))
        except Problem as problem:
            problem_add(form, problem)
    context = {
        "form": form,
        "title": Text("Thêm thành viên", "Add a member"),
        "lead": Text(
            "Thành viên có khóa ký riêng; khóa được tạo ngay và nằm ở kho khóa của cổng.",
            "A member has its own signing key, which is made at once and lies in its gateway's key store.",
        ),
        "back": (reverse("console:members"), Text("Thành viên", "Members")),
        "submit": Text("Thêm thành viên", "Add the member"),
    }
    return render(request, "ndxp/form.html", context, status=422 if form.errors else 200)


def _code_check(value: str, field: str) -> None:
    if not CODE.fullmatch(value):
        raise refusals.name_wrong(value, field)


@require_safe
@demand(who.READERS)
def member(request: HttpRequest, name: str) -> HttpResponse:
    """A member with its certificate and its systems."""
    found = directory.member_get(name=name, agency=who.scope(request))
    rows = directory.subsystems_of(member=name, after=request.GET.get("after", ""), limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    holding = next(iter(holdings_page(subjects=[name])), None)
    now = clock.now()
    until = Text("Chưa có", "None") if holding is None else until_said(holding.not_after, now)
    table = Table(
        Text("Hệ thống", "Systems"),
        [Text("Hệ thống", "System"), Text("Cổng kết nối", "Gateway"), Text("Kiểu", "Kind")],
        [
            [
                link(reverse("console:subsystem", args=[row.name]), row.name),
                code(row.gateway) if row.gateway else Text("trong bản cài đặt này", "in this instance"),
                Text("Hệ thống Liên thông", "System of Lienthong")
                if row.framed
                else Text("REST hoặc SOAP", "REST or SOAP"),
            ]
            for row in shown
        ],
        Text("Chưa có hệ thống nào.", "No system yet."),
        heading=Text("Hệ thống", "Systems"),
        next_page=following("after", shown[-1].name) if more else "",
    )
    acts = []
    if who.may_manage(principal_of(request), found.code):
        opens = Text("Mở hệ thống mới", "Open a new system")
        acts = [Act(opens, reverse("console:subsystem-open", args=[name]))]
    page = Page(
        found.title,
        caption=name,
        back=(reverse("console:members"), Text("Thành viên", "Members")),
        facts=[
            (Text("Mã định danh", "Identifier"), found.code),
            (
                Text("Tham gia từ", "Member since"),
                formats.date(clock.in_vietnam(found.joined_at).date(), active()),
            ),
            (Text("Chứng thư ký có hiệu lực đến", "Signing certificate valid until"), until),
        ],
        tables=[table],
        acts=acts,
    )
    return page_render(request, page)


def until_said(until: datetime, now: datetime) -> Text:
    """A day, and how many days are left."""
    days, day = (until - now).days, clock.in_vietnam(until).date()
    vi, en = (f"{formats.date(day, language)}" for language in ("vi", "en"))
    if days < 0:
        return Text(f"{vi} (đã hết hạn)", f"{en} (expired)")
    return Text(
        f"{vi} (còn {formats.number(days, 'vi')} ngày)", f"{en} ({formats.number(days, 'en')} days left)"
    )


@demand(who.MANAGERS)
def subsystem_open(request: HttpRequest, name: str) -> HttpResponse:
    """A plain system of the member, behind a gateway."""
    found = directory.member_get(name=name, agency=who.scope(request))
    who.manage_check(principal_of(request), found.code)
    form = forms.SubsystemForm(request.POST or None, gateways=directory.gateway_names())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        system = f"{name}/{given['system']}"
        try:
            _code_check(given["system"], "system")
            if any(row.name == system for row in directory.subsystems_of(member=name, limit=1000)):
                raise refusals.taken(system, "system")
            services.subsystem_open(name=system, hosted=False, gateway=given["gateway"], framed=False)
            return HttpResponseRedirect(reverse("console:subsystem", args=[system]))
        except Problem as problem:
            problem_add(form, problem)
    context = {
        "form": form,
        "title": Text("Mở hệ thống mới", "Open a new system"),
        "caption": found.title,
        "back": (reverse("console:member", args=[name]), found.title),
        "submit": Text("Mở hệ thống", "Open the system"),
    }
    return render(request, "ndxp/form.html", context, status=422 if form.errors else 200)


@demand(who.READERS)
def group_list(request: HttpRequest) -> HttpResponse:
    """Groups by code; an operator makes new ones here."""
    form = forms.GroupForm(request.POST or None)
    operator = principal_of(request).holds(Role.OPERATOR)
    if request.method == "POST":
        if not operator:
            raise refusals.operators_only()
        if form.is_valid():
            given = form.cleaned_data
            try:
                _group_free(given["code"])
                services.group_set(code=given["code"], title=Text(given["title_vi"], given["title_en"]))
                return HttpResponseRedirect(reverse("console:group", args=[given["code"]]))
            except Problem as problem:
                problem_add(form, problem)
    rows = directory.groups_page(after=request.GET.get("after", ""), limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    table = Table(
        Text("Nhóm", "Groups"),
        [Text("Nhóm", "Group"), Text("Tên", "Name"), numeric(Text("Hệ thống", "Systems"))],
        [
            [link(reverse("console:group", args=[row.code]), row.code), row.title, row.members]
            for row in shown
        ],
        Text("Chưa có nhóm nào.", "No group yet."),
        next_page=following("after", shown[-1].code) if more else "",
    )
    page = Page(
        Text("Nhóm", "Groups"),
        back=(reverse("console:connections"), HOME),
        lead=Text(
            "Quyền cấp cho một nhóm thuộc về mọi hệ thống trong nhóm.",
            "A right that is granted to a group belongs to every system in it.",
        ),
        tables=[table],
        more={"form": form, "new_group": operator},
    )
    return render(
        request, "ndxp/groups.html", {"page": page, **page.more}, status=422 if form.errors else 200
    )


def _group_free(code_: str) -> None:
    try:
        directory.group_get(code=code_)
    except NotFound:
        return
    raise refusals.taken(code_, "code")


@demand(who.READERS)
def group(request: HttpRequest, code: str) -> HttpResponse:
    """Who is in the group; an operator says who."""
    found, names = directory.group_get(code=code)
    operator = principal_of(request).holds(Role.OPERATOR)
    form = forms.GroupMembersForm(request.POST or None, initial={"members": "\n".join(names)})
    if request.method == "POST":
        if not operator:
            raise refusals.operators_only()
        if form.is_valid():
            try:
                services.group_members(code=code, members=form.cleaned_data["members"].split())
                return HttpResponseRedirect(f"{reverse('console:group', args=[code])}?done=saved")
            except Problem as problem:
                problem_add(form, problem, "members")
    engineer = principal_of(request).holds(Role.ENGINEER)
    grants = Text("Cấp cho nhóm một dịch vụ của bạn", "Grant the group a service of yours")
    own = who.scope(request)
    shown = names if own is None else [name for name in names if name.split("/")[2] == own]
    table = Table(
        found.title,
        [Text("Hệ thống", "System"), Text("Trạng thái", "State")],
        [[name, tag(Text("trong nhóm", "in the group"), "green")] for name in shown],
        Text("Chưa có hệ thống nào của bạn trong nhóm.", "None of your systems is in the group."),
    )
    page = Page(
        found.title,
        caption=f"group:{code}",
        back=(reverse("console:groups"), Text("Nhóm", "Groups")),
        facts=[(Text("Số hệ thống", "Systems"), str(found.members))],
        tables=[] if operator else [table],
        acts=[Act(grants, reverse("console:group-grant", args=[code]))] if engineer else [],
        more={"form": form, "edit_group": operator},
    )
    context = {"page": page, "done": request.GET.get("done", ""), **page.more}
    return render(request, "ndxp/groups.html", context, status=422 if form.errors else 200)
