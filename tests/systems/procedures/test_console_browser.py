"""A procedure's page in a real Chromium, by phone and at a desk: accessible, and no wider than the screen.

With LIENTHONG_PICTURES naming a folder, each page's picture is put there.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, sync_playwright

from lienthong.blocks.access.principals import Role
from lienthong.channels.build_assets import BUILT, MODULES
from lienthong.systems.procedures.services import packages_publish
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.pages import officer
from tests.systems.country import COMMITTEE

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
CODES = ("3.000346", "9.000001", "9.060008")


def seen(pages: dict[str, bytes], width: int, folder: Path) -> list[str]:
    """What is wrong with the pages. In a thread of its own: Django does not run beside an event loop."""
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": width, "height": 844})

        def answer(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path.startswith("/static/"):
                route.fulfill(path=BUILT / path.removeprefix("/static/"))
            else:
                route.fulfill(body=pages[path.strip("/")], content_type="text/html; charset=utf-8")

        page.route("**/*", answer)
        for name in pages:
            page.goto(f"http://pages.test/{name}")
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
            page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
            found = page.evaluate("axe.run(document)")
            wrong += [f"{name}: {one['id']}" for one in found["violations"]]
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{name} is {wide} px wide"] if wide > width else []
            words = page.evaluate(
                "[...document.querySelectorAll('.lt-steps__name')].filter(word => word.getBBox().width > 236).length"
            )
            wrong += [f"{name}: {words} names are wider than their boxes"] if words else []
        browser.close()
    return wrong


@pytest.mark.parametrize("width", [390, 1200])
def test_every_page_fits_and_is_accessible(country: datetime, tmp_path: Path, width: int) -> None:
    packages_publish()
    reader = officer("H26.12-C01", COMMITTEE, Role.OPERATOR, Role.SIGN, at=country)
    pages = {"list": reader.get("/console/procedures/").content}
    pages |= {code: reader.get(f"/console/procedures/{code}/").content for code in CODES}
    pages["english"] = reader.get(f"/console/procedures/{CODES[0]}/?lang=en", follow=True).content
    folder = Path(os.environ.get("LIENTHONG_PICTURES") or tmp_path)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(seen, pages, width, folder).result() == []
