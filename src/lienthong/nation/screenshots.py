"""Pictures of the running system for its README: portal, tracking page, desk, report, as a Chromium shows them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from django.conf import settings

from lienthong.ground import clock, personal_number
from lienthong.ground.errors import NotFound
from lienthong.nation import journey_birth as journey
from lienthong.nation.browsing import Person
from lienthong.nation.build import cast
from lienthong.nation.people import communes
from lienthong.systems.eid.services import code_now
from lienthong.systems.population import bulk as population

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WAITING: Final = 6
HOUSEHOLDS: Final = 4_000
YOUNGEST_MOTHERS_SINCE: Final = 1985
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is pictured: an address in a window of so many CSS pixels, at so many dots each."""

    name: str
    address: str
    width: int
    height: int
    dots: float
    person: Person | None = None


def take(*, folder: Path, echo: journey.Echo, language: str = "vi") -> list[Path]:
    """Play what the pictures show, and take them. Raise JourneyError where a page is not as it should be."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of developers, not of the product

    pictures = list(_played(echo, language))
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=list(ARGUMENTS)
        )
        paths = [_taken(browser, picture, folder, language) for picture in pictures]
        browser.close()
    return paths


def _played(echo: journey.Echo, language: str) -> Iterator[Picture]:
    """One birth half-way, and more of them at the desk."""
    who = cast()
    stage = journey.Stage(echo, language, journey.JourneyResult())
    mother = journey.sign_in("mother", who.mother, "/sign-in/", language)
    journey.declare(stage, mother, extracts=0, child=None)
    journey.decide(stage, who.civil_status, "civil status")
    track = journey.track(stage)
    mother.wait_for(track, lambda page: len(page.links("/check/")) >= 1, what="the birth certificate")
    for parent, child in _others(language):
        journey.declare(
            journey.Stage(echo, language, journey.JourneyResult()), parent, extracts=0, child=child
        )
    officer = journey.sign_in("civil status", who.civil_status, "/desk/sign-in/", language)
    officer.wait_for(
        "/desk/", lambda page: len(page.tree.xpath("//tbody/tr")) >= WAITING, what="a queue at the desk"
    )
    committee = journey.sign_in("committee", who.committee, "/desk/sign-in/", language)
    yield Picture("portal", "/", 390, 844, 2)
    yield Picture("track", track, 1200, 830, 1, mother)
    yield Picture("desk", "/desk/", 1200, 640, 1, officer)
    yield Picture("report", "/console/report/", 1200, 1000, 1, committee)


def _others(language: str) -> Iterator[tuple[Person, str]]:
    """Mothers of the same commune who have an account, each with a name for her child."""
    commune, found = communes()[0].commune, 0
    for serial in range(2, HOUSEHOLDS):
        with suppress(KeyError, NotFound):
            father, mother = population.couple_of(household=f"HG-{commune}-{serial:06}")
            young = personal_number.parse(mother).birth_year >= YOUNGEST_MOTHERS_SINCE
            code_now(subject=mother, at=clock.now())  # who has no account is passed over
            if young:
                parent = journey.sign_in("mother", mother, "/sign-in/", language)
                yield parent, journey.child_name(father)
                found += 1
        if found == WAITING:
            return


def _taken(browser: Browser, picture: Picture, folder: Path, language: str) -> Path:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height}, device_scale_factor=picture.dots
    )
    cookies = {"language": language}
    if picture.person is not None:
        cookies |= dict(picture.person.client.cookies)
    context.add_cookies(
        [{"name": key, "value": value, "url": settings.LIENTHONG_URL} for key, value in cookies.items()]
    )
    page = context.new_page()
    page.goto(urljoin(settings.LIENTHONG_URL, picture.address), wait_until="networkidle")
    path = folder / f"{picture.name}.png"
    page.screenshot(path=path)
    context.close()
    return path
