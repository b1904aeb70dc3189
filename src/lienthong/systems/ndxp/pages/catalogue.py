"""The public catalogue of services: what is offered, by whom, what is needed, and calls to copy."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import anyone, demand
from lienthong.blocks.exchange import catalogue, directory, samples, sandbox
from lienthong.blocks.exchange.descriptions import is_json, is_xml
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.ndxp.cells import code, endpoints
from lienthong.systems.ndxp.forms import KIND_TEXT
from lienthong.systems.ndxp.pages.rights import purpose_said

PUBLIC: Final = anyone("which services exist is public; to call one needs an agreement")
PAGE: Final = 30
CLIENT: Final = "VN/GOV/G00/your-system"
LIKE: Final = Text("Ví dụ: cư trú, khai sinh, nơi khám bệnh", "For example: residence, birth, hospitals")


@require_safe
@demand(PUBLIC)
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    agency, kind = request.GET.get("agency", "")[:32], request.GET.get("kind", "")[:10]
    found = catalogue.search(query=query, agency=agency, kind=kind)
    page = Paginator(found.entries, PAGE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "search": {
            "label": {"text": Text("Bạn cần dữ liệu gì?", "Which data do you need?")},
            "hint": {"text": LIKE},
        },
        "agencies": _options([("", Text("Mọi cơ quan", "Every agency")), *found.agencies]),
        "kinds": _options([("", Text("Mọi loại", "Every kind")), *KIND_TEXT.items()]),
        "agency": agency,
        "kind": kind,
        "labels": {
            "agency": {"text": Text("Cơ quan", "Agency")},
            "kind": {"text": Text("Loại", "Kind")},
        },
        "page": page,
        "cards": [(entry, _address(entry), KIND_TEXT[entry.kind]) for entry in page],
        "count": len(found.entries),
        "asked": bool(query or agency or kind),
        "sandbox": sandbox.is_open(),
    }
    return render(request, "ndxp/catalogue.html", context)


def _options(pairs: list[tuple[str, Text]]) -> list[dict[str, Any]]:
    return [{"value": value, "text": text} for value, text in pairs]


def _address(entry: catalogue.Entry) -> str:
    return reverse("citizen:catalogue-service", args=[entry.agency, entry.system, entry.code])


def _offered(agency: str, system: str, service_code: str) -> catalogue.Offered:
    found = catalogue.offered_get(agency=agency, system=system, code=service_code)
    if found is None:
        raise NotFound(
            "service-unknown",
            Text("Không có dịch vụ này.", "There is no such service."),
            Text(
                "Dịch vụ đã được rút, hoặc địa chỉ không đúng.", "It was withdrawn, or the address is wrong."
            ),
            Text("Tìm lại trong danh mục.", "Look for it in the catalogue."),
        )
    return found


@require_safe
@demand(PUBLIC)
def service(request: HttpRequest, agency: str, system: str, service: str) -> HttpResponse:
    """What it is, who offers it, what is needed, its description, and a call in three languages."""
    found = _offered(agency, system, service)
    offered, entry = found.service, found.entry
    content = directory.document_content(digest=offered.document) if offered.document else None
    name = f"{system}/{service}" + (f"/{offered.versions[-1]}" if offered.type == "CONTRACT" else "")
    by = {"provider": found.provider, "service": name}
    context = {
        "found": found,
        "kind": KIND_TEXT[entry.kind],
        "facts": [
            (Text("Cơ quan cung cấp", "Offered by"), entry.agency_title),
            (Text("Gọi tại", "Called at"), code(f"{found.provider}/{service}")),
            (Text("Loại", "Kind"), KIND_TEXT[entry.kind]),
            *(
                []
                if offered.type == "SOAP"
                else [(Text("Điểm cuối", "Endpoints"), endpoints(offered.endpoints))]
            ),
        ],
        "purposes": [purpose_said(purpose) for purpose in found.purposes],
        "many": found.providers if found.providers > 1 else 0,
        "calls": calls_said(
            call_of(
                gateway=settings.LIENTHONG_SANDBOX_URL,
                client=CLIENT,
                provider=found.provider,
                code=service,
                kind=offered.type,
                versions=offered.versions,
                endpoints=offered.endpoints,
                document=content,
            )
        ),
        "client": CLIENT,
        "secured": samples.is_secured(settings.LIENTHONG_SANDBOX_URL),
        "description": _description_kind(content),
        "ask": f"{reverse('console:request-new')}?{urlencode(by)}",
        "sandbox": sandbox.is_open(),
    }
    return render(request, "ndxp/service.html", context)


def call_of(
    *,
    gateway: str,
    client: str,
    provider: str,
    code: str,
    kind: str,
    versions: tuple[str, ...],
    endpoints: tuple[tuple[str, str], ...],
    document: bytes | None,
) -> samples.Call:
    if kind == samples.SOAP:
        version = versions[-1] if versions else ""
        return samples.soap_call(
            gateway=gateway, client=client, provider=provider, code=code, version=version
        )
    return samples.rest_call(
        gateway=gateway, client=client, provider=provider, code=code, endpoints=endpoints, document=document
    )


def calls_said(call: samples.Call) -> list[tuple[str, str]]:
    return [("curl", samples.curl(call)), ("Python", samples.python(call)), ("Java", samples.java(call))]


def _description_kind(content: bytes | None) -> str:
    if content is None:
        return ""
    return "WSDL" if is_xml(content) else "OpenAPI"


@require_safe
@demand(PUBLIC)
def description(request: HttpRequest, agency: str, system: str, service: str) -> HttpResponse:
    """The OpenAPI or WSDL as it was published; addresses of servers are cut to their path."""
    del request
    offered = _offered(agency, system, service).service
    content = directory.document_content(digest=offered.document) if offered.document else None
    if content is None:
        raise NotFound(
            "description-none",
            Text("Dịch vụ này không có tệp mô tả.", "This service has no description."),
            Text("Cơ quan cung cấp công bố mà không kèm tệp.", "Its agency published it without a file."),
            Text("Hỏi cơ quan cung cấp.", "Ask the agency that offers it."),
        )
    media, ending = ("application/xml", "wsdl") if is_xml(content) else ("application/yaml", "yaml")
    if not is_xml(content) and is_json(content):
        media, ending = "application/json", "json"
    return HttpResponse(
        content,
        content_type=f"{media}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{system}-{service}.{ending}"'},
    )
