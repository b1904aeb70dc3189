"""The result of an evidence check in a real Chromium: accessible, and no wider than a phone or a desk shows."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, sync_playwright

from lienthong.channels.build_assets import BUILT, MODULES
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.systems.warehouse.evidence_kit import container, question, reply
from tests.systems.warehouse.test_warehouse_evidence import upload

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]


def seen(content: bytes, width: int, picture: Path) -> tuple[int, list[str]]:
    """How wide the page is, and what axe finds. In a thread of its own: Django does not run beside an event loop."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=BUILT / path.removeprefix("/static/"))
        else:
            route.fulfill(body=content, content_type="text/html; charset=utf-8")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.route("**/*", answer)
        page.goto("http://portal.test/check/")
        page.screenshot(path=picture, full_page=True)
        page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        found: dict[str, Any] = page.evaluate("axe.run(document)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    return wide, [violation["id"] for violation in found["violations"]]


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("kind", ["question", "reply", "changed"])
def test_the_result_fits_and_is_accessible(country: datetime, tmp_path: Path, kind: str, width: int) -> None:
    made = {
        "question": container(question(country), country),
        "reply": container(reply(country), country, member="VN/GOV/G15"),
    }
    made["changed"] = made["question"].replace(b'"case"', b'"cAse"')
    shown = upload(made[kind]).content
    with ThreadPoolExecutor(1) as pool:
        wide, violations = pool.submit(seen, shown, width, tmp_path / "page.png").result()
    assert (wide, violations) == (width, [])
