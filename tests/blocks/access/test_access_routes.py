"""What a route demands is enforced before its view runs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from lienthong.blocks.access import services
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.ground.text import Text

pytestmark = pytest.mark.django_db

CHIEF = Principal(Kind.OFFICER, "cb00", "Lê Minh Châu", "H26.12", frozenset({Role.ADMINISTRATOR}))
JSON = {"accept": "application/json"}
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _routes(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.blocks.access.routes"


@pytest.fixture
def as_(client: Client, at: datetime) -> SignIn:
    """A client signed in as a person, or as an officer with these roles."""

    def sign_in(kind: Kind, *roles: Role) -> Client:
        services.officer_enter(code="cb01", agency="H26.12", name="An", title=Text("Cán bộ", "Officer"))
        for role in roles:
            services.role_grant(by=CHIEF, officer="cb01", role=role, at=at)
        session = client.session
        subject = "001195000001" if kind is Kind.PERSON else "cb01"
        session.update({"kind": kind.value, "subject": subject, "name": "An"})
        session.save()
        return client

    return sign_in


def test_a_route_that_declares_nothing_lets_nobody_in(as_: SignIn) -> None:
    answer = as_(Kind.OFFICER, *Role).get("/undeclared/", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "route-without-demand")


def test_an_open_route_lets_everybody_in(client: Client) -> None:
    assert client.get("/sign-in/").content == b"open"


def test_a_person_enters_their_own_pages_and_no_desk(as_: SignIn) -> None:
    client = as_(Kind.PERSON)
    assert client.get("/mine/").content == b"001195000001"
    assert client.get("/desk/", headers=JSON).status_code == 401


def test_an_officer_enters_the_desk_and_no_persons_pages(as_: SignIn) -> None:
    client = as_(Kind.OFFICER)
    assert client.get("/desk/").content == b"H26.12"
    assert client.get("/mine/", headers=JSON).status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_one_of_the_roles_demanded_suffices_and_no_other(as_: SignIn, role: Role) -> None:
    answer = as_(Kind.OFFICER, role).get("/desk/decide/", headers=JSON)
    if role in {Role.SIGN, Role.CASE}:
        assert answer.content == b"decided"
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
        assert answer.json()["next"]["vi"]


def test_who_is_not_signed_in_is_taken_to_the_right_sign_in_and_back(client: Client) -> None:
    assert client.get("/mine/?a=1").headers["Location"] == "/sign-in/?next=%2Fmine%2F%3Fa%3D1"
    assert client.get("/desk/").headers["Location"] == "/desk/sign-in/?next=%2Fdesk%2F"
    assert client.post("/mine/").headers["Location"] == "/sign-in/?"


def test_pages_of_who_is_signed_in_are_kept_by_no_cache(as_: SignIn) -> None:
    client = as_(Kind.PERSON)
    assert client.get("/mine/").headers["Cache-Control"] == "no-store"


def test_asking_for_the_principal_of_an_open_route_is_a_mistake(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.principal = None  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="no demand"):
        services.principal_of(request)
