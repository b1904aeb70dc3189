"""Health-insurance cards of children, issued over the exchange."""

from datetime import datetime
from typing import Any

import pytest

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.ground.errors import Conflict, Invalid, NotFound, Problem
from lienthong.ground.text import Text
from lienthong.systems.population.models import AccessEntry
from lienthong.systems.socialsecurity import services
from lienthong.systems.socialsecurity.models import HealthCard
from tests.jobs import run_jobs
from tests.systems.country import HOAN_KIEM, HOSPITAL, LIFEEVENTS, ONESTOP_SOCIAL, POPULATION

pytestmark = pytest.mark.django_db

CHILD = "001326000001"


def ask(service: str, body: dict[str, Any], **more: str) -> dict[str, Any]:
    given = {"client": ONESTOP_SOCIAL, "purpose": "health-insurance-card", "case": "G24.26-261123-0001"}
    return call(f"socialsecurity/{service}/v1", body, **{**given, **more})


def order(**more: Any) -> dict[str, Any]:
    return {
        "person_number": CHILD,
        "full_name": "Trần Bảo An",
        "sex": "female",
        "birth_date": "2026-11-20",
        "unit": HOAN_KIEM,
        "address": "12 phố Hàng Trống",
        "hospital": {"code": HOSPITAL, "name": "Bệnh viện Nhi Trung ương"},
        "issued_on": "2026-11-23",
        "signer": {"code": "bh01", "name": "Vũ Thu Hà", "title": {"vi": "Giám đốc", "en": "Director"}},
        **more,
    }


def test_a_card_counts_from_birth_to_the_month_in_which_the_child_turns_six(country: datetime) -> None:
    card = ask("cards-issue", order())
    number = card.pop("card_number")
    assert len(number) == 10
    assert number.isdigit()
    assert card == {
        "object_code": "TE1",
        "benefit_level": "1",
        "benefit_percent": 100,
        "valid_from": "2026-11-20",
        "valid_to": "2032-11-30",
    }


def test_a_child_has_one_card(country: datetime) -> None:
    number = ask("cards-issue", order())["card_number"]
    with pytest.raises(Conflict) as raised:
        ask("cards-issue", order())
    assert raised.value.code == "card-issued-already"
    found = ask("cards-check", {"person_number": CHILD, "birth_date": "2026-11-20", "on": "2026-11-23"})
    assert [row["code"] for row in found["problems"]] == ["card-issued-already"]
    assert number in found["problems"][0]["why"]["vi"]


def test_after_a_revocation_a_child_gets_another_card(country: datetime) -> None:
    first = ask("cards-issue", order())["card_number"]
    registry.record_revoke(HealthCard, key=CHILD, provenance=Provenance("G24.26"), at=country)
    assert ask("cards-issue", order())["card_number"] != first


def test_a_child_of_six_gets_none(country: datetime) -> None:
    with pytest.raises(Invalid) as raised:
        ask("cards-issue", order(birth_date="2020-11-23"))
    assert raised.value.code == "not-under-six"


def test_a_hospital_that_is_not_listed_is_refused(country: datetime) -> None:
    with pytest.raises(Invalid) as raised:
        ask("cards-issue", order(hospital={"code": "01-999", "name": "?"}))
    assert (raised.value.code, raised.value.field) == ("hospital-unknown", "hospital")


def test_a_card_number_is_never_given_twice_nor_looked_for_forever(country: datetime) -> None:
    def issue(person: str, draws: list[int]) -> str:
        waiting = iter(draws)
        fields = order(person_number=person)
        hospital, signer = fields.pop("hospital"), fields.pop("signer")
        born = datetime.fromisoformat(fields.pop("birth_date")).date()
        del fields["issued_on"]
        new = services.NewCard(
            **fields,
            birth_date=born,
            issued_on=country.date(),
            hospital_code=hospital["code"],
            hospital_name=hospital["name"],
            signer_code=signer["code"],
            signer_name=signer["name"],
            signer_title=Text("Giám đốc", "Director"),
        )
        draw = {"draw": lambda _: next(waiting, 5)}
        return services.card_issue(new=new, provenance=Provenance("G24.26"), at=country, **draw).card_number

    assert issue(CHILD, [5]) == "0000000005"
    assert issue("001326000002", [5, 6]) == "0000000006"
    with pytest.raises(Problem) as raised:
        issue("001326000003", [])
    assert raised.value.code == "card-numbers-exhausted"


def test_looking_up_a_card_shows_up_for_the_child(country: datetime) -> None:
    number = ask("cards-issue", order())["card_number"]
    seen = ask("cards-get", {"person_number": CHILD})
    assert (seen["card_number"], seen["hospital"]["code"]) == (number, HOSPITAL)
    run_jobs()
    [row] = AccessEntry.objects.filter(subject=CHILD)
    assert (row.what_vi, row.purpose) == ("thẻ bảo hiểm y tế", "health-insurance-card")


def test_a_child_without_a_card_has_none_to_show(country: datetime) -> None:
    with pytest.raises(NotFound) as raised:
        ask("cards-get", {"person_number": CHILD})
    assert raised.value.code == "card-unknown"


def test_the_hospitals_are_those_of_the_province(country: datetime) -> None:
    asked = {"client": LIFEEVENTS, "purpose": "own-data"}
    assert ask("hospitals-list", {"province": "01"}, **asked) == {
        "hospitals": [{"code": HOSPITAL, "name": "Bệnh viện Nhi Trung ương"}]
    }
    assert ask("hospitals-list", {"province": "79"}, **asked) == {"hospitals": []}


def test_population_may_not_issue_cards(country: datetime) -> None:
    with pytest.raises(Problem) as raised:
        ask("cards-issue", order(), client=POPULATION)
    assert raised.value.code == "no-agreement"
