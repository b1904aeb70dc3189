"""The pages of acting for another, of signing together and of repeated groups, in Chromium at both widths.

The answers were all given without a script: the pages come from Django's test client.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.pages import officer, person
from tests.systems.country import OTHER_COMMITTEE, Family
from tests.systems.lifeevents.test_acting_pages import (
    ANSWERS,
    CODE,
    ELECTRICITY,
    child,
    choose,
    company,
    fill,
    grant,
    played,
    row,
)
from tests.systems.lifeevents.test_intake_acting import CENTRE, SOURCE, START, ask, begun
from tests.systems.lifeevents.test_own_papers import at_purpose
from tests.systems.lifeevents.test_scan_pages import STACK, stack_of, upload
from tests.systems.onestop.test_desk_browser import looked

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
INSURANCE, MARRIAGE = "1.001646", "1.000894"


def marriage_sent(client: Client, family: Family) -> str:
    address = client.post(f"/apply/{MARRIAGE}/")["Location"]
    for answer in (
        {"other_number": family.mother, "other_name": "Nguyễn Thị Ánh"},
        {"kin": "no"},
        {"own_before": "never", "other_before": "never"},
    ):
        address = client.post(address, answer)["Location"]
    number = client.post(address)["Location"].split("/")[2]
    run_jobs()
    return str(number)


def pages_of(family: Family, at: datetime, language: str) -> dict[str, bytes]:
    """The new pages as mother and father see them; by their address, with a number so that none hides another."""
    packages_publish()
    company(at, row(family.mother, "Nguyễn Thị Ánh"), row(family.father, "Trần Quốc Bảo", to="2027-06-30"))
    child(family, at)
    mother, father = person(family.mother), person(family.father, "Trần Quốc Bảo")
    for client in (mother, father):
        client.get("/", {"lang": language})
    got = {"/acting/?1": mother.get("/acting/"), "/apply/?2": mother.get("/authorisations/grant/")}
    got["/apply/?3"] = grant(mother, family, agent_name="Ai Đó")
    grant(mother, family)
    number = marriage_sent(father, family)
    got |= {
        "/dossiers/?4": father.get(f"/dossiers/{number}/"),
        "/dossiers/?5": mother.get("/dossiers/"),
        "/sign/?6": mother.get(f"/sign/{number}/"),
        "/sign/?7": mother.post(f"/sign/{number}/", {"answer": "decline"}),
    }
    address = father.post(f"/apply/{INSURANCE}/")["Location"]
    one = {"members-count": "1", "members-0-who": f"{family.father}|Trần Quốc Bảo"}
    got["/apply/?8"] = father.post(address, {**one, "add": "members"})
    got["/apply/?9"] = father.post(address, {**one, "members-count": "3", "members-2-who": "x"})
    choose(mother, f"organisation:{CODE}")
    got["/apply/?10"] = mother.get(f"/apply/{ELECTRICITY}/")
    got["/apply/?11"] = mother.get("/apply/1.004194/")
    key = father.get("/acting/").content.decode().split('value="authorisation:')[1].split('"')[0]
    choose(father, f"authorisation:{key}")
    address = father.post(f"/apply/{ELECTRICITY}/")["Location"]
    answers = ({"place": "home"}, {"purpose": "household"}, {"phases": "1", "capacity": "5"})
    for answer in answers:
        address = father.post(address, answer)["Location"]
    got["/apply/?12"] = father.get(address)
    got["/dossiers/?13"] = father.get(father.post(address)["Location"])
    choose(mother, "self")
    got["/authorisations/?14"] = mother.get("/authorisations/")
    got |= at_the_counter(family, at, language)
    trader = person(str(played("1.001612", "granted").applicant))
    trader.get("/", {"lang": language})
    got["/apply/?26"] = trader.get(at_purpose(trader))
    assert all(page.status_code in {200, 422} for page in got.values())
    return {path: page.content for path, page in got.items()}


def at_the_counter(family: Family, at: datetime, language: str) -> dict[str, Any]:
    """An officer takes in for the mother's company: for whom, is it her, her papers in one stack, the check."""
    clerk = officer(CENTRE, OTHER_COMMITTEE, Role.INTAKE, at=at, name="Nguyễn Thu Lan")
    clerk.get("/", {"lang": language})
    address = begun(clerk, family.mother, SOURCE)
    scan = f"{address}scan/"
    stack = {
        "/desk/intake/?20": clerk.get(scan),
        "/desk/intake/?21": upload(clerk, address, b"%PDF-"),
        "/desk/intake/?22": clerk.get(f"/desk/intake/{ELECTRICITY}/sheets/"),
    }
    upload(clerk, address, stack_of(*STACK))
    stack |= {
        "/desk/intake/?23": clerk.get(scan),
        "/desk/intake/?24": clerk.post(scan, {"pages-0": "2", "pages-1": "2, 6"}),
        "/desk/intake/?25": clerk.post(scan, {"pages-0": "2", "pages-1": "6"}),
    }
    clerk.post(scan, {"pages-0": "2, 4", "pages-1": "6"})
    return stack | {
        "/desk/intake/?15": clerk.get(START),
        "/desk/intake/?16": ask(clerk, family.mother),
        "/desk/intake/?17": ask(clerk, family.mother, chosen_asked="1"),
        "/desk/intake/?18": clerk.get(address),
        "/desk/intake/?19": clerk.get(fill(clerk, f"{address}place/", ANSWERS)),
    }


@pytest.mark.parametrize(("language", "width"), [("vi", 390), ("en", 1280)])
def test_every_page_fits_and_is_accessible(
    family: Family, at: datetime, tmp_path: Path, language: str, width: int
) -> None:
    pages = pages_of(family, at, language)
    assert looked(pages, width, tmp_path) == []
