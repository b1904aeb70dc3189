"""Another system takes its dossier numbers from the agency's one series, over the exchange."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lienthong.blocks.casework import numbers
from lienthong.blocks.exchange import services as exchange
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Forbidden
from lienthong.systems.onestop import contract
from tests.systems import country

pytestmark = pytest.mark.django_db

OTHER = country.subsystem("G24", "socialsecurity")
OF = country.subsystem(country.COMMITTEE)


def ask(service: Any, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return exchange.call(service.name, body, client=OTHER, provider=OF, purpose="dossier-numbers", **more)


@pytest.fixture
def granted(country_made: datetime) -> datetime:
    for service in (contract.NUMBERS_RESERVE, contract.NUMBERS_USE, contract.NUMBERS_VOID_LIST):
        exchange.agreement_grant(
            client=OTHER,
            service=service.name,
            purpose="dossier-numbers",
            legal_basis=contract.NUMBERING,
            granted_by=country.COMMITTEE,
            valid_from=country_made.date(),
        )
    return country_made


@pytest.fixture
def country_made(db: None, at: datetime) -> datetime:
    country.country_join(at)
    return at


def test_numbers_without_an_agreement_are_refused(country_made: datetime) -> None:
    with pytest.raises(Forbidden):
        ask(contract.NUMBERS_RESERVE, {})


def test_a_question_sent_twice_takes_its_numbers_once(granted: datetime) -> None:
    message_id = "0196a5f0-0000-7000-8000-000000000001"
    first = ask(contract.NUMBERS_RESERVE, {"count": 3}, message_id=message_id)
    assert ask(contract.NUMBERS_RESERVE, {"count": 3}, message_id=message_id) == first
    assert first == {
        "numbers": [f"H26.12-261123-000{serial}" for serial in (1, 2, 3)],
        "day": "2026-11-23",
    }
    assert numbers.number_next(agency=country.COMMITTEE, day=granted.date()).endswith("-0004")


def test_what_was_not_used_is_listed_as_void_the_next_day(granted: datetime) -> None:
    used, void = ask(contract.NUMBERS_RESERVE, {"count": 2})["numbers"]
    ask(contract.NUMBERS_USE, {"number": used})
    with clock.fixed(granted + timedelta(days=1)) as tomorrow:
        numbers.numbers_void(now=tomorrow)
        with pytest.raises(Conflict) as late:
            ask(contract.NUMBERS_USE, {"number": void})
        assert late.value.code == "number-void"
        listed = ask(contract.NUMBERS_VOID_LIST, {"since": "2026-11-23"})
    assert listed == {"numbers": [void], "next": ""}
