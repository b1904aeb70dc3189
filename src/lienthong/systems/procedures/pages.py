"""The portal's catalogue: home with search, a life event, a service."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lienthong.blocks.access.demands import anyone, demand
from lienthong.ground import clock
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.systems.procedures import events, selectors

SEARCH: Final = {
    "label": {
        "text": Text("Bạn cần làm việc gì?", "What do you need to do?"),
        "classes": "govuk-label--m",
    },
    "hint": {
        "text": Text(
            "Ví dụ: sinh con, đổi bằng lái, chuyển nhà",
            "For example: a birth, a driving licence, moving house",
        )
    },
}
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
            "search": SEARCH,
            "found": selectors.services_search(query=query, on=today) if query else None,
            "found_events": events.events_found(query=query, on=today) if query else [],
            "life_events": events.events_all(on=today),
            "events": [card for card in selectors.services_all(on=today) if card.linked],
            "services": [card for card in selectors.services_all(on=today) if not card.linked],
        },
    )


@demand(PUBLIC)
def event(request: HttpRequest, code: str) -> HttpResponse:
    """What happens in a life: what you will need, and the services that it takes."""
    found = events.event_get(code=code, on=clock.today())
    if found is None:
        raise NotFound(
            "event-unknown",
            Text("Không có trang này.", "There is no such page."),
            Text(
                "Địa chỉ không đúng, hoặc chưa có dịch vụ nào.",
                "The address is wrong, or no service is in force.",
            ),
            Text("Tìm việc bạn cần ở trang chủ.", "Look for what you need on the home page."),
        )
    return render(request, "procedures/event.html", {"event": found})


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
    context = {
        "card": card,
        "package": card.package,
        "facts": _facts(card),
        "start": bool(card.package.get("form")),
        "part_of": selectors.linked_with(code=code, on=clock.today()),
    }
    return render(request, "procedures/service.html", context)


def _facts(card: selectors.ServiceCard) -> list[tuple[Text, Any]]:
    """Who decides, how long it takes, what it costs, how it is done."""
    costs = [Text(row["vi"], row["en"]) for row in card.package.get("fees", ())]
    rows: list[tuple[Text, Any]] = [(Text("Ai giải quyết", "Who decides"), card.decided_by)]
    if card.time_said is not None:
        rows.append((Text("Thời hạn", "How long"), card.time_said))
    if costs:
        cost = Text(". ".join(row.vi for row in costs), ". ".join(row.en for row in costs))
        rows.append((Text("Phí, lệ phí", "Cost"), cost))
    return [*rows, (Text("Cách làm", "How"), card.level_said)]
