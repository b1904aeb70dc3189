"""Papers that go by post: the slips' numbers, the hand-over with its list, what was delivered or came back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.blocks.access.demands import demand
from lienthong.blocks.access.principals import Principal
from lienthong.blocks.access.services import principal_of
from lienthong.blocks.casework import parcels
from lienthong.blocks.registry.agencies import agency_get
from lienthong.ground import clock
from lienthong.ground.errors import NotFound, Problem
from lienthong.ground.text import Text
from lienthong.systems.onestop.pages import DESK

_TRACKING, _WHY = "tracking-", "why-"


@require_http_methods(["GET", "HEAD", "POST"])
@demand(DESK)
def post(request: HttpRequest) -> HttpResponse:
    """What waits, what the post has, what came back. A slip's number that is wrong stays as it was typed."""
    by = principal_of(request)
    wrong: dict[str, Problem] = {}
    problem = None
    if request.method == "POST":
        wrong = parcels.numbers_enter(typed=_typed(request, _TRACKING), by=by, at=clock.now())
        try:
            done = _done(request, by, wrong)
            if done:
                return HttpResponseRedirect(done)
        except Problem as found:
            problem = found
    typed, whys = _typed(request, _TRACKING), _typed(request, _WHY)
    waiting = parcels.parcels_waiting(agency=by.agency)
    context = {
        "waiting": [(row, typed.get(row.number, row.tracking), wrong.get(row.number)) for row in waiting],
        "ready": any(row.tracking for row in waiting),
        "posted": [(row, whys.get(row.number, "")) for row in parcels.parcels_posted(agency=by.agency)],
        "returned": parcels.parcels_returned(agency=by.agency),
        "lists": parcels.lists_of(agency=by.agency),
        "problem": problem,
        "wrong": [(number, found) for number, found in wrong.items()],
        "agency": agency_get(by.agency),
    }
    status = problem.status if problem else 422 if wrong else 200
    return render(request, "onestop/post.html", context, status=status)


def _typed(request: HttpRequest, prefix: str) -> dict[str, str]:
    """What was typed in the boxes of this kind, by dossier."""
    boxes = [key for key in request.POST if key.startswith(prefix)]
    found = {key.removeprefix(prefix): str(request.POST[key]) for key in boxes}
    return dict(list(found.items())[: parcels.PAGE])


def _done(request: HttpRequest, by: Principal, wrong: dict[str, Problem]) -> str:
    """Where to go on after the act; empty where the page is to be shown again. Errors: those of `parcels`."""
    act, _, number = request.POST.get("act", "").partition(":")
    here, now = reverse("officer:post"), clock.now()
    if act == "delivered":
        parcels.parcel_delivered(number=number, by=by, at=now)
    elif act == "returned":
        why = _typed(request, _WHY).get(number, "")
        parcels.parcel_returned(number=number, why=why, by=by, at=now)
    elif wrong:
        return ""
    elif act == "hand-over":
        handed = parcels.hand_over(by=by, at=now)
        return reverse("officer:post-list", args=[handed.pk])
    return here


@require_GET
@demand(DESK)
def post_list(request: HttpRequest, handed: int) -> HttpResponse:
    """The list of one hand-over, for both to sign. Errors: post-list-unknown (404)."""
    by = principal_of(request)
    found = parcels.list_of(agency=by.agency, list_id=handed)
    if found is None:
        raise NotFound(
            "post-list-unknown",
            Text("Không có bảng kê này.", "There is no such list."),
            Text(
                "Bảng kê của cơ quan khác, hoặc địa chỉ sai.", "It is another agency's, or a wrong address."
            ),
            Text("Mở lại trang bưu chính.", "Open the page of the post again."),
        )
    row, listed = found
    context = {"list": row, "rows": listed, "agency": agency_get(by.agency)}
    return render(request, "onestop/post_list.html", context)
