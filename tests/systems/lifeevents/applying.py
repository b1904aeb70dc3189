"""The main application, typed by a parent in Django's test client."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from lienthong.systems.procedures.services import packages_publish
from tests.systems.country import HOSPITAL, Family

Answer = dict[str, Any]


def answers(family: Family, **changes: Answer) -> dict[str, Answer]:
    """By page, as the mother types them; `changes` are by page too, with `_` for `-`."""
    given: dict[str, Answer] = {
        "name": {"child_name": "Trần Minh An"},
        "sex": {"sex": "female"},
        "birth-date": {"birth_date-day": "20", "birth_date-month": "11", "birth_date-year": "2026"},
        "birth-place": {"birth_place": "Bệnh viện Phụ sản Hà Nội"},
        "other-parent": {"other_parent": family.father},
        "ethnicity": {"ethnicity_of": family.mother},
        "home-town": {"home_town_of": family.mother},
        "residence": {"residence_with": family.mother},
        "clinic": {"hospital": HOSPITAL},
        "extracts": {"extracts": "0"},
        "birth-notice": {},
    }
    return given | {page.replace("_", "-"): answer for page, answer in changes.items()}


def begin(client: Client) -> str:
    """Publishes the packages and starts; the address of the first question."""
    packages_publish()
    response = client.post("/apply/9.000001/")
    assert response.status_code == 302
    return str(response["Location"])


def fill(client: Client, family: Family, **changes: Answer) -> str:
    """Answers every question; the address of the page to check."""
    address = begin(client)
    for page, answer in answers(family, **changes).items():
        assert address.endswith(f"/{page}/"), address
        response = client.post(address, answer)
        assert response.status_code == 302, response.content.decode()
        address = str(response["Location"])
    return address


def send(client: Client, family: Family, **changes: Answer) -> str:
    """Fills in and sends; the number of the case."""
    response = client.post(fill(client, family, **changes))
    assert response.status_code == 302, response.content.decode()
    found = re.fullmatch(r"/dossiers/(.+)/\?sent=1", response["Location"])
    assert found is not None
    return found[1]


def decide(
    client: Client, number: str, outcome: str, reason: str = "", revision: str | None = None
) -> HttpResponse:
    """Presses a button of the decision form, as the page shows it now."""
    page = client.get(f"/desk/dossiers/{number}/").content.decode()
    action = re.search(r'action="([^"]+/decide/)"', page)
    shown = re.search(r'name="revision" value="(\d+)"', page)
    assert action is not None
    assert shown is not None
    body = {"revision": revision or shown[1], "reason": reason, "outcome": outcome}
    return client.post(action[1], body)
