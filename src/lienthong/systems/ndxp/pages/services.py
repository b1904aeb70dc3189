"""A system and its services: upload a description, see what it would change, publish it, withdraw a service."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.exchange import directory, preview, services
from lienthong.ground import clock
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text
from lienthong.kit.forms import problem_add
from lienthong.systems.ndxp import forms, who
from lienthong.systems.ndxp.cells import Table, code, endpoints, lines, tag
from lienthong.systems.ndxp.pages.rights import agreement_rows

DONE = {
    "published": Text("Đã công bố.", "Published."),
    "withdrawn": Text("Đã rút dịch vụ.", "The service was withdrawn."),
}


@require_safe
@demand(who.READERS)
def subsystem(request: HttpRequest, name: str) -> HttpResponse:
    """What it offers and who may call it."""
    found = directory.subsystem_get(name=name, agency=who.scope(request))
    offered = directory.services_of(subsystem=found)
    today = clock.today()
    manages = who.may_manage(principal_of(request), found.agency) and not found.framed
    rights = directory.agreements_on(subsystem=found, on=today)
    context = {
        "found": found,
        "services": [
            (row, endpoints(row.endpoints) if row.endpoints else lines(row.versions)) for row in offered
        ],
        "kinds": forms.KIND_TEXT,
        "connection": forms.CONNECTION_TEXT[found.connection],
        "manages": manages,
        "rights": Table(
            Text("Ai được gọi", "Who may call"),
            *agreement_rows(rights, today),
            empty=Text("Chưa cấp quyền cho ai.", "No right was granted."),
        ),
        "done": DONE.get(request.GET.get("done", "")),
    }
    return render(request, "ndxp/subsystem.html", context)


@demand(who.MANAGERS)
def publish(request: HttpRequest, name: str) -> HttpResponse:
    """Upload, look, publish: the file is kept between the steps, so nothing is sent twice."""
    found = directory.subsystem_get(name=name, agency=who.scope(request))
    who.manage_check(principal_of(request), found.agency)
    initial = _edition(found, request.GET.get("code", ""))
    form = forms.PublishForm(request.POST or None, request.FILES or None, initial=initial)
    context: dict[str, Any] = {"found": found, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            planned = _preview(found.name, form)
            context |= {"preview": planned, "values": _values(form, planned.digest)}
            context["tables"] = [_planned(one, _title(form)) for one in planned.services]
            if request.POST.get("act") == "publish":
                _publish(found.name, form, planned.digest)
                return HttpResponseRedirect(f"{reverse('console:subsystem', args=[name])}?done=published")
            return render(request, "ndxp/preview.html", context)
        except Problem as problem:
            problem_add(form, problem)
    context["values"] = _values(form, form.cleaned_data.get("digest", "") if form.is_bound else "")
    return render(request, "ndxp/publish.html", context, status=422 if form.errors else 200)


def _edition(found: directory.SubsystemRow, wanted: str) -> dict[str, str]:
    """Code and names of the service whose new edition is uploaded."""
    row = next((one for one in directory.services_of(subsystem=found) if one.code == wanted), None)
    if row is None or row.type == "SOAP":
        return {}
    return {"code": row.code, "title_vi": row.title.vi, "title_en": row.title.en}


def _preview(name: str, form: forms.PublishForm) -> preview.Preview:
    """The file that came now, or the one that is kept since the step before."""
    given = form.cleaned_data
    if given["description"] is not None:
        digest = preview.description_keep(content=given["description"].read(), at=clock.now())
        form.cleaned_data["digest"] = digest
    content = directory.document_content(digest=given["digest"]) if given["digest"] else None
    if content is None:
        raise Invalid(
            "description-missing",
            Text("Chưa có tệp mô tả.", "The description is missing."),
            Text("Bạn chưa chọn tệp.", "No file was chosen."),
            Text("Chọn tệp OpenAPI hoặc WSDL.", "Choose an OpenAPI or WSDL file."),
            field="description",
        )
    return preview.description_preview(
        subsystem=name, digest=given["digest"], content=content, code=given["code"]
    )


def _publish(name: str, form: forms.PublishForm, digest: str) -> None:
    given = form.cleaned_data
    services.service_publish(
        subsystem=name,
        at=clock.now(),
        code=given["code"],
        title=_title(form),
        description=directory.document_content(digest=digest),
    )


def _title(form: forms.PublishForm) -> Text | None:
    """As typed, in one language or both; None leaves it to the description."""
    vi, en = form.cleaned_data["title_vi"], form.cleaned_data["title_en"]
    return Text(vi or en, en or vi) if vi or en else None


def _values(form: forms.PublishForm, digest: str) -> dict[str, str]:
    typed = {key: form.data.get(key, "") for key in ("code", "title_vi", "title_en")}
    return {**typed, "digest": digest}


def _planned(one: preview.Planned, typed: Text | None) -> Table:
    """What a service would have, each endpoint with what changes for it."""
    fresh, stays = Text("mới", "new"), Text("như cũ", "as before")
    before = one.before or ()
    title = typed if typed is not None and one.type != "SOAP" else one.title
    rows: list[list[Any]] = [
        [code(method), code(path), tag(stays, "grey") if (method, path) in before else tag(fresh, "green")]
        for method, path in one.endpoints
    ]
    rows += [[code(method), code(path), tag(Text("bỏ", "gone"), "red")] for method, path in one.gone]
    rows += [
        [code("POST"), code(one.path or "/"), {"text": f"{one.code} {version}"}]
        for version in (one.versions or ("",))
        if one.type == "SOAP"
    ]
    return Table(
        Text(f"Điểm cuối của {one.code}", f"Endpoints of {one.code}"),
        [Text("Phương thức", "Method"), Text("Đường dẫn", "Path"), Text("Thay đổi", "Change")],
        rows,
        Text("Không có điểm cuối.", "No endpoint."),
        heading=Text(f"{one.code} · {title.vi}", f"{one.code} · {title.en}"),
        note=Text(f"Bắt đầu tại {one.path or '/'}", f"It begins at {one.path or '/'}"),
    )


@require_POST
@demand(who.MANAGERS)
def withdraw(request: HttpRequest, name: str) -> HttpResponse:
    found = directory.subsystem_get(name=name, agency=who.scope(request))
    who.manage_check(principal_of(request), found.agency)
    services.service_withdraw(subsystem=name, code=request.POST.get("code", ""))
    return HttpResponseRedirect(f"{reverse('console:subsystem', args=[name])}?done=withdrawn")
