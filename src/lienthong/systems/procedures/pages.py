"""The portal's catalogue: home with search, a life event, a service."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lienthong.blocks.access.demands import anyone, demand
from lienthong.ground import clock
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.procedures import selectors

PUBLIC = anyone("the catalogue of services is public (Decree 63/2010, art. 15)")


@demand(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    today = clock.today()
    return render(
        request,
        "procedures/home.html",
        {
            "query": query,
            "found": selectors.services_search(query=query, on=today) if query else None,
            "events": [card for card in selectors.services_all(on=today) if card.linked],
            "services": [card for card in selectors.services_all(on=today) if not card.linked],
        },
    )


@demand(PUBLIC)
def service(request: HttpRequest, code: str) -> HttpResponse:
    card = selectors.service_get(code=code, on=clock.today())
    if card is None:
        raise NotFound(
            "service-unknown",
            Text("Không có dịch vụ này.", "There is no such service."),
            Text(
                "Mã thủ tục không đúng, hoặc đã hết hiệu lực.",
                "Its code is wrong, or it is no longer in force.",
            ),
            Text("Tìm dịch vụ ở trang chủ.", "Look for the service on the home page."),
        )
    return render(request, "procedures/service.html", {"card": card, "package": card.package})
