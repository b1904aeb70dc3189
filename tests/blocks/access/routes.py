"""Routes with each kind of demand, for the tests of the middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from lienthong.blocks.access.demands import anyone, demand, officer, person
from lienthong.blocks.access.principals import Role
from lienthong.blocks.access.services import principal_of


@demand(anyone("shown to everybody"))
def opened(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@demand(person)
def mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(principal_of(request).subject)


@demand(officer())
def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse(principal_of(request).agency)


@demand(officer(Role.SIGN, Role.CASE))
def decide(request: HttpRequest) -> HttpResponse:
    return HttpResponse("decided")


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("must not be seen")


CITIZEN = [path("sign-in/", opened, name="sign-in"), path("mine/", mine, name="mine")]
OFFICER = [path("sign-in/", opened, name="sign-in"), path("", desk), path("decide/", decide)]
urlpatterns = [
    path("undeclared/", undeclared),
    path("desk/", include((OFFICER, "officer"))),
    path("", include((CITIZEN, "citizen"))),
]
