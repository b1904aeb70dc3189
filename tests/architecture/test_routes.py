"""No route without a declared demand; nobody sees what is another's, whichever route they try."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lienthong.blocks.access.demands import Demand
from lienthong.blocks.access.principals import Kind, Role
from lienthong.blocks.casework.models import Case, Step
from lienthong.blocks.trust import services as trust
from lienthong.systems.lifeevents.models import Draft
from tests.jobs import run_jobs
from tests.pages import nobody, officer, person
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, Family, country_join, family_enter
from tests.systems.lifeevents.applying import begin, decide, send

NO_UUID = "01a20621-ad00-7000-b7cb-7aa17405211e"
SECRETS = ("Trần Minh An", "Nguyễn Thị Ánh", "001195000001", "12 phố Hàng Trống")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    pattern: URLPattern

    @property
    def demand(self) -> Demand | None:
        return getattr(self.pattern.callback, "demand", None)


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[Route]:
    for item in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(item, URLResolver):
            yield from routes(item.url_patterns, prefix + str(item.pattern))
        else:
            yield Route(prefix + str(item.pattern), item)


def test_every_route_declares_who_may_enter_and_an_open_one_says_why() -> None:
    found = list(routes())
    assert len(found) > 30
    assert not [route.path for route in found if not isinstance(route.demand, Demand)]
    assert not [
        route.path for route in found if route.demand and route.demand.kind is None and not route.demand.why
    ]


def test_what_the_desk_and_the_console_show_demands_an_officer_except_to_sign_in() -> None:
    inner = [route for route in routes() if route.path.startswith(("/desk/", "/console/"))]
    open_ones = [route.path for route in inner if route.demand and route.demand.kind is not Kind.OFFICER]
    assert all("sign-" in path for path in open_ones)


@pytest.fixture
def filled(db: None, at: datetime) -> dict[str, str]:
    """A family's case with a decided dossier and a draft; the values for every parameter of a route."""
    country_join(at)
    family: Family = family_enter(at)
    mother = person(family.mother)
    number = send(mother, family, extracts={"extracts": "1"})
    run_jobs()
    dossier = Case.objects.get(system="onestop")
    step = Step.objects.get(case=dossier, state="open")
    trust.signer_ensure(subject_id="H26.12-C01", kind="officer", name="C", organisation=COMMITTEE, at=at)
    assert (
        decide(officer("H26.12-C01", COMMITTEE, Role.SIGN, at=at), dossier.number, "approve").status_code
        == 302
    )
    run_jobs()
    begin(mother)
    bill = Step.objects.get(case=dossier, kind="pay").answer
    result = dossier.results.get(code="KQ.G15.000001")
    return {
        "draft": str(Draft.objects.get(case_number="").pk),
        "page": "name",
        "number": number,
        "child": dossier.number,
        "dossier": dossier.number,
        "step": str(step.pk),
        "sha256": result.sha256,
        "code": result.check_code,
        "bill": str(bill["bill"]) if bill else "",
    }


def address(route: Route, values: dict[str, str]) -> str:
    """The route with the family's own values put in; a parameter that is unknown here gets a plain 1."""
    desk = route.path.startswith("/desk/")

    def value(found: re.Match[str]) -> str:
        name = found[2]
        if name == "number" and desk:
            return values["dossier"]
        if name == "code" and "check" not in route.path:
            return "9.000001"
        return values.get(name, NO_UUID if found[1] == "uuid" else "1")

    return re.sub(r"<(?:(\w+):)?(\w+)>", value, route.path)


def told(client: Client, path: str, own: tuple[str, ...] = ()) -> list[str]:
    """What of the family's data the answers to this visitor hold."""
    found = []
    for method in (client.get, client.post):
        response = method(path)
        assert response.status_code < 500, path
        body = b"".join(response) if response.streaming else response.content
        found += [secret for secret in SECRETS if secret not in own and secret.encode() in body]
    return found


def closed() -> list[Route]:
    return [route for route in routes() if route.demand is not None and route.demand.kind is not None]


@pytest.mark.django_db
def test_nobody_enters_a_closed_route_and_is_told_nothing_by_an_open_one(filled: dict[str, str]) -> None:
    client = nobody()
    for route in closed():
        path = address(route, filled)
        response = client.get(path)
        assert response.status_code in {302, 405}, path
        if response.status_code == 302:
            assert "sign-in" in response["Location"], path
        assert client.post(path).status_code in {302, 405}, path
    for route in routes():
        path = address(route, filled)
        # Whoever holds a paper may check it: its check code is the right to see what it says.
        if "check" not in path and "metrics" not in path:
            assert not told(client, path), path


@pytest.mark.django_db
def test_a_person_sees_nothing_of_another_persons_data_on_any_route(filled: dict[str, str]) -> None:
    stranger = person("001199000009", "Người Lạ")
    before = Case.objects.filter(outcome="withdrawn").count()
    for route in closed():
        path = address(route, filled)
        if "sign-out" not in path:
            assert not told(stranger, path), path
    assert Case.objects.filter(outcome="withdrawn").count() == before
    assert Draft.objects.get(pk=filled["draft"]).answers == {}


@pytest.mark.django_db
def test_an_officer_of_another_agency_sees_nothing_of_a_dossier_on_any_route(
    filled: dict[str, str], at: datetime
) -> None:
    other = officer(
        "H26.04-C01", OTHER_COMMITTEE, Role.INTAKE, Role.CASE, Role.SIGN, Role.ADMINISTRATOR, at=at
    )
    for route in closed():
        path = address(route, filled)
        assert not told(other, path), path
        if path.startswith("/desk/dossiers/"):
            assert other.get(path).status_code in {404, 405}, path


@pytest.mark.django_db
def test_an_officer_is_no_citizen_and_a_citizen_no_officer(filled: dict[str, str], at: datetime) -> None:
    clerk, citizen = officer("H26.12-C02", COMMITTEE, Role.SIGN, at=at), person("001195000001")
    for route in closed():
        visitor = citizen if route.demand and route.demand.kind is Kind.OFFICER else clerk
        response = visitor.get(address(route, filled))
        assert response.status_code in {302, 405}, route.path
        if response.status_code == 302:
            assert "sign-in" in response["Location"], route.path
