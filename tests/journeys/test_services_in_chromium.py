"""Five services of five agencies on a phone, in both languages, with scripts and without, as their examples have it.

Each is found, filled in question by question, checked, sent and followed; the tax office decides its own and the
paper is checked, the others are taken back. axe finds nothing on any page, and no page is wider than its screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser

from lienthong.ground import clock, expressions
from tests.conftest import ROOT
from tests.journeys.acting import Actor, Examiner, Stage
from tests.journeys.running import Running

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("node_modules")]
PHONE, DESK = 390, 1200
SERVICES = {
    "1.004194": "granted",  # the commune's police
    "2.001621": "granted",  # the power company
    "3.000333": "granted",  # the province's police
    "1.001612": "granted",  # the commune's committee
    "1.007565": "first",  # the tax office
}
TAX = "1.007565"
VARIANTS = [("vi", True), ("en", False)]
"""Language, and whether scripts run; the other two pairs are those of the birth's journey."""
FIRST_PAGE_BYTES = 100_000


@dataclass(frozen=True)
class Person:
    """An adult of the nation with an account."""

    number: str
    full_name: str
    unit: str
    near: str
    province: str


def people(count: int = len(VARIANTS)) -> list[Person]:
    """Adults with accounts, the main journey's parents left out."""
    from lienthong.nation.build import cast
    from lienthong.nation.people import communes
    from lienthong.systems.eid.models import Account
    from lienthong.systems.population.selectors import person_get

    who, homes = cast(), communes()
    found = []
    for account in Account.objects.filter(kind="person").order_by("subject"):
        person = person_get(number=account.subject, on=clock.today())
        home = next((place for place in homes if place.commune == person.unit), None)
        age = (clock.today() - person.birth_date).days // 365
        if home is None or account.subject in {who.mother, who.father} or not 25 <= age <= 55:
            continue
        near = next(p for p in homes if p.province == home.province and p.commune != home.commune)
        found.append(Person(account.subject, person.full_name, home.commune, near.commune, home.province))
        if len(found) == count:
            break
    return found


class Play:
    """One person applies for everything, at one phone."""

    def __init__(self, running: Running, stage: Stage, who: Person) -> None:
        self.running, self.stage, self.who = running, stage, who
        self.phone = self.enter(who.number, "/sign-in/", width=PHONE)

    def enter(self, subject: str, path: str, *, width: int) -> Actor:
        from lienthong.nation.build import PASSWORD
        from lienthong.systems.eid.services import code_now

        actor = self.stage.actor(width=width)
        actor.sign_in(
            path,
            subject,
            PASSWORD,
            lambda: self.running.ask(lambda: code_now(subject=subject, at=clock.now())),
        )
        return actor

    def apply(self, code: str, example: str) -> str:
        """From the catalogue to the number of the application."""
        from lienthong.nation.examples import examples_of

        folder = ROOT / "content" / "procedures" / code
        raw = next(one.raw for one in examples_of(folder) if one.name == example)
        answers = expressions.fill(raw["answers"], self.context())
        phone = self.phone
        phone.go(f"/services/{code}/")
        phone.follow(f'a[href*="/apply/{code}/"]')
        phone.submit()
        while "/check/" not in phone.path:
            before = phone.path
            phone.submit(self.boxes(answers))
            assert phone.path != before, phone.text()
        phone.submit()
        assert phone.page.locator(".govuk-panel").is_visible(), phone.text()
        return phone.path.rstrip("/").rsplit("/", 1)[-1]

    def context(self) -> dict[str, Any]:
        who = self.who
        return {
            "applicant": {"number": who.number, "full_name": who.full_name},
            "today": self.running.ask(clock.today).isoformat(),
            "tag": who.number[-8:],
            "unit": who.unit,
            "other_unit": who.near,
            "province": who.province,
        }

    def boxes(self, answers: dict[str, Any]) -> dict[str, Any]:
        """What this page asks for, as its boxes are named; a file is put into its box at once."""
        found: dict[str, Any] = {}
        form = self.phone.page.locator("main form:has(button)").first
        for name, value in answers.items():
            box = form.locator(f'[name="{name}"]')
            if value == "file" and box.count():
                box.set_input_files(ROOT / "docs" / "images" / "portal.png")
            elif box.count():
                found[name] = value
            elif form.locator(f'[name="{name}-day"]').count():
                day = date.fromisoformat(str(value))
                found |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
        return found

    def followed(self, number: str) -> str:
        """The agency's own number, once the dossier is there."""
        self.phone.wait_for(
            f"/dossiers/{number}/",
            lambda page: page.page.locator("main .govuk-task-list [data-dossier]").count() > 0,
            what="the agency's number",
        )
        return self.phone.text("main .govuk-task-list [data-dossier]")

    def take_back(self, number: str) -> None:
        self.phone.go(f"/dossiers/{number}/withdraw/")
        self.phone.submit()
        self.phone.wait_for(
            f"/dossiers/{number}/",
            lambda page: not page.links("/withdraw/"),
            what="the withdrawal",
        )

    def decided(self, number: str, dossier: str) -> None:
        agency = dossier.rsplit("-", 2)[0]
        officer = self.enter(f"{agency}-S01", "/desk/sign-in/", width=DESK)
        officer.go(f"/desk/dossiers/{dossier}/")
        officer.follow('form[action*="/claim/"] button')
        officer.submit(within='form[action*="/decide/"]', button="button[value=approve]")
        self.phone.wait_for(
            f"/dossiers/{number}/", lambda page: bool(page.links("/check/")), what="the paper"
        )
        self.phone.follow('main a[href*="/check/"]')


@pytest.fixture(params=VARIANTS, ids=lambda one: f"{one[0]}-{'with' if one[1] else 'without'}-scripts")
def play(request: pytest.FixtureRequest, running: Running, chromium: Browser) -> Iterator[Play]:
    language, scripts = request.param
    examiner = Examiner(chromium, language=language, scripts=scripts)
    stage = Stage(chromium, running.url, examiner)
    yield Play(running, stage, running.ask(people)[VARIANTS.index(request.param)])
    stage.close()


def test_five_services_of_five_agencies_are_applied_for_on_a_phone(play: Play) -> None:
    for code, example in SERVICES.items():
        number = play.apply(code, example)
        dossier = play.followed(number)
        if code == TAX:
            play.decided(number, dossier)
        else:
            play.take_back(number)
    assert not play.stage.examiner.found, "\n".join(play.stage.examiner.found)
    told = [line for actor in play.stage.actors for line in actor.told]
    assert not told, "\n".join(told)


def test_the_first_page_is_light(running: Running, chromium: Browser) -> None:
    """Everything that a phone loads to show the portal's home, as it came over the line."""
    context = chromium.new_context(viewport={"width": PHONE, "height": 844})
    page = context.new_page()
    line = context.new_cdp_session(page)
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    page.goto(running.url, wait_until="networkidle")
    context.close()
    assert len(sizes) > 1
    assert sum(sizes) < FIRST_PAGE_BYTES, f"{sum(sizes):.0f} bytes in {len(sizes)} files"
