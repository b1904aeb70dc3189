"""Signing in with password and one-time code."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pyotp import random_base32

from lienthong.blocks.trust.secrets import text_decrypt
from lienthong.ground.errors import Problem
from lienthong.systems.eid import rules, services
from lienthong.systems.eid.models import Account, SignIn

pytestmark = pytest.mark.django_db
PERSON = "001195000001"
PASSWORD = "mot-mat-khau-dai"
SECRET = random_base32()


@pytest.fixture
def account(at: datetime) -> datetime:
    services.account_create(
        new=services.NewAccount(PERSON, "person", "Nguyễn Thị Ánh"),
        password=PASSWORD,
        totp=SECRET,
        at=at,
    )
    return at


def code(at: datetime) -> str:
    return services.code_now(subject=PERSON, at=at)


def code_problem(given: str, at: datetime) -> str:
    with pytest.raises(Problem) as caught:
        services.code_check(subject=PERSON, code=given, at=at)
    return caught.value.code


def test_the_right_password_and_a_fresh_code_sign_in(account: datetime) -> None:
    assert services.password_check(subject=PERSON, password=PASSWORD, kind="person", at=account).name
    assert services.code_check(subject=PERSON, code=code(account), at=account).subject == PERSON
    assert list(SignIn.objects.order_by("id").values_list("step", "succeeded")) == [
        ("password", True),
        ("code", True),
    ]


def test_a_code_serves_once(account: datetime) -> None:
    given = code(account)
    services.code_check(subject=PERSON, code=given, at=account)
    assert code_problem(given, account) == "sign-in-wrong"


def test_a_code_of_the_neighbouring_half_minutes_is_taken_and_an_older_one_not(account: datetime) -> None:
    given = code(account)
    step = timedelta(seconds=rules.CODE_STEP_S)
    assert code_problem(given, account + 2 * step) == "sign-in-wrong"
    assert services.code_check(subject=PERSON, code=given, at=account + step).subject == PERSON


def test_one_knows_when_the_next_code_is_taken(account: datetime) -> None:
    assert services.code_fresh_in(subject=PERSON, at=account) == 0
    for _ in range(2):  # this half-minute's, and its neighbour's
        services.code_check(subject=PERSON, code=code(account), at=account)
    wait = services.code_fresh_in(subject=PERSON, at=account)
    assert 0 < wait <= rules.CODE_STEP_S
    later = account + timedelta(seconds=wait)
    assert code_problem(code(account), later - timedelta(seconds=1)) == "sign-in-wrong"
    assert services.code_check(subject=PERSON, code=code(later), at=later).subject == PERSON


def test_after_five_wrong_tries_the_right_password_waits_too(account: datetime) -> None:
    for _ in range(rules.WRONG_TRIES_MAX):
        with pytest.raises(Problem, match="sign-in-wrong"):
            services.password_check(subject=PERSON, password="sai", kind="person", at=account)
    with pytest.raises(Problem, match="sign-in-locked"):
        services.password_check(subject=PERSON, password=PASSWORD, kind="person", at=account)
    end = account + rules.LOCKED_FOR
    assert services.password_check(subject=PERSON, password=PASSWORD, kind="person", at=end).subject == PERSON


def test_a_wrong_password_and_an_unknown_user_are_answered_alike(account: datetime) -> None:
    said = set()
    for subject in (PERSON, "001195999999"):
        with pytest.raises(Problem) as caught:
            services.password_check(subject=subject, password="sai", kind="person", at=account)
        said.add((caught.value.code, caught.value.why.vi))
    assert len(said) == 1


def test_an_officers_door_does_not_know_a_persons_account(account: datetime) -> None:
    with pytest.raises(Problem, match="sign-in-wrong"):
        services.password_check(subject=PERSON, password=PASSWORD, kind="officer", at=account)


def test_neither_password_nor_secret_lies_readable_in_the_database(account: datetime) -> None:
    row = Account.objects.get(subject=PERSON)
    assert PASSWORD not in row.password
    assert SECRET not in row.totp
    assert text_decrypt(row.totp) == SECRET
