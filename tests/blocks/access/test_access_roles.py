"""Roles are granted and taken away by the agency's own administrator, with a trail."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, transaction

from lienthong.blocks.access import purposes, selectors, services
from lienthong.blocks.access.models import OfficerRole
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.ground.errors import Conflict, Forbidden, NotFound
from lienthong.ground.text import Text

pytestmark = pytest.mark.django_db

CHIEF = Principal(Kind.OFFICER, "cb00", "Lê Minh Châu", "H26.12", frozenset({Role.ADMINISTRATOR}))


@pytest.fixture(autouse=True)
def _officers(at: datetime) -> None:
    for code, agency in (("cb00", "H26.12"), ("cb01", "H26.12"), ("cb99", "H26.04")):
        services.officer_enter(
            code=code, agency=agency, name=f"Cán bộ {code}", title=Text("Cán bộ", "Officer")
        )


def roles(code: str = "cb01") -> frozenset[Role]:
    card = selectors.officer_get(code=code)
    assert card is not None
    return card.roles


def test_a_role_is_granted_once_and_taken_away_with_who_and_when(at: datetime) -> None:
    services.role_grant(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    with pytest.raises(Conflict) as raised:
        services.role_grant(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    assert raised.value.code == "role-held"
    assert roles() == {Role.SIGN}
    services.role_revoke(by=CHIEF, officer="cb01", role=Role.SIGN, at=at + timedelta(days=1))
    assert roles() == frozenset()
    services.role_grant(by=CHIEF, officer="cb01", role=Role.SIGN, at=at + timedelta(days=2))
    newest, oldest = selectors.role_trail(agency="H26.12")
    assert (oldest.granted_by, oldest.revoked_by, oldest.revoked_at) == (
        "cb00",
        "cb00",
        at + timedelta(days=1),
    )
    assert (newest.granted_at, newest.revoked_at) == (at + timedelta(days=2), None)


def test_taking_away_a_role_that_is_not_held_leaves_no_trail(at: datetime) -> None:
    services.role_revoke(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    assert selectors.role_trail(agency="H26.12") == []


def test_only_the_own_agencys_administrator_grants(at: datetime) -> None:
    clerk = Principal(Kind.OFFICER, "cb01", "Cán bộ", "H26.12", frozenset({Role.SIGN, Role.OPERATOR}))
    with pytest.raises(Forbidden) as refused:
        services.role_grant(by=clerk, officer="cb01", role=Role.ADMINISTRATOR, at=at)
    assert refused.value.code == "not-administrator"
    with pytest.raises(NotFound):
        services.role_grant(by=CHIEF, officer="cb99", role=Role.SIGN, at=at)
    with pytest.raises(NotFound):
        services.role_revoke(by=CHIEF, officer="cb99", role=Role.SIGN, at=at)
    assert roles("cb99") == frozenset()


def test_an_administrator_cannot_leave_the_agency_without_one(at: datetime) -> None:
    with pytest.raises(Forbidden) as raised:
        services.role_revoke(by=CHIEF, officer="cb00", role=Role.ADMINISTRATOR, at=at)
    assert raised.value.code == "own-administrator-role"


def test_the_database_refuses_a_role_held_twice_or_taken_before_it_was_granted(at: datetime) -> None:
    held = {"officer_id": "cb01", "role": "sign", "granted_at": at, "granted_by": "cb00"}
    OfficerRole.objects.create(**held)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficerRole.objects.create(**held)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficerRole.objects.update(revoked_at=at - timedelta(days=1))


def test_the_officers_of_an_agency_are_listed_with_the_roles_they_hold_now(at: datetime) -> None:
    services.role_grant(by=CHIEF, officer="cb01", role=Role.CASE, at=at)
    services.role_grant(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    services.role_revoke(by=CHIEF, officer="cb01", role=Role.CASE, at=at)
    listed = {card.code: card.roles for card in selectors.officers_of(agency="H26.12")}
    assert listed == {"cb00": frozenset(), "cb01": {Role.SIGN}}


def test_a_role_that_is_taken_away_is_gone_from_a_session_at_once(at: datetime) -> None:
    session = SessionStore()
    services.session_begin(session=session, kind=Kind.OFFICER, subject="cb01", name="Cán bộ cb01")
    services.role_grant(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    principal = selectors.principal_of_session(session)
    assert principal is not None
    assert principal.holds(Role.SIGN)
    assert principal.agency == "H26.12"
    services.role_revoke(by=CHIEF, officer="cb01", role=Role.SIGN, at=at)
    principal = selectors.principal_of_session(session)
    assert principal is not None
    assert not principal.holds(Role.SIGN)


@pytest.mark.parametrize("subject", ["cb77", ""])
def test_an_officer_who_is_gone_is_nobody(subject: str) -> None:
    assert selectors.principal_of_session({"kind": "officer", "subject": subject}) is None
    assert selectors.principal_of_session({}) is None


def test_signing_in_gives_a_new_session_key_and_keeps_the_language_only() -> None:
    session = SessionStore()
    session.update({"language": "en", "basket": 1})
    session.save()
    before = session.session_key
    services.session_begin(session=session, kind=Kind.PERSON, subject="001195000001", name="Ánh")
    session.save()
    assert session.session_key != before
    assert dict(session.items()) == {
        "language": "en",
        "kind": "person",
        "subject": "001195000001",
        "name": "Ánh",
    }
    person = selectors.principal_of_session(session)
    assert person == Principal(Kind.PERSON, "001195000001", "Ánh")
    assert not person.holds(Role.SIGN)


def test_a_purpose_is_published_with_its_law_or_refused() -> None:
    assert "60/2014/QH13" in purposes.purpose_get("birth-registration").legal_basis
    with pytest.raises(Forbidden) as raised:
        purposes.purpose_get("curiosity")
    assert raised.value.code == "purpose-undeclared"
    assert "curiosity" in raised.value.why.vi
