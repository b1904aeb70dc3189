"""Rights between two agencies: one asks, the other grants, grants less, or refuses; either ends it with a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.principals import Principal, Role
from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange import directory, granting, refusals
from lienthong.blocks.exchange.directory import AgreementRow
from lienthong.ground import clock, formats
from lienthong.ground.errors import Forbidden, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.kit.language import active
from lienthong.systems.ndxp import forms, who
from lienthong.systems.ndxp.cells import Page, Table, code, endpoints, following, link, tag

STATES: Final = {
    "waiting": (Text("chờ trả lời", "waiting"), "yellow"),
    "granted": (Text("đã cấp", "granted"), "green"),
    "refused": (Text("từ chối", "refused"), "red"),
    "withdrawn": (Text("đã rút", "withdrawn"), "grey"),
}
NARROWED: Final = (Text("đã cấp một phần", "granted in part"), "green")
NO_END: Final = Text("không hạn", "no end")
HEAD: Final = (
    Text("Số", "Number"),
    Text("Bên gọi", "Client"),
    Text("Dịch vụ", "Service"),
    Text("Mục đích", "Purpose"),
    Text("Thời hạn", "Period"),
    Text("Trạng thái", "State"),
)


def state_tag(state: str, *, narrowed: bool) -> dict[str, Any]:
    return tag(*(NARROWED if narrowed and state == "granted" else STATES[state]))


def period(begins: date, ends: date | None) -> Text:
    vi = f"{formats.date(begins, 'vi')} – {formats.date(ends, 'vi') if ends else NO_END.vi}"
    en = f"{formats.date(begins, 'en')} – {formats.date(ends, 'en') if ends else NO_END.en}"
    return Text(vi, en)


def purpose_said(purpose: str) -> Text:
    try:
        return purpose_get(purpose).title
    except Forbidden:
        return Text(purpose, purpose)  # published before the list had it


def agreement_rows(rows: Sequence[AgreementRow], today: date) -> tuple[Sequence[Any], list[list[Any]]]:
    """Head and rows of a table of agreements."""
    return HEAD, [
        [
            link(reverse("console:agreement", args=[row.id]), row.id),
            code(row.client),
            code(row.service),
            purpose_said(row.purpose),
            period(row.valid_from, row.valid_to),
            _in_force(row, today),
        ]
        for row in rows
    ]


def _in_force(row: AgreementRow, today: date) -> dict[str, Any]:
    if row.in_force(today):
        return tag(Text("còn hiệu lực", "in force"), "green")
    if row.valid_from > today:
        return tag(Text("chưa bắt đầu", "not begun"), "blue")
    return tag(Text("đã kết thúc", "ended"), "grey")


@demand(who.ENGINEERS)
def group_grant(request: HttpRequest, code: str) -> HttpResponse:
    """A provider's engineer gives a group a right to one of the agency's services."""
    found, _ = directory.group_get(code=code)
    offered = directory.services_of_agency(agency=principal_of(request).agency)
    form = forms.GroupGrantForm(request.POST or None, services=offered, initial={"valid_from": clock.today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            number = granting.group_grant(
                by=who.actor(request),
                group=code,
                service=given["service"],
                purpose=given["purpose"],
                terms=_terms(form),
                at=clock.now(),
            )
            return HttpResponseRedirect(reverse("console:agreement", args=[number]))
        except Problem as problem:
            problem_add(form, problem)
    context = {
        "form": form,
        "title": Text("Cấp quyền cho nhóm", "Grant a right to the group"),
        "caption": found.title,
        "lead": Text(
            "Mọi hệ thống trong nhóm, cả những hệ thống vào sau, sẽ được gọi.",
            "Every system in the group may call, those that join later too.",
        ),
        "back": (reverse("console:group", args=[code]), found.title),
        "submit": Text("Cấp quyền", "Grant"),
    }
    return render(request, "ndxp/form.html", context, status=422 if form.errors else 200)


@require_safe
@demand(who.READERS)
def request_list(request: HttpRequest) -> HttpResponse:
    own = who.scope(request)
    rows = directory.requests_page(agency=own, before=_before(request), limit=directory.PAGE + 1)
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    titles = directory.agency_titles([row.asker for row in shown] + [row.grantor for row in shown])
    table = Table(
        Text("Yêu cầu", "Requests"),
        [
            Text("Số", "Number"),
            Text("Bên yêu cầu", "Asker"),
            Text("Bên cung cấp", "Provider"),
            Text("Dịch vụ", "Service"),
            Text("Gửi lúc", "Sent"),
            Text("Trạng thái", "State"),
        ],
        [
            [
                link(reverse("console:request", args=[row.pk]), row.pk),
                titles.get(row.asker, Text(row.asker, row.asker)),
                titles.get(row.grantor, Text(row.grantor, row.grantor)),
                code(row.service),
                formats.datetime(row.asked_at, active()),
                state_tag(row.state, narrowed=row.narrowed),
            ]
            for row in shown
        ],
        Text(
            "Chưa có yêu cầu nào. Tìm dịch vụ trong danh mục rồi yêu cầu quyền từ đó.",
            "No request yet. Find a service in the catalogue and ask from there.",
        ),
        next_page=following("before", shown[-1].pk) if more else "",
    )
    return _listed(request, Text("Yêu cầu quyền gọi", "Requests for rights"), table)


@require_safe
@demand(who.READERS)
def agreement_list(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    rows = directory.agreements_page(
        agency=who.scope(request), on=today, before=_before(request), limit=directory.PAGE + 1
    )
    shown, more = rows[: directory.PAGE], len(rows) > directory.PAGE
    table = Table(
        Text("Thỏa thuận", "Agreements"),
        *agreement_rows(shown, today),
        empty=Text("Chưa có thỏa thuận nào.", "No agreement yet."),
        next_page=following("before", shown[-1].id) if more else "",
    )
    return _listed(request, Text("Thỏa thuận", "Agreements"), table)


def _listed(request: HttpRequest, title: Text, table: Table) -> HttpResponse:
    back = (reverse("console:connections"), Text("Kết nối", "Connections"))
    return render(request, "ndxp/page.html", {"page": Page(title, back=back, tables=[table])})


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 18 else None  # noqa: PLR2004 - PostgreSQL's bigint


def _wanted(request: HttpRequest) -> tuple[directory.SubsystemRow, directory.ServiceRow, str]:
    """The provider, the service and its name in agreements, of the address."""
    provider, service = request.GET.get("provider", ""), request.GET.get("service", "")
    found = directory.subsystem_get(name=provider, agency=None)
    for row in directory.services_of(subsystem=found):
        if service in directory.service_names(found, row):
            return found, row, service
    raise NotFound(
        "service-not-offered",
        Text("Không có dịch vụ này.", "There is no such service."),
        Text(f"{provider} không cung cấp «{service}».", f"{provider} does not offer «{service}»."),
        Text("Tìm dịch vụ trong danh mục rồi yêu cầu từ đó.", "Find it in the catalogue and ask from there."),
    )


@demand(who.ENGINEERS)
def request_new(request: HttpRequest) -> HttpResponse:
    """Agency A asks for a right. It comes here from the service's page in the catalogue."""
    by = principal_of(request)
    if not request.GET.get("service"):
        return HttpResponseRedirect(reverse("citizen:catalogue"))
    provider, service, name = _wanted(request)
    clients = [row.name for row in directory.subsystems_of_agency(agency=by.agency)]
    choices = () if service.type == "CONTRACT" else service.endpoints
    initial = {"valid_from": clock.today()}
    form = forms.RequestForm(request.POST or None, clients=clients, endpoints=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            number = granting.request_send(
                by=who.actor(request),
                client=given["client"],
                provider=provider.name,
                service=name,
                purpose=given["purpose"],
                terms=_terms(form),
                reason=given["reason"],
                at=clock.now(),
            )
            return HttpResponseRedirect(f"{reverse('console:request', args=[number])}?done=sent")
        except Problem as problem:
            problem_add(form, problem)
    context = {
        "form": form,
        "title": Text("Yêu cầu quyền gọi", "Ask for a right"),
        "caption": Text(f"{service.title.vi} · {provider.name}", f"{service.title.en} · {provider.name}"),
        "lead": None
        if clients
        else Text(
            "Cơ quan bạn chưa có hệ thống nào. Hãy mở một hệ thống trước.",
            "Your agency has no system yet. Open one first.",
        ),
        "back": (reverse("citizen:catalogue"), Text("Danh mục dịch vụ", "Catalogue of services")),
        "submit": Text("Gửi yêu cầu", "Send the request"),
    }
    return render(request, "ndxp/form.html", context, status=422 if form.errors else 200)


def _terms(form: forms.TermsForm) -> granting.Terms:
    given = form.cleaned_data
    return granting.terms_make(
        legal_basis=given["legal_basis"],
        valid_from=given["valid_from"],
        valid_to=given["valid_to"],
        daily_quota=given["daily_quota"],
        endpoints=form.endpoint_pairs(),
    )


def _may_decide(by: Principal, row: Any) -> bool:
    return by.holds(Role.ENGINEER) and by.agency == row.grantor and row.state == "waiting"


@demand(who.READERS)
def request_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """What is asked, its state; to the provider's engineer also the answer to give."""
    row = directory.request_get(number=row_id, agency=who.scope(request))
    by = principal_of(request)
    asked = granting.asked_terms(row)
    initial = {
        "legal_basis": asked.legal_basis,
        "valid_from": asked.valid_from,
        "valid_to": asked.valid_to,
        "daily_quota": asked.daily_quota,
        "endpoints": [f"{method} {path}" for method, path in asked.endpoints],
    }
    form = forms.GrantForm(
        request.POST or None, endpoints=_choices(row, asked), narrowed=bool(asked.endpoints), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, row_id, form)
            return HttpResponseRedirect(f"{reverse('console:request', args=[row_id])}?done=answered")
        except Problem as problem:
            problem_add(form, problem)
    titles = directory.agency_titles([row.asker, row.grantor])
    context = {
        "row": row,
        "form": form,
        "facts": _facts(row, asked, titles),
        "state": state_tag(row.state, narrowed=row.narrowed),
        "title": titles.get(row.grantor),
        "may_decide": _may_decide(by, row),
        "may_withdraw": by.holds(Role.ENGINEER) and by.agency == row.asker and row.state == "waiting",
        "done": request.GET.get("done", ""),
    }
    return render(request, "ndxp/request.html", context, status=422 if form.errors else 200)


def _choices(row: Any, asked: granting.Terms) -> granting.Endpoints:
    """What the grantor may tick: of the request's endpoints, or of the service's where the whole was asked for."""
    if asked.endpoints:
        return asked.endpoints
    try:
        provider = directory.subsystem_get(name=row.provider, agency=None)
    except NotFound:
        return ()
    offered = directory.services_of(subsystem=provider)
    return next(
        (
            one.endpoints
            for one in offered
            if one.type != "CONTRACT" and f"{provider.system}/{one.code}" == row.service
        ),
        (),
    )


def _decide(request: HttpRequest, number: int, form: forms.GrantForm) -> None:
    by, answer = who.actor(request), form.cleaned_data["answer"]
    if not principal_of(request).holds(Role.ENGINEER):
        raise refusals.not_grantor(directory.request_get(number=number, agency=None).grantor)
    if request.POST.get("act") == "refuse":
        granting.request_refuse(by=by, number=number, answer=answer, at=clock.now())
    else:
        granting.request_grant(by=by, number=number, terms=_terms(form), answer=answer, at=clock.now())


def _facts(row: Any, asked: granting.Terms, titles: dict[str, Text]) -> list[tuple[Any, ...]]:
    language = active()
    sent = f"{formats.datetime(row.asked_at, language)}, {row.asked_by}"
    rows: list[tuple[Any, ...]] = [
        (Text("Bên yêu cầu", "Asker"), titles.get(row.asker, row.asker)),
        (Text("Hệ thống gọi", "Client"), code(row.client)),
        (Text("Dịch vụ", "Service"), code(f"{row.provider} · {row.service}")),
        (Text("Điểm cuối", "Endpoints"), endpoints(asked.endpoints)),
        (Text("Mục đích", "Purpose"), purpose_said(row.purpose)),
        (Text("Căn cứ", "Legal basis"), row.legal_basis),
        (Text("Cần để làm gì", "Needed for"), row.reason),
        (Text("Thời hạn", "Period"), period(row.valid_from, row.valid_to)),
        (Text("Hạn mức mỗi ngày", "Calls a day"), quota_said(row.daily_quota)),
        (Text("Gửi lúc, bởi", "Sent, by"), sent),
    ]
    if row.decided_at:
        decided = f"{formats.datetime(row.decided_at, language)}, {row.decided_by}"
        rows.append((Text("Trả lời lúc, bởi", "Answered, by"), decided))
    if row.answer:
        rows.append((Text("Trả lời", "Answer"), row.answer))
    if row.agreement_id:
        address = reverse("console:agreement", args=[row.agreement_id])
        rows.append((Text("Thỏa thuận", "Agreement"), link(address, row.agreement_id)))
    return rows


def quota_said(quota: int | None) -> object:
    return Text("không giới hạn", "no limit") if quota is None else formats.number(quota, active())


@require_POST
@demand(who.ENGINEERS)
def request_withdraw(request: HttpRequest, row_id: int) -> HttpResponse:
    directory.request_get(number=row_id, agency=who.scope(request))
    granting.request_withdraw(by=who.actor(request), number=row_id, at=clock.now())
    return HttpResponseRedirect(reverse("console:request", args=[row_id]))


@demand(who.READERS)
def agreement(request: HttpRequest, row_id: int) -> HttpResponse:
    """An agreement, and to who granted or holds it its end."""
    today, by = clock.today(), principal_of(request)
    row = directory.agreement_get(number=row_id, agency=who.scope(request), on=today)
    own = {one.name for one in directory.subsystems_of_agency(agency=by.agency)}
    may_end = by.holds(Role.ENGINEER) and (row.granted_by == by.agency or row.client in own)
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if not by.holds(Role.ENGINEER):
                raise refusals.not_grantor(row.granted_by)
            granting.agreement_end(
                by=who.actor(request), number=row_id, on=form.cleaned_data["on"], at=clock.now()
            )
            return HttpResponseRedirect(reverse("console:agreement", args=[row_id]))
        except Problem as problem:
            problem_add(form, problem)
    titles = directory.agency_titles([row.granted_by])
    facts: list[tuple[Any, ...]] = [
        (Text("Bên gọi", "Client"), code(row.client)),
        (Text("Dịch vụ", "Service"), code(row.service)),
        (Text("Điểm cuối", "Endpoints"), endpoints(row.endpoints)),
        (Text("Mục đích", "Purpose"), purpose_said(row.purpose)),
        (Text("Căn cứ", "Legal basis"), row.legal_basis),
        (Text("Thời hạn", "Period"), period(row.valid_from, row.valid_to)),
        (Text("Hạn mức mỗi ngày", "Calls a day"), quota_said(row.quota)),
        (Text("Cấp bởi", "Granted by"), titles.get(row.granted_by, row.granted_by)),
    ]
    if row.ended_at:
        ended = f"{formats.datetime(row.ended_at, active())}, {row.ended_by}"
        facts.append((Text("Chấm dứt lúc, bởi", "Ended, by"), ended))
    context = {
        "row": row,
        "facts": facts,
        "form": form,
        "state": _in_force(row, today),
        "may_end": may_end and (row.valid_to is None or row.valid_to >= today),
    }
    return render(request, "ndxp/agreement.html", context, status=422 if form.errors else 200)
